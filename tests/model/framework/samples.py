"""Machines and tasks to try the framework with. What a machine puts out is said by the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from hsm_model.errors import InvalidTaskKind
from hsm_model.executor import AccessType, Environment, Ref, register_executor
from hsm_model.framework import FRAMEWORK_SPECIFICATION, Cell, Framework, FrameworkSemantics, instant, milliseconds
from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.registry import MachineType, new_registry
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import Key
from hsm_model.tasks import TaskKind, TaskKindOutbound, TaskKindTimer, TaskType, TransitionOutput

A, B = (Key(1, "a"),), (Key(1, "b"),)
TIMER, OUTBOUND, CONCURRENT_TIMER, CONCURRENT_OUTBOUND, ORPHAN_TIMER, ORPHAN_OUTBOUND, UNSERIALIZABLE = range(1, 8)
"""Types of tasks: timers are odd, the orphans have no executor, the last one has no serializer."""
UNABLE = -4
"""The value with which a machine does not regenerate its tasks."""


T = TypeVar("T")
SHOWN_BY: dict[str, list[Callable[..., None]]] = {}
"""The tests that show each requirement."""


def shows(*requirements: str) -> Callable[[T], T]:
    """Mark a test as one that shows requirements: it fails where one of them is not kept."""

    def mark(test: T) -> T:
        for requirement in requirements:
            SHOWN_BY.setdefault(requirement, []).append(cast("Callable[..., None]", test))
        return test

    return mark


class ScriptError(Exception):
    """An error of a machine, an executor or a serializer. Its only argument is its code."""


@dataclass(frozen=True)
class ScriptTask:
    """A task: its type, its payload, and a deadline in milliseconds or a destination."""

    number: int
    payload: int
    when: float | str

    def type(self) -> TaskType:
        return TaskType(self.number, str(self.number))

    def kind(self) -> TaskKind:
        return TaskKindOutbound(self.when) if isinstance(self.when, str) else TaskKindTimer(instant(self.when))

    def concurrent(self) -> bool:
        return self.number in (CONCURRENT_TIMER, CONCURRENT_OUTBOUND)


@dataclass
class Machine:
    """The data of all machines. In state 1 it calls for a timer, in state 2 for an outbound task."""

    number: int
    value: int

    def regenerate_tasks(self) -> list[ScriptTask]:
        if self.value == UNABLE:
            raise ScriptError("regenerate_error")
        return [[], [timer(1000, self.value)], [outbound("dest", self.value)]][self.number % 3]


@dataclass
class Definition:
    """Does not serialize the value -1, nor deserialize the value -2."""

    number: int

    def type(self) -> MachineType:
        return MachineType(self.number, str(self.number))

    def serialize(self, data: Machine) -> bytes:
        if data.value == -1:
            raise ScriptError("serialize_error")
        return b"%d:%d" % (data.number, data.value)

    def deserialize(self, data: bytes) -> Machine:
        number, value = map(int, data.split(b":"))
        if value == -2:
            raise ScriptError("deserialize_error")
        return Machine(number, value)

    def compare_state(self, one: Machine, other: Machine) -> int:
        return one.value - other.value


@dataclass
class Serializer:
    """Serializes the tasks of one type, which are timers if it is odd."""

    number: int

    def serialize(self, task: Any) -> bytes:
        return b"%d" % task.payload

    def deserialize(self, data: bytes, kind: TaskKind) -> ScriptTask:
        if isinstance(kind, TaskKindTimer) != (self.number % 2 == 1):
            raise InvalidTaskKind
        if isinstance(kind, TaskKindTimer):
            return ScriptTask(self.number, int(data), milliseconds(kind.deadline))
        assert isinstance(kind, TaskKindOutbound)
        return ScriptTask(self.number, int(data), kind.destination)


def timer(due: float, payload: int = 0, number: int = TIMER) -> ScriptTask:
    return ScriptTask(number, payload, due)


def outbound(destination: str = "dest", payload: int = 0, number: int = OUTBOUND) -> ScriptTask:
    return ScriptTask(number, payload, destination)


def new_framework(rules: FrameworkSemantics = FRAMEWORK_SPECIFICATION, tree: Semantics = SPECIFICATION) -> Framework:
    """Return a framework with two types of machines and all types of tasks but the last one."""
    registry = new_registry(tree)
    for number in (1, 2):
        registry.register_machine(Definition(number))
    for number in range(TIMER, UNSERIALIZABLE):
        registry.register_task_serializer(number, Serializer(number))
    return Framework(registry, rules)


def go(node: Node, *tasks: ScriptTask, number: int = 0, value: int = 5) -> None:
    """Transition a machine to a state and a value, with tasks."""

    def function(machine: Machine) -> TransitionOutput:
        machine.number, machine.value = number, value
        return TransitionOutput(tasks)

    machine_transition(node, Machine, function)


def value(node: Node) -> int:
    """Return a machine's value."""
    return machine_data(node, Machine).value


class Bench:
    """Two cells, of which east is active, a workflow in east with a machine ``a``, and a note of what executors do.

    ``on_timer`` and ``on_outbound`` are what executors do with the node; they do nothing at first.
    """

    def __init__(self, rules: FrameworkSemantics = FRAMEWORK_SPECIFICATION, tree: Semantics = SPECIFICATION) -> None:
        self.framework = new_framework(rules, tree)
        self.east, self.west = self.framework.new_cell("east"), self.framework.new_cell("west")
        self.on_timer: Callable[[Node, int], None] = lambda node, payload: None
        self.on_outbound: Callable[[Node, int], None] = lambda node, payload: None
        self.executed: list[int] = []
        """The payloads of the tasks that were executed, in order."""
        for number in (TIMER, CONCURRENT_TIMER):
            self.framework.register_timer_executor(number, self.fire)
        for number in (OUTBOUND, CONCURRENT_OUTBOUND):
            register_executor(self.framework.registry, number, self.execute)
        self.framework.register_event(1, self.event)
        self.workflow = self.east.start("w")
        self.east.event(self.workflow, 1, b"a")

    def fire(self, environment: Environment, node: Node, task: Any) -> None:
        self.executed.append(task.payload)
        self.on_timer(node, task.payload)

    def execute(self, environment: Environment, ref: Ref, task: Any) -> None:
        def accessor(node: Node) -> None:
            self.executed.append(task.payload)
            self.on_outbound(node, task.payload)

        environment.access(ref, AccessType.WRITE, accessor)

    def event(self, root: Node, payload: bytes) -> None:
        """Add a machine and transition it, so that its count is 1."""
        node = root.add_child(Key(1, payload.decode()), Machine(0, 0))
        go(node)

    def go(self, *tasks: ScriptTask, number: int = 0, value: int = 5, path: Any = A, cell: Cell | None = None) -> None:
        """Transition a machine in a commit of its own."""
        (cell or self.east).write(self.workflow, lambda root: go(root.child(path), *tasks, number=number, value=value))

    def add(self, path: Any = B, cell: Cell | None = None) -> None:
        """Add a machine in a commit of its own, without an event."""
        (cell or self.east).write(self.workflow, lambda root: root.child(path[:-1]).add_child(path[-1], Machine(0, 0)))

    def value(self, cell: Cell | None = None, path: Any = A) -> int:
        """Return a machine's value, as a read access sees it."""
        seen: int = (cell or self.east).inspect(self.workflow, path).data.value
        return seen

    def stored(self) -> Any:
        """Return all that east's store has."""
        store = self.east.store
        return store.workflows, store.tasks

    def payloads(self, cell: Cell | None = None) -> list[int]:
        """Return the payloads of the outbound queue."""
        return [int(task.task.data) for task in (cell or self.east).outbound_tasks()]

    def due(self) -> list[float]:
        """Return when the tasks of east's timer queue are due, in milliseconds."""
        return [milliseconds(task.due) for task in self.east.timer_tasks()]
