from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hsm_model.node import Node
from hsm_model.state import Key

from .samples import any_of, data_for, places, transition, trees


@given(trees(), st.lists(places, max_size=4))
def test_dirty_are_those_that_transitioned_and_those_above_them(nodes: list[Node], transitions: list[int]) -> None:
    nodes[0].clear_transaction_state()
    transitioned = [any_of(nodes, at) for at in transitions]
    for node in transitioned:
        transition(node)
    for node in nodes:
        depth = len(node.path())
        assert any(other.path()[:depth] == node.path() for other in transitioned) == node.dirty()


@given(trees())
def test_dirty_means_that_there_are_outputs(nodes: list[Node]) -> None:
    for node in nodes:
        assert bool(node.outputs()) == node.dirty()


@given(trees(), places)
def test_a_child_is_clean_and_adding_it_makes_nothing_dirty(nodes: list[Node], at: int) -> None:
    before = [node.dirty() for node in nodes]
    child = any_of(nodes, at).add_child(Key(1, "new"), data_for(1))
    assert not child.dirty()
    assert before == [node.dirty() for node in nodes]
