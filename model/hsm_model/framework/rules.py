"""The rules of the framework: small functions, each naming the requirements that it states.

The statements of the requirements are in `hsm_model.framework.requirements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hsm_model.errors import NotRegistered, StateMachineNotFound
from hsm_model.executor import AccessType, StateMachineRef
from hsm_model.framework.errors import (
    ConditionFailed,
    InitialVersionMismatch,
    NamespaceNotActive,
    NoSerializer,
    NotFound,
    RetryReplication,
    ShardOwnershipLost,
    StaleReference,
    StaleState,
    TaskRetry,
    WorkflowBusy,
)
from hsm_model.framework.state import (
    CellState,
    Fate,
    NodeVersions,
    QueueTask,
    Store,
    StoredWorkflow,
    TimerGroup,
    VersionedTransition,
    WorkflowInfo,
)
from hsm_model.maps import Map
from hsm_model.node import Node
from hsm_model.persistence import PersistedTask
from hsm_model.semantics import states
from hsm_model.state import NodeState, Path, TreeState
from hsm_model.tasks import Task, TaskKindOutbound, TaskKindTimer


def is_concurrent(task: Task) -> bool:
    """Return whether a task stays valid when its machine transitions: if it has a method ``concurrent`` that says so.

    The documentation does not know such tasks; later releases do.
    """
    concurrent = getattr(task, "concurrent", None)
    return concurrent is not None and bool(concurrent())


# --- environment ------------------------------------------------------------------------------------------------------


@states("ENV-CLOCK-1")
def now(cell: CellState) -> datetime:
    """Return the time of the cell's own clock."""
    return cell.now


@states("ENV-LOCK-1")
def refuse_busy(locked: bool) -> None:
    """Admit one access of a workflow at a time. Raise `WorkflowBusy`."""
    if locked:
        raise WorkflowBusy("the workflow is locked by another access")


@states("ENV-READ-1", "ENV-WRITE-1", "OUTBOUND-READ-1")
def granted(asked: AccessType, task_id: int) -> AccessType:
    """Return the access that is granted: the one that was requested, also by a task."""
    return asked


@states("ENV-READ-2", "ENV-WRITE-4")
def flushed(info: WorkflowInfo, cell: CellState, access: AccessType) -> WorkflowInfo | None:
    """Return the workflow without the workflow task of an older failover version, or None to leave it as it is.

    Only write access may do so, as it is a change that is committed, also where the namespace is passive by now.
    """
    older = info.workflow_task is not None and info.workflow_task < cell.namespace.version
    return info._replace(workflow_task=None) if older and access is AccessType.WRITE else None


@states("ENV-READ-3", "ENV-READ-4")
def mutated(before: TreeState, after: TreeState) -> bool:
    """Return whether a tree has transitioned or has other nodes; data alone is not looked at."""
    return after.open != before.open or not _same_nodes(before.root, after.root)


def _same_nodes(one: NodeState, other: NodeState) -> bool:
    if one is other or one.children is other.children:
        return True
    if len(one.children) != len(other.children):
        return False
    return all(key in other.children and _same_nodes(child, other.children[key]) for key, child in one.children.items())


@states("ENV-ERROR-1", "ENV-ERROR-2", "ENV-PANIC-1", "ENV-PANIC-2", "TIMER-STANDBY-1")
def stays_loaded(access: AccessType, failure: BaseException) -> bool:
    """Return whether a workflow stays in memory after a failure: an error under read access, or a wait on standby."""
    return (access is AccessType.READ and isinstance(failure, Exception)) or isinstance(failure, TaskRetry)


# --- references -------------------------------------------------------------------------------------------------------


@states("REFRESH-STALE-1")
def refuse_older_generation(task_id: int, info: WorkflowInfo) -> None:
    """Refuse a task from before the tasks were regenerated; 0 is no task. Raise `StaleReference`."""
    if 0 < task_id < info.rebuilt_at:
        raise StaleReference("the task was generated before all tasks were regenerated")


@states("REF-RELOAD-1")
def may_be_behind(task_id: int, reloaded: bool) -> bool:
    """Return whether memory may be older than a reference: not where a task's own cell made it, nor after a reload."""
    return task_id == 0 and not reloaded


@states("REF-MISSING-1", "REF-MISSING-2", "REF-ACCESS-1")
def machine_found(root: Node, path: Path, behind: bool) -> Node:
    """Return the node that a reference names. Raise `StaleState`, `StaleReference` or, unchanged, `NotRegistered`."""
    try:
        return root.child(path)
    except StateMachineNotFound as missing:
        raise (StaleState if behind else StaleReference)("the machine does not exist") from missing


@states("REF-VERSION-1", "REF-VERSION-2", "REF-CALLED-1")
def refuse_other_version(ref: StateMachineRef, versions: NodeVersions, behind: bool) -> None:
    """Refuse a reference to a machine that was added in another failover version.

    Raise `StaleState` or `StaleReference`.
    """
    if ref.mutable_state_namespace_failover_version != versions.initial.version:
        raise (StaleState if behind else StaleReference)("the machine was added in another failover version")


@states("REF-COUNT-1", "REF-COUNT-2", "REF-CALLED-1")
def refuse_other_count(ref: StateMachineRef, count: int) -> None:
    """Refuse a reference to a machine that has another transition count; 0 matches all. Raise `StaleReference`."""
    if ref.machine_transition_count not in (0, count):
        raise StaleReference("the machine has another transition count")


# --- commit -----------------------------------------------------------------------------------------------------------


@states("COMMIT-PASSIVE-1")
def refuse_passive(cell: CellState) -> None:
    """Commit only where the namespace is active. Raise `NamespaceNotActive`."""
    if not cell.active():
        raise NamespaceNotActive(f"the namespace is active in {cell.namespace.cluster}")


@states("COMMIT-VERSIONS-1")
def versions_after(
    versions: Map[Path, NodeVersions], nodes: Mapping[Path, NodeState], transitioned: set[Path], at: VersionedTransition
) -> Map[Path, NodeVersions]:
    """Return the versions of all nodes: new ones and those that transitioned have the version of the commit."""
    for path in nodes:
        known = versions.get(path)
        if known is None:
            versions = versions.insert(path, NodeVersions(at, at))
        elif path in transitioned:
            versions = versions.insert(path, known._replace(last_update=at))
    return versions


@states("COMMIT-SUPERSEDED-1")
def superseded(task: Task, transition: int, count: int) -> bool:
    """Return whether a later transition of the same commit has made a task stale, so that it is not stored."""
    return transition != count and not is_concurrent(task)


@states("COMMIT-SERIALIZER-1")
def require_serializer(serializer: object | None, task: Task) -> None:
    """Store only tasks that can be serialized. Raise `NoSerializer`."""
    if serializer is None:
        raise NoSerializer(f"there is no serializer of {task.type().name}")


@states("COMMIT-REF-1", "REF-COUNT-2")
def task_ref(path: Path, versions: NodeVersions, transition: int, task: Task) -> StateMachineRef:
    """Return the reference that a task is stored with; the transition count is 0 for a concurrent task."""
    return StateMachineRef(path, versions.initial.version, 0, 0 if is_concurrent(task) else transition)


@states("COMMIT-QUEUE-1", "OUTBOUND-DESTINATION-1", "OUTBOUND-DESTINATION-2")
def destination(task: Task) -> str | None:
    """Return the destination of a task for the outbound queue, None for a timer or a kind that is not documented."""
    kind = task.kind()
    return kind.destination if isinstance(kind, TaskKindOutbound) else None


@states("COMMIT-QUEUE-1")
def deadline(task: Task) -> datetime | None:
    """Return the deadline of a task for the timer queue, None for all others."""
    kind = task.kind()
    return kind.deadline if isinstance(kind, TaskKindTimer) else None


@states("COMMIT-CLEAR-1")
def transaction_ended(root: Node) -> None:
    """Clear the transaction state of the tree."""
    root.clear_transaction_state()


@states("COMMIT-OWNER-1")
def refuse_lost_ownership(range_id: int, store: Store) -> None:
    """Let only the owner write. Raise `ShardOwnershipLost`."""
    if range_id != store.range_id:
        raise ShardOwnershipLost(f"the range ID is {store.range_id}, not {range_id}")


@states("COMMIT-OWNER-3")
def refuse_stopped(stopped: bool) -> None:
    """Neither load nor write after a write was refused to a cell that is not the owner. Raise `ShardOwnershipLost`."""
    if stopped:
        raise ShardOwnershipLost("the cell has stopped")


@states("COMMIT-OWNER-2")
def refuse_later_owner(range_id: int, task_id: int, store: Store) -> None:
    """Execute no task that a later owner has stored, as memory is behind it. Raise `ShardOwnershipLost`."""
    later = store.claims.get(range_id + 1)
    if later is not None and task_id >= later:
        raise ShardOwnershipLost(f"the range ID is {store.range_id}, not {range_id}")


@states("COMMIT-CONDITION-1")
def refuse_other_record(loaded: int, stored: StoredWorkflow | None) -> None:
    """Replace only the record that was loaded, 0 for none. Raise `ConditionFailed`."""
    present = 0 if stored is None else stored.record
    if loaded != present:
        raise ConditionFailed(f"record {present} is stored, {loaded} was loaded")


@states("COMMIT-ATOMIC-1", "COMMIT-ATOMIC-2", "COMMIT-ATOMIC-3")
def written(store: Store, key: Any, workflow: StoredWorkflow, tasks: tuple[QueueTask, ...]) -> Store:
    """Return the store with the workflow and all its new tasks. They have the IDs from the store's next one on."""
    stored = store.tasks
    for task in tasks:
        stored = stored.insert(task.id, task)
    return store._replace(
        workflows=store.workflows.insert(key, workflow),
        tasks=stored,
        next_task_id=store.next_task_id + len(tasks),
    )


# --- timers -----------------------------------------------------------------------------------------------------------


@states("TIMER-GROUP-1")
def timer_added(groups: tuple[TimerGroup, ...], due: datetime, task: PersistedTask) -> tuple[TimerGroup, ...]:
    """Return the groups with one more timer, in the order of their deadlines."""
    for index, group in enumerate(groups):
        if group.deadline == due:
            return (*groups[:index], group._replace(tasks=(*group.tasks, task)), *groups[index + 1 :])
        if group.deadline > due:
            return (*groups[:index], TimerGroup(due, (task,)), *groups[index:])
    return (*groups, TimerGroup(due, (task,)))


@states("TIMER-SCHEDULE-1", "TIMER-SCHEDULE-2")
def needs_timer_task(groups: tuple[TimerGroup, ...]) -> bool:
    """Return whether the timer queue needs one more task: where it has none for the first deadline."""
    return bool(groups) and not groups[0].scheduled


@states("TIMER-FAR-1")
def schedulable(due: datetime, time: datetime) -> bool:
    """Return whether a deadline gets a task in the timer queue, however far ahead it is."""
    return True


@states("TIMER-PAST-1", "TIMER-DUE-1")
def task_due(due: datetime, time: datetime) -> datetime:
    """Return when the timer queue delivers a task: at the deadline."""
    return due


@states("TIMER-DUE-1", "TIMER-EARLY-1")
def timer_time(due: datetime, time: datetime) -> datetime:
    """Return the time that decides which timers may fire: the clock's, not that of the queue's task."""
    return time


@states("TIMER-DUE-1", "TIMER-ONCE-1")
def expired(due: datetime, time: datetime) -> bool:
    """Return whether a timer may fire: once its deadline has come, to the microsecond."""
    return due <= time


@states("TIMER-SKIP-1", "TIMER-STALE-1", "TIMER-STANDBY-2")
def timer_skipped(failure: BaseException) -> bool:
    """Return whether a failed timer counts as fired, with what its executor did: if it says that it found nothing."""
    return isinstance(failure, NotFound)


@states("TIMER-BATCH-1", "TIMER-TERMINAL-1")
def timer_dropped(failure: BaseException) -> bool:
    """Return whether a failed timer is dropped, without what its executor did: if it would always fail.

    Any other failure undoes the whole batch.
    """
    return isinstance(failure, NotRegistered)


@states("TIMER-EARLY-1")
def timer_task_fate(due: datetime, time: datetime) -> Fate:
    """Return the fate of a task of the timer queue that did not fail; one that is delivered early is still needed."""
    return Fate.DONE if due <= time else Fate.RETRIED


@states("TIMER-STANDBY-1")
def waits_on_standby(task: Task) -> bool:
    """Return whether a due timer that is still valid waits for the active cell."""
    return True


@states("TIMER-STANDBY-3")
def discarded_on_standby(due: datetime, time: datetime) -> bool:
    """Return whether a passive cell gives up a task of its timer queue that waits for the active cell: never."""
    return False


# --- queues -----------------------------------------------------------------------------------------------------------


@states(
    "OUTBOUND-FATE-1",
    "OUTBOUND-FATE-2",
    "OUTBOUND-FATE-3",
    "OUTBOUND-FATE-4",
    "OUTBOUND-STANDBY-1",
    "OUTBOUND-STANDBY-2",
)
def fate(failure: BaseException | None) -> Fate:
    """Return the fate of a task: retried unless it succeeded, is of no use any more, or would always fail."""
    if failure is None:
        return Fate.DONE
    return Fate.DROPPED if isinstance(failure, NotFound | NotRegistered) else Fate.RETRIED


# --- refresh and replication ------------------------------------------------------------------------------------------


@states("REFRESH-STALE-1", "REFRESH-TIMERS-1")
def rebuilt(info: WorkflowInfo, next_task_id: int) -> WorkflowInfo:
    """Return the workflow with no timers, and all tasks that were generated so far stale."""
    return info._replace(timers=(), rebuilt_at=next_task_id)


@states("REFRESH-TASKS-1", "REPL-TASKS-1")
def regenerated(data: Any) -> tuple[Task, ...]:
    """Return the tasks that a machine's state calls for. Raise what the machine raises (REFRESH-FAIL-1)."""
    return tuple(data.regenerate_tasks())


@states("REPL-EVENTS-1")
def refuse_missing_events(here: WorkflowInfo | None, there: WorkflowInfo) -> None:
    """Take state only where its events are. Raise `RetryReplication`."""
    if here is None or len(here.events) < len(there.events):
        raise RetryReplication("events are missing")


@states("REPL-INITIAL-1")
def refuse_other_machine(here: NodeVersions, there: NodeVersions) -> None:
    """Take state only of the same machine. Raise `InitialVersionMismatch`."""
    if here.initial.version != there.initial.version:
        raise InitialVersionMismatch("the machine was added in another failover version")


@states("REPL-NEWER-1", "REPL-NEWER-2")
def is_newer(definition: Any, here: NodeVersions, data_here: Any, there: NodeVersions, data_there: Any) -> bool:
    """Return whether the other cell has newer state: by failover version, then by the workflow's transition."""
    return there.last_update > here.last_update
