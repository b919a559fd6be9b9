"""Tasks that are stored wrongly."""

from __future__ import annotations

from typing import Any

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import NodePath, Store, StoredTask, Workflow
from plain_hsm.machine import HsmError, Task
from plain_hsm.node import Node
from plain_mutants.framework.mutant import breaks

Requests = list[tuple[NodePath, int, Task]]


@breaks("COMMIT-SERIALIZER-1")
class TasksWithoutSerializerAreSkipped(ReplicatingCell):
    """A task whose type has no serializer is left out."""

    def requests(self, workflow: Workflow) -> Requests:
        known = self.framework.registry.task_serializers
        return [request for request in super().requests(workflow) if request[2].type in known]


@breaks("COMMIT-SERIALIZER-1")
class TasksWithoutSerializerHaveNoData(ReplicatingCell):
    """A task whose type has no serializer is stored empty."""

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        if task.type not in self.framework.registry.task_serializers:
            return super().stored(workflow, path, count, task._replace(type=1))._replace(type=task.type, data="")
        return super().stored(workflow, path, count, task)


@breaks("COMMIT-SERIALIZER-1")
class TasksWithoutSerializerAreAnotherError(ReplicatingCell):
    """A task whose type has no serializer makes the commit fail as a type that is not registered."""

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        if task.type not in self.framework.registry.task_serializers:
            raise HsmError("not_registered")
        return super().stored(workflow, path, count, task)


@breaks("COMMIT-REF-1")
class IdsAreUsedAgain(Store):
    """The ID of a task that has left its queue is used again."""

    def put(self, name: str, workflow: Workflow, tasks: list[Any]) -> None:
        self.next_id = max(self.tasks, default=0) + 1
        super().put(name, workflow, tasks)


@breaks("COMMIT-REF-1")
class TasksReferToTheStateBefore(ReplicatingCell):
    """A task has the count from before its transition."""

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        return super().stored(workflow, path, count - 1, task)


@breaks("COMMIT-VERSIONS-1")
class TasksReferToTheLastUpdate(ReplicatingCell):
    """A task has the failover version in which its machine last transitioned."""

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        stored = super().stored(workflow, path, count, task)
        return stored._replace(ref=stored.ref._replace(version=workflow.versions[path][1][0]))


@breaks("COMMIT-REF-1")
class TasksReferToTheFirstLevel(ReplicatingCell):
    """A task refers to the machine below the root that its machine's path begins with."""

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        stored = super().stored(workflow, path, count, task)
        return stored._replace(ref=stored.ref._replace(path=path[:1]))


@breaks("COMMIT-REF-1")
class TasksHaveTheTypeBeside(ReplicatingCell):
    """A concurrent task is stored with the type of those that are not."""

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        stored = super().stored(workflow, path, count, task)
        return stored._replace(type={3: 1, 4: 2}.get(stored.type, stored.type))


@breaks("REF-COUNT-2")
class ConcurrentTasksHaveACount(ReplicatingCell):
    """A concurrent task is stale once its machine has transitioned."""

    def stored(self, workflow: Workflow, path: NodePath, count: int, task: Task) -> StoredTask:
        stored = super().stored(workflow, path, count, task)
        return stored._replace(ref=stored.ref._replace(expected=count))


@breaks("COMMIT-QUEUE-1")
class TasksWithoutDestinationAreLost(ReplicatingCell):
    """An outbound task with an empty destination goes to no queue."""

    def requests(self, workflow: Workflow) -> Requests:
        return [request for request in super().requests(workflow) if request[2].kind != ""]


@breaks("COMMIT-QUEUE-1")
class TheTypeDecidesTheQueue(ReplicatingCell):
    """An odd type makes a task a timer, whatever its kind is."""

    def requests(self, workflow: Workflow) -> Requests:
        return [
            (path, count, task._replace(kind=0) if task.type % 2 and isinstance(task.kind, str) else task)
            for path, count, task in super().requests(workflow)
        ]


@breaks("OUTBOUND-DESTINATION-1")
class DestinationsAreOne(ReplicatingCell):
    """All outbound tasks have one destination."""

    def requests(self, workflow: Workflow) -> Requests:
        return [
            (path, count, task._replace(kind="dest") if isinstance(task.kind, str) else task)
            for path, count, task in super().requests(workflow)
        ]


@breaks("OUTBOUND-DESTINATION-1")
class EmptyDestinationsAreFilled(ReplicatingCell):
    """An empty destination becomes another one."""

    def requests(self, workflow: Workflow) -> Requests:
        return [
            (path, count, task._replace(kind="other") if task.kind == "" else task)
            for path, count, task in super().requests(workflow)
        ]


@breaks("COMMIT-SUPERSEDED-1")
class SupersededTasksAreStored(ReplicatingCell):
    """The tasks of all transitions of a commit are stored."""

    def is_current(self, node: Node, count: int, task: Task) -> bool:
        return True


@breaks("COMMIT-SUPERSEDED-1")
class ConcurrentTasksAreSuperseded(ReplicatingCell):
    """A later transition supersedes concurrent tasks too."""

    def is_current(self, node: Node, count: int, task: Task) -> bool:
        return super().is_current(node, count, task._replace(type=1))


@breaks("COMMIT-SUPERSEDED-1")
class EarlierTransitionsWin(ReplicatingCell):
    """Of several transitions of a machine the tasks of the first are stored."""

    def is_current(self, node: Node, count: int, task: Task) -> bool:
        return super().is_current(node, count + len(node.own_outputs) - 1, task)


@breaks("COMMIT-ATOMIC-1")
class EqualTasksAreOne(ReplicatingCell):
    """Of equal tasks of a machine one is stored."""

    def requests(self, workflow: Workflow) -> Requests:
        return list(dict.fromkeys(super().requests(workflow)))


@breaks("COMMIT-ATOMIC-1")
class LastOutputOfTheTreeAlone(ReplicatingCell):
    """Of all machines that transitioned, the last one's tasks are stored."""

    def requests(self, workflow: Workflow) -> Requests:
        found = super().requests(workflow)
        return [request for request in found if request[0] == found[-1][0]]
