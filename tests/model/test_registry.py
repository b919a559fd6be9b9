from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.errors import DuplicateRegistration
from hsm_model.executor import register_executor
from hsm_model.node import new_root
from hsm_model.registry import MachineType, Registry, new_registry
from hsm_model.state import Key
from hsm_specs.language.palette import MachineA, PaletteDefinition, PaletteTaskSerializer

Register = Callable[[Registry, int, Any], None]
Find = Callable[[Registry, int], object]


class Named(PaletteDefinition):
    """A definition of type 1 with a name of its own."""

    __slots__ = ()

    def type(self) -> MachineType:
        return MachineType(1, "another name")


KINDS: dict[str, tuple[Register, Find, Callable[[int], object]]] = {
    "machine": (
        lambda registry, _, definition: registry.register_machine(definition),
        Registry.machine,
        lambda type_id: PaletteDefinition(type_id, 0),
    ),
    "task serializer": (
        Registry.register_task_serializer,
        Registry.task_serializer,
        lambda type_id: PaletteTaskSerializer(type_id, 0),
    ),
    "executor": (register_executor, Registry.executor, lambda type_id: lambda env, ref, task: None),
}
each_kind = pytest.mark.parametrize(("register", "find", "make"), KINDS.values(), ids=KINDS)


@each_kind
@given(types=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6))
def test_the_first_registration_of_a_type_is_the_one_that_is_found(
    types: list[int], register: Register, find: Find, make: Callable[[int], object]
) -> None:
    registry, first = new_registry(), dict[int, object]()
    for type_id in types:
        registered = make(type_id)
        if type_id in first:
            with pytest.raises(DuplicateRegistration):
                register(registry, type_id, registered)
        else:
            register(registry, type_id, registered)
            first[type_id] = registered
    for type_id in types:
        assert first[type_id] is find(registry, type_id)


@each_kind
def test_what_is_not_registered_is_not_found(register: Register, find: Find, make: Callable[[int], object]) -> None:
    registry = new_registry()
    assert None is find(registry, 1)
    register(registry, 2, make(2))
    assert None is find(registry, 1)


@each_kind
def test_registries_share_nothing(register: Register, find: Find, make: Callable[[int], object]) -> None:
    registry, other = new_registry(), new_registry()
    register(registry, 1, make(1))
    assert None is find(other, 1)


def test_one_number_can_stand_for_a_machine_a_task_and_an_executor() -> None:
    registry = new_registry()
    for register, _, make in KINDS.values():
        register(registry, 1, make(1))
    assert all(find(registry, 1) is not None for _, find, _ in KINDS.values())


def test_the_name_of_a_type_does_not_tell_it_apart() -> None:
    registry = new_registry()
    registry.register_machine(PaletteDefinition(1, 0))
    with pytest.raises(DuplicateRegistration, match="machine type 1"):
        registry.register_machine(Named(1, 0))


def test_a_type_registered_late_is_known_to_trees_that_exist() -> None:
    registry = new_registry()
    registry.register_machine(PaletteDefinition(1, 0))
    node = new_root(registry, 1, MachineA(0, 0))
    registry.register_machine(PaletteDefinition(5, 0))
    assert Key(5, "late") == node.add_child(Key(5, "late"), MachineA(0, 0)).key
