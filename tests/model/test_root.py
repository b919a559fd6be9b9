from __future__ import annotations

import pytest
from hypothesis import given

from hsm_model.errors import NotRegistered
from hsm_model.node import Node, machine_data, new_root
from hsm_model.state import Children, Key, NodeState
from hsm_specs.language.palette import PaletteError

from .samples import NOT_SERIALIZABLE, UNKNOWN, class_for, data_for, numbers, registry, root, transition, trees, types


@given(types, numbers, numbers)
def test_a_new_root_has_its_data_and_nothing_else(type_id: int, state: int, value: int) -> None:
    node = new_root(registry(), type_id, data_for(type_id, state, value))
    data = machine_data(node, class_for(node))
    assert (state, value) == (data.state(), data.value)
    assert (0, False, [], ()) == (node.transition_count(), node.dirty(), node.outputs(), node.path())
    assert 0 == len(node.persisted().children)


@given(trees())
def test_a_root_made_from_persisted_children_has_all_that_was_persisted_and_nothing_open(nodes: list[Node]) -> None:
    loaded = new_root(registry(), 2, data_for(2), nodes[0].persisted().children)
    assert (False, []) == (loaded.dirty(), loaded.outputs())
    assert 0 == loaded.transition_count()
    for node in nodes[1:]:
        found = loaded.child(node.path())
        assert node.persisted() == found.persisted()
        assert not found.dirty()


@given(trees())
def test_trees_of_the_same_persisted_children_share_nothing_that_changes(nodes: list[Node]) -> None:
    loaded = new_root(registry(), 1, data_for(1), nodes[0].persisted().children)
    before = nodes[0].tree.state
    transition(loaded)
    loaded.add_child(Key(1, "new"), data_for(1))
    assert before is nodes[0].tree.state


def test_a_root_has_the_empty_key_and_no_parent() -> None:
    node = root()
    assert (Key(0, ""), None) == (node.key, node.parent)


def test_a_root_of_a_type_that_is_not_registered_is_refused() -> None:
    with pytest.raises(NotRegistered, match="machine type 9"):
        new_root(registry(), UNKNOWN, data_for(1))


def test_a_root_whose_data_does_not_serialize_is_refused_with_that_error() -> None:
    with pytest.raises(PaletteError, match="serialize_error"):
        new_root(registry(), 1, data_for(1, 0, NOT_SERIALIZABLE))


def test_that_the_type_is_unknown_is_said_before_that_the_data_does_not_serialize() -> None:
    with pytest.raises(NotRegistered):
        new_root(registry(), UNKNOWN, data_for(1, 0, NOT_SERIALIZABLE))


def test_persisted_children_of_types_that_are_not_registered_do_no_harm_until_they_are_looked_for() -> None:
    children = Children.of({Key(UNKNOWN, "a"): NodeState(0, b"0:0", Children.of({}))})
    node = new_root(registry(), 1, data_for(1), children)
    assert not node.dirty()
    with pytest.raises(NotRegistered):
        node.child([Key(UNKNOWN, "a")])
