"""The protocol's palette: the machines, definitions, serializers and errors that programs are made of."""

import re
from dataclasses import dataclass

from plain_hsm.machine import HsmError, Task, TaskKind


class PaletteError(Exception):
    """An error of a program's function, definition or serializer. Its only argument is its code."""


@dataclass
class Machine:
    """The base of the two classes of data."""

    state: int
    value: int

    def regenerate_tasks(self) -> list[Task]:
        return [[], [Task(1, self.value, 1000)], [Task(2, self.value, "dest")]][self.state % 3]


class MachineA(Machine):
    """The data of machines of odd types."""


class MachineB(Machine):
    """The data of machines of even types."""


@dataclass
class Definition:
    """Does not serialize the value -1, nor deserialize the value -2. State 0 with the value -3 is no bytes at all."""

    class_: type[Machine]
    tag: int

    def serialize(self, data: Machine) -> bytes:
        if data.value == -1:
            raise PaletteError("serialize_error")
        return b"" if (data.state, data.value) == (0, -3) else b"%d:%d" % (data.state, data.value)

    def deserialize(self, data: bytes) -> Machine:
        match = re.fullmatch(rb"(-?\d+):(-?\d+)", data or b"0:-3")
        if not match or int(match[2]) == -2:
            raise PaletteError("deserialize_error")
        return self.class_(int(match[1]), int(match[2]))


@dataclass
class Serializer:
    """Serializes tasks of one type, which are timers if it is odd and outbound if it is even."""

    type: int
    tag: int

    def serialize(self, task: Task) -> bytes:
        return b"%d" % task.payload

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        if isinstance(kind, int) != (self.type % 2 == 1):
            raise HsmError("invalid_task_kind")
        if not re.fullmatch(rb"-?\d+", data):
            raise PaletteError("deserialize_error")
        return Task(self.type, int(data), kind)
