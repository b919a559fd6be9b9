"""The palette: the fixed machines, tasks and errors that programs are made of, for implementations in Python.

PROTOCOL.md states it in words. Data of odd types is a `MachineA`, of even types a `MachineB`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from hsm_model.errors import InvalidTaskKind
from hsm_model.registry import MachineType
from hsm_model.tasks import Task, TaskKind, TaskKindOutbound, TaskKindTimer, TaskType

NOT_SERIALIZABLE = -1
"""The value with which data does not serialize."""
NOT_DESERIALIZABLE = -2
"""The value with which data serializes, but to bytes that do not deserialize."""
EMPTY_DATA = (0, -3)
"""State and value of the data that serializes to no bytes at all, as a zero message of Protocol Buffers does."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PaletteError(Exception):
    """An error of the program's own making, not of the package. ``code`` is its name in observations."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ScriptPanic(Exception):
    """The exception that a function raises to panic."""


class PaletteTask(NamedTuple):
    """A task: ``when`` is a deadline in milliseconds for a timer, a destination for an outbound task."""

    type_id: int
    payload: int
    when: int | str

    def type(self) -> TaskType:
        """Return the task's type."""
        return TaskType(self.type_id, f"task-{self.type_id}")

    def kind(self) -> TaskKind:
        """Return the task's kind."""
        return kind_of(self.when)


def kind_of(when: int | str) -> TaskKind:
    """Return the kind that a task's third member stands for."""
    if isinstance(when, str):
        return TaskKindOutbound(when)
    return TaskKindTimer(instant(when))


def instant(milliseconds: int) -> datetime:
    """Return the instant so many milliseconds after the Unix epoch. Raise OverflowError beyond the years 1 to 9999."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(moment: datetime) -> int:
    """Return the inverse of `instant`."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


class PaletteMachine:
    """A machine with a state and a value."""

    __slots__ = ("_state", "value")

    def __init__(self, state: int, value: int) -> None:
        self._state = state
        self.value = value

    def state(self) -> int:
        """Return the present state."""
        return self._state

    def set_state(self, state: int, /) -> None:
        """Change the state."""
        self._state = state

    def regenerate_tasks(self) -> list[Task]:
        """Return nothing in states divisible by three, a timer in the next, an outbound task in the one after."""
        match self._state % 3:
            case 0:
                return []
            case 1:
                return [PaletteTask(1, self.value, 1000)]
            case _:
                return [PaletteTask(2, self.value, "dest")]


class MachineA(PaletteMachine):
    """The data of machines of odd types."""

    __slots__ = ()


class MachineB(PaletteMachine):
    """The data of machines of even types."""

    __slots__ = ()


def class_of(type_id: int, cast: str = "own") -> type[PaletteMachine]:
    """Return the class that belongs to a type or, for the cast ``other``, the one that does not."""
    return MachineA if (type_id % 2 == 1) == (cast == "own") else MachineB


@lru_cache(64)
def _machine_type(type_id: int) -> MachineType:
    return MachineType(type_id, f"machine-{type_id}")


@lru_cache(4096)
def _parsed(data: bytes) -> tuple[int, int] | None:
    """Return the state and the value of bytes, None if they do not deserialize. Cached: few occur often."""
    if not data:
        return EMPTY_DATA
    try:
        state, value = map(int, data.split(b":"))
    except ValueError:
        return None
    return None if value == NOT_DESERIALIZABLE else (state, value)


class PaletteDefinition:
    """The definition of a type: data as ``state:value`` in ASCII. ``tag`` distinguishes registrations."""

    __slots__ = ("_class", "tag", "type_id")

    def __init__(self, type_id: int, tag: int) -> None:
        self.type_id = type_id
        self.tag = tag
        self._class = class_of(type_id)

    def type(self) -> MachineType:
        """Return the type that the definition is for."""
        return _machine_type(self.type_id)

    def serialize(self, data: Any) -> bytes:
        """Return the data's bytes. Raise `PaletteError` for a value that is not serializable."""
        machine: PaletteMachine = data
        if machine.value == NOT_SERIALIZABLE:
            raise PaletteError("serialize_error")
        if machine.value == EMPTY_DATA[1] and machine._state == EMPTY_DATA[0]:
            return b""
        return b"%d:%d" % (machine._state, machine.value)

    def deserialize(self, data: bytes) -> PaletteMachine:
        """Return a new machine. Raise `PaletteError` for bytes that are no palette data or not deserializable."""
        parsed = _parsed(data)
        if parsed is None:
            raise PaletteError("deserialize_error")
        return self._class(*parsed)

    def compare_state(self, one: PaletteMachine, other: PaletteMachine) -> int:
        """Return a negative number if the other machine is newer, by its state and then by its value, 0 if none is.

        The documentation has no such method. Real releases ask it which of two states is newer.
        """
        here, there = (one.state(), one.value), (other.state(), other.value)
        return (here > there) - (here < there)


class PaletteTaskSerializer:
    """The serializer of a task type: the payload in ASCII. Odd types are timers, even ones outbound."""

    __slots__ = ("tag", "type_id")

    def __init__(self, type_id: int, tag: int) -> None:
        self.type_id = type_id
        self.tag = tag

    def serialize(self, task: Any) -> bytes:
        """Return the task's payload as bytes."""
        return b"%d" % task.payload

    def deserialize(self, data: bytes, kind: TaskKind) -> PaletteTask:
        """Return the task. Raise `InvalidTaskKind` for the other kind, `PaletteError` for bytes that are no number."""
        if isinstance(kind, TaskKindTimer) != (self.type_id % 2 == 1):
            raise InvalidTaskKind(f"a task of type {self.type_id} is no {type(kind).__name__}")
        try:
            payload = int(data)
        except ValueError:
            raise PaletteError("deserialize_error") from None
        match kind:
            case TaskKindTimer(deadline):
                return PaletteTask(self.type_id, payload, milliseconds(deadline))
            case TaskKindOutbound(destination):
                return PaletteTask(self.type_id, payload, destination)
            case _:
                raise InvalidTaskKind(type(kind).__name__)
