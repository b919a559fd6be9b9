"""What is common to the machines that call somebody until that succeeds, fails for good or is given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hsm_model.tasks import Task, TaskKind, TaskKindOutbound, TaskKindTimer, TaskType

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

RetryPolicy = Callable[[int], timedelta]
"""The delay until the next attempt, by how many attempts were made."""


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """A task that consists of its type and its kind."""

    task_type: TaskType
    task_kind: TaskKind

    def type(self) -> TaskType:
        """The task's type."""
        return self.task_type

    def kind(self) -> TaskKind:
        """The task's kind."""
        return self.task_kind


def timer(task_type: TaskType, deadline: datetime | None) -> Task:
    """A task for the timer queue; where no deadline was ever set it is the Unix epoch, so the task is due."""
    return QueuedTask(task_type, TaskKindTimer(EPOCH if deadline is None else deadline))


def outbound(task_type: TaskType, destination: str) -> Task:
    """A task for the outbound queue of a destination."""
    return QueuedTask(task_type, TaskKindOutbound(destination))


@dataclass(slots=True, kw_only=True)
class Attempts:
    """What a machine remembers of its attempts."""

    attempt: int = 0
    """How many were completed."""
    last_attempt: datetime | None = None
    """When the last one was completed."""
    last_failure: str | None = None
    """Why the last one failed."""
    next_attempt: datetime | None = None
    """When the next one may start, while backing off."""

    def record_attempt(self, completed: datetime) -> None:
        """Counts a completed attempt."""
        self.attempt += 1
        self.last_attempt = completed

    def back_off(self, completed: datetime, failure: str, retry_policy: RetryPolicy) -> None:
        """Counts a failed attempt and sets the time of the next one, which the policy knows by the new count."""
        self.record_attempt(completed)
        self.next_attempt = completed + retry_policy(self.attempt)
        self.last_failure = failure


# --- samples ----------------------------------------------------------------------------------------------------------

NOW = datetime(2024, 1, 1, tzinfo=UTC)
"""The time of the sample events."""
FAILURE = "attempt failed"
"""The failure of the sample events."""
EARLIER_FAILURE = "earlier attempt failed"


def minute_an_attempt(attempts: int) -> timedelta:
    """The retry policy of the sample events."""
    return timedelta(minutes=attempts)
