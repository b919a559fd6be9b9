"""Cancelations of Nexus operations: the machine that requests a cancelation from an endpoint, with retries.

``components/nexusoperations`` of v1.25.1. The numbers of types are this module's own; the real package has only names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeVar

from hsm_model.machines.attempts import (
    EARLIER_FAILURE,
    FAILURE,
    NOW,
    Attempts,
    EventAttemptFailed,
    EventFailed,
    EventRescheduled,
    EventSucceeded,
    fail,
    fail_attempt,
    minute_an_attempt,
    move,
    outbound,
    reschedule,
    succeed,
    timer,
)
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.registry import MachineType
from hsm_model.tasks import Task, TaskType, TransitionOutput
from hsm_model.transition import Transition, new_transition

CANCELATION_TYPE = MachineType(3, "nexusoperations.Cancelation")
CANCELATION = TaskType(6, "nexusoperations.Cancelation")
CANCELATION_BACKOFF = TaskType(7, "nexusoperations.CancelationBackoff")


class CancelationState(Enum):
    """The states of a cancelation."""

    UNSPECIFIED = "Unspecified"
    SCHEDULED = "Scheduled"
    BACKING_OFF = "BackingOff"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    TIMED_OUT = "TimedOut"


@dataclass(slots=True, kw_only=True)
class Cancelation(Attempts[CancelationState]):
    """A cancelation, the child of an operation. At first it is not scheduled.

    The real machine gets the endpoint from its parent; this one has it.
    """

    endpoint: str
    requested: datetime | None = None
    current: CancelationState = CancelationState.UNSPECIFIED

    def regenerate_tasks(self) -> list[Task]:
        """Return the request while scheduled, a timer while backing off."""
        match self.current:
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


def schedule(cancelation: Cancelation, event: EventScheduled) -> TransitionOutput:
    """Record the time of the request and send it."""
    cancelation.requested = event.time
    return move(cancelation, event)


State = CancelationState
E = TypeVar("E")
CancelationTransition = Transition[CancelationState, Cancelation, E]
TRANSITION_SCHEDULED: CancelationTransition[EventScheduled] = new_transition(
    [State.UNSPECIFIED], State.SCHEDULED, schedule
)
TRANSITION_RESCHEDULED: CancelationTransition[EventRescheduled] = new_transition(
    [State.BACKING_OFF], State.SCHEDULED, reschedule
)
TRANSITION_ATTEMPT_FAILED: CancelationTransition[EventAttemptFailed] = new_transition(
    [State.SCHEDULED], State.BACKING_OFF, fail_attempt
)
TRANSITION_FAILED: CancelationTransition[EventFailed] = new_transition([State.SCHEDULED], State.FAILED, fail)
TRANSITION_SUCCEEDED: CancelationTransition[EventSucceeded] = new_transition(
    [State.SCHEDULED], State.SUCCEEDED, succeed
)

NEXUS_CANCELATION = MachineDescription(
    name="nexus-cancelation",
    title=CANCELATION_TYPE.name,
    terminal=(State.SUCCEEDED, State.FAILED, State.TIMED_OUT),
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
    executors={
        CANCELATION.name: ("CancelationAttemptFailed", "CancelationFailed", "CancelationSucceeded"),
        CANCELATION_BACKOFF.name: ("CancelationRescheduled",),
    },
    created_by="CancelationScheduled",
)
"""The cancelation, with samples to try its transitions."""
