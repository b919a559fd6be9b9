"""Access that is wrong: what it shows, what it commits, and how it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import Panic, Ref, Workflow
from plain_hsm.machine import HsmError
from plain_hsm.node import Node
from plain_mutants.framework.mutant import breaks


@breaks("ENV-CLOCK-1")
class ClockInMilliseconds(ReplicatingCell):
    """Now has no fractions of milliseconds."""

    def now(self) -> int:
        return self.clock // 1000 * 1000


@breaks("ENV-CLOCK-1")
class ClockStandsStillUntilRestart(ReplicatingCell):
    """Now is the time of the last restart."""

    def restart(self) -> None:
        super().restart()
        self.started = self.clock

    def now(self) -> int:
        return self.started


@breaks("ENV-CLOCK-1")
class ClockGoesBackOnRestart(ReplicatingCell):
    """A restart sets the clock to its beginning."""

    def restart(self) -> None:
        super().restart()
        self.clock = 0


@breaks("ENV-READ-1")
class ReadsAreWritten(ReplicatingCell):
    """Read access writes the workflow."""

    def read_ended(self, name: str, workflow: Workflow, before: Any) -> None:
        super().read_ended(name, workflow, before)
        self.try_commit(name, workflow)


@breaks("ENV-READ-2")
class ReadsFailTheWorkflowTask(ReplicatingCell):
    """Read access too fails a workflow task of an older failover version."""

    def begin(self, name: str, write: bool) -> Workflow:
        return super().begin(name, True)


@breaks("ENV-WRITE-4")
class WorkflowTaskIsFailedInMemory(ReplicatingCell):
    """Read access fails the workflow task of an older failover version without writing that."""

    def begin(self, name: str, write: bool) -> Workflow:
        workflow = super().begin(name, write)
        if (workflow.workflow_task or 0) < self.framework.version:
            workflow.workflow_task = None
        return workflow


@breaks("ENV-WRITE-4")
class WorkflowTasksAreNotFailed(ReplicatingCell):
    """Write access leaves a workflow task of an older failover version as it is."""

    def begin(self, name: str, write: bool) -> Workflow:
        return super().begin(name, False)


@breaks("ENV-WRITE-4")
class WorkflowTasksFailWithTheAccess(ReplicatingCell):
    """Write access fails a workflow task of an older failover version in the commit of what its accessor does."""

    def begin(self, name: str, write: bool) -> Workflow:
        workflow = super().begin(name, False)
        if write and (workflow.workflow_task or 0) < self.framework.version:
            workflow.workflow_task = None
        return workflow


@breaks("ENV-WRITE-4")
class WorkflowTasksFailOnActiveCellsAlone(ReplicatingCell):
    """A passive cell leaves a workflow task of an older failover version as it is."""

    def begin(self, name: str, write: bool) -> Workflow:
        return super().begin(name, write and self.is_active())


@breaks("ENV-WRITE-4")
class WorkflowTasksFailAgainAndAgain(ReplicatingCell):
    """Each write access fails a workflow task of an older failover version, and none of them for good."""

    def begin(self, name: str, write: bool) -> Workflow:
        started = self.load(name).workflow_task
        workflow = super().begin(name, write)
        workflow.workflow_task = started
        return workflow


@breaks("ENV-READ-3")
class ChangesUnderReadAreWritten(ReplicatingCell):
    """A read access that has changed the tree commits it before it panics."""

    def read_ended(self, name: str, workflow: Workflow, before: Any) -> None:
        if self.shape(workflow) != before:
            self.try_commit(name, workflow)
            self.unload(name)
            raise Panic("changed under read access")


@breaks("ENV-READ-4")
class ChangesUnderReadStay(ReplicatingCell):
    """Changes of the tree by a read access stay in memory."""

    def read_ended(self, name: str, workflow: Workflow, before: Any) -> None:
        """Do nothing."""


@breaks("ENV-READ-4")
class ChangesUnderReadAreSilent(ReplicatingCell):
    """A read access that has changed the tree unloads it and says nothing."""

    def read_ended(self, name: str, workflow: Workflow, before: Any) -> None:
        if self.shape(workflow) != before:
            self.unload(name)


@breaks("ENV-READ-4")
class ChangesUnderReadStayAfterThePanic(ReplicatingCell):
    """A read access that has changed the tree panics without unloading it."""

    def read_ended(self, name: str, workflow: Workflow, before: Any) -> None:
        if self.shape(workflow) != before:
            raise Panic("changed under read access")


@breaks("ENV-READ-4")
class NewNodesUnderReadGoUnnoticed(ReplicatingCell):
    """A read access notices transitions alone."""

    def shape(self, workflow: Workflow) -> Any:
        return sum(len(node.own_outputs) for node in workflow.nodes().values())


@breaks("ENV-READ-4")
class TransitionsUnderReadGoUnnoticed(ReplicatingCell):
    """A read access notices new nodes alone."""

    def shape(self, workflow: Workflow) -> Any:
        return sorted(workflow.nodes())


@breaks("ENV-READ-5")
class WrittenDataIsStored(ReplicatingCell):
    """Data that an accessor wrote into is stored by the next commit."""

    def write_into(self, name: str, node: Node, data: object) -> None:
        super().write_into(name, node, data)
        self.loaded[name].overwritten.clear()


@breaks("ENV-READ-5")
class WrittenDataIsForgottenByCommits(Workflow):
    """A commit takes back what accessors have written into data."""

    def stored_tree(self) -> list[Any]:
        nodes = self.nodes()
        for path, (count, data) in self.overwritten.items():
            if nodes[path].count == count:
                nodes[path].data = data
        self.overwritten.clear()
        return super().stored_tree()


@breaks("ENV-READ-5")
class WrittenDataIsRestoredOverTransitions(Workflow):
    """Data that was written into is stored as it was before, although its machine has transitioned since."""

    def stored_tree(self) -> list[Any]:
        nodes = self.nodes()
        self.overwritten = {path: (nodes[path].count, data) for path, (_, data) in self.overwritten.items()}
        return super().stored_tree()


@breaks("ENV-WRITE-1")
class WritesWithoutTasksAreSkipped(ReplicatingCell):
    """A write access is written only if there are tasks to store."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        if self.requests(workflow):
            super().try_commit(name, workflow, **how)


@breaks("ENV-WRITE-2")
class EmptyWritesAreSkipped(ReplicatingCell):
    """A write access that has changed nothing is not written."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        nodes = workflow.nodes()
        if nodes.keys() - workflow.versions.keys() or any(node.own_outputs for node in nodes.values()):
            super().try_commit(name, workflow, **how)


@breaks("ENV-WRITE-2")
class WritesAreDoubled(ReplicatingCell):
    """Each commit writes twice."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        super().try_commit(name, workflow, **how)
        super().try_commit(name, workflow, **how)


@breaks("ENV-WRITE-3")
class ClosedWorkflowsAreRefused(ReplicatingCell):
    """A closed workflow is not found under write access."""

    def begin(self, name: str, write: bool) -> Workflow:
        workflow = super().begin(name, write)
        if write and workflow.closed:
            raise HsmError("not_found")
        return workflow


@breaks("ENV-WRITE-3")
class ClosedWorkflowsHaveNoTasks(ReplicatingCell):
    """The tasks of a closed workflow are not stored."""

    def requests(self, workflow: Workflow) -> Any:
        return [] if workflow.closed else super().requests(workflow)


@breaks("ENV-ERROR-1")
class ReadErrorsUnload(ReplicatingCell):
    """An error under read access unloads the workflow."""

    def access_failed(self, name: str, workflow: Workflow, write: bool, before: Any) -> None:
        super().access_failed(name, workflow, write, before)
        self.unload(name)


@breaks("ENV-ERROR-2")
class WriteErrorsDoNotUnload(ReplicatingCell):
    """After an error under write access what was done stays in memory."""

    def access_failed(self, name: str, workflow: Workflow, write: bool, before: Any) -> None:
        if not write:
            super().access_failed(name, workflow, write, before)


@breaks("ENV-ERROR-2")
class WriteErrorsAreCommitted(ReplicatingCell):
    """An error under write access commits what was done before it."""

    def access_failed(self, name: str, workflow: Workflow, write: bool, before: Any) -> None:
        if write:
            self.try_commit(name, workflow)
        else:
            super().access_failed(name, workflow, write, before)


@breaks("ENV-ERROR-2")
class WriteErrorsRollBackTransitionsAlone(ReplicatingCell):
    """After an error under write access the outputs are cleared, and the state stays in memory."""

    def access_failed(self, name: str, workflow: Workflow, write: bool, before: Any) -> None:
        if write:
            workflow.root.clear_transaction_state()
        else:
            super().access_failed(name, workflow, write, before)


@breaks("ENV-ERROR-3")
class ErrorsAreWrapped(ReplicatingCell):
    """The error of an accessor becomes another one."""

    def access_failed(self, name: str, workflow: Workflow, write: bool, before: Any) -> None:
        super().access_failed(name, workflow, write, before)
        raise HsmError("accessor_failed")


@breaks("ENV-PANIC-2")
class PanicsDoNotUnload(ReplicatingCell):
    """After a panic what was done stays in memory, and the next commit stores it."""

    def access_panicked(self, name: str) -> None:
        """Do nothing."""


@breaks("ENV-PANIC-1")
class PanicsAreCommitted(ReplicatingCell):
    """A panic commits what was done before it."""

    def access_panicked(self, name: str) -> None:
        self.try_commit(name, self.loaded[name])
        super().access_panicked(name)


@breaks("ENV-PANIC-2")
class PanicsUnloadOnlyWhatChanged(ReplicatingCell):
    """A panic leaves the workflow in memory if the tree was not changed."""

    def access_panicked(self, name: str) -> None:
        workflow = self.loaded.get(name)
        nodes = {} if workflow is None else workflow.nodes()
        if workflow is None or nodes.keys() - workflow.versions or any(node.own_outputs for node in nodes.values()):
            super().access_panicked(name)


@breaks("ENV-LOCK-1")
class NothingIsLocked(ReplicatingCell):
    """An access inside of another one is not busy."""

    def lock(self, name: str) -> None:
        """Do nothing."""


@breaks("ENV-LOCK-1")
class CellsAreLockedWhole(ReplicatingCell):
    """An access of another workflow inside of one is busy too."""

    def lock(self, name: str) -> None:
        if self.locked:
            raise HsmError("workflow_busy")
        super().lock(name)


@breaks("ENV-LOCK-2")
class PanicsKeepTheLock(ReplicatingCell):
    """After a panic the workflow stays locked."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        try:
            return super().access(name, ref, write, accessor, task_id)
        except Panic:
            self.locked.add(name)
            raise


@breaks("ENV-LOCK-2")
class StaleReferencesKeepTheLock(ReplicatingCell):
    """After a stale reference the workflow stays locked."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        try:
            return super().access(name, ref, write, accessor, task_id)
        except HsmError as error:
            if str(error) == "stale_reference":
                self.locked.add(name)
            raise
