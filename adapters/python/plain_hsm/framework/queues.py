"""The queues of a cell: what happens when they deliver a task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plain_hsm.framework.cell import Cell
from plain_hsm.framework.store import Group, Outbound, Panic, Ref, StoredTask, Timer, Workflow
from plain_hsm.machine import HsmError, Task
from plain_hsm.node import Node


class Environment:
    """The access to machines that executors are given."""

    def __init__(self, cell: QueueCell, task: Outbound) -> None:
        self.cell, self.task = cell, task

    def now(self) -> int:
        return self.cell.now()

    def access(self, ref: Ref, write: bool, accessor: Callable[[Node], Any]) -> Any:
        task_id = self.task.id if ref == self.task.task.ref else 0
        return self.cell.access(self.task.workflow, ref, write, accessor, task_id)


class QueueCell(Cell):
    """A cell that executes tasks."""

    environment_type = Environment

    def run(self, task: Outbound | Timer) -> tuple[str, BaseException | None]:
        """Deliver a task. Return its fate and the failure, if there was one."""
        failure: BaseException | None = None
        fate = "done"
        try:
            self.check_owner(task)
            if isinstance(task, Timer):
                fate = self.run_timer(task)
            elif self.is_active():
                self.execute(task)
            else:
                self.access(task.workflow, task.task.ref, False, lambda node: None, task.id)
                self.wait_for_the_active_cell()
        except (Exception, Panic) as raised:
            failure, fate = raised, self.fate(raised)
        if fate != "retried":
            self.store.remove(task)
        return fate, failure

    def check_owner(self, task: Outbound | Timer) -> None:
        """Stop if a later owner of the store has stored the task. Timers unload their workflow then."""
        self.refuse_stopped(self.owner)
        if task.id >= self.store.claims.get(self.owner + 1, task.id + 1):
            self.stopped.add(self.owner)
            if isinstance(task, Timer):
                self.evict(task.workflow)
        self.refuse_stopped(self.owner)

    def fate(self, failure: BaseException) -> str:
        return "dropped" if str(failure) in {"not_found", "stale_reference", "not_registered"} else "retried"

    def execute(self, task: Outbound) -> None:
        again = self.deserialized(task.task, task.destination)
        self.framework.registry.execute(self.environment_type(self, task), task.task.ref, again)

    def deserialized(self, task: StoredTask, kind: Any) -> Task:
        again: Task = self.framework.registry.task_serializers[task.type].deserialize(task.data.encode("latin1"), kind)
        return again

    def run_timer(self, task: Timer) -> str:
        """Fire the timers that are due, all in one transaction."""

        def fire(workflow: Workflow) -> dict[str, Any] | None:
            self.check_generation(workflow, task.id)
            due = self.due_groups(workflow)
            for group in due:
                self.fire_group(workflow, group)
            self.forget_fired(workflow, len(due))
            return {"active": self.is_active()} if due else None

        self.change(task.workflow, fire)
        return self.timer_fate(task)

    def due_groups(self, workflow: Workflow) -> list[Group]:
        return [group for group in workflow.timers if self.is_due(group.deadline)]

    def fire_group(self, workflow: Workflow, group: Group) -> None:
        for timer in group.tasks:
            self.fire(workflow, group, timer)

    def forget_fired(self, workflow: Workflow, groups: int) -> None:
        del workflow.timers[:groups]

    def timer_fate(self, task: Timer) -> str:
        return "done" if task.due <= self.now() else "retried"

    def is_due(self, deadline: int) -> bool:
        return deadline <= self.now()

    def fire(self, workflow: Workflow, group: Group, timer: StoredTask) -> None:
        journal = workflow.root.journal
        journal.append((workflow.root, "timer", lambda: None))
        try:
            whole = self.framework.whole
            task = self.deserialized(timer, group.deadline // 1000 if whole else group.deadline / 1000)
            node = self.find(workflow, timer.ref, 0, reloaded=True)
            if not self.is_active():
                self.wait_for_the_active_cell()
                return
            if timer.type not in self.framework.timer_executors:
                raise HsmError("not_registered")
            self.framework.timer_executors[timer.type](self, node, task)
        except Exception as failure:
            self.timer_failed(workflow, failure)
        finally:
            journal.clear()

    def wait_for_the_active_cell(self) -> None:
        raise HsmError("task_retry")

    def timer_failed(self, workflow: Workflow, failure: Exception) -> None:
        """Count a timer that found nothing as fired; undo one that can never be executed."""
        if str(failure) == "not_registered":
            workflow.root.roll_back(0, failure)
        elif str(failure) not in {"not_found", "stale_reference"}:
            raise failure

    def timer_queue(self) -> list[Timer]:
        return sorted((t for t in self.store.tasks.values() if isinstance(t, Timer)), key=lambda t: (t.due, t.id))

    def outbound_queue(self, destination: str | None) -> list[Outbound]:
        tasks = [task for task in self.store.tasks.values() if isinstance(task, Outbound)]
        return sorted(task for task in tasks if destination in (None, task.destination))
