"""The framework as a library: cells and their operations, each of which replaces the world by a new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from hsm_model.executor import AccessType, Ref, StateMachineRef, WorkflowKey
from hsm_model.framework.environment import Environment, access
from hsm_model.framework.errors import WorkflowClosed, WorkflowExists
from hsm_model.framework.queues import Delivery, deliver
from hsm_model.framework.replication import apply_event, refresh, replicate_events, sync
from hsm_model.framework.semantics import FRAMEWORK_SPECIFICATION, FrameworkSemantics
from hsm_model.framework.state import (
    EPOCH,
    WORKFLOW_TYPE,
    CellState,
    Fault,
    LoadedWorkflow,
    Namespace,
    NodeVersions,
    OutboundTask,
    QueueTask,
    Store,
    StoreError,
    TimerTask,
    VersionedTransition,
    When,
    World,
    milliseconds,
    next_failover_version,
)
from hsm_model.framework.transaction import Transaction, locked, new_workflow, writing
from hsm_model.node import Node, machine_data
from hsm_model.registry import MachineType, Registry
from hsm_model.state import Key, Path

T = TypeVar("T")
TimerExecutor = Callable[[Environment, Node, Any], None]
"""Executes a timer that has fired, with write access to its machine in the transaction of all timers that are due."""
EventDefinition = Callable[[Node, bytes], None]
"""Applies an event with a payload to the root of a workflow's tree."""


class WorkflowDefinition:
    """The definition of the root machine."""

    def type(self) -> MachineType:
        """Return `WORKFLOW_TYPE`."""
        return WORKFLOW_TYPE

    def serialize(self, data: Any) -> bytes:
        """Return no bytes."""
        return b""

    def deserialize(self, data: bytes) -> Any:
        """Return None."""
        return None


class Inspection(NamedTuple):
    """The observable state of a machine, and the timers of its workflow."""

    data: Any
    transition_count: int
    versions: NodeVersions
    timers: tuple[tuple[float, int, bool], ...]
    """The deadline in milliseconds of each group of timers, how many they are, and whether a task is scheduled."""


class Framework:
    """Cells, their stores, and what is registered for the machines in them.

    ``world`` is the whole state, a value: assign an earlier one to go back. ``loads_of`` and ``writes_of`` count by
    cluster what was read from its store and written to it, for observation; they are no part of the state, and neither
    are ``transactions``, the accesses that are under way. ``clusters`` are those between which `Cell.failover` is
    possible. The namespace is active in the first one, at failover version 1, or else in that of the first cell.
    """

    def __init__(
        self,
        registry: Registry,
        rules: FrameworkSemantics = FRAMEWORK_SPECIFICATION,
        *,
        clusters: Sequence[str] = (),
    ) -> None:
        """Register the root machine. Raise `DuplicateRegistration` if its type has another definition."""
        self.registry = registry
        self.rules = rules
        self.clusters = tuple(clusters)
        self.world = World()
        self.timer_executors: dict[int, TimerExecutor] = {}
        self.events: dict[int, EventDefinition] = {}
        self.transactions: list[Transaction] = []
        self.loads_of, self.writes_of = Counter[str](), Counter[str]()
        if not isinstance(registry.machine(WORKFLOW_TYPE.id), WorkflowDefinition):
            registry.register_machine(WorkflowDefinition())

    @property
    def loads(self) -> int:
        """How often workflows were loaded from all stores."""
        return self.loads_of.total()

    @property
    def writes(self) -> int:
        """How often workflows were written to all stores."""
        return self.writes_of.total()

    def register_timer_executor(self, type_id: int, executor: TimerExecutor) -> None:
        """Register the executor of a type of timers. Raise `DuplicateRegistration`."""
        self.registry.semantics.refuse_duplicate(type_id in self.timer_executors, "timer executor", type_id)
        self.timer_executors[type_id] = executor

    def register_event(self, type_id: int, definition: EventDefinition) -> None:
        """Register how events of a type are applied. Raise `DuplicateRegistration`."""
        self.registry.semantics.refuse_duplicate(type_id in self.events, "event", type_id)
        self.events[type_id] = definition

    def new_cell(self, name: str, cluster: str | None = None) -> Cell:
        """Start a cell on the store of a cluster, by default one of its own name, and make it the store's owner.

        Its clock is at the Unix epoch.
        """
        cluster = cluster or name
        cells = self.world.cells
        others = next((cell for _, cell in cells.items()), None)
        namespace = Namespace((*self.clusters, cluster)[0], 1) if others is None else others.namespace
        store = self.world.stores.get(cluster) or Store()
        store = store.claimed()
        self.world = self.world._replace(
            cells=cells.insert(name, CellState(cluster, EPOCH, namespace, store.range_id)),
            stores=self.world.stores.insert(cluster, store),
        )
        return Cell(self, name)

    def failover(self, cluster: str, version: int) -> None:
        """Make the namespace active in a cluster, as all cells learn at once."""
        for name in self.world.cells:
            self.set_cell(name, self.world.cells[name]._replace(namespace=Namespace(cluster, version)))

    def write_into(self, node: Node, data: Any) -> None:
        """Write into a machine's data in memory without a transition, which accessors must not do (ENV-READ-5).

        Later accesses see it until the workflow is unloaded. It is stored only if the machine transitions. Raises
        ValueError for a node that no access under way has given.
        """
        for transaction in self.transactions:
            if transaction.tree is node.tree:
                transaction.write_into(node, data)
                return
        raise ValueError("no access that is under way has given this node")

    def replicate_events(self, source: Cell, target: Cell, workflow: WorkflowKey) -> int:
        """Apply in a cell the events that it lacks, as `hsm_model.framework.replication.replicate_events` describes."""
        return replicate_events(self, source.name, target.name, workflow)

    def sync(self, source: Cell, target: Cell, workflow: WorkflowKey) -> bool:
        """Take newer state from a cell, as `hsm_model.framework.replication.sync` describes."""
        return sync(self, source.name, target.name, workflow)

    def create(self, cell: str, workflow: WorkflowKey, at: VersionedTransition, *, active: bool) -> None:
        """Write a new workflow, which is loaded by its first access. Raise `WorkflowExists`, or as a commit."""
        if self.store(cell).workflows.get(workflow) is not None:
            raise WorkflowExists(f"workflow {workflow.workflow_id} exists")
        with locked(self, cell, workflow):
            transaction = Transaction(self, cell, workflow, new_workflow(b"", at))
            try:
                transaction.commit(active=active)
            finally:
                self.set_loaded(cell, workflow, None)

    # --- parts of the world -------------------------------------------------------------------------------------------

    def store(self, cell: str) -> Store:
        """Return the store that a cell uses."""
        return self.world.stores[self.world.cells[cell].cluster]

    def set_store(self, cell: str, store: Store) -> None:
        """Replace the store that a cell uses."""
        stores = self.world.stores.insert(self.world.cells[cell].cluster, store)
        self.world = self.world._replace(stores=stores)

    def set_cell(self, name: str, cell: CellState) -> None:
        """Replace a cell."""
        self.world = self.world._replace(cells=self.world.cells.insert(name, cell))

    def set_loaded(self, name: str, workflow: WorkflowKey, loaded: LoadedWorkflow | None) -> None:
        """Replace what a cell has of a workflow in memory; None unloads it."""
        cell = self.world.cells[name]
        memory = cell.loaded.discard(workflow) if loaded is None else cell.loaded.insert(workflow, loaded)
        self.set_cell(name, cell._replace(loaded=memory))

    def set_locked(self, name: str, workflow: WorkflowKey, locked: bool) -> None:
        """Lock or unlock a workflow in a cell."""
        cell = self.world.cells[name]
        self.set_cell(name, cell._replace(locked=cell.locked | {workflow} if locked else cell.locked - {workflow}))


class Cell:
    """A handle on a cell, with its operations."""

    def __init__(self, framework: Framework, name: str) -> None:
        self.framework = framework
        self.name = name

    @property
    def state(self) -> CellState:
        """The cell as it is now."""
        return self.framework.world.cells[self.name]

    @property
    def store(self) -> Store:
        """The store that the cell uses, as it is now."""
        return self.framework.store(self.name)

    def environment(self) -> Environment:
        """Return the environment of callers that are no task."""
        return Environment(self.framework, self.name)

    def failover(self) -> None:
        """Make the namespace active in the cell's cluster, as all cells learn at once.

        Its failover version is the next one of the cluster. Nothing changes where the namespace is active already.
        Raise ValueError if the cluster is not one of the framework's ``clusters``.
        """
        framework, cluster = self.framework, self.state.cluster
        of_cluster = framework.clusters.index(cluster) + 1
        framework.failover(cluster, next_failover_version(self.state.namespace.version, of_cluster))

    # --- workflows ----------------------------------------------------------------------------------------------------

    def start(self, workflow_id: str) -> WorkflowKey:
        """Start a workflow. Raise `WorkflowExists`, `NamespaceNotActive`, or what writing raises."""
        workflow = WorkflowKey("namespace", workflow_id, "run")
        at = VersionedTransition(self.state.namespace.version, 1)
        self.framework.create(self.name, workflow, at, active=True)
        return workflow

    def close(self, workflow: WorkflowKey) -> None:
        """Close a workflow, whose machines go on. A workflow task that was started ends with it.

        Raise `NamespaceNotActive` before anything else, `WorkflowClosed`, or as a write access.
        """
        self.framework.rules.refuse_passive(self.state)
        with writing(self.framework, self.name, workflow) as transaction:
            if transaction.info.closed:
                raise WorkflowClosed(f"workflow {workflow.workflow_id} is closed")
            transaction.info = transaction.info._replace(closed=True, workflow_task=None)
            transaction.commit()

    def start_workflow_task(self, workflow: WorkflowKey) -> None:
        """Start a workflow task, unless one has been started, which fails when the namespace has failed over.

        Raise `WorkflowClosed`, or as a write access.
        """
        with writing(self.framework, self.name, workflow) as transaction:
            if transaction.info.closed:
                raise WorkflowClosed(f"workflow {workflow.workflow_id} is closed")
            version = self.state.namespace.version
            transaction.info = transaction.info._replace(workflow_task=version)
            transaction.commit()

    def read(self, workflow: WorkflowKey, accessor: Callable[[Node], T]) -> T:
        """Call the accessor with the root of a workflow under read access, and return what it returns."""
        return access(self.framework, self.name, workflow, AccessType.READ, accessor)

    def write(self, workflow: WorkflowKey, accessor: Callable[[Node], T]) -> T:
        """Call the accessor with the root of a workflow under write access, commit, and return what it returned."""
        return access(self.framework, self.name, workflow, AccessType.WRITE, accessor)

    def inspect(self, workflow: WorkflowKey, path: Path | tuple[tuple[int, str], ...] = ()) -> Inspection:
        """Return what a read access sees of the machine at a path."""
        keys = tuple(Key(*key) for key in path)

        def look(root: Node) -> tuple[Any, int]:
            node = root.child(keys)
            return machine_data(node, object), node.transition_count()

        data, count = self.read(workflow, look)
        info = self.state.loaded[workflow].info
        timers = tuple((milliseconds(group.deadline), len(group.tasks), group.scheduled) for group in info.timers)
        return Inspection(data, count, info.versions[keys], timers)

    def ref(self, workflow: WorkflowKey, path: Path | tuple[tuple[int, str], ...]) -> Ref:
        """Return a reference that the machine at a path matches as it is stored now."""
        seen = self.inspect(workflow, path)
        keys = tuple(Key(*key) for key in path)
        return Ref(workflow, StateMachineRef(keys, seen.versions.initial.version, 0, seen.transition_count))

    def event(self, workflow: WorkflowKey, type_id: int, payload: bytes = b"") -> None:
        """Apply an event and add it to the workflow's history. Raise as a write access."""
        apply_event(self.framework, self.name, workflow, type_id, payload)

    def refresh(self, workflow: WorkflowKey) -> None:
        """Regenerate all tasks of a workflow, as `hsm_model.framework.replication.refresh` describes."""
        refresh(self.framework, self.name, workflow)

    # --- queues -------------------------------------------------------------------------------------------------------

    def timer_tasks(self) -> list[TimerTask]:
        """Return the tasks in the timer queue, in the order in which they are due."""
        found = [task for _, task in self.store.tasks.items() if isinstance(task, TimerTask)]
        return sorted(found, key=lambda task: (task.due, task.id))

    def outbound_tasks(self, destination: str | None = None) -> list[OutboundTask]:
        """Return the tasks in the outbound queue, of one destination or of all, in the order of their IDs."""
        found = [task for _, task in self.store.tasks.items() if isinstance(task, OutboundTask)]
        return sorted(task for task in found if destination in (None, task.destination))

    def run_task(self, task: QueueTask) -> Delivery:
        """Deliver a task, whether or not it is in a queue: early, late, again, or after a failover."""
        return deliver(self.framework, self.name, task)

    def pump_timers(self) -> list[Delivery]:
        """Deliver each task of the timer queue that is due. A task that is retried stays for the next time."""
        now = self.framework.rules.now(self.state)
        return [self.run_task(task) for task in self.timer_tasks() if task.due <= now]

    def pump_outbound(self, destination: str | None = None) -> list[Delivery]:
        """Deliver each task of the outbound queue, of one destination or of all."""
        return [self.run_task(task) for task in self.outbound_tasks(destination)]

    # --- clock and faults ---------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the time of the cell's clock."""
        return self.framework.rules.now(self.state)

    def advance(self, milliseconds: float) -> None:
        """Put the cell's clock forward."""
        self.framework.set_cell(
            self.name, self.state._replace(now=self.state.now + timedelta(milliseconds=milliseconds))
        )

    def restart(self) -> None:
        """Lose all that is in memory, locks included, and become the owner of the store again."""
        store = self.store.claimed()
        self.framework.set_store(self.name, store)
        before = self.state
        restarted = CellState(before.cluster, before.now, before.namespace, store.range_id, stopped=before.stopped)
        self.framework.set_cell(self.name, restarted)

    def evict(self, workflow: WorkflowKey) -> None:
        """Unload a workflow, unless it is being accessed."""
        if workflow not in self.state.locked:
            self.framework.set_loaded(self.name, workflow, None)

    def fail_store(self, when: When = When.BEFORE, error: StoreError = StoreError.CONDITION) -> None:
        """Make the next write to the cell's store fail."""
        self.framework.set_store(self.name, self.store._replace(fault=Fault(When(when), StoreError(error))))
