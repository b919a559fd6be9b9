"""Tasks: what transitions emit, the kinds of tasks and their serializers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from mypy_extensions import mypyc_attr


class TaskType(NamedTuple):
    """A task's type: an ID, an int32 that is persisted, and a name for people (docs: ``TaskType``)."""

    id: int
    name: str


class TaskKind:
    """The closed set of kinds: `TaskKindTimer` and `TaskKindOutbound` (docs: ``TaskKind``).

    Defining another subclass raises TypeError, since the framework would have no queue for its tasks.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        if getattr(cls, "__module__", "") != __name__:
            raise TypeError("the kinds of tasks are TaskKindTimer and TaskKindOutbound; there can be no other")


@dataclass(frozen=True, slots=True)
class TaskKindTimer(TaskKind):
    """A task for the timer queue, which fires at ``deadline`` or later (docs: ``TaskKindTimer``; TASK-CARRY-1)."""

    deadline: datetime


@dataclass(frozen=True, slots=True)
class TaskKindOutbound(TaskKind):
    """A task for an outbound queue, grouped by ``destination`` (docs: ``TaskKindOutbound``; TASK-CARRY-1)."""

    destination: str


class Task(Protocol):
    """Work that a machine requests after a transition; immutable and hashable (docs: ``Task``)."""

    def type(self) -> TaskType:
        """Return the task's type."""

    def kind(self) -> TaskKind:
        """Return the task's kind."""

    def __hash__(self) -> int: ...


T = TypeVar("T", bound=Task)


class TaskSerializer(Protocol[T]):
    """Converts tasks ``T``, all of one type, to bytes and back (docs: ``TaskSerializer``)."""

    def serialize(self, task: T) -> bytes:
        """Return the task's bytes."""

    def deserialize(self, data: bytes, kind: TaskKind) -> T:
        """Return the task. Raise `InvalidTaskKind` for a kind that tasks of this type do not have (TASK-KIND-1)."""


class _Output(NamedTuple):
    tasks: tuple[Task, ...]


@mypyc_attr(native_class=False)  # a compiled class cannot derive from a named tuple
class TransitionOutput(_Output):
    """The output of one transition (docs: ``TransitionOutput``; TRANS-APPLY-6, MT-COMMIT-4).

    ``tasks`` may be given as any sequence. It is copied into a tuple, so later changes to a list do not show.
    """

    __slots__ = ()

    def __new__(cls, tasks: Sequence[Task] = ()) -> TransitionOutput:
        """Return an output with a copy of the tasks."""
        return tuple.__new__(cls, (tuple(tasks),))


def checked_output(returned: object) -> TransitionOutput:
    """Return the output that a function returned, with its tasks in a tuple.

    Raise TypeError for anything else: None, a generator, or a coroutine, which is closed.
    """
    if isinstance(returned, TransitionOutput):
        if type(returned) is TransitionOutput and type(returned.tasks) is tuple:
            return returned
        return TransitionOutput(tuple(returned.tasks))
    close_awaitable(returned)
    raise TypeError(f"a transition's function must return a TransitionOutput, not {type(returned).__name__}")


def close_awaitable(returned: object) -> None:
    """Close what an asynchronous function returned, which would otherwise warn that it was never awaited."""
    close = getattr(returned, "close", None)
    if hasattr(returned, "__await__") and callable(close):
        close()
