"""An exception at any instruction of any operation leaves the state from before, or the whole effect."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import hsm_model
from hsm_model.collection import new_collection
from hsm_model.executor import register_executor
from hsm_model.node import Node, machine_data, machine_transition, new_root
from hsm_model.registry import Registry
from hsm_model.state import Key, find
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import new_transition
from hsm_specs.language.palette import MachineA, PaletteDefinition, PaletteTask

PACKAGE = str(Path(hsm_model.__file__).parent)
OUTPUT = TransitionOutput((PaletteTask(1, 0, 0),))


class Interrupted(BaseException):
    """Raised where it is least expected."""


class Failure(Exception):
    """Raised by the functions of the tests themselves."""


class Definition(PaletteDefinition):
    """A definition that does something to the tree while it serializes or deserializes, once."""

    __slots__ = ("inside",)

    def __init__(self, type_id: int) -> None:
        super().__init__(type_id, 0)
        self.inside: Callable[[], object] | None = None

    def serialize(self, data: Any) -> bytes:
        self._run()
        return super().serialize(data)

    def deserialize(self, data: bytes) -> Any:
        self._run()
        return super().deserialize(data)

    def _run(self) -> None:
        inside, self.inside = self.inside, None
        if inside is not None:
            inside()


@dataclass
class World:
    """A tree of three levels with an output, a machine outside of it, and the handles given out meanwhile."""

    definitions: dict[int, Definition] = field(default_factory=lambda: {1: Definition(1), 3: Definition(3)})
    registry: Registry = field(default_factory=Registry)
    machine: MachineA = field(default_factory=lambda: MachineA(0, 0))
    given: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        for definition in self.definitions.values():
            self.registry.register_machine(definition)
        self.root = new_root(self.registry, 1, MachineA(0, 0))
        self.child = self.root.add_child(Key(1, "a"), MachineA(0, 0))
        self.leaf = self.child.add_child(Key(3, "b"), MachineA(0, 0))
        machine_transition(self.leaf, MachineA, lambda machine: OUTPUT)
        self.given = [self.root, self.child, self.leaf]

    def seen(self) -> object:
        """Return everything that an operation can change."""
        registry = self.registry
        machines = {type_id: definition.tag for type_id, definition in registry._machines.items()}
        return (
            self.root.tree.state,
            machines,
            set(registry._serializers),
            set(registry._executors),
            self.machine.state(),
        )

    def add(self, name: str) -> Node:
        self.given.append(self.child.add_child(Key(1, name), MachineA(0, 0)))
        return self.given[-1]

    def much(self, machine: MachineA) -> TransitionOutput:
        """Return a function that adds, makes transitions that succeed and fail, looks around and clears."""
        machine.set_state(7)
        added = self.add("new")
        machine_transition(added, MachineA, lambda inner: OUTPUT)
        with suppress(Failure):
            machine_transition(self.leaf, MachineA, self.fail)
        self.root.outputs()
        self.root.clear_transaction_state()
        machine_transition(self.root, MachineA, lambda inner: OUTPUT)
        return OUTPUT

    def fail(self, machine: MachineA) -> TransitionOutput:
        machine.set_state(8)
        self.add("lost").add_child(Key(1, "below"), MachineA(0, 0))
        raise Failure

    def much_and_fail(self, machine: MachineA) -> TransitionOutput:
        self.much(machine)
        raise Failure


def serializing(inside: Callable[[World], object]) -> Callable[[World], object]:
    """Add a child with a serializer that uses the tree."""

    def operation(world: World) -> None:
        world.definitions[1].inside = lambda: inside(world)
        world.given.append(world.child.add_child(Key(1, "new"), MachineA(0, 0)))

    return operation


def deserializing(inside: Callable[[World], object]) -> Callable[[World], object]:
    """Read data with a deserializer that uses the tree."""

    def operation(world: World) -> None:
        world.definitions[1].inside = lambda: inside(world)
        machine_data(world.child, MachineA)

    return operation


def add_and_fail(world: World) -> None:
    world.add("x")
    raise Failure


class Stubborn(MachineA):
    """A machine that takes a state and then refuses it."""

    __slots__ = ()

    def set_state(self, state: int, /) -> None:
        super().set_state(state)
        if state == 5:
            raise Failure


def refused(world: World) -> None:
    """Apply a transition to a machine that refuses its destination."""
    world.machine.__class__ = Stubborn
    new_transition((0,), 5, lambda machine, event: OUTPUT).apply(world.machine, None)


def failing(machine: MachineA, event: object) -> TransitionOutput:
    raise Failure


Operation = Callable[[World], object]
OPERATIONS: dict[str, Operation] = {
    "transition": lambda it: machine_transition(it.child, MachineA, it.much),
    "transition whose function fails": lambda it: machine_transition(it.child, MachineA, it.much_and_fail),
    "transition whose data does not serialize": lambda it: machine_transition(
        it.child, MachineA, lambda machine: setattr(machine, "value", -1) or it.much(machine)
    ),
    "transition without an output": lambda it: machine_transition(
        it.child,
        MachineA,
        lambda machine: it.much(machine) and None,  # type: ignore[arg-type,return-value]  # that is refused
    ),
    "transition of another class": lambda it: machine_transition(it.child, str, lambda machine: OUTPUT),
    "transition by a collection": lambda it: new_collection(it.child, 3, MachineA).transition("b", it.much),
    "add": lambda it: it.add("new"),
    "add what exists": lambda it: it.root.add_child(Key(1, "a"), MachineA(0, 0)),
    "add what is not registered": lambda it: it.root.add_child(Key(9, "a"), MachineA(0, 0)),
    "add what does not serialize": lambda it: it.root.add_child(Key(1, "c"), MachineA(0, -1)),
    "add with a serializer that adds": serializing(lambda world: world.add("x")),
    "add with a serializer that adds the same": serializing(lambda world: world.add("new")),
    "add with a serializer that adds and fails": serializing(add_and_fail),
    "add with a serializer that makes transitions": serializing(
        lambda world: machine_transition(world.root, MachineA, world.much)
    ),
    "add to a collection": lambda it: new_collection(it.root, 1, MachineA).add("new", MachineA(0, 0)),
    "data": lambda it: machine_data(it.leaf, MachineA),
    "data with a deserializer that adds": deserializing(lambda world: world.add("x")),
    "data with a deserializer that adds and fails": deserializing(add_and_fail),
    "child": lambda it: it.root.child(it.leaf.path()),
    "list": lambda it: new_collection(it.root, 1, MachineA).list(),
    "outputs": lambda it: it.root.outputs(),
    "dirty": lambda it: it.root.dirty(),
    "clear": lambda it: it.root.clear_transaction_state(),
    "clear a leaf": lambda it: it.leaf.clear_transaction_state(),
    "new root": lambda it: new_root(it.registry, 1, MachineA(0, 0), it.root.persisted().children),
    "register a machine": lambda it: it.registry.register_machine(PaletteDefinition(5, 0)),
    "register a machine again": lambda it: it.registry.register_machine(PaletteDefinition(1, 1)),
    "register an executor": lambda it: register_executor(it.registry, 1, lambda env, ref, task: None),
    "apply": lambda it: new_transition((0,), 5, lambda machine, event: OUTPUT).apply(it.machine, None),
    "apply what fails": lambda it: new_transition((0,), 5, failing).apply(it.machine, None),
    "apply what is not possible": lambda it: new_transition((1,), 5, failing).apply(it.machine, None),
    "apply to a machine that refuses": refused,
}


def interrupt(operation: Operation, world: World, at: int, instructions: bool) -> bool:
    """Run an operation and raise at the given line or instruction. Return whether it came that far."""
    count = -1
    outer = sys.gettrace()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = instructions
        if event == ("opcode" if instructions else "line"):
            count += 1
            if count == at:
                raise Interrupted
        return trace

    sys.settrace(trace)
    try:
        operation(world)
    except Interrupted:
        return True
    except Exception:  # noqa: S110 - what the operation itself raises is tested elsewhere
        pass
    finally:
        sys.settrace(outer)
    return count >= at


def outcomes(operation: Operation) -> tuple[object, object]:
    """Return the observable state before the operation and after it."""
    world = World()
    before = world.seen()
    with suppress(Exception):
        operation(world)
    return before, world.seen()


def interruptions(operation: Operation, instructions: bool) -> Iterator[World]:
    """Yield a world for each point at which the operation can be interrupted."""
    at = 0
    while interrupt(operation, world := World(), at, instructions):
        yield world
        at += 1
    assert at > 5


def check(operation: Operation, instructions: bool) -> None:
    before, after = outcomes(operation)
    for world in interruptions(operation, instructions):
        seen = world.seen()
        assert seen in (before, after)
        tree = world.root.tree
        for handle in world.given:
            assert (find(tree.state.root, handle.path()) is None) == handle.gone
        assert all(find(tree.state.root, handle.path()) is not None for handle in tree.handles.values())
        if before == seen:
            with suppress(Exception):
                operation(world)
            assert after == world.seen()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_exception_at_any_line_takes_no_effect_or_the_whole(name: str) -> None:
    check(OPERATIONS[name], instructions=False)


@pytest.mark.parametrize(
    "name",
    [
        "transition",
        "transition whose function fails",
        "add with a serializer that adds and fails",
        "data with a deserializer that adds and fails",
    ],
)
def test_an_exception_at_any_instruction_takes_no_effect_or_the_whole(name: str) -> None:
    check(OPERATIONS[name], instructions=True)
