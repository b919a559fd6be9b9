"""Timers that fire early, late, twice or never."""

from __future__ import annotations

from typing import Any

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import Group, Outbound, StoredTask, Timer, Workflow
from plain_hsm.machine import HsmError, Task
from plain_mutants.framework.mutant import breaks


@breaks("TIMER-DUE-1")
class TimersExpireInMilliseconds(ReplicatingCell):
    """Fractions of milliseconds are not compared."""

    def is_due(self, deadline: int) -> bool:
        return deadline // 1000 <= self.now() // 1000


@breaks("TIMER-PAST-1")
class TimersAreDueAfterTheirDeadline(ReplicatingCell):
    """A timer does not fire at its deadline, but after it."""

    def is_due(self, deadline: int) -> bool:
        return deadline < self.now()


@breaks("TIMER-DUE-1")
class TimersAreAlwaysDue(ReplicatingCell):
    """A timer fires when a task of the timer queue is delivered."""

    def is_due(self, deadline: int) -> bool:
        return True


@breaks("TIMER-DUE-1")
class AllGroupsFireWithTheFirst(ReplicatingCell):
    """If one deadline has come, all timers fire."""

    def due_groups(self, workflow: Workflow) -> list[Group]:
        return list(workflow.timers) if super().due_groups(workflow) else []


@breaks("TIMER-DUE-1")
class DeadlinesAreStoredInMilliseconds(ReplicatingCell):
    """A deadline is stored without fractions of milliseconds."""

    def add_timer(self, workflow: Workflow, deadline: int, task: StoredTask) -> None:
        super().add_timer(workflow, deadline // 1000 * 1000, task)


@breaks("TIMER-DUE-1")
class QueueTasksAreDueEarly(ReplicatingCell):
    """The timer queue delivers a task at the millisecond before its deadline."""

    def next_timer(self, name: str, workflow: Workflow) -> Timer | None:
        timer = super().next_timer(name, workflow)
        return timer and timer._replace(due=timer.due // 1000 * 1000)


@breaks("TIMER-ONCE-1")
class FiredTimersStay(ReplicatingCell):
    """A timer that has fired fires again."""

    def forget_fired(self, workflow: Workflow, groups: int) -> None:
        """Do nothing."""


@breaks("TIMER-ONCE-1")
class FirstGroupStays(ReplicatingCell):
    """Of the deadlines that have fired together, the last one fires again."""

    def forget_fired(self, workflow: Workflow, groups: int) -> None:
        super().forget_fired(workflow, max(groups - 1, 0) or groups % 2)


@breaks("TIMER-ONCE-1")
class OneTimerOfADeadlineFires(ReplicatingCell):
    """Of timers with equal deadlines the first one fires, and the others are forgotten."""

    def fire_group(self, workflow: Workflow, group: Group) -> None:
        self.fire(workflow, group, group.tasks[0])


@breaks("TIMER-ONCE-1")
class TimersFireTwice(ReplicatingCell):
    """Each timer fires twice at its deadline."""

    def fire_group(self, workflow: Workflow, group: Group) -> None:
        super().fire_group(workflow, group)
        super().fire_group(workflow, group)


@breaks("TIMER-ONCE-1")
class AllTimersAreForgotten(ReplicatingCell):
    """Once timers have fired, those that are not due yet are forgotten too."""

    def forget_fired(self, workflow: Workflow, groups: int) -> None:
        if groups:
            workflow.timers.clear()


@breaks("TIMER-GROUP-1")
class TimersFireInTheOrderOfTheirAddition(ReplicatingCell):
    """Deadlines stand in the order in which they were asked for."""

    def add_timer(self, workflow: Workflow, deadline: int, task: StoredTask) -> None:
        before = list(workflow.timers)
        super().add_timer(workflow, deadline, task)
        workflow.timers.sort(key=lambda group: before.index(group) if group in before else len(before))


@breaks("TIMER-GROUP-1")
class TimersOfADeadlineFireBackwards(ReplicatingCell):
    """Of timers with equal deadlines the last one fires first."""

    def fire_group(self, workflow: Workflow, group: Group) -> None:
        for timer in reversed(group.tasks):
            self.fire(workflow, group, timer)


@breaks("TIMER-GROUP-1")
class EqualDeadlinesAreApart(ReplicatingCell):
    """Timers with equal deadlines are no group."""

    def add_timer(self, workflow: Workflow, deadline: int, task: StoredTask) -> None:
        workflow.timers.append(Group(deadline, [task], False))
        workflow.timers.sort(key=lambda group: group.deadline)


@breaks("COMMIT-QUEUE-1")
class LaterTimersReplaceThoseOfTheirDeadline(ReplicatingCell):
    """A timer takes the place of those that have its deadline."""

    def add_timer(self, workflow: Workflow, deadline: int, task: StoredTask) -> None:
        for group in workflow.timers:
            if group.deadline == deadline:
                group.tasks.clear()
        super().add_timer(workflow, deadline, task)


@breaks("TIMER-BATCH-1")
class FailedTimersCountAsFired(ReplicatingCell):
    """A timer that fails is passed over."""

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        """Do nothing."""


@breaks("TIMER-BATCH-1")
class FailedTimersAreUndoneAlone(ReplicatingCell):
    """A timer that fails is undone, and those beside it fire."""

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        if str(failure) in {"not_found", "stale_reference"}:
            super().timer_failed(workflow, failure)
        else:
            workflow.root.roll_back(0, failure)


@breaks("TIMER-SKIP-1")
class NotFoundUndoesTheTimer(ReplicatingCell):
    """The effects of a timer that fails with NotFound are undone."""

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        super().timer_failed(workflow, failure)
        workflow.root.roll_back(0, failure)


@breaks("TIMER-SKIP-1")
class NotFoundUndoesTheBatch(ReplicatingCell):
    """A timer that fails with NotFound undoes the batch."""

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        if str(failure) == "not_found":
            raise failure
        super().timer_failed(workflow, failure)


@breaks("TIMER-STALE-1")
class StaleTimersUndoTheBatch(ReplicatingCell):
    """A timer whose machine has transitioned undoes the batch."""

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        if str(failure) == "stale_reference":
            raise failure
        super().timer_failed(workflow, failure)


@breaks("TIMER-STALE-1")
class StaleTimersFire(ReplicatingCell):
    """A timer fires whose machine has transitioned."""

    def fire(self, workflow: Workflow, group: Group, timer: StoredTask) -> None:
        super().fire(workflow, group, timer._replace(ref=timer.ref._replace(expected=0)))


@breaks("TIMER-TERMINAL-1")
class TerminalFailuresUndoTheBatch(ReplicatingCell):
    """A timer without an executor undoes the batch."""

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        if str(failure) == "not_registered":
            raise failure
        super().timer_failed(workflow, failure)


@breaks("TIMER-TERMINAL-1")
class TerminalFailuresKeepWhatWasDone(ReplicatingCell):
    """The effects of a timer that would always fail are committed."""

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        if str(failure) != "not_registered":
            super().timer_failed(workflow, failure)


@breaks("TIMER-STANDBY-1")
class PassiveCellsFireTimers(ReplicatingCell):
    """A passive cell calls the executors of timers."""

    def fire(self, workflow: Workflow, group: Group, timer: StoredTask) -> None:
        here, self.framework.active = self.framework.active, self.cluster
        try:
            super().fire(workflow, group, timer)
        finally:
            self.framework.active = here


@breaks("TIMER-STANDBY-1")
class PassiveCellsForgetTimers(ReplicatingCell):
    """A passive cell removes timers that are due and valid."""

    def run_timer(self, task: Timer) -> str:
        self.waits = False
        try:
            return super().run_timer(task)
        finally:
            self.waits = True

    def wait_for_the_active_cell(self) -> None:
        if getattr(self, "waits", True):
            super().wait_for_the_active_cell()


@breaks("TIMER-STANDBY-1")
class PassiveCellsForgetTasksOfTheQueue(ReplicatingCell):
    """A passive cell keeps timers that are due and valid, but removes the task of the queue that fires them."""

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        fate, failure = super().run(task)
        if isinstance(task, Timer) and str(failure) == "task_retry":
            self.store.remove(task)
        return fate, failure


@breaks("TIMER-STANDBY-3")
class PassiveCellsGiveUpLateTimers(ReplicatingCell):
    """A passive cell gives up a timer that is a quarter of an hour late."""

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        fate, failure = super().run(task)
        if isinstance(task, Timer) and str(failure) == "task_retry" and self.now() >= task.due + 900_000_000:
            self.store.remove(task)
        return fate, failure


@breaks("TIMER-STANDBY-2")
class PassiveCellsKeepStaleTimers(ReplicatingCell):
    """A passive cell keeps a timer whose machine has transitioned since."""

    def fire(self, workflow: Workflow, group: Group, timer: StoredTask) -> None:
        if not self.is_active():
            self.wait_for_the_active_cell()
        super().fire(workflow, group, timer)


@breaks("TIMER-STANDBY-2")
class PassiveCellsPassOverStaleTimersInMemory(ReplicatingCell):
    """A passive cell does not write that a timer is gone whose machine has transitioned since."""

    def commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        if self.is_active() or how.keys() != {"active", "owner"}:
            super().commit(name, workflow, **how)


@breaks("TIMER-STANDBY-1")
class PassiveCellsForgetConcurrentTimers(ReplicatingCell):
    """A passive cell removes concurrent timers that are due."""

    def fire(self, workflow: Workflow, group: Group, timer: StoredTask) -> None:
        if self.is_active() or timer.ref.expected:
            super().fire(workflow, group, timer)


@breaks("TIMER-DUE-1")
class ExecutorsSeeDeadlinesInMilliseconds(ReplicatingCell):
    """The executor of a timer gets the deadline without fractions of milliseconds."""

    def deserialized(self, task: StoredTask, kind: Any) -> Task:
        return super().deserialized(task, kind // 1 if isinstance(kind, float) else kind)


@breaks("TIMER-TERMINAL-1")
class UnreadableTimersAreDropped(ReplicatingCell):
    """A timer whose serializer fails is passed over."""

    def deserialized(self, task: StoredTask, kind: Any) -> Task:
        try:
            return super().deserialized(task, kind)
        except HsmError as error:
            raise HsmError("not_found" if isinstance(kind, float) else str(error)) from error
