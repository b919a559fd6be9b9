"""Transactions: a workflow is locked, loaded, changed, and written once with the tasks that its transitions ask for."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hsm_model.executor import AccessType, WorkflowKey
from hsm_model.framework.errors import ConditionFailed, NotFound, Panic, ShardOwnershipLost, UnknownOutcome
from hsm_model.framework.state import (
    WORKFLOW_TYPE,
    LoadedWorkflow,
    NodeVersions,
    OutboundTask,
    Overwritten,
    QueueTask,
    StoredWorkflow,
    StoreError,
    TimerGroup,
    TimerTask,
    VersionedTransition,
    When,
    WorkflowInfo,
)
from hsm_model.maps import Map
from hsm_model.node import ROOT_KEY, Node, Tree
from hsm_model.persistence import Dialect, PersistedTask, marshal, unmarshal
from hsm_model.state import NO_CHILDREN, NodeState, Path, TreeState, find, put
from hsm_model.tasks import Task

if TYPE_CHECKING:
    from hsm_model.framework.framework import Framework

TaskRequest = tuple[Path, int, Task]
"""A task that is to be stored: the path of its machine, the transition that asked for it, and the task."""


class Transaction:
    """An access of a workflow that is under way. ``info`` and the tree below ``root`` hold its changes so far."""

    def __init__(self, framework: Framework, cell: str, workflow: WorkflowKey, loaded: LoadedWorkflow) -> None:
        self.framework = framework
        self.cell = cell
        self.workflow = workflow
        self.loaded = loaded
        self.info = loaded.info
        self.range_id = framework.world.cells[cell].range_id
        self.regenerated: list[TaskRequest] = []
        """Tasks to be stored beside those that transitions ask for."""
        self.synced: dict[Path, VersionedTransition] = {}
        """When the machines last transitioned whose state another cell has sent."""
        self.overwritten = loaded.overwritten
        self.tree = Tree(framework.registry, loaded.tree)
        self.root = Node(self.tree, ROOT_KEY, None, framework.registry.required_machine(WORKFLOW_TYPE.id))
        framework.transactions.append(self)

    def write_into(self, node: Node, data: Any) -> None:
        """Write into a machine's data, as `Framework.write_into` describes."""
        path, persisted = node.path(), node.persisted()
        known = self.overwritten.get(path)
        if known is None or known.transition_count != persisted.transition_count:
            stored = Overwritten(persisted.transition_count, persisted.data)
            self.overwritten = self.overwritten.insert(path, stored)
        changed = persisted._replace(data=node.definition.serialize(data))
        self.tree.state = self.tree.state._replace(root=put(self.tree.state.root, path, changed))

    def end(self) -> None:
        """Leave the tree in memory without writing, unless the cell has lost its memory meanwhile.

        Raise `Panic`, having unloaded the workflow, if the tree was changed (ENV-READ-3, ENV-READ-4).
        """
        framework = self.framework
        if framework.rules.mutated(self.loaded.tree, self.tree.state):
            framework.set_loaded(self.cell, self.workflow, None)
            raise Panic("the tree was changed without a commit")
        if self.range_id == framework.world.cells[self.cell].range_id:
            loaded = self.loaded._replace(tree=self.tree.state, overwritten=self.overwritten)
            framework.set_loaded(self.cell, self.workflow, loaded)

    def next_transition(self) -> VersionedTransition:
        """Return when a transition of this transaction takes place."""
        return VersionedTransition(
            self.framework.world.cells[self.cell].namespace.version, self.info.last.transition + 1
        )

    def commit(self, *, active: bool = True, at: VersionedTransition | None = None) -> None:
        """Write the workflow and its new tasks at once, at the version of the namespace or at another one.

        Raise `NamespaceNotActive` where only the active cell may commit and this is none, and what serializing and
        writing raise.
        """
        framework, rules = self.framework, self.framework.rules
        cell = framework.world.cells[self.cell]
        if active:
            rules.refuse_passive(cell)
        requests = [*self.requests(), *self.regenerated]
        if at is None:
            at = self.next_transition()
        if self.tree.state != self.loaded.tree:
            transitioned = {path for path, _ in self.root.outputs()}
            versions = rules.versions_after(self.info.versions, nodes_below(self.tree.state.root), transitioned, at)
            for path, last_update in self.synced.items():
                versions = versions.insert(path, versions[path]._replace(last_update=last_update))
            if versions is not self.info.versions:
                last = VersionedTransition(at.version, max(self.info.last.transition, at.transition))
                self.info = self.info._replace(last=last, versions=versions)
        tasks = self.generate(requests, framework.store(self.cell).next_task_id)
        rules.transaction_ended(self.root)
        stored = StoredWorkflow(marshal(self.stored_root(), Dialect.V1_25), self.info, self.loaded.record + 1)
        write(self, stored, tasks)
        self.loaded = LoadedWorkflow(self.tree.state, self.info, stored.record, self.overwritten)
        framework.set_loaded(self.cell, self.workflow, self.loaded)

    def requests(self) -> Iterator[TaskRequest]:
        """Yield the tasks that the transitions of the transaction ask for and that are not superseded."""
        for path, outputs in sorted(self.root.outputs()):
            count = self.root.child(path).transition_count()
            for transition, output in enumerate(outputs, count - len(outputs) + 1):
                for task in output.tasks:
                    if not self.framework.rules.superseded(task, transition, count):
                        yield path, transition, task

    def generate(self, requests: list[TaskRequest], next_id: int) -> tuple[QueueTask, ...]:
        """Return the tasks for both queues, having added the timers to ``info``."""
        rules, tasks = self.framework.rules, list[QueueTask]()
        timers, now = self.info.timers, rules.now(self.framework.world.cells[self.cell])
        for path, transition, task in requests:
            persisted = self.persisted_task(path, transition, task)
            destination, deadline = rules.destination(task), rules.deadline(task)
            if destination is not None:
                tasks.append(OutboundTask(next_id + len(tasks), self.workflow, persisted, destination))
            if deadline is not None:
                timers = rules.timer_added(timers, deadline, persisted)
        if rules.needs_timer_task(timers):
            first, *others = timers
            timers = (TimerGroup(first.deadline, first.tasks, scheduled=True), *others)
            if rules.schedulable(first.deadline, now):
                due = rules.task_due(first.deadline, now)
                tasks.append(TimerTask(next_id + len(tasks), self.workflow, due, self.info.last.version))
        self.info = self.info._replace(timers=timers)
        return tuple(tasks)

    def persisted_task(self, path: Path, transition: int, task: Task) -> PersistedTask:
        """Return a task as it is stored. Raise `NoSerializer`, or what the serializer raises."""
        rules, type_id = self.framework.rules, task.type().id
        serializer: Any = self.framework.registry.task_serializer(type_id)
        rules.require_serializer(serializer, task)
        ref = rules.task_ref(path, self.info.versions[path], transition, task)
        return PersistedTask(ref, type_id, serializer.serialize(task))

    def stored_root(self) -> NodeState:
        """Return the tree with the stored data of nodes whose data was written into without a later transition."""
        root, kept = self.tree.state.root, self.overwritten
        for path, (count, data) in self.overwritten.items():
            node = find(root, path)
            if node is not None and node.transition_count == count:
                root = put(root, path, node._replace(data=data))
            else:
                kept = kept.discard(path)
        self.overwritten = kept
        return root


def nodes_below(root: NodeState) -> Mapping[Path, NodeState]:
    """Return the nodes of a tree by path, parents before their children and siblings in the order of their keys."""
    found: dict[Path, NodeState] = {}
    pending: list[tuple[Path, NodeState]] = [((), root)]
    while pending:
        path, node = pending.pop()
        found[path] = node
        pending.extend(((*path, key), child) for key, child in sorted(node.children.items(), reverse=True))
    return found


@contextmanager
def locked(framework: Framework, cell: str, workflow: WorkflowKey) -> Generator[None]:
    """Hold the lock of a workflow, and release it however the block ends (ENV-LOCK-2). Raise `WorkflowBusy`."""
    framework.rules.refuse_busy(workflow in framework.world.cells[cell].locked)
    framework.set_locked(cell, workflow, True)
    outer = len(framework.transactions)
    try:
        yield
    finally:
        framework.set_locked(cell, workflow, False)
        del framework.transactions[outer:]


def begin(framework: Framework, cell: str, workflow: WorkflowKey, access: AccessType) -> Transaction:
    """Start a transaction on a workflow, which is loaded if it is not in memory. Raise `NotFound`.

    A workflow task of an older failover version is failed first, in a commit of its own (ENV-WRITE-4). Raise
    `ShardOwnershipLost` in a cell that has stopped.
    """
    state = framework.world.cells[cell]
    loaded = state.loaded.get(workflow)
    if loaded is None:
        framework.rules.refuse_stopped(state.range_id in state.stopped)
        stored = framework.store(cell).workflows.get(workflow)
        if stored is None:
            raise NotFound(f"there is no workflow {workflow.workflow_id}")
        loaded = LoadedWorkflow(TreeState(unmarshal(stored.tree, Dialect.V1_25), None), stored.info, stored.record)
        framework.loads_of[state.cluster] += 1
        framework.set_loaded(cell, workflow, loaded)
    transaction = Transaction(framework, cell, workflow, loaded)
    flushed = framework.rules.flushed(loaded.info, state, access)
    if flushed is None:
        return transaction
    transaction.info = flushed
    with unloading(transaction):
        transaction.commit(active=False)
    return Transaction(framework, cell, workflow, transaction.loaded)


@contextmanager
def unloading(transaction: Transaction, access: AccessType = AccessType.WRITE) -> Generator[None]:
    """Unload the workflow if the block fails, unless the failure is one after which it stays in memory.

    Only errors and panics are failures of the block: whatever else interrupts a program ends it.
    """
    try:
        yield
    except (Exception, Panic) as failure:
        if transaction.framework.rules.stays_loaded(access, failure):
            transaction.end()
        else:
            transaction.framework.set_loaded(transaction.cell, transaction.workflow, None)
        raise


@contextmanager
def writing(framework: Framework, cell: str, workflow: WorkflowKey) -> Generator[Transaction]:
    """Lock and load a workflow for a change that the block commits. If the block fails, the workflow is unloaded."""
    with locked(framework, cell, workflow):
        transaction = begin(framework, cell, workflow, AccessType.WRITE)
        with unloading(transaction):
            yield transaction


def write(transaction: Transaction, workflow: StoredWorkflow, tasks: tuple[QueueTask, ...]) -> None:
    """Write a workflow and its new tasks to the store, or fail as the armed fault says.

    Raise `ConditionFailed`, `UnknownOutcome` or `ShardOwnershipLost`. A cell that is not the owner stops when it learns
    of it: because its write is refused, or because it claims the store once more where the outcome is unknown.
    """
    framework, cell = transaction.framework, transaction.cell
    state = framework.world.cells[cell]
    framework.rules.refuse_stopped(transaction.range_id in state.stopped)
    try:
        _write(transaction, workflow, tasks)
    except (ShardOwnershipLost, UnknownOutcome):
        if transaction.range_id != framework.store(cell).range_id:
            state = framework.world.cells[cell]
            framework.set_cell(cell, state._replace(stopped=state.stopped | {transaction.range_id}))
        raise


def _write(transaction: Transaction, workflow: StoredWorkflow, tasks: tuple[QueueTask, ...]) -> None:
    framework, cell, key = transaction.framework, transaction.cell, transaction.workflow
    rules = framework.rules
    store = framework.store(cell)
    fault = store.fault
    store = store._replace(fault=None)
    framework.set_store(cell, store)
    failure = None
    if fault is not None:
        failure = (ConditionFailed if fault.error is StoreError.CONDITION else UnknownOutcome)("the store has failed")
    if failure is not None and fault is not None and fault.when is When.BEFORE:
        raise failure
    rules.refuse_lost_ownership(transaction.range_id, store)
    rules.refuse_other_record(transaction.loaded.record, store.workflows.get(key))
    framework.set_store(cell, rules.written(store, key, workflow, tasks))
    framework.writes_of[framework.world.cells[cell].cluster] += 1
    if failure is not None:
        raise failure


def new_workflow(root: bytes, at: VersionedTransition) -> LoadedWorkflow:
    """Return a workflow that is not stored yet, with the data of its root."""
    tree = TreeState(NodeState(0, root, NO_CHILDREN), None)
    return LoadedWorkflow(tree, WorkflowInfo(at, Map({(): NodeVersions(at, at)})), 0)
