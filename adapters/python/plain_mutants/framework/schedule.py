"""Timer tasks that are missing, late, too many, or leave the queue at the wrong time."""

from __future__ import annotations

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import StoredTask, Timer, Workflow
from plain_mutants.framework.mutant import breaks

YEAR = 365 * 86_400 * 1_000_000


@breaks("TIMER-SCHEDULE-1")
class EarlierDeadlinesHaveNoTask(ReplicatingCell):
    """A workflow that has a task in the timer queue gets no other one."""

    def next_timer(self, name: str, workflow: Workflow) -> Timer | None:
        if any(group.scheduled for group in workflow.timers):
            return None
        return super().next_timer(name, workflow)


@breaks("TIMER-SCHEDULE-1")
class EachCommitAddsATimerTask(ReplicatingCell):
    """Each commit adds a task for the first deadline."""

    def next_timer(self, name: str, workflow: Workflow) -> Timer | None:
        if workflow.timers:
            workflow.timers[0].scheduled = False
        return super().next_timer(name, workflow)


@breaks("TIMER-SCHEDULE-1")
class LastDeadlineHasTheTask(ReplicatingCell):
    """The task of the timer queue is that of the last deadline."""

    def next_timer(self, name: str, workflow: Workflow) -> Timer | None:
        timer = super().next_timer(name, workflow)
        return timer and timer._replace(due=workflow.timers[-1].deadline)


@breaks("TIMER-SCHEDULE-2")
class NextDeadlineHasNoTask(ReplicatingCell):
    """Once timers have fired, the next deadline gets no task."""

    def forget_fired(self, workflow: Workflow, groups: int) -> None:
        super().forget_fired(workflow, groups)
        for group in workflow.timers:
            group.scheduled = True


@breaks("TIMER-SCHEDULE-1")
class ScheduledIsNotRemembered(ReplicatingCell):
    """A workflow that is loaded does not know which deadlines have a task."""

    def load(self, name: str) -> Workflow:
        new = name not in self.loaded
        workflow = super().load(name)
        for group in workflow.timers if new else ():
            group.scheduled = False
        return workflow


@breaks("TIMER-PAST-1")
class PastDeadlinesAreForgotten(ReplicatingCell):
    """A timer is not stored whose deadline is past when it is asked for, on a clock that has gone forward."""

    def add_timer(self, workflow: Workflow, deadline: int, task: StoredTask) -> None:
        if deadline >= self.now() or not self.now():
            super().add_timer(workflow, deadline, task)


@breaks("TIMER-PAST-1")
class PastDeadlinesAreNow(ReplicatingCell):
    """A deadline that is past becomes the time at which it is asked for, on a clock that has gone forward."""

    def add_timer(self, workflow: Workflow, deadline: int, task: StoredTask) -> None:
        super().add_timer(workflow, max(deadline, self.now()) if self.now() else deadline, task)


@breaks("TIMER-EARLY-1")
class EarlyTasksAreDone(ReplicatingCell):
    """A task of the timer queue that is delivered early leaves the queue."""

    def timer_fate(self, task: Timer) -> str:
        return "done"


@breaks("TIMER-SCHEDULE-2")
class TimerTasksStay(ReplicatingCell):
    """A task of the timer queue stays there after its timers have fired."""

    def timer_fate(self, task: Timer) -> str:
        return "retried"


@breaks("TIMER-FAR-1")
class FarDeadlinesAreForgotten(ReplicatingCell):
    """A deadline more than 99 years ahead has no task."""

    def next_timer(self, name: str, workflow: Workflow) -> Timer | None:
        timer = super().next_timer(name, workflow)
        return timer if timer and timer.due < self.now() + 99 * YEAR else None
