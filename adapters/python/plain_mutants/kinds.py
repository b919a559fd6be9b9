"""Serializers that treat kinds wrongly."""

from plain_hsm.machine import HsmError, Task, TaskKind
from plain_hsm.palette import Serializer
from plain_mutants.mutant import breaks


@breaks("TASK-KIND-1")
class EveryKindIsValid(Serializer):
    """A serializer takes every kind."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        try:
            return super().deserialize(data, kind)
        except HsmError:
            return Task(self.type, int(data), kind)


@breaks("TASK-KIND-1")
class InvalidKindIsAnyError(Serializer):
    """A serializer refuses a kind with an error that nobody knows."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        try:
            return super().deserialize(data, kind)
        except HsmError as error:
            raise HsmError("other") from error


@breaks("TASK-KIND-1")
class TimersAreRefusedAlone(Serializer):
    """A serializer refuses timers of outbound types and takes outbound tasks of timers' types."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        if isinstance(kind, str) and self.type % 2:
            return Task(self.type, int(data), kind)
        return super().deserialize(data, kind)


@breaks("TASK-KIND-1")
class InvalidKindPanics(Serializer):
    """A serializer panics at a kind that its type does not have."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        if isinstance(kind, int) != (self.type % 2 == 1):
            raise RuntimeError("not this kind")
        return super().deserialize(data, kind)
