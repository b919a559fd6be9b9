"""Nexus operations: the machine that starts an operation at an endpoint and follows it to completion.

``components/nexusoperations`` of v1.25.1. The numbers of types are this module's own; the real package has only names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

from hsm_model.machines.attempts import (
    EARLIER_FAILURE,
    FAILURE,
    NOW,
    Attempts,
    EventAttemptFailed,
    EventRescheduled,
    fail_attempt,
    minute_an_attempt,
    move,
    outbound,
    reschedule,
    timer,
)
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.registry import MachineType
from hsm_model.tasks import Task, TaskType, TransitionOutput
from hsm_model.transition import Transition, new_transition

OPERATION_TYPE = MachineType(2, "nexusoperations.Operation")
INVOCATION = TaskType(3, "nexusoperations.Invocation")
BACKOFF = TaskType(4, "nexusoperations.Backoff")
TIMEOUT = TaskType(5, "nexusoperations.Timeout")


class OperationState(Enum):
    """The states of an operation."""

    UNSPECIFIED = "Unspecified"
    SCHEDULED = "Scheduled"
    BACKING_OFF = "BackingOff"
    STARTED = "Started"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"
    TIMED_OUT = "TimedOut"


class CompletionSource(Enum):
    """The source of the information that an operation is complete."""

    UNSPECIFIED = "unspecified"
    RESPONSE = "response"
    CALLBACK = "callback"
    CANCEL_REQUESTED = "cancel requested"


@dataclass(slots=True, kw_only=True)
class Operation(Attempts[OperationState]):
    """An operation. At first it is not scheduled.

    The real machine looks for a cancelation among the children of its node; here ``cancel_requested`` says that there
    is one.
    """

    endpoint: str
    scheduled: datetime
    schedule_to_close: timedelta = timedelta()
    """The time within which the operation must complete; zero means no limit."""
    cancel_requested: bool = False
    operation_id: str = ""
    current: OperationState = OperationState.UNSPECIFIED

    def record_attempt(self, completed: datetime) -> None:
        """Count a completed attempt and clear the failure of the one before."""
        self.attempt += 1
        self.last_attempt = completed
        self.last_failure = None

    def transition_tasks(self) -> list[Task]:
        """Return the tasks of the present state: an invocation while scheduled, a timer while backing off.

        There are none once cancelation is requested.
        """
        if self.cancel_requested:
            return []
        match self.current:
            case OperationState.SCHEDULED:
                return [outbound(INVOCATION, self.endpoint)]
            case OperationState.BACKING_OFF:
                return [timer(BACKOFF, self.next_attempt)]
            case _:
                return []

    def creation_tasks(self) -> list[Task]:
        """Return the timer of an operation with a time limit, which is emitted when it is added to a tree."""
        if self.cancel_requested or not self.schedule_to_close:
            return []
        return [timer(TIMEOUT, self.scheduled + self.schedule_to_close, concurrent=True)]

    def regenerate_tasks(self) -> list[Task]:
        """Return the tasks of the present state and those of creation, the latter in final states too."""
        return self.transition_tasks() + self.creation_tasks()


@dataclass(frozen=True, slots=True)
class EventScheduled:
    """The operation has just been created."""


@dataclass(frozen=True, slots=True)
class EventFailed:
    """The operation failed."""

    time: datetime
    failure: str
    source: CompletionSource


@dataclass(frozen=True, slots=True)
class EventSucceeded:
    """The operation succeeded."""

    time: datetime
    source: CompletionSource


@dataclass(frozen=True, slots=True)
class EventCanceled:
    """The operation was canceled."""

    time: datetime
    source: CompletionSource


@dataclass(frozen=True, slots=True)
class EventStarted:
    """The endpoint has started the operation and will report its completion."""

    time: datetime
    operation_id: str


@dataclass(frozen=True, slots=True)
class EventTimedOut:
    """The operation's time is over."""


def fail(operation: Operation, event: EventFailed) -> TransitionOutput:
    """Record the failure if it is the response to an attempt."""
    if event.source is CompletionSource.RESPONSE:
        operation.record_attempt(event.time)
        operation.last_failure = event.failure
    return move(operation, event)


def complete(operation: Operation, event: EventSucceeded | EventCanceled) -> TransitionOutput:
    """Count the attempt if completion is the response to one."""
    if event.source is CompletionSource.RESPONSE:
        operation.record_attempt(event.time)
    return move(operation, event)


def start(operation: Operation, event: EventStarted) -> TransitionOutput:
    """Record the ID that the endpoint assigned."""
    operation.record_attempt(event.time)
    operation.operation_id = event.operation_id
    return move(operation, event)


State = OperationState
RUNNING = (State.SCHEDULED, State.BACKING_OFF, State.STARTED)
"""The states of an operation that is under way."""
E = TypeVar("E")
OperationTransition = Transition[OperationState, Operation, E]
TRANSITION_SCHEDULED: OperationTransition[EventScheduled] = new_transition([State.UNSPECIFIED], State.SCHEDULED, move)
TRANSITION_RESCHEDULED: OperationTransition[EventRescheduled] = new_transition(
    [State.BACKING_OFF], State.SCHEDULED, reschedule
)
TRANSITION_ATTEMPT_FAILED: OperationTransition[EventAttemptFailed] = new_transition(
    [State.SCHEDULED], State.BACKING_OFF, fail_attempt
)
TRANSITION_FAILED = new_transition(RUNNING, State.FAILED, fail)
TRANSITION_SUCCEEDED: OperationTransition[EventSucceeded] = new_transition(RUNNING, State.SUCCEEDED, complete)
# A request for cancelation cancels an operation at once; its event is replicated afterwards.
TRANSITION_CANCELED: OperationTransition[EventCanceled] = new_transition(
    (*RUNNING, State.CANCELED), State.CANCELED, complete
)
TRANSITION_STARTED = new_transition([State.SCHEDULED, State.BACKING_OFF], State.STARTED, start)
TRANSITION_TIMED_OUT: OperationTransition[EventTimedOut] = new_transition(RUNNING, State.TIMED_OUT, move)

T = TypeVar("T")


def _from_each_source(event: Callable[[CompletionSource], T]) -> Mapping[str, T]:
    return {source.value: event(source) for source in CompletionSource}


def _case(schedule_to_close: timedelta = timedelta(), *, cancel_requested: bool = False) -> Callable[[], Operation]:
    return lambda: Operation(
        endpoint="endpoint",
        scheduled=NOW,
        schedule_to_close=schedule_to_close,
        cancel_requested=cancel_requested,
        last_failure=EARLIER_FAILURE,
        next_attempt=NOW,
    )


NEXUS_OPERATION = MachineDescription(
    name="nexus-operation",
    title=OPERATION_TYPE.name,
    terminal=(State.SUCCEEDED, State.FAILED, State.CANCELED, State.TIMED_OUT),
    cases={
        "no timeout": _case(),
        "timeout": _case(timedelta(hours=1)),
        "cancel requested": _case(timedelta(hours=1), cancel_requested=True),
    },
    trials={
        "Scheduled": Trial(TRANSITION_SCHEDULED, {"": EventScheduled()}),
        "Rescheduled": Trial(TRANSITION_RESCHEDULED, {"": EventRescheduled()}),
        "AttemptFailed": Trial(TRANSITION_ATTEMPT_FAILED, {"": EventAttemptFailed(NOW, FAILURE, minute_an_attempt)}),
        "Failed": Trial(TRANSITION_FAILED, _from_each_source(lambda source: EventFailed(NOW, FAILURE, source))),
        "Succeeded": Trial(TRANSITION_SUCCEEDED, _from_each_source(lambda source: EventSucceeded(NOW, source))),
        "Canceled": Trial(TRANSITION_CANCELED, _from_each_source(lambda source: EventCanceled(NOW, source))),
        "Started": Trial(TRANSITION_STARTED, {"": EventStarted(NOW, "operation-id")}),
        "TimedOut": Trial(TRANSITION_TIMED_OUT, {"": EventTimedOut()}),
    },
    creation_tasks=Operation.creation_tasks,
    executors={
        INVOCATION.name: ("AttemptFailed", "Failed", "Succeeded", "Canceled", "Started"),
        BACKOFF.name: ("Rescheduled",),
        TIMEOUT.name: ("TimedOut",),
    },
    outside=("Succeeded", "Failed", "Canceled"),
    created_by="Scheduled",
)
"""The operation, with samples to try its transitions."""
