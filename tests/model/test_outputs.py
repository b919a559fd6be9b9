from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hsm_model.node import Node, PathAndOutputs
from hsm_model.state import Key, Path
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import PaletteTask

from .samples import any_of, data_for, outputs, places, root, transition, trees


@given(trees(), st.lists(st.tuples(places, outputs), max_size=6))
def test_outputs_are_those_of_the_transitions_since_clearing_in_order_by_node(
    nodes: list[Node], transitions: list[tuple[int, TransitionOutput]]
) -> None:
    nodes[0].clear_transaction_state()
    expected: dict[Path, tuple[TransitionOutput, ...]] = {}
    for at, output in transitions:
        node = any_of(nodes, at)
        transition(node, output=output)
        expected[node.path()] = (*expected.get(node.path(), ()), output)
    assert expected == dict(nodes[0].outputs())
    assert len(expected) == len(nodes[0].outputs())


@given(trees())
def test_a_subtree_has_the_outputs_of_the_tree_that_are_in_it_at_paths_from_the_root(nodes: list[Node]) -> None:
    everything = nodes[0].outputs()
    for node in nodes:
        depth = len(node.path())
        inside = [entry for entry in everything if entry.path[:depth] == node.path()]
        assert sorted(inside) == sorted(node.outputs())


@given(trees(), places)
def test_asking_changes_nothing(nodes: list[Node], at: int) -> None:
    before = nodes[0].tree.state
    any_of(nodes, at).outputs()
    assert before is nodes[0].tree.state


def test_tasks_come_out_as_they_went_in() -> None:
    node = root()
    tasks = (PaletteTask(1, 5, 1000), PaletteTask(2, 6, "somewhere"))
    transition(node, output=TransitionOutput(tasks))
    [(path, [output])] = node.outputs()
    assert () == path
    assert tasks is output.tasks


def test_outputs_are_named() -> None:
    child = root().add_child(Key(1, "a"), data_for(1))
    transition(child)
    assert [PathAndOutputs(path=(Key(1, "a"),), outputs=(TransitionOutput(),))] == child.outputs()
