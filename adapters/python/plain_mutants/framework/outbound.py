"""Outbound tasks that are executed wrongly, or leave the queue when they should not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plain_hsm.framework.queues import Environment
from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import Outbound, Panic, Ref, Timer
from plain_hsm.machine import HsmError
from plain_hsm.node import Node
from plain_mutants.framework.mutant import breaks


@breaks("OUTBOUND-EXECUTE-1")
class ExecutorsAreNotCalled(ReplicatingCell):
    """An outbound task is done without having been executed."""

    def execute(self, task: Outbound) -> None:
        """Do nothing."""


@breaks("OUTBOUND-EXECUTE-1")
class ExecutorsAreCalledTwice(ReplicatingCell):
    """An outbound task is executed twice."""

    def execute(self, task: Outbound) -> None:
        super().execute(task)
        super().execute(task)


@breaks("OUTBOUND-FATE-2")
class StaleTasksReachTheExecutor(Environment):
    """The executor of a stale task gets access."""

    def access(self, ref: Ref, write: bool, accessor: Callable[[Node], Any]) -> Any:
        return super().access(ref._replace(expected=0), write, accessor)


@breaks("REFRESH-STALE-1")
class TasksAccessAsCallers(Environment):
    """The access of a task is that of a caller, who has no task ID."""

    def access(self, ref: Ref, write: bool, accessor: Callable[[Node], Any]) -> Any:
        return self.cell.access(self.task.workflow, ref, write, accessor)


@breaks("OUTBOUND-READ-1")
class TaskReadsAreWrites(Environment):
    """A task that asks for read access gets write access."""

    def access(self, ref: Ref, write: bool, accessor: Callable[[Node], Any]) -> Any:
        return super().access(ref, True, accessor)


@breaks("ENV-CLOCK-1")
class TasksSeeMilliseconds(Environment):
    """The clock of an executor has no fractions of milliseconds."""

    def now(self) -> int:
        return super().now() // 1000 * 1000


@breaks("OUTBOUND-FATE-1")
class DoneTasksStay(ReplicatingCell):
    """An outbound task that was executed stays in the queue."""

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        fate, failure = super().run(task)
        if failure is None and isinstance(task, Outbound):
            self.store.tasks[task.id] = task
        return fate, failure


@breaks("OUTBOUND-FATE-3")
class TasksLeaveBeforeTheyAreExecuted(ReplicatingCell):
    """An outbound task has left the queue before it is executed, whatever comes of it."""

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        if isinstance(task, Outbound):
            self.store.remove(task)
        return super().run(task)


@breaks("OUTBOUND-FATE-2")
class StaleTasksAreRetried(ReplicatingCell):
    """A stale task stays in the queue."""

    def fate(self, failure: BaseException) -> str:
        return "retried" if str(failure) == "stale_reference" else super().fate(failure)


@breaks("OUTBOUND-FATE-3")
class FailedTasksAreDropped(ReplicatingCell):
    """An outbound task whose execution fails leaves the queue."""

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        fate, failure = super().run(task)
        if failure is None or isinstance(task, Timer):
            return fate, failure
        self.store.remove(task)
        return "dropped", failure


@breaks("TIMER-BATCH-1")
class FailedTimerTasksAreDropped(ReplicatingCell):
    """The task of the timer queue is gone whose timers have failed, and no other one is added."""

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        fate, failure = super().run(task)
        if failure is None or isinstance(task, Outbound):
            return fate, failure
        self.store.remove(task)
        return "dropped", failure


@breaks("OUTBOUND-FATE-4")
class PanickedTasksAreDropped(ReplicatingCell):
    """A task whose execution panics leaves the queue."""

    def fate(self, failure: BaseException) -> str:
        return "dropped" if isinstance(failure, Panic) else super().fate(failure)


@breaks("OUTBOUND-FATE-3")
class UncommittedTasksAreDropped(ReplicatingCell):
    """A task whose commit fails leaves the queue."""

    def fate(self, failure: BaseException) -> str:
        lost = {"condition_failed", "unknown_outcome", "shard_ownership_lost"}
        return "dropped" if str(failure) in lost else super().fate(failure)


@breaks("OUTBOUND-FATE-3")
class TasksWithoutExecutorAreRetried(ReplicatingCell):
    """A task without an executor stays in the queue."""

    def fate(self, failure: BaseException) -> str:
        return "retried" if str(failure) == "not_registered" else super().fate(failure)


@breaks("OUTBOUND-FATE-3")
class NothingFoundIsRetried(ReplicatingCell):
    """A task whose executor finds nothing stays in the queue."""

    def fate(self, failure: BaseException) -> str:
        return "retried" if str(failure) == "not_found" else super().fate(failure)


@breaks("OUTBOUND-STANDBY-1")
class PassiveCellsExecute(ReplicatingCell):
    """A passive cell executes outbound tasks."""

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        if isinstance(task, Outbound) and not self.is_active():
            here, self.framework.active = self.framework.active, self.cluster
            try:
                return super().run(task)
            finally:
                self.framework.active = here
        return super().run(task)


@breaks("OUTBOUND-STANDBY-1")
class PassiveCellsDropValidTasks(ReplicatingCell):
    """A passive cell drops tasks that are still valid."""

    def fate(self, failure: BaseException) -> str:
        return "dropped" if str(failure) == "task_retry" else super().fate(failure)


@breaks("OUTBOUND-STANDBY-2")
class PassiveCellsKeepStaleTasks(ReplicatingCell):
    """A passive cell keeps tasks that are stale."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        if task_id and not self.is_active():
            raise HsmError("task_retry")
        return super().access(name, ref, write, accessor, task_id)


@breaks("OUTBOUND-STANDBY-2")
class PassiveCellsRetryWhateverFails(ReplicatingCell):
    """A passive cell keeps a task that is stale, having looked at its machine."""

    def fate(self, failure: BaseException) -> str:
        return super().fate(failure) if self.is_active() else "retried"


@breaks("OUTBOUND-FAILBACK-1")
class FailedOverTasksAreNotExecuted(ReplicatingCell):
    """A task from before a failover counts as executed, as the other cluster has dealt with it."""

    def execute(self, task: Outbound) -> None:
        if task.task.ref.version == self.framework.version:
            super().execute(task)


@breaks("OUTBOUND-FAILBACK-1")
class TasksOfOlderVersionsAreDropped(ReplicatingCell):
    """A task is dropped whose machine was added before the last failover."""

    def execute(self, task: Outbound) -> None:
        if task.task.ref.version < self.framework.version:
            raise HsmError("stale_reference")
        super().execute(task)


@breaks("OUTBOUND-DESTINATION-2")
class EmptyDestinationMeansAll(ReplicatingCell):
    """The tasks of the empty destination are those of all destinations."""

    def outbound_queue(self, destination: str | None) -> list[Outbound]:
        return super().outbound_queue(destination or None)


@breaks("OUTBOUND-DESTINATION-2")
class DestinationsAreNotTold(ReplicatingCell):
    """The executor of an outbound task does not learn its destination."""

    def execute(self, task: Outbound) -> None:
        super().execute(task._replace(destination="dest"))
