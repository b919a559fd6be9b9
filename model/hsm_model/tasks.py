"""Tasks: what machines put out, the kinds of tasks and their serializers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


class TaskType(NamedTuple):
    """A task's type: an ID that is persisted and a name for people (seed: ``TaskType``)."""

    id: int
    name: str


class TaskKind:
    """The set of kinds, closed: `TaskKindTimer` and `TaskKindOutbound` (seed: ``TaskKind``)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TaskKindTimer(TaskKind):
    """A task for the timer queue, not to be fired before ``deadline`` (seed: ``TaskKindTimer``; TASK-CARRY-1)."""

    deadline: datetime


@dataclass(frozen=True, slots=True)
class TaskKindOutbound(TaskKind):
    """A task for an outbound queue, grouped by ``destination`` (seed: ``TaskKindOutbound``; TASK-CARRY-1)."""

    destination: str


class Task(Protocol):
    """What a machine wants done after a transition; hashable (seed: ``Task``)."""

    def type(self) -> TaskType:
        """The task's type."""

    def kind(self) -> TaskKind:
        """The task's kind."""

    def __hash__(self) -> int: ...


class TaskSerializer(Protocol):
    """Turns the tasks of one type into bytes and back (seed: ``TaskSerializer``)."""

    def serialize(self, task: Task) -> bytes:
        """The task's bytes."""

    def deserialize(self, data: bytes, kind: TaskKind) -> Task:
        """The task again. Raises `InvalidTaskKind` for a kind that the type does not have (TASK-KIND-1)."""


class TransitionOutput(NamedTuple):
    """What one transition put out (seed: ``TransitionOutput``; TRANS-APPLY-6, MT-COMMIT-4)."""

    tasks: tuple[Task, ...] = ()
