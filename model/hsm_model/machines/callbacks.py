"""Callbacks: the machine that notifies a caller of an event, with retries.

``components/callbacks`` of v1.25.1. The numbers of types are this module's own; the real package has only names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
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
from hsm_model.tasks import Task, TaskType
from hsm_model.transition import Transition, new_transition

CALLBACK_TYPE = MachineType(1, "callbacks.Callback")
INVOCATION = TaskType(1, "callbacks.Invocation")
BACKOFF = TaskType(2, "callbacks.Backoff")


class CallbackState(Enum):
    """The states of a callback."""

    UNSPECIFIED = "Unspecified"
    STANDBY = "Standby"
    SCHEDULED = "Scheduled"
    BACKING_OFF = "BackingOff"
    FAILED = "Failed"
    SUCCEEDED = "Succeeded"


@dataclass(frozen=True, slots=True)
class NexusVariant:
    """A callback over Nexus, to a URL."""

    url: str

    def destination(self) -> str:
        """Return the URL's scheme and host. Raise ValueError for control characters, which make the URL invalid."""
        if any(character < " " or character == "\x7f" for character in self.url):
            raise ValueError("the URL has control characters")
        scheme, _, rest = self.url.partition("://")
        authority = re.split("[/?#]", rest, maxsplit=1)[0]
        return f"{scheme}://{authority.rpartition('@')[2]}"


@dataclass(frozen=True, slots=True)
class MachineVariant:
    """A callback to another state machine."""

    def destination(self) -> str:
        """Return no destination: all such callbacks share a queue."""
        return ""


@dataclass(slots=True, kw_only=True)
class Callback(Attempts[CallbackState]):
    """A callback. At first it waits for its trigger."""

    variant: NexusVariant | MachineVariant | None
    current: CallbackState = CallbackState.STANDBY

    def regenerate_tasks(self) -> list[Task]:
        """Return an invocation while scheduled, a timer while backing off.

        Raise ValueError if there is nobody to invoke.
        """
        match self.current:
            case CallbackState.SCHEDULED:
                if self.variant is None:
                    raise ValueError("the callback has no variant")
                return [outbound(INVOCATION, self.variant.destination())]
            case CallbackState.BACKING_OFF:
                return [timer(BACKOFF, self.next_attempt)]
            case _:
                return []


@dataclass(frozen=True, slots=True)
class EventScheduled:
    """The trigger of the callback has happened."""


State = CallbackState
E = TypeVar("E")
CallbackTransition = Transition[CallbackState, Callback, E]
TRANSITION_SCHEDULED: CallbackTransition[EventScheduled] = new_transition([State.STANDBY], State.SCHEDULED, move)
TRANSITION_RESCHEDULED: CallbackTransition[EventRescheduled] = new_transition(
    [State.BACKING_OFF], State.SCHEDULED, reschedule
)
TRANSITION_ATTEMPT_FAILED: CallbackTransition[EventAttemptFailed] = new_transition(
    [State.SCHEDULED], State.BACKING_OFF, fail_attempt
)
TRANSITION_FAILED: CallbackTransition[EventFailed] = new_transition([State.SCHEDULED], State.FAILED, fail)
TRANSITION_SUCCEEDED: CallbackTransition[EventSucceeded] = new_transition([State.SCHEDULED], State.SUCCEEDED, succeed)


def _case(variant: NexusVariant | MachineVariant | None) -> Callable[[], Callback]:
    return lambda: Callback(variant=variant, last_failure=EARLIER_FAILURE, next_attempt=NOW)


CALLBACK = MachineDescription(
    name="callback",
    title=CALLBACK_TYPE.name,
    terminal=(State.FAILED, State.SUCCEEDED),
    cases={
        "URL": _case(NexusVariant("https://user@caller.example?token=1")),
        "machine": lambda: Callback(variant=MachineVariant()),
        "broken URL": _case(NexusVariant("https://caller.example/\x7f")),
        "no variant": _case(None),
    },
    trials={
        "Scheduled": Trial(TRANSITION_SCHEDULED, {"": EventScheduled()}),
        "Rescheduled": Trial(TRANSITION_RESCHEDULED, {"": EventRescheduled()}),
        "AttemptFailed": Trial(TRANSITION_ATTEMPT_FAILED, {"": EventAttemptFailed(NOW, FAILURE, minute_an_attempt)}),
        "Failed": Trial(TRANSITION_FAILED, {"": EventFailed(NOW, FAILURE)}),
        "Succeeded": Trial(TRANSITION_SUCCEEDED, {"": EventSucceeded(NOW)}),
    },
    executors={INVOCATION.name: ("AttemptFailed", "Failed", "Succeeded"), BACKOFF.name: ("Rescheduled",)},
)
"""The callback, with samples to try its transitions."""
