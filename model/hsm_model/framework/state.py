"""The state around the trees as a value: cells with what they have in memory, and the stores of their clusters.

Nothing here is changed in place. An operation computes a new `World`; whoever keeps the old one can go back to it, and
equal worlds are equal values.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from hsm_model.executor import Ref, WorkflowKey
from hsm_model.maps import Map
from hsm_model.persistence import PersistedTask
from hsm_model.registry import MachineType
from hsm_model.state import Path, TreeState

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
WORKFLOW_TYPE = MachineType(2**31 - 3, "workflow.MutableState")
"""The type of the root of every tree, which programs keep free.

Its data is empty, as the rest of the workflow is kept beside the tree.
"""


def instant(milliseconds: float) -> datetime:
    """Return the time that is so many milliseconds after the Unix epoch, to the microsecond."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(time: datetime) -> float:
    """Return the milliseconds from the Unix epoch to a time; fractions are microseconds."""
    microseconds = (time - EPOCH) // timedelta(microseconds=1)
    return microseconds / 1000 if microseconds % 1000 else microseconds // 1000


FAILOVER_INCREMENT = 10
"""The difference of the failover versions of a cluster."""


def next_failover_version(present: int, initial: int) -> int:
    """Return the smallest version from the present one on that a cluster has, whose first version is ``initial``."""
    return present + (initial - present) % FAILOVER_INCREMENT


class VersionedTransition(NamedTuple):
    """When something changed: the failover version then, and the number of the workflow's transition."""

    version: int
    transition: int


class NodeVersions(NamedTuple):
    """When a node was added and when it last transitioned."""

    initial: VersionedTransition
    last_update: VersionedTransition


class TimerGroup(NamedTuple):
    """The timers of a workflow that have one deadline; ``scheduled`` says whether the timer queue has a task for it."""

    deadline: datetime
    tasks: tuple[PersistedTask, ...]
    scheduled: bool = False


class Event(NamedTuple):
    """An event of the workflow's history, which replication applies again elsewhere."""

    type: int
    payload: bytes
    at: VersionedTransition


class WorkflowInfo(NamedTuple):
    """The state of a workflow apart from its tree.

    ``timers`` are in the order of their deadlines. Tasks with an ID below ``rebuilt_at`` were generated before all
    tasks were regenerated, by the owner with the range ID ``rebuilt_by``. ``workflow_task`` is the failover version in
    which a workflow task was started, if one is.
    """

    last: VersionedTransition
    versions: Map[Path, NodeVersions]
    timers: tuple[TimerGroup, ...] = ()
    events: tuple[Event, ...] = ()
    rebuilt_at: int = 0
    rebuilt_by: int = 0
    closed: bool = False
    workflow_task: int | None = None


class StoredWorkflow(NamedTuple):
    """A workflow as the store has it. ``record`` counts the writes; a write must name the one that it replaces."""

    tree: bytes
    info: WorkflowInfo
    record: int


class Overwritten(NamedTuple):
    """The stored data of a node whose data in memory was written into without a transition, and its count then."""

    transition_count: int
    data: bytes


class LoadedWorkflow(NamedTuple):
    """A workflow in a cell's memory."""

    tree: TreeState
    info: WorkflowInfo
    record: int
    overwritten: Map[Path, Overwritten] = Map({})


class OutboundTask(NamedTuple):
    """A task in the outbound queue."""

    id: int
    workflow: WorkflowKey
    task: PersistedTask
    destination: str

    def ref(self) -> Ref:
        """Return the reference to the machine that the task is for."""
        return Ref(self.workflow, self.task.ref)


class TimerTask(NamedTuple):
    """A task in the timer queue: it fires whatever timers of the workflow are due. ``version`` is informative."""

    id: int
    workflow: WorkflowKey
    due: datetime
    version: int


QueueTask = OutboundTask | TimerTask


class When(StrEnum):
    """When an armed write fails."""

    BEFORE = "before"
    """Nothing is written."""
    AFTER = "after"
    """All is written, but the writer does not learn it."""


class StoreError(StrEnum):
    """How an armed write fails."""

    CONDITION = "condition"
    """The store says that the write was refused."""
    UNKNOWN = "unknown"
    """It is not known whether the write took place."""


class Fault(NamedTuple):
    """A failure of the next write."""

    when: When
    error: StoreError


class Store(NamedTuple):
    """The persisted state of a cluster: workflows and the tasks of both queues.

    ``range_id`` goes up with each cell that becomes the owner; only the owner may write. ``claims`` has the ID of the
    next task then.
    """

    workflows: Map[WorkflowKey, StoredWorkflow] = Map({})
    tasks: Map[int, QueueTask] = Map({})
    next_task_id: int = 1
    range_id: int = 0
    claims: Map[int, int] = Map({})
    fault: Fault | None = None

    def claimed(self) -> Store:
        """Return the store with another owner."""
        range_id = self.range_id + 1
        return self._replace(range_id=range_id, claims=self.claims.insert(range_id, self.next_task_id))


class Namespace(NamedTuple):
    """Where the namespace is active, and the failover version since when."""

    cluster: str
    version: int


class CellState(NamedTuple):
    """A running history service: the cluster whose store it uses, its clock and what it has in memory.

    ``stopped`` has the range IDs under which it was refused as no longer the owner.
    """

    cluster: str
    now: datetime
    namespace: Namespace
    range_id: int
    loaded: Map[WorkflowKey, LoadedWorkflow] = Map({})
    locked: frozenset[WorkflowKey] = frozenset()
    stopped: frozenset[int] = frozenset()

    def active(self) -> bool:
        """Return whether the namespace is active here."""
        return self.namespace.cluster == self.cluster


class World(NamedTuple):
    """All cells by name and all stores by cluster."""

    cells: Map[str, CellState] = Map({})
    stores: Map[str, Store] = Map({})


class Fate(StrEnum):
    """The outcome for a task that its queue has delivered."""

    DONE = "done"
    DROPPED = "dropped"
    """It is gone without having been executed, or its executor failed for good."""
    RETRIED = "retried"
    """It stays in its queue."""
