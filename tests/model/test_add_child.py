from __future__ import annotations

import pytest
from hypothesis import given

from hsm_model.errors import NotRegistered, StateMachineAlreadyExists
from hsm_model.node import Node, machine_data, new_root
from hsm_model.state import Key
from hsm_specs.language.palette import PaletteError

from .samples import (
    NOT_SERIALIZABLE,
    UNKNOWN,
    any_of,
    class_for,
    data_for,
    keys,
    numbers,
    places,
    registry,
    root,
    trees,
)


@given(trees(), places, keys, numbers, numbers)
def test_a_key_that_is_new_is_added_and_one_that_exists_refused(
    nodes: list[Node], at: int, key: Key, state: int, value: int
) -> None:
    parent, before = any_of(nodes, at), nodes[0].tree.state
    if key in parent.persisted().children:
        with pytest.raises(StateMachineAlreadyExists, match="already exists"):
            parent.add_child(key, data_for(key.type, state, value))
        assert before is nodes[0].tree.state
    else:
        added = parent.add_child(key, data_for(key.type, state, value))
        data = machine_data(added, class_for(added))
        assert (state, value) == (data.state(), data.value)
        assert (0, False, []) == (added.transition_count(), added.dirty(), added.outputs())
        assert added is parent.child([key])
        assert parent is added.parent


@given(trees(), places)
def test_adding_opens_nothing_and_changes_no_other_node(nodes: list[Node], at: int) -> None:
    before = {node: node.persisted()[:2] for node in nodes}
    opened = nodes[0].tree.state.open
    any_of(nodes, at).add_child(Key(1, "new"), data_for(1))
    assert before == {node: node.persisted()[:2] for node in nodes}
    assert opened is nodes[0].tree.state.open


@given(trees(), places)
def test_a_refused_addition_changes_nothing(nodes: list[Node], at: int) -> None:
    parent, before = any_of(nodes, at), nodes[0].tree.state
    with pytest.raises(NotRegistered):
        parent.add_child(Key(UNKNOWN, "new"), data_for(1))
    with pytest.raises(PaletteError):
        parent.add_child(Key(1, "new"), data_for(1, 0, NOT_SERIALIZABLE))
    assert before is nodes[0].tree.state
    assert parent is parent.add_child(Key(1, "new"), data_for(1)).parent


def test_that_the_key_exists_is_said_first_then_that_the_type_is_unknown_then_that_data_does_not_serialize() -> None:
    node = root()
    key, poison = Key(1, "a"), data_for(1, 0, NOT_SERIALIZABLE)
    with pytest.raises(NotRegistered):
        node.add_child(Key(UNKNOWN, "a"), poison)
    with pytest.raises(PaletteError):
        node.add_child(key, poison)
    node.add_child(key, data_for(1))
    with pytest.raises(StateMachineAlreadyExists, match="1:a"):
        node.add_child(key, poison)


def test_an_existing_child_of_a_type_that_is_not_registered_is_said_to_exist() -> None:
    everything = registry()
    node = new_root(everything, 1, data_for(1))
    node.add_child(Key(3, "a"), data_for(3))
    fewer = new_root(everything, 1, data_for(1)).tree.registry.__class__()
    fewer.register_machine(everything.required_machine(1))
    loaded = new_root(fewer, 1, data_for(1), node.persisted().children)
    with pytest.raises(StateMachineAlreadyExists):
        loaded.add_child(Key(3, "a"), data_for(3))


def test_type_and_id_and_parent_together_make_a_child() -> None:
    node = root()
    first = node.add_child(Key(1, "a"), data_for(1, 1))
    second = node.add_child(Key(2, "a"), data_for(2, 2))
    third = first.add_child(Key(1, "a"), data_for(1, 3))
    assert [b"1:0", b"2:0", b"3:0"] == [child.persisted().data for child in (first, second, third)]


def test_data_given_to_add_child_stays_the_callers_own() -> None:
    data = data_for(1, 1)
    child = root().add_child(Key(1, "a"), data)
    data.set_state(9)
    assert b"1:0" == child.persisted().data
    assert 1 == machine_data(child, class_for(child)).state()
