"""Cancelations of Nexus operations: the machine that asks an endpoint to cancel, until it has been heard.

``components/nexusoperations`` of v1.25.1. The numbers of types are this module's own; the real package has names alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from hsm_model.machines.attempts import (
    EARLIER_FAILURE,
    FAILURE,
    NOW,
    Attempts,
    RetryPolicy,
    minute_an_attempt,
    outbound,
    timer,
)
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.registry import MachineType
from hsm_model.tasks import Task, TaskType, TransitionOutput
from hsm_model.transition import new_transition

CANCELATION_TYPE = MachineType(3, "nexusoperations.Cancelation")
CANCELATION = TaskType(6, "nexusoperations.Cancelation")
CANCELATION_BACKOFF = TaskType(7, "nexusoperations.CancelationBackoff")


class CancelationState(Enum):
    """Where a cancelation stands."""

    UNSPECIFIED = "Unspecified"
    SCHEDULED = "Scheduled"
    BACKING_OFF = "BackingOff"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    TIMED_OUT = "TimedOut"


@dataclass(slots=True, kw_only=True)
class Cancelation(Attempts):
    """A cancelation, the child of an operation, still to be scheduled.

    The real machine asks its parent for the endpoint; here it has it.
    """

    endpoint: str
    requested: datetime | None = None
    cancelation_state: CancelationState = CancelationState.UNSPECIFIED

    def state(self) -> CancelationState:
        """Where the cancelation stands."""
        return self.cancelation_state

    def set_state(self, state: CancelationState, /) -> None:
        """Changes where it stands."""
        self.cancelation_state = state

    def regenerate_tasks(self) -> list[Task]:
        """The request while scheduled, a timer while backing off."""
        match self.cancelation_state:
            case CancelationState.SCHEDULED:
                return [outbound(CANCELATION, self.endpoint)]
            case CancelationState.BACKING_OFF:
                return [timer(CANCELATION_BACKOFF, self.next_attempt)]
            case _:
                return []


@dataclass(frozen=True, slots=True)
class EventScheduled:
    """Cancelation has just been requested."""

    time: datetime


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
    """The endpoint has accepted the request."""

    time: datetime


def output(cancelation: Cancelation) -> TransitionOutput:
    """The tasks that the new state calls for."""
    return TransitionOutput(tuple(cancelation.regenerate_tasks()))


def schedule(cancelation: Cancelation, event: EventScheduled) -> TransitionOutput:
    """Keeps when it was requested, and sends the request."""
    cancelation.requested = event.time
    return output(cancelation)


def reschedule(cancelation: Cancelation, event: EventRescheduled) -> TransitionOutput:
    """Sends the request again."""
    cancelation.next_attempt = None
    return output(cancelation)


def fail_attempt(cancelation: Cancelation, event: EventAttemptFailed) -> TransitionOutput:
    """Sets the timer for the next attempt."""
    cancelation.back_off(event.time, event.failure, event.retry_policy)
    return output(cancelation)


def fail(cancelation: Cancelation, event: EventFailed) -> TransitionOutput:
    """Keeps the failure."""
    cancelation.record_attempt(event.time)
    cancelation.last_failure = event.failure
    return output(cancelation)


def succeed(cancelation: Cancelation, event: EventSucceeded) -> TransitionOutput:
    """Forgets earlier failures."""
    cancelation.record_attempt(event.time)
    cancelation.last_failure = None
    return output(cancelation)


State = CancelationState
TRANSITION_SCHEDULED = new_transition((State.UNSPECIFIED,), State.SCHEDULED, schedule)
TRANSITION_RESCHEDULED = new_transition((State.BACKING_OFF,), State.SCHEDULED, reschedule)
TRANSITION_ATTEMPT_FAILED = new_transition((State.SCHEDULED,), State.BACKING_OFF, fail_attempt)
TRANSITION_FAILED = new_transition((State.SCHEDULED,), State.FAILED, fail)
TRANSITION_SUCCEEDED = new_transition((State.SCHEDULED,), State.SUCCEEDED, succeed)

NEXUS_CANCELATION = MachineDescription(
    name="nexus-cancelation",
    title=CANCELATION_TYPE.name,
    cases={"": lambda: Cancelation(endpoint="endpoint", last_failure=EARLIER_FAILURE, next_attempt=NOW)},
    trials={
        "CancelationScheduled": Trial(TRANSITION_SCHEDULED, {"": EventScheduled(NOW)}),
        "CancelationRescheduled": Trial(TRANSITION_RESCHEDULED, {"": EventRescheduled()}),
        "CancelationAttemptFailed": Trial(
            TRANSITION_ATTEMPT_FAILED, {"": EventAttemptFailed(NOW, FAILURE, minute_an_attempt)}
        ),
        "CancelationFailed": Trial(TRANSITION_FAILED, {"": EventFailed(NOW, FAILURE)}),
        "CancelationSucceeded": Trial(TRANSITION_SUCCEEDED, {"": EventSucceeded(NOW)}),
    },
)
"""The cancelation and the samples that its transitions are tried with."""
