from __future__ import annotations

from hypothesis import given

from hsm_model.node import Node
from hsm_model.tasks import TransitionOutput

from .samples import any_of, outputs, places, transition, trees


@given(trees(), places)
def test_clearing_resets_the_node_and_all_below_it_and_nothing_else(nodes: list[Node], at: int) -> None:
    node, persisted = any_of(nodes, at), nodes[0].persisted()
    depth = len(node.path())
    others = [entry for entry in nodes[0].outputs() if entry.path[:depth] != node.path()]
    node.clear_transaction_state()
    assert sorted(others) == sorted(nodes[0].outputs())
    assert bool(others) == nodes[0].dirty()
    assert persisted is nodes[0].persisted()
    for other in nodes:
        if other.path()[:depth] == node.path():
            assert (False, []) == (other.dirty(), other.outputs())


@given(trees(), places, places)
def test_clearing_twice_or_clearing_what_is_clean_changes_nothing(nodes: list[Node], at: int, again: int) -> None:
    any_of(nodes, at).clear_transaction_state()
    nodes[0].clear_transaction_state()
    before = nodes[0].tree.state
    any_of(nodes, again).clear_transaction_state()
    assert before == nodes[0].tree.state


@given(trees(), places, outputs)
def test_after_clearing_outputs_are_those_of_later_transitions(
    nodes: list[Node], at: int, output: TransitionOutput
) -> None:
    node = any_of(nodes, at)
    nodes[0].clear_transaction_state()
    transition(node, output=output)
    assert [(node.path(), (output,))] == nodes[0].outputs()


@given(trees())
def test_a_tree_that_was_cleared_is_as_if_nothing_had_ever_been_open(nodes: list[Node]) -> None:
    nodes[0].clear_transaction_state()
    assert None is nodes[0].tree.state.open
