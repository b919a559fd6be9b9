"""Shared by the machines: a state in a field, and attempts to call somebody until one succeeds or fails for good."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Generic, TypeVar

from hsm_model.tasks import Task, TaskKind, TaskKindOutbound, TaskKindTimer, TaskType, TransitionOutput

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
S = TypeVar("S", bound=Enum)

RetryPolicy = Callable[[int], timedelta]
"""The delay until the next attempt, by the number of attempts made."""


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """A task that consists of its type and its kind."""

    task_type: TaskType
    task_kind: TaskKind
    is_concurrent: bool = False
    """Whether it stays valid when its machine transitions (``Concurrent`` of the real tasks)."""

    def type(self) -> TaskType:
        """Return the task's type."""
        return self.task_type

    def kind(self) -> TaskKind:
        """Return the task's kind."""
        return self.task_kind

    def concurrent(self) -> bool:
        """Return whether it stays valid when its machine transitions."""
        return self.is_concurrent


def timer(task_type: TaskType, deadline: datetime | None, *, concurrent: bool = False) -> Task:
    """Return a task for the timer queue. Without a deadline it is due: its deadline is the Unix epoch."""
    return QueuedTask(task_type, TaskKindTimer(EPOCH if deadline is None else deadline), concurrent)


def outbound(task_type: TaskType, destination: str) -> Task:
    """Return a task for the outbound queue of a destination."""
    return QueuedTask(task_type, TaskKindOutbound(destination))


@dataclass(slots=True, kw_only=True)
class Machine(ABC, Generic[S]):
    """A machine that keeps its state in a field."""

    current: S

    def state(self) -> S:
        """Return the present state."""
        return self.current

    def set_state(self, state: S, /) -> None:
        """Change the state."""
        self.current = state

    @abstractmethod
    def regenerate_tasks(self) -> list[Task]:
        """Return the tasks that the present state calls for."""

    def transition_tasks(self) -> list[Task]:
        """Return the tasks that a transition to the present state emits."""
        return self.regenerate_tasks()


@dataclass(slots=True, kw_only=True)
class Attempts(Machine[S]):
    """A machine that makes attempts and remembers them."""

    attempt: int = 0
    """The number of completed attempts."""
    last_attempt: datetime | None = None
    """When the last one was completed."""
    last_failure: str | None = None
    """Why the last one failed."""
    next_attempt: datetime | None = None
    """When the next one may start, while backing off."""

    def record_attempt(self, completed: datetime) -> None:
        """Count a completed attempt."""
        self.attempt += 1
        self.last_attempt = completed

    def back_off(self, completed: datetime, failure: str, retry_policy: RetryPolicy) -> None:
        """Count a failed attempt and set the time of the next one, which the policy derives from the new count."""
        self.record_attempt(completed)
        self.next_attempt = completed + retry_policy(self.attempt)
        self.last_failure = failure


# --- events and apply functions ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventRescheduled:
    """The time to back off is over."""


@dataclass(frozen=True, slots=True)
class EventAttemptFailed:
    """An attempt failed in a way that allows another one."""

    time: datetime
    failure: str
    retry_policy: RetryPolicy


@dataclass(frozen=True, slots=True)
class EventFailed:
    """An attempt failed for good."""

    time: datetime
    failure: str


@dataclass(frozen=True, slots=True)
class EventSucceeded:
    """An attempt succeeded."""

    time: datetime


def move(machine: Machine[Any], event: object) -> TransitionOutput:
    """Emit the tasks of the new state."""
    return TransitionOutput(machine.transition_tasks())


def reschedule(machine: Attempts[Any], event: EventRescheduled) -> TransitionOutput:
    """Start another attempt."""
    machine.next_attempt = None
    return move(machine, event)


def fail_attempt(machine: Attempts[Any], event: EventAttemptFailed) -> TransitionOutput:
    """Set the timer for the next attempt."""
    machine.back_off(event.time, event.failure, event.retry_policy)
    return move(machine, event)


def fail(machine: Attempts[Any], event: EventFailed) -> TransitionOutput:
    """Record the failure."""
    machine.record_attempt(event.time)
    machine.last_failure = event.failure
    return move(machine, event)


def succeed(machine: Attempts[Any], event: EventSucceeded) -> TransitionOutput:
    """Clear the failure of earlier attempts."""
    machine.record_attempt(event.time)
    machine.last_failure = None
    return move(machine, event)


# --- samples ----------------------------------------------------------------------------------------------------------

NOW = datetime(2024, 1, 1, tzinfo=UTC)
"""The time of the sample events."""
FAILURE = "attempt failed"
"""The failure of the sample events."""
EARLIER_FAILURE = "earlier attempt failed"


def minute_an_attempt(attempts: int) -> timedelta:
    """Return a minute for each attempt: the retry policy of the sample events."""
    return timedelta(minutes=attempts)
