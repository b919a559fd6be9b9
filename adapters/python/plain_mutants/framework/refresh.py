"""Refreshes that forget tasks, double them or change more than tasks."""

from __future__ import annotations

from typing import Any

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import NodePath, Workflow
from plain_hsm.machine import HsmError, Task
from plain_hsm.node import Node
from plain_hsm.palette import PaletteError
from plain_mutants.framework.mutant import breaks


@breaks("REFRESH-TASKS-1")
class NothingIsRegenerated(ReplicatingCell):
    """Refresh makes earlier tasks stale and stores no new ones."""

    def regenerate(self, node: Node) -> list[Task]:
        return super().regenerate(node)[:0]


@breaks("REFRESH-TASKS-1")
class RegeneratedTasksAreDoubled(ReplicatingCell):
    """Refresh stores each task twice."""

    def regenerate(self, node: Node) -> list[Task]:
        return super().regenerate(node) * 2


@breaks("REFRESH-TASKS-1")
class TimersAreNotRegenerated(ReplicatingCell):
    """Refresh stores outbound tasks alone."""

    def regenerate(self, node: Node) -> list[Task]:
        return [task for task in super().regenerate(node) if isinstance(task.kind, str)]


@breaks("REFRESH-TASKS-1")
class OutboundTasksAreNotRegenerated(ReplicatingCell):
    """Refresh stores timers alone."""

    def regenerate(self, node: Node) -> list[Task]:
        return [task for task in super().regenerate(node) if not isinstance(task.kind, str)]


@breaks("REFRESH-TASKS-1")
class FirstMachineAlone(ReplicatingCell):
    """Refresh regenerates the tasks of one machine."""

    def refresh(self, name: str) -> None:
        self.alone = True
        try:
            super().refresh(name)
        finally:
            self.alone = False

    def machines(self, workflow: Workflow) -> list[tuple[NodePath, Node]]:
        found = super().machines(workflow)
        return found[:1] if getattr(self, "alone", False) else found


@breaks("REFRESH-TASKS-1")
class MachinesBelowAreForgotten(ReplicatingCell):
    """Refresh regenerates the tasks of the machines below the root alone, and of none below those."""

    def regenerate(self, node: Node) -> list[Task]:
        return super().regenerate(node) if len(node.path()) == 1 else []


@breaks("REFRESH-STALE-1")
class EarlierTasksStayValid(ReplicatingCell):
    """Tasks from before a refresh are executed."""

    def forget_tasks(self, workflow: Workflow) -> None:
        workflow.timers.clear()


@breaks("REFRESH-STALE-1")
class NewTasksAreStaleToo(ReplicatingCell):
    """The first task that a refresh stores is stale."""

    def forget_tasks(self, workflow: Workflow) -> None:
        super().forget_tasks(workflow)
        workflow.rebuilt_at += 1


@breaks("REFRESH-STALE-1")
class RebuildIsForgotten(Workflow):
    """Which tasks are from before a refresh is not stored."""

    def dump(self) -> str:
        rebuilt_at, self.rebuilt_at = self.rebuilt_at, 0
        text = super().dump()
        self.rebuilt_at = rebuilt_at
        return text


@breaks("REFRESH-STALE-1")
class TimerTasksAreNeverStale(ReplicatingCell):
    """Timer tasks from before a refresh fire timers."""

    def check_generation(self, workflow: Workflow, task_id: int) -> None:
        timer = self.store.tasks.get(task_id)
        if timer is None or hasattr(timer, "destination"):
            super().check_generation(workflow, task_id)


@breaks("REFRESH-TIMERS-1")
class EarlierTimersStay(ReplicatingCell):
    """Refresh keeps the timers from before."""

    def forget_tasks(self, workflow: Workflow) -> None:
        workflow.rebuilt_at = self.store.next_id


@breaks("REFRESH-TIMERS-1")
class DueTimersStay(ReplicatingCell):
    """Refresh keeps the timers from before that are due."""

    def forget_tasks(self, workflow: Workflow) -> None:
        kept = [group for group in workflow.timers if self.is_due(group.deadline)]
        super().forget_tasks(workflow)
        workflow.timers += kept


@breaks("REFRESH-STATE-1")
class RefreshTransitionsMachines(ReplicatingCell):
    """Once refresh has stored the tasks, each machine transitions."""

    def refresh(self, name: str) -> None:
        def transition(workflow: Workflow) -> dict[str, Any]:
            for _, node in self.machines(workflow):
                node.machine_transition(object, lambda data: ())
            return {"active": False}

        super().refresh(name)
        self.change(name, transition)


@breaks("REFRESH-TASKS-1")
class RefreshIsATransition(ReplicatingCell):
    """Refresh counts as a transition of each machine."""

    def regenerate(self, node: Node) -> list[Task]:
        found = super().regenerate(node)
        node.machine_transition(object, lambda data: ())
        return found


@breaks("REFRESH-STATE-1")
class RefreshUpdatesVersions(ReplicatingCell):
    """Refresh changes the versions of all machines."""

    def forget_tasks(self, workflow: Workflow) -> None:
        super().forget_tasks(workflow)
        for pair in workflow.versions.values():
            pair[1] = self.next_version(workflow)


@breaks("REFRESH-FAIL-1")
class MachinesThatFailArePassedOver(ReplicatingCell):
    """Refresh goes on where a machine fails to regenerate."""

    def regenerate(self, node: Node) -> list[Task]:
        try:
            return super().regenerate(node)
        except PaletteError:
            return []


@breaks("REFRESH-FAIL-1")
class FailedRefreshesForgetTimers(ReplicatingCell):
    """A refresh that fails has made the earlier tasks stale."""

    def refresh(self, name: str) -> None:
        try:
            super().refresh(name)
        except PaletteError:

            def forget(workflow: Workflow) -> dict[str, Any]:
                self.forget_tasks(workflow)
                return {"active": False}

            self.change(name, forget)
            raise


@breaks("REFRESH-PASSIVE-1")
class PassiveCellsRefreshInMemory(ReplicatingCell):
    """A passive cell does not write the tasks that refresh has regenerated."""

    def commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        if self.is_active() or "more" not in how:
            super().commit(name, workflow, **how)


@breaks("REFRESH-PASSIVE-1")
class PassiveCellsDoNotRefresh(ReplicatingCell):
    """Refresh is refused on a passive cell."""

    def refresh(self, name: str) -> None:
        if not self.is_active() and name in self.store.workflows:
            raise HsmError("namespace_not_active")
        super().refresh(name)
