"""Commits that are wrong: state without tasks, tasks without state, or where there should be none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import NodePath, Outbound, Ref, Store, Timer, Version, Workflow
from plain_hsm.machine import HsmError
from plain_hsm.node import Node
from plain_mutants.framework.mutant import breaks


@breaks("COMMIT-ATOMIC-1")
class TasksAreLost(Store):
    """The state is written without its tasks."""

    def put(self, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        super().put(name, workflow, [])


@breaks("COMMIT-ATOMIC-1")
class FirstTaskAlone(Store):
    """Of the tasks of a commit the first one is written."""

    def put(self, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        super().put(name, workflow, tasks[:1])


@breaks("COMMIT-ATOMIC-1")
class TasksAreDoubled(Store):
    """Each task is written twice."""

    def put(self, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        super().put(name, workflow, [*tasks, *tasks])


@breaks("COMMIT-ATOMIC-1")
class StateIsLost(Store):
    """The tasks of an existing workflow are written without its state."""

    def put(self, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        before = self.workflows.get(name)
        super().put(name, workflow, tasks)
        if before and tasks:
            self.workflows[name] = before


@breaks("COMMIT-ATOMIC-1")
class TasksAreWrittenFirst(Store):
    """A write that fails beforehand has written the tasks."""

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        if self.fault and self.fault[0] == "before":
            state = self.workflows.get(name)
            self.put(name, workflow, tasks)
            self.workflows.pop(name)
            self.workflows |= {name: state} if state else {}
        super().write(owner, name, workflow, tasks)


@breaks("COMMIT-ATOMIC-1")
class StateIsWrittenFirst(Store):
    """A write that fails beforehand has written the state."""

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        if self.fault and self.fault[0] == "before":
            self.workflows[name] = workflow.dump()
        super().write(owner, name, workflow, tasks)


@breaks("COMMIT-ATOMIC-2")
class LateFailuresLoseTasks(Store):
    """A write that fails afterwards has written the state alone."""

    def put(self, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        super().put(name, workflow, tasks)

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        late = self.fault and self.fault[0] == "after"
        super().write(owner, name, workflow, [] if late else tasks)


@breaks("COMMIT-ATOMIC-2")
class LateFailuresWriteNothing(Store):
    """A write that is to fail afterwards fails beforehand."""

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        self.fault = self.fault and ("before", self.fault[1])
        super().write(owner, name, workflow, tasks)


@breaks("COMMIT-ATOMIC-3")
class FailedWritesStayInMemory(ReplicatingCell):
    """A write access whose write fails leaves in memory what it did."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        self.commit(name, workflow, **how)


@breaks("COMMIT-ATOMIC-3")
class UnknownOutcomesStayInMemory(ReplicatingCell):
    """A write of which nobody knows whether it took place is taken to have taken place."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        try:
            super().try_commit(name, workflow, **how)
        except HsmError as error:
            if str(error) == "unknown_outcome":
                self.loaded[name] = workflow
            raise


@breaks("COMMIT-ERROR-1")
class FailuresAreSwallowed(ReplicatingCell):
    """A write access of which nobody knows whether its write took place succeeds."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        try:
            super().try_commit(name, workflow, **how)
        except HsmError as error:
            if str(error) != "unknown_outcome":
                raise


@breaks("COMMIT-ERROR-1")
class FailuresAreRetried(ReplicatingCell):
    """A write whose condition failed is tried once more."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        try:
            super().try_commit(name, workflow, **how)
        except HsmError as error:
            if str(error) != "condition_failed":
                raise
            super().try_commit(name, workflow, **how)


@breaks("COMMIT-CLEAR-1")
class OutputsStay(ReplicatingCell):
    """The outputs of a commit are stored again by the next one."""

    def end_transaction(self, workflow: Workflow) -> None:
        """Do nothing."""


@breaks("COMMIT-CLEAR-1")
class OutputsOfNewNodesStay(ReplicatingCell):
    """The outputs of nodes below the first level are stored again by the next commit."""

    def end_transaction(self, workflow: Workflow) -> None:
        for path, node in workflow.nodes().items():
            if len(path) < 2:
                node.own_outputs = ()


@breaks("COMMIT-ATOMIC-1")
class OutputsAreClearedBeforehand(ReplicatingCell):
    """Where there are several machines, outputs are cleared before their tasks are collected."""

    def requests(self, workflow: Workflow) -> Any:
        found = super().requests(workflow)
        return found[:0] if len(workflow.nodes()) > 2 else found


@breaks("COMMIT-PASSIVE-1")
class PassiveCellsCommit(ReplicatingCell):
    """A passive cell commits what a write accessor did."""

    def commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        super().commit(name, workflow, **how | {"active": False})


@breaks("COMMIT-PASSIVE-1")
class PassiveCellsDoNotCallTheAccessor(ReplicatingCell):
    """A passive cell refuses write access without calling the accessor."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        if write and not self.is_active() and name in self.store.workflows:
            raise HsmError("namespace_not_active")
        return super().access(name, ref, write, accessor, task_id)


@breaks("COMMIT-PASSIVE-1")
class PassiveCellsKeepWhatTheyDid(ReplicatingCell):
    """A passive cell refuses to commit and leaves in memory what the accessor did."""

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        if how.get("active", True) and not self.is_active():
            raise HsmError("namespace_not_active")
        super().try_commit(name, workflow, **how)


@breaks("COMMIT-PASSIVE-1")
class CellsDoNotLearnOfFailovers(ReplicatingCell):
    """A cell goes on as it was when it started, however the namespace has failed over since."""

    def restart(self) -> None:
        self.known = self.framework.active
        super().restart()

    def is_active(self) -> bool:
        return self.known == self.cluster


@breaks("COMMIT-PASSIVE-1")
class CellsStayPassive(ReplicatingCell):
    """A cell that has refused a commit as a passive one refuses all after it."""

    refused = False

    def refuse_passive(self) -> None:
        if self.refused:
            raise HsmError("namespace_not_active")
        self.refused = not self.is_active()
        super().refuse_passive()


@breaks("COMMIT-PASSIVE-1")
class PassiveCellsCommitNothingAtAll(ReplicatingCell):
    """A passive cell has nothing against a write access that has changed nothing."""

    def commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        changed = any(path not in workflow.versions or node.own_outputs for path, node in workflow.nodes().items())
        if self.is_active() or not how.get("active", True) or changed:
            super().commit(name, workflow, **how)


@breaks("COMMIT-PASSIVE-1")
class PassiveCellsStartWorkflows(ReplicatingCell):
    """A passive cell starts workflows."""

    def start(self, name: str) -> None:
        self.create(name, (self.framework.version, 1), active=False)


@breaks("COMMIT-PASSIVE-1")
class PassiveCellsCloseWorkflows(ReplicatingCell):
    """A passive cell closes workflows."""

    def close(self, name: str) -> None:
        here, self.framework.active = self.framework.active, self.cluster
        try:
            super().close(name)
        finally:
            self.framework.active = here


@breaks("COMMIT-VERSIONS-1")
class FailoverVersionsAreCounted(ReplicatingCell):
    """The failover version of a commit is one more than how often the namespace has failed over."""

    def next_version(self, workflow: Workflow) -> Version:
        version, transition = super().next_version(workflow)
        return version // 10 * 2 + version % 10, transition


@breaks("COMMIT-VERSIONS-1")
class TransitionsAddAnew(ReplicatingCell):
    """A machine that transitions has the failover version of that commit as if it was added then."""

    def update_versions(self, workflow: Workflow, at: Version, synced: dict[NodePath, Version]) -> None:
        super().update_versions(workflow, at, synced)
        for pair in workflow.versions.values():
            pair[0] = pair[1]


@breaks("COMMIT-VERSIONS-1")
class TransitionsAreNotDated(ReplicatingCell):
    """A machine that transitions keeps the version of its addition."""

    def update_versions(self, workflow: Workflow, at: Version, synced: dict[NodePath, Version]) -> None:
        super().update_versions(workflow, at, synced)
        for path, pair in workflow.versions.items():
            if path not in synced:
                pair[1] = pair[0]


@breaks("COMMIT-VERSIONS-1")
class ChildrenHaveTheirParentsVersion(ReplicatingCell):
    """A new machine has the version in which its parent was added."""

    def update_versions(self, workflow: Workflow, at: Version, synced: dict[NodePath, Version]) -> None:
        new = workflow.nodes().keys() - workflow.versions.keys()
        super().update_versions(workflow, at, synced)
        for path in sorted(new):
            if len(path) > 1:
                workflow.versions[path][0] = workflow.versions[path[:-1]][0]


@breaks("COMMIT-VERSIONS-1")
class EverythingIsUpdated(ReplicatingCell):
    """A commit updates the versions of all machines."""

    def update_versions(self, workflow: Workflow, at: Version, synced: dict[NodePath, Version]) -> None:
        super().update_versions(workflow, at, synced)
        for pair in workflow.versions.values():
            pair[1] = at


@breaks("COMMIT-VERSIONS-1")
class VersionsStayThatOfTheStart(ReplicatingCell):
    """Machines have the failover version of the workflow's start."""

    def next_version(self, workflow: Workflow) -> Version:
        return (workflow.versions[()][0][0], workflow.last[1] + 1)


@breaks("COMMIT-OWNER-4")
class FormerOwnersKeepWorkflowsInMemory(ReplicatingCell):
    """A cell that learns from a timer that it is no longer the owner leaves the workflow in memory."""

    def check_owner(self, task: Outbound | Timer) -> None:
        loaded = dict(self.loaded)
        try:
            super().check_owner(task)
        finally:
            self.loaded = loaded


@breaks("COMMIT-OWNER-4")
class FormerOwnersUnloadOtherWorkflows(ReplicatingCell):
    """A cell that learns from a timer that it is no longer the owner unloads all workflows but that of the timer."""

    def check_owner(self, task: Outbound | Timer) -> None:
        loaded = dict(self.loaded)
        try:
            super().check_owner(task)
        except HsmError:
            if task.workflow in loaded and isinstance(task, Timer):
                self.loaded = {task.workflow: loaded[task.workflow]}
            raise


@breaks("COMMIT-OWNER-5")
class FormerOwnersUnloadWhatOutboundTasksAreFor(ReplicatingCell):
    """A cell that learns from an outbound task that it is no longer the owner unloads the workflow."""

    def check_owner(self, task: Outbound | Timer) -> None:
        try:
            super().check_owner(task)
        except HsmError:
            self.evict(task.workflow)
            raise


@breaks("COMMIT-OWNER-1")
class EveryCellIsTheOwner(Store):
    """A cell that is no longer the owner writes."""

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        super().write(self.owner, name, workflow, tasks)


@breaks("COMMIT-OWNER-1")
class RestartedCellsDoNotOwn(ReplicatingCell):
    """A cell that is restarted does not become the owner again."""

    def restart(self) -> None:
        former = getattr(self, "owner", None)
        super().restart()
        self.owner = former or self.owner


@breaks("COMMIT-OWNER-3")
class RefusedCellsGoOn(ReplicatingCell):
    """A cell that was refused as no longer the owner loads workflows."""

    def refuse_stopped(self, owner: int) -> None:
        """Do nothing."""


@breaks("COMMIT-CONDITION-1")
class OwnersOverwrite(Store):
    """Any write replaces what is stored, also one of a cell that is no longer the owner."""

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        workflow.record = self.record(name)
        super().write(self.owner, name, workflow, tasks)


@breaks("COMMIT-OWNER-2")
class FormerOwnersDropTasks(ReplicatingCell):
    """A cell that is no longer the owner delivers tasks."""

    def check_owner(self, task: Outbound | Timer) -> None:
        """Do nothing."""
