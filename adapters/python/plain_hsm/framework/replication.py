"""Refresh and replication: tasks regenerated, and state taken from another cell."""

from __future__ import annotations

from functools import partial
from typing import Any

from plain_hsm.framework.queues import QueueCell
from plain_hsm.framework.store import NodePath, Version, Workflow
from plain_hsm.machine import HsmError, Task
from plain_hsm.node import Node


class ReplicatingCell(QueueCell):
    """A cell that refreshes and replicates."""

    def refresh(self, name: str) -> None:
        def refresh(workflow: Workflow) -> dict[str, Any]:
            self.forget_tasks(workflow)
            nodes = self.machines(workflow)
            more = [(path, node.count, task) for path, node in nodes for task in self.regenerate(node)]
            return {"active": False, "more": more}

        self.change(name, refresh)

    def machines(self, workflow: Workflow) -> list[tuple[NodePath, Node]]:
        return [(path, node) for path, node in sorted(workflow.nodes().items()) if path]

    def forget_tasks(self, workflow: Workflow) -> None:
        workflow.timers.clear()
        workflow.rebuilt_at, workflow.rebuilt_by = self.store.next_id, self.owner

    def regenerate(self, node: Node) -> list[Task]:
        data: Any = node.machine_data(object)
        return list(data.regenerate_tasks())

    def event(self, name: str, type_: int, payload: str) -> None:
        def apply(workflow: Workflow) -> dict[str, Any]:
            self.apply(workflow, (type_, payload, self.next_version(workflow)))
            return {}

        self.change(name, apply)

    def apply(self, workflow: Workflow, event: tuple[int, str, Version]) -> None:
        self.framework.events[event[0]](workflow.root, event[1])
        workflow.events.append(event)

    def stored_workflow(self, name: str) -> Workflow:
        if name not in self.store.workflows:
            raise HsmError("not_found")
        return self.workflow_type.load(self.framework.registry, self.store.workflows[name])

    def replicate_events(self, source: ReplicatingCell, name: str) -> int:
        """Apply the events of another cell's workflow that this one does not have."""
        there = source.stored_workflow(name)
        if name not in self.store.workflows:
            self.create(name, there.versions[()][0], active=False)
            known = 0
        elif not there.events:
            self.lock(name)
            self.locked.discard(name)
            self.refuse_stopped(self.owner)
            known = 0
        else:
            known = self.known_events(name)
        missing = there.events[known:]
        for event in missing:

            def apply(workflow: Workflow, event: tuple[int, str, Version] = event) -> dict[str, Any]:
                self.apply(workflow, event)
                return {"active": False, "at": event[2]}

            self.change(name, apply)
        return len(missing)

    def known_events(self, name: str) -> int:
        found: list[int] = []
        self.change(name, lambda workflow: found.append(len(workflow.events)))
        return found[0]

    def sync(self, source: ReplicatingCell, name: str) -> bool:
        """Take the state of the machines that are newer in another cell."""
        there = source.stored_workflow(name)
        if name not in self.store.workflows:
            self.refuse_stopped(self.owner)
            raise HsmError("retry_replication")
        return self.change(name, partial(self.take, there))

    def take(self, there: Workflow, here: Workflow) -> dict[str, Any] | None:
        self.check_events(here, there)
        synced: dict[NodePath, Version] = {}
        for path, incoming in self.machines(there):
            if self.take_node(here, there, path, incoming):
                synced[path] = there.versions[path][1]
        return {"active": False, "at": there.last, "synced": synced} if synced else None

    def check_events(self, here: Workflow, there: Workflow) -> None:
        if len(here.events) < len(there.events):
            raise HsmError("retry_replication")

    def check_initial(self, here: Workflow, there: Workflow, path: NodePath) -> None:
        if here.versions[path][0][0] != there.versions[path][0][0]:
            raise HsmError("initial_version_mismatch")

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        node = here.root.child(path)
        node.machine_data(object)
        incoming.machine_data(object)
        if not self.is_newer(there.versions[path][1], here.versions[path][1]):
            return False
        self.check_initial(here, there, path)
        node.data = incoming.data
        node.machine_transition(object, lambda data: tuple(self.regenerated(data)))
        return True

    def regenerated(self, data: Any) -> list[Task]:
        return list(data.regenerate_tasks())

    def is_newer(self, there: Version, here: Version) -> bool:
        return there > here
