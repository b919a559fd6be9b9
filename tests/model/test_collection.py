from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.collection import Collection, new_collection
from hsm_model.errors import IncompatibleType, NotRegistered, StateMachineAlreadyExists, StateMachineNotFound
from hsm_model.node import Node, machine_data, new_root
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import MachineA, PaletteError, PaletteMachine, class_of

from .samples import (
    NOT_SERIALIZABLE,
    UNKNOWN,
    any_of,
    class_for,
    data_for,
    places,
    registry,
    root,
    transition,
    trees,
    types,
)

ids = st.sampled_from(["a", "b", "", "ä/1"])


def collection(node: Node, type_id: int) -> Collection[PaletteMachine]:
    return new_collection(node, type_id, class_of(type_id))


@given(trees(), places, types)
def test_a_list_is_all_children_of_the_type_each_once_loaded_or_not(nodes: list[Node], at: int, type_id: int) -> None:
    node = any_of(nodes, at)
    expected = {key for key in node.persisted().children if key.type == type_id}
    loaded = new_root(registry(), 1, data_for(1), node.persisted().children)
    for parent in (node, loaded):
        listed = collection(parent, type_id).list()
        assert len(expected) == len(listed)
        assert expected == {child.key for child in listed}
        assert all(child.parent is parent and child is parent.child([child.key]) for child in listed)


@given(trees(), places, types, ids)
def test_node_and_data_are_those_of_child_and_machine_data(
    nodes: list[Node], at: int, type_id: int, machine_id: str
) -> None:
    node, key = any_of(nodes, at), Key(type_id, machine_id)
    if key in node.persisted().children:
        child = collection(node, type_id).node(machine_id)
        assert child is node.child([key])
        expected = machine_data(child, class_for(child))
        data = collection(node, type_id).data(machine_id)
        assert (expected.state(), expected.value) == (data.state(), data.value)
    else:
        for look in (collection(node, type_id).node, collection(node, type_id).data):
            with pytest.raises(StateMachineNotFound):
                look(machine_id)


@given(trees(), places, types, ids)
def test_add_is_add_child(nodes: list[Node], at: int, type_id: int, machine_id: str) -> None:
    node, key, before = any_of(nodes, at), Key(type_id, machine_id), nodes[0].tree.state
    if key in node.persisted().children:
        with pytest.raises(StateMachineAlreadyExists):
            collection(node, type_id).add(machine_id, data_for(type_id))
        assert before is nodes[0].tree.state
    else:
        added = collection(node, type_id).add(machine_id, data_for(type_id, 2, 2))
        assert (key, node, b"2:2") == (added.key, added.parent, added.persisted().data)


@given(trees(), places)
def test_making_a_collection_changes_nothing(nodes: list[Node], at: int) -> None:
    before = nodes[0].tree.state
    assert UNKNOWN == new_collection(any_of(nodes, at), UNKNOWN, MachineA).type
    assert before is nodes[0].tree.state


def change(machine: PaletteMachine) -> TransitionOutput:
    machine.set_state(4)
    return TransitionOutput()


def test_a_transition_is_one_of_the_machine() -> None:
    node = root()
    child = node.add_child(Key(2, "a"), data_for(2))
    collection(node, 2).transition("a", change)
    assert (1, b"4:0", True) == (child.transition_count(), child.persisted().data, child.dirty())


def test_a_failed_transition_is_undone() -> None:
    node = root()
    node.add_child(Key(2, "a"), data_for(2))
    before = node.tree.state

    def fail(machine: PaletteMachine) -> TransitionOutput:
        change(machine)
        transition(node)
        raise PaletteError("user_1")

    with pytest.raises(PaletteError, match="user_1"):
        collection(node, 2).transition("a", fail)
    assert before is node.tree.state


def test_errors_are_those_of_nodes() -> None:
    node = root()
    node.add_child(Key(2, "a"), data_for(2))
    with pytest.raises(IncompatibleType):
        new_collection(node, 2, MachineA).data("a")
    with pytest.raises(IncompatibleType):
        new_collection(node, 2, MachineA).transition("a", change)
    with pytest.raises(StateMachineNotFound):
        collection(node, 1).transition("a", change)
    with pytest.raises(NotRegistered):
        collection(node, UNKNOWN).node("a")
    with pytest.raises(NotRegistered):
        collection(node, UNKNOWN).add("a", data_for(1))
    with pytest.raises(PaletteError):
        collection(node, 2).add("b", data_for(2, 0, NOT_SERIALIZABLE))


def test_a_list_of_a_type_without_children_is_empty_also_where_the_type_is_not_registered() -> None:
    node = root()
    node.add_child(Key(2, "a"), data_for(2)).add_child(Key(1, "below"), data_for(1))
    assert [] == collection(node, 1).list()
    assert [] == collection(node, UNKNOWN).list()
