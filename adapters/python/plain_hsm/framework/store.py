"""The store of a cluster, and workflows in memory and as stored."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from plain_hsm.machine import HsmError, Registry
from plain_hsm.node import Key, Node

NodePath = tuple[Key, ...]
Version = tuple[int, int]
"""A failover version and the number of a transition of the workflow."""
ROOT_TYPE = 2**31 - 3
"""The type of the root of every tree, which programs keep free."""


class Panic(BaseException):
    """A panic. It is no Exception, so that nothing takes it for an error."""


class RootDefinition:
    """The definition of the root's type, which has no data."""

    def serialize(self, data: object) -> bytes:
        return b""

    def deserialize(self, data: bytes) -> None:
        return None


class Ref(NamedTuple):
    """A reference to a machine: the failover version of its addition, and the expected count, 0 for any."""

    path: NodePath
    version: int
    expected: int


class StoredTask(NamedTuple):
    """A task of a machine as it is stored."""

    ref: Ref
    type: int
    data: str


class Outbound(NamedTuple):
    """A task of the outbound queue."""

    id: int
    workflow: str
    task: StoredTask
    destination: str


class Timer(NamedTuple):
    """A task of the timer queue, due at a time in microseconds."""

    id: int
    workflow: str
    due: int


class Group:
    """The timers of one deadline, in microseconds, and whether the timer queue has a task for them."""

    def __init__(self, deadline: int, tasks: list[StoredTask], scheduled: bool) -> None:
        self.deadline, self.tasks, self.scheduled = deadline, tasks, scheduled


class Workflow:
    """A workflow in memory: its tree, its timers, and the versions of its machines (added, last updated)."""

    def __init__(self, registry: Registry, tree: list[Any], record: int) -> None:
        self.root = Node(registry, ROOT_TYPE, tree, Key(), None)
        self.record = record
        self.last: Version = (0, 0)
        self.versions: dict[NodePath, list[Version]] = {}
        self.timers: list[Group] = []
        self.events: list[tuple[int, str, Version]] = []
        self.rebuilt_at = self.rebuilt_by = 0
        self.closed = False
        self.workflow_task: int | None = None
        self.overwritten: dict[NodePath, tuple[int, str]] = {}
        """The count and the stored data of nodes whose data was written into."""

    def nodes(self) -> dict[NodePath, Node]:
        return {tuple(node.path()): node for node in self.root.tree()}

    def stored_tree(self) -> list[Any]:
        """Return the tree without what was written into data."""
        nodes = self.nodes()
        seen: list[tuple[Node, str]] = []
        for path, (count, data) in list(self.overwritten.items()):
            node = nodes[path]
            if node.count == count:
                seen.append((node, node.data))
                node.data = data
            else:
                del self.overwritten[path]
        tree = self.root.persisted()
        for node, written in seen:
            node.data = written
        return tree

    def dump(self) -> str:
        return json.dumps(
            {
                "tree": self.stored_tree(),
                "record": self.record,
                "last": self.last,
                "versions": [[path, *pair] for path, pair in sorted(self.versions.items())],
                "timers": [[group.deadline, group.tasks, group.scheduled] for group in self.timers],
                "events": self.events,
                "rebuilt_at": self.rebuilt_at,
                "rebuilt_by": self.rebuilt_by,
                "closed": self.closed,
                "workflow_task": self.workflow_task,
            }
        )

    @classmethod
    def load(cls, registry: Registry, text: str) -> Workflow:
        stored = json.loads(text)
        workflow = cls(registry, stored["tree"], stored["record"])
        workflow.last = tuple(stored["last"])
        workflow.versions = {keys(path): [tuple(one), tuple(two)] for path, one, two in stored["versions"]}
        workflow.timers = [Group(due, list(map(stored_task, tasks)), on) for due, tasks, on in stored["timers"]]
        workflow.events = [(type_, payload, tuple(at)) for type_, payload, at in stored["events"]]
        workflow.rebuilt_at, workflow.rebuilt_by = stored["rebuilt_at"], stored["rebuilt_by"]
        workflow.closed = stored["closed"]
        workflow.workflow_task = stored["workflow_task"]
        return workflow


def keys(path: list[Any]) -> NodePath:
    return tuple(Key(*key) for key in path)


def stored_task(task: list[Any]) -> StoredTask:
    (path, version, count), type_, data = task
    return StoredTask(Ref(keys(path), version, count), type_, data)


class Store:
    """Workflows as JSON by name, and the tasks of both queues by ID. Whoever opened it last is its owner."""

    def __init__(self) -> None:
        self.workflows: dict[str, str] = {}
        self.tasks: dict[int, Outbound | Timer] = {}
        self.next_id, self.owner = 1, 0
        self.claims: dict[int, int] = {}
        """The ID of the next task when each owner became it."""
        self.fault: tuple[str, str] | None = None
        self.loads = self.writes = 0

    def claim(self) -> int:
        """Become the owner."""
        self.owner += 1
        self.claims[self.owner] = self.next_id
        return self.owner

    def record(self, name: str) -> int:
        record: int = json.loads(self.workflows[name])["record"] if name in self.workflows else 0
        return record

    def write(self, owner: int, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        """Write a workflow over the record that was loaded, and its tasks. A fault makes the next write fail."""
        fault, self.fault = self.fault, None
        if fault and fault[0] == "before":
            raise HsmError(fault[1])
        if owner != self.owner:
            raise HsmError("shard_ownership_lost")
        if self.record(name) != workflow.record:
            raise HsmError("condition_failed")
        workflow.record += 1
        self.put(name, workflow, tasks)
        self.writes += 1
        if fault:
            raise HsmError(fault[1])

    def put(self, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        self.workflows[name] = workflow.dump()
        for task in tasks:
            self.tasks[self.next_id] = task._replace(id=self.next_id)
            self.next_id += 1

    def remove(self, task: Outbound | Timer) -> None:
        if self.tasks.get(task.id) == task:
            del self.tasks[task.id]
