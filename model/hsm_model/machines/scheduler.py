"""The scheduler: the machine that waits for the next time of a schedule and then executes what is due.

``components/scheduler`` of v1.25.1. The numbers of types are this module's own; the real package has only names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from hsm_model.machines.attempts import NOW, Machine, move, outbound, timer
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.registry import MachineType
from hsm_model.tasks import Task, TaskType
from hsm_model.transition import Transition, new_transition

SCHEDULER_TYPE = MachineType(4, "scheduler.Scheduler")
SCHEDULER_WAIT = TaskType(8, "scheduler.SchedulerWait")
SCHEDULER_EXECUTE = TaskType(9, "scheduler.SchedulerExecute")


class SchedulerState(Enum):
    """The states of a scheduler."""

    UNSPECIFIED = "Unspecified"
    WAITING = "Waiting"
    EXECUTING = "Executing"


@dataclass(slots=True, kw_only=True)
class Scheduler(Machine[SchedulerState]):
    """A scheduler. At first it is waiting."""

    next_invocation: datetime | None = None
    current: SchedulerState = SchedulerState.WAITING

    def regenerate_tasks(self) -> list[Task]:
        """Return a timer while waiting, and an execution, which has no destination, while executing."""
        match self.current:
            case SchedulerState.WAITING:
                return [timer(SCHEDULER_WAIT, self.next_invocation)]
            case SchedulerState.EXECUTING:
                return [outbound(SCHEDULER_EXECUTE, "")]
            case SchedulerState.UNSPECIFIED:
                return []


@dataclass(frozen=True, slots=True)
class EventSchedulerActivate:
    """It is time, or the schedule has changed."""


@dataclass(frozen=True, slots=True)
class EventSchedulerWait:
    """Everything that was due has been executed."""


State = SchedulerState
TRANSITION_SCHEDULER_ACTIVATE: Transition[SchedulerState, Scheduler, EventSchedulerActivate] = new_transition(
    [State.WAITING], State.EXECUTING, move
)
TRANSITION_SCHEDULER_WAIT: Transition[SchedulerState, Scheduler, EventSchedulerWait] = new_transition(
    [State.EXECUTING], State.WAITING, move
)

SCHEDULER = MachineDescription(
    name="scheduler",
    title=SCHEDULER_TYPE.name,
    terminal=(),
    cases={"": lambda: Scheduler(next_invocation=NOW)},
    trials={
        "SchedulerActivate": Trial(TRANSITION_SCHEDULER_ACTIVATE, {"": EventSchedulerActivate()}),
        "SchedulerWait": Trial(TRANSITION_SCHEDULER_WAIT, {"": EventSchedulerWait()}),
    },
    executors={SCHEDULER_WAIT.name: ("SchedulerActivate",), SCHEDULER_EXECUTE.name: ("SchedulerWait",)},
    outside=("SchedulerActivate",),
)
"""The scheduler, with samples to try its transitions."""
