"""Tasks that are wrong when they come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plain_hsm.machine import Task, TransitionOutput
from plain_hsm.node import Node
from plain_hsm.palette import PaletteError, Serializer
from plain_mutants.mutant import breaks

T = TypeVar("T")


class Altering(Node):
    """A node that records other tasks than it is given."""

    def altered(self, task: Task) -> Task:
        """Return the task as it is recorded: unchanged, unless a mutant overrides this."""
        return task

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: tuple(map(self.altered, function(data))))


@breaks("TASK-CARRY-1")
class DeadlinesAreSeconds(Altering):
    """The deadline of a timer is cut to whole seconds."""

    def altered(self, task: Task) -> Task:
        return task._replace(kind=task.kind // 1000 * 1000) if isinstance(task.kind, int) else task


@breaks("TASK-CARRY-1")
class DestinationsAreAscii(Altering):
    """The destination of an outbound task loses its characters beyond ASCII."""

    def altered(self, task: Task) -> Task:
        if isinstance(task.kind, str):
            return task._replace(kind=task.kind.encode("ascii", "ignore").decode())
        return task


@breaks("TASK-CARRY-1")
class PayloadsAreLost(Altering):
    """A task is recorded by its type and kind, without its payload."""

    def altered(self, task: Task) -> Task:
        return task._replace(payload=0)


@breaks("TASK-CARRY-1")
class PayloadsFitInFourBytes(Altering):
    """A payload is cut to 32 bits."""

    def altered(self, task: Task) -> Task:
        return task._replace(payload=(task.payload + 2**31) % 2**32 - 2**31)


@breaks("TASK-ATOMIC-1")
class TasksOfAFailureComeLater(Node):
    """The tasks of a transition that did not serialize are put out with the next one that does."""

    left: TransitionOutput = ()

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        made: list[TransitionOutput] = []

        def keep(data: T) -> TransitionOutput:
            made.append((*self.left, *function(data)))
            return made[0]

        try:
            super().machine_transition(class_, keep)
            self.left = ()
        except PaletteError:
            self.left = made[0] if made else self.left
            raise


# --- serializers ----------------------------------------------------------------------------------------------------


@breaks("TASK-SERIAL-1")
class PayloadsAreSerializedWithoutSign(Serializer):
    """The sign of a payload is lost in serialization."""

    def serialize(self, task: Task) -> bytes:
        return b"%d" % abs(task.payload)


@breaks("TASK-SERIAL-1")
class KindIsNotRestored(Serializer):
    """A deserialized timer fires at once and an outbound task goes nowhere."""

    def deserialize(self, data: bytes, kind: int | str) -> Task:
        return super().deserialize(data, kind)._replace(kind=type(kind)())


@breaks("TASK-SERIAL-1")
class SerializedTypeIsTheKind(Serializer):
    """A deserialized task has the type 1 if it is a timer and 2 if it is outbound."""

    def deserialize(self, data: bytes, kind: int | str) -> Task:
        return super().deserialize(data, kind)._replace(type=1 if isinstance(kind, int) else 2)
