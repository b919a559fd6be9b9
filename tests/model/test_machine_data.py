from __future__ import annotations

import pytest
from hypothesis import given

from hsm_model.errors import IncompatibleType
from hsm_model.node import Node, machine_data, new_root
from hsm_model.state import Key
from hsm_specs.language.palette import MachineA, MachineB, PaletteError, PaletteMachine

from .samples import NOT_DESERIALIZABLE, any_of, class_for, data_for, other_class, places, registry, root, trees


@given(trees())
def test_data_is_what_is_persisted(nodes: list[Node]) -> None:
    for node in nodes:
        data = machine_data(node, class_for(node))
        assert node.persisted().data == b"%d:%d" % (data.state(), data.value)


@given(trees(), places)
def test_reading_changes_nothing_whether_it_succeeds_or_not(nodes: list[Node], at: int) -> None:
    node, before = any_of(nodes, at), nodes[0].tree.state
    machine_data(node, class_for(node))
    with pytest.raises(IncompatibleType):
        machine_data(node, other_class(node))
    assert before is nodes[0].tree.state


@given(trees(), places)
def test_each_reader_has_data_of_his_own(nodes: list[Node], at: int) -> None:
    node = any_of(nodes, at)
    data, persisted = machine_data(node, class_for(node)), node.persisted()
    data.set_state(77)
    assert 77 != machine_data(node, class_for(node)).state()
    assert persisted is node.persisted()


def test_a_wrong_cast_names_both_classes() -> None:
    with pytest.raises(IncompatibleType, match="MachineA, not a MachineB"):
        machine_data(root(), MachineB)


def test_a_cast_to_a_class_above_succeeds() -> None:
    data: PaletteMachine = machine_data(root(), PaletteMachine)
    assert isinstance(data, MachineA)


def poisoned() -> Node:
    node = root()
    node.add_child(Key(1, "poison"), data_for(1, 0, NOT_DESERIALIZABLE))
    return new_root(registry(), 1, data_for(1), node.persisted().children).child([Key(1, "poison")])


def test_data_that_does_not_deserialize_is_answered_with_that_error_each_time() -> None:
    node = poisoned()
    for _ in range(2):
        with pytest.raises(PaletteError, match="deserialize_error"):
            machine_data(node, MachineA)


def test_that_data_does_not_deserialize_is_said_before_that_the_cast_is_wrong() -> None:
    with pytest.raises(PaletteError, match="deserialize_error"):
        machine_data(poisoned(), MachineB)
