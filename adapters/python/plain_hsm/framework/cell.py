"""A cell: access to workflows, and their commits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plain_hsm.framework.store import (
    ROOT_TYPE,
    Group,
    NodePath,
    Outbound,
    Panic,
    Ref,
    RootDefinition,
    Store,
    StoredTask,
    Timer,
    Version,
    Workflow,
)
from plain_hsm.machine import HsmError, Registry, Task
from plain_hsm.node import Node


class Framework:
    """State shared by all cells: the registry, timer executors, events, the active cluster, and the stores.

    ``concurrent`` holds the types of tasks that stay valid when their machine transitions. ``whole`` says that
    executors see deadlines in whole milliseconds. The namespace is ``active`` in that cluster first, or in that of the
    first cell.
    """

    def __init__(
        self, registry: Registry, concurrent: frozenset[int] = frozenset(), *, whole: bool = False, active: str = ""
    ) -> None:
        self.registry, self.concurrent, self.whole = registry, concurrent, whole
        registry.machines.setdefault(ROOT_TYPE, RootDefinition())
        self.timer_executors: dict[int, Callable[[Cell, Node, Task], None]] = {}
        self.events: dict[int, Callable[[Node, str], None]] = {}
        self.active, self.version = active, 1
        self.stores: dict[str, Store] = {}

    def fail_over(self, cluster: str, first_version: int) -> None:
        """Make the namespace active in a cluster, at the next of its versions, which are ten apart."""
        self.active = cluster
        while self.version % 10 != first_version:
            self.version += 1


class Cell:
    """A cell on the store of a cluster. Its clock is in microseconds."""

    store_type, workflow_type = Store, Workflow

    def __init__(self, framework: Framework, cluster: str) -> None:
        self.framework, self.cluster = framework, cluster
        self.framework.active = self.framework.active or cluster
        self.store = framework.stores.setdefault(cluster, self.store_type())
        self.clock = 0
        self.stopped: set[int] = set()
        self.restart()

    def restart(self) -> None:
        self.loaded: dict[str, Workflow] = {}
        self.locked: set[str] = set()
        self.owner = self.store.claim()

    def now(self) -> int:
        return self.clock

    def is_active(self) -> bool:
        return self.framework.active == self.cluster

    def refuse_passive(self) -> None:
        if not self.is_active():
            raise HsmError("namespace_not_active")

    # --- access -------------------------------------------------------------------------------------------------------

    def lock(self, name: str) -> None:
        if name in self.locked:
            raise HsmError("workflow_busy")
        self.locked.add(name)

    def load(self, name: str) -> Workflow:
        if name not in self.loaded:
            self.refuse_stopped(self.owner)
            if name not in self.store.workflows:
                raise HsmError("not_found")
            self.store.loads += 1
            self.loaded[name] = self.workflow_type.load(self.framework.registry, self.store.workflows[name])
        return self.loaded[name]

    def unload(self, name: str) -> None:
        self.loaded.pop(name, None)

    def evict(self, name: str) -> None:
        if name not in self.locked:
            self.unload(name)

    def write_into(self, name: str, node: Node, data: object) -> None:
        """Change a machine's data in memory without a transition."""
        path, workflow = tuple(node.path()), self.loaded[name]
        known = workflow.overwritten.get(path)
        if known is None or known[0] != node.count:
            workflow.overwritten[path] = node.count, node.data
        node.set("data", str(self.framework.registry.machines[node.type].serialize(data), "latin1"))

    def begin(self, name: str, write: bool) -> Workflow:
        """Load the workflow and fail its workflow task if that is of an older failover version."""
        workflow, version = self.load(name), self.framework.version
        if write and workflow.workflow_task is not None and workflow.workflow_task < version:
            workflow.workflow_task = None
            self.try_commit(name, workflow, active=False)
        return workflow

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        """Call the accessor with the machine of the reference, or the root, and commit under write access."""
        self.lock(name)
        try:
            workflow, owner = self.begin(name, write), self.owner
            try:
                node = self.find(workflow, ref, task_id, reloaded=False)
            except HsmError as error:
                if str(error) != "stale_state":
                    raise
                self.unload(name)
                workflow = self.begin(name, write)
                node = self.find(workflow, ref, task_id, reloaded=True)
            before = self.shape(workflow)
            try:
                result = accessor(node)
            except Exception:
                self.access_failed(name, workflow, write, before)
                raise
            except BaseException:
                self.access_panicked(name)
                raise
            if write:
                self.try_commit(name, workflow, owner=owner)
            else:
                self.read_ended(name, workflow, before)
            return result
        finally:
            self.locked.discard(name)

    def shape(self, workflow: Workflow) -> Any:
        return [(path, len(node.own_outputs)) for path, node in sorted(workflow.nodes().items())]

    def access_failed(self, name: str, workflow: Workflow, write: bool, before: Any) -> None:
        if write:
            self.unload(name)
        else:
            self.read_ended(name, workflow, before)

    def access_panicked(self, name: str) -> None:
        self.unload(name)

    def read_ended(self, name: str, workflow: Workflow, before: Any) -> None:
        if self.shape(workflow) != before:
            self.unload(name)
            raise Panic("changed under read access")

    def find(self, workflow: Workflow, ref: Ref | None, task_id: int, *, reloaded: bool) -> Node:
        if ref is None:
            return workflow.root
        self.check_generation(workflow, task_id)
        stale = self.staleness(task_id, reloaded)
        node = self.look_up(workflow, ref, stale)
        self.check_version(workflow, ref, stale)
        self.check_count(node, ref)
        return node

    def check_generation(self, workflow: Workflow, task_id: int) -> None:
        if 0 < task_id < workflow.rebuilt_at:
            if workflow.rebuilt_by > self.owner:
                # A later owner has regenerated the tasks. To do so again is how the cell learns of it.
                self.try_commit(
                    next(name for name, loaded in self.loaded.items() if loaded is workflow), workflow, active=False
                )
            raise HsmError("stale_reference")

    def staleness(self, task_id: int, reloaded: bool) -> str:
        """Return the error for a mismatch: the reference is stale, or the state in memory may be."""
        return "stale_reference" if task_id or reloaded else "stale_state"

    def look_up(self, workflow: Workflow, ref: Ref, stale: str) -> Node:
        try:
            return workflow.root.child(ref.path)
        except HsmError as error:
            raise HsmError(stale if str(error) == "state_machine_not_found" else str(error)) from error

    def check_version(self, workflow: Workflow, ref: Ref, stale: str) -> None:
        if workflow.versions[ref.path][0][0] != ref.version:
            raise HsmError(stale)

    def check_count(self, node: Node, ref: Ref) -> None:
        if ref.expected and ref.expected != node.count:
            raise HsmError("stale_reference")

    # --- commit -------------------------------------------------------------------------------------------------------

    def try_commit(self, name: str, workflow: Workflow, **how: Any) -> None:
        try:
            self.commit(name, workflow, **how)
        except BaseException:
            self.unload(name)
            raise

    def commit(
        self,
        name: str,
        workflow: Workflow,
        *,
        active: bool = True,
        at: Version | None = None,
        owner: int | None = None,
        more: list[tuple[NodePath, int, Task]] | None = None,
        synced: dict[NodePath, Version] | None = None,
    ) -> None:
        """Write the workflow with the tasks that its transitions ask for, and with ``more`` tasks."""
        if active:
            self.refuse_passive()
        at = at or self.next_version(workflow)
        requests = [*self.requests(workflow), *(more or [])]
        self.update_versions(workflow, at, synced or {})
        tasks = self.generate(name, workflow, requests)
        self.end_transaction(workflow)
        self.write(self.owner if owner is None else owner, name, workflow, tasks)

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        """Write to the store. A cell that is not the owner stops when it learns of it."""
        self.refuse_stopped(owner)
        try:
            self.store.write(owner, name, workflow, tasks)
        except HsmError as error:
            if str(error) in {"shard_ownership_lost", "unknown_outcome"} and owner != self.store.owner:
                self.stopped.add(owner)
            raise

    def refuse_stopped(self, owner: int) -> None:
        if owner in self.stopped:
            raise HsmError("shard_ownership_lost")

    def next_version(self, workflow: Workflow) -> Version:
        return (self.framework.version, workflow.last[1] + 1)

    def update_versions(self, workflow: Workflow, at: Version, synced: dict[NodePath, Version]) -> None:
        nodes = workflow.nodes()
        changed = [path for path, node in nodes.items() if path not in workflow.versions or node.own_outputs]
        for path in changed:
            workflow.versions.setdefault(path, [at, at])[1] = at
        for path, version in synced.items():
            workflow.versions[path][1] = version
        if changed:
            workflow.last = (at[0], max(workflow.last[1], at[1]))

    def requests(self, workflow: Workflow) -> list[tuple[NodePath, int, Task]]:
        """Return the tasks of all transitions that are not stale already."""
        found: list[tuple[NodePath, int, Task]] = []
        for path, node in sorted(workflow.nodes().items()):
            for i, output in enumerate(node.own_outputs):
                count = node.count - len(node.own_outputs) + 1 + i
                found += [(path, count, task) for task in output if self.is_current(node, count, task)]
        return found

    def is_current(self, node: Node, count: int, task: Task) -> bool:
        return count == node.count or task.type in self.framework.concurrent

    def generate(self, name: str, workflow: Workflow, requests: list[tuple[NodePath, int, Task]]) -> list[Any]:
        """Return the tasks for the queues. Add timers to the workflow, whose first deadline needs a task."""
        tasks: list[Any] = []
        for path, count, task in requests:
            stored = self.stored(workflow, path, count, task)
            if isinstance(task.kind, str):
                tasks.append(Outbound(0, name, stored, task.kind))
            else:
                self.add_timer(workflow, self.deadline(task), stored)
        timer = self.next_timer(name, workflow)
        return [*tasks, timer] if timer else tasks

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        serializer = self.framework.registry.task_serializers.get(task.type)
        if serializer is None:
            raise HsmError("no_serializer")
        count = 0 if task.type in self.framework.concurrent else count
        ref = Ref(path, workflow.versions[path][0][0], count)
        return StoredTask(ref, task.type, serializer.serialize(task).decode("latin1"))

    def deadline(self, task: Task) -> int:
        """Return a timer's deadline in microseconds."""
        kind: Any = task.kind
        fraction: int = getattr(task, "fraction", 0)
        return round(kind * 1000) + fraction

    def add_timer(self, workflow: Workflow, deadline: int, task: StoredTask) -> None:
        for group in workflow.timers:
            if group.deadline == deadline:
                group.tasks.append(task)
                return
        workflow.timers.append(Group(deadline, [task], False))
        workflow.timers.sort(key=lambda group: group.deadline)

    def next_timer(self, name: str, workflow: Workflow) -> Timer | None:
        if not workflow.timers or workflow.timers[0].scheduled:
            return None
        workflow.timers[0].scheduled = True
        return Timer(0, name, workflow.timers[0].deadline)

    def end_transaction(self, workflow: Workflow) -> None:
        workflow.root.clear_transaction_state()

    # --- workflows ----------------------------------------------------------------------------------------------------

    def create(self, name: str, at: Version, *, active: bool) -> None:
        if name in self.store.workflows:
            raise HsmError("workflow_exists")
        self.lock(name)
        try:
            workflow = self.workflow_type(self.framework.registry, [0, "", []], 0)
            workflow.last, workflow.versions[()] = at, [at, at]
            self.commit(name, workflow, active=active)
        finally:
            self.locked.discard(name)

    def start(self, name: str) -> None:
        self.create(name, (self.framework.version, 1), active=True)

    def change(self, name: str, change: Callable[[Workflow], dict[str, Any] | None]) -> bool:
        """Change a workflow and commit with the arguments that ``change`` returns; None means no commit."""
        self.lock(name)
        try:
            workflow, owner = self.begin(name, True), self.owner
            try:
                how = change(workflow)
                if how is not None:
                    self.commit(name, workflow, owner=owner, **how)
            except BaseException as failure:
                if str(failure) != "task_retry":
                    self.unload(name)
                raise
            return how is not None
        finally:
            self.locked.discard(name)

    def close(self, name: str) -> None:
        def close(workflow: Workflow) -> dict[str, Any]:
            if workflow.closed:
                raise HsmError("workflow_closed")
            workflow.closed, workflow.workflow_task = True, None
            return {}

        self.refuse_passive()
        self.change(name, close)

    def start_workflow_task(self, name: str) -> None:
        def start(workflow: Workflow) -> dict[str, Any]:
            if workflow.closed:
                raise HsmError("workflow_closed")
            workflow.workflow_task = self.framework.version
            return {}

        self.change(name, start)
