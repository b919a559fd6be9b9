"""Operations on workflows in a store: access, commits, faults, and what is stored.

A cell is a running history service. The cells of a registry and a cluster share one store, and the last one that was
started or restarted owns it. Only its owner may write.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from hsm_specs.language import operations as ops
from hsm_specs.language.shapes import (
    Access,
    CellHandle,
    Cluster,
    Domain,
    Failure,
    MachineRef,
    NewCellHandle,
    NewNodeHandle,
    NewWorkflowHandle,
    Operation,
    Persisted,
    RegistryHandle,
    Script,
    StoredTask,
    StoreError,
    StoreFailure,
    Unordered,
    WorkflowHandle,
)
from hsm_specs.language.specification import Builder, Choice, Inner, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}
WRITE_REFUSALS = {
    "shard_ownership_lost": "COMMIT-OWNER-1",
    "condition_failed": "COMMIT-ERROR-1",
    "unknown_outcome": "COMMIT-ERROR-1",
}
"""The requirements of the errors that any write has."""
LOCKED_WRITE_REFUSALS = {"workflow_busy": "ENV-LOCK-1", **WRITE_REFUSALS}
"""Those of the errors that any write of a workflow has that is locked for it."""
Times = Annotated[int, Meta(ge=0), Domain.COUNT]


class NewCell(Operation, tag="new_cell", frozen=True):
    """Starts a cell, which becomes the owner of the store of ``registry`` in ``cluster``. Binds ``cell``. Returns null.

    The first cell registers the type of the root of all workflows, 2147483645. ``cluster`` 1 needs ``failover``: the
    namespace of all workflows is active in cluster 0 at first.
    """

    cell: NewCellHandle
    registry: RegistryHandle = 0
    cluster: Cluster = 0


SPECIFIED[NewCell] = OperationSpec(
    reads="{cell}new cell({registry}{cluster})",
    value=None,
    about="COMMIT-OWNER-1",
    modelled=Modelled("Framework.new_cell", ("COMMIT-OWNER-1",)),
    refusals={"duplicate_registration": "REG-MACHINE-2"},
    capability="transactions",
    palette_only=True,
    sets_up=True,
    choices=(),  # Other operations start the cells that they need.
    example=lambda: (NewCell(0), NewCell(0, 3)),
)


class StartWorkflow(Operation, tag="start_workflow", frozen=True):
    """Starts a workflow: writes one with an empty tree to the store of ``cell``. Binds ``workflow``. Returns null.

    The handle names the same workflow in all cells, and is bound also if the workflow is there already.
    """

    cell: CellHandle
    workflow: NewWorkflowHandle


SPECIFIED[StartWorkflow] = OperationSpec(
    reads="{workflow}start workflow in {cell}",
    value=None,
    about="ENV-WRITE-1",
    modelled=Modelled("Cell.start", ("ENV-WRITE-1",)),
    refusals={"namespace_not_active": "COMMIT-PASSIVE-1", **WRITE_REFUSALS},
    capability="transactions",
    palette_only=True,
    sets_up=True,
    choices=(Choice(1),),
    example=lambda: (NewCell(0), StartWorkflow(0, 0), StartWorkflow(0, 0)),
)


class CloseWorkflow(Operation, tag="close_workflow", frozen=True):
    """Closes a workflow. Its machines go on. Returns null."""

    cell: CellHandle
    workflow: WorkflowHandle


SPECIFIED[CloseWorkflow] = OperationSpec(
    reads="close {workflow} in {cell}",
    value=None,
    about="ENV-WRITE-3",
    modelled=Modelled("Cell.close", ("ENV-WRITE-3",)),
    refusals={"namespace_not_active": "COMMIT-PASSIVE-1", **LOCKED_WRITE_REFUSALS},
    capability="transactions",
    palette_only=True,
    choices=(Choice(1),),
    example=lambda: (NewCell(0), StartWorkflow(0, 0), CloseWorkflow(0, 0), CloseWorkflow(0, 0)),
)


class AccessWorkflow(Operation, tag="access", frozen=True):
    """Environment.Access of a workflow: the accessor gets the node that ``ref`` names, the root without one.

    It binds ``bind`` to the node and runs the script, whose tasks do not matter. Nodes that are bound inside are
    unbound when the access ends. Under write access, what was done is committed then. Returns null. ``inner`` has the
    observations of the script's operations.
    """

    cell: CellHandle
    workflow: WorkflowHandle
    access: Access
    bind: NewNodeHandle | None = None
    script: Script = Script()
    ref: MachineRef | None = None


def _function(operation: AccessWorkflow) -> str:
    return "func()" if operation.bind is None else f"func(n{operation.bind})"


def _machine(builder: Builder) -> tuple[int, str]:
    return 1, builder.id()


def _access(builder: Builder) -> AccessWorkflow:
    """Return an access that adds or transitions machines, or finds them, and may fail."""
    random = builder.random.random
    cell, workflow = builder.cell(), builder.workflow()
    node, machine, found = builder.fresh_inside(), builder.fresh_inside(), builder.fresh_inside()
    access: Access = "read" if random() < 0.25 else "write"
    steps: list[ops.AnyOperation] = []
    ref: MachineRef | None = None
    if random() < 0.3:
        ref = (_machine(builder),), builder.version(), int(random() * 3)
    for _ in range(int(random() * 3)):
        at = random()
        if at < 0.4:
            steps.append(ops.AddChild(node, _machine(builder), builder.data()))
        elif at < 0.9 and access == "write":
            inside = (ops.SetState(machine, int(random() * 4)),)
            failing: Failure | None = "user_2" if random() < 0.2 else None
            steps.append(ops.Child(node, () if ref else (_machine(builder),), found))
            steps.append(ops.MachineTransition(found, Script(inside, builder.tasks(4), failing), machine))
        else:
            steps.append(ops.Export(node))
    if random() < 0.1:
        steps.append(AccessWorkflow(cell, workflow, "write"))
    at = random()
    fail: Failure | None = None
    if at > 0.85:
        fail = "panic" if at > 0.95 and builder.panics else "user_1"
    return AccessWorkflow(cell, workflow, access, node, Script(tuple(steps), (), fail), ref)


SPECIFIED[AccessWorkflow] = OperationSpec(
    reads="{access} access({cell}, {workflow}{ref})",
    function=_function,
    value=None,
    about="ENV-WRITE-1",
    modelled=Modelled(
        "Environment.access",
        (
            "ENV-WRITE-1",
            "ENV-WRITE-2",
            "ENV-WRITE-3",
            "ENV-ERROR-3",
            "ENV-LOCK-2",
            "REF-CALLED-1",
            "REF-LOADED-1",
        ),
    ),
    refusals={
        "user_1": "ENV-ERROR-3",
        "user_2": "ENV-ERROR-3",
        "stale_reference": "REF-COUNT-1",
        "not_registered": "REF-MISSING-2",
        "no_serializer": "COMMIT-SERIALIZER-1",
        "no_destination": "OUTBOUND-DESTINATION-1",
        "namespace_not_active": "COMMIT-PASSIVE-1",
        **LOCKED_WRITE_REFUSALS,
    },
    capability="transactions",
    palette_only=True,
    inner=Inner(),
    choices=(Choice(30, _access),),
    example=lambda: (
        ops.RegisterTaskSerializer(2),
        NewCell(0),
        StartWorkflow(0, 0),
        AccessWorkflow(0, 0, "write", 2, Script((ops.AddChild(2, (1, "a"), (0, 5)),))),
        AccessWorkflow(
            0, 0, "write", 2, Script((ops.MachineTransition(2, Script((), ((2, 7, "dest"),))),)), (((1, "a"),), 1, 0)
        ),
        AccessWorkflow(0, 0, "read", 2, Script((ops.Export(2),))),
        AccessWorkflow(0, 0, "read", 2, ref=(((1, "a"),), 1, 5)),
    ),
)


class FailStore(Operation, tag="fail_store", frozen=True):
    """Makes the next write to the store of ``cell`` fail. Returns null."""

    cell: CellHandle
    when: StoreFailure
    error: StoreError


def _fail_store(builder: Builder) -> FailStore:
    random = builder.random.random
    when: Literal["before", "after"] = "before" if random() < 0.5 else "after"
    return FailStore(builder.cell(), when, "unknown_outcome" if random() < 0.5 else "condition_failed")


SPECIFIED[FailStore] = OperationSpec(
    reads="next write of {cell} fails {when} it took place: {error}",
    value=None,
    about="COMMIT-ATOMIC-1",
    modelled=Modelled("Cell.fail_store", ("COMMIT-ATOMIC-1", "COMMIT-ATOMIC-2", "COMMIT-ATOMIC-3", "COMMIT-ERROR-1")),
    capability="transactions",
    palette_only=True,
    choices=(Choice(4, _fail_store),),
    example=lambda: (NewCell(0), FailStore(0, "before", "condition_failed"), StartWorkflow(0, 0)),
)


class Restart(Operation, tag="restart", frozen=True):
    """Restarts a cell: it loses all that is in memory and becomes the owner of its store again. Returns null."""

    cell: CellHandle


SPECIFIED[Restart] = OperationSpec(
    reads="restart {cell}",
    value=None,
    about="COMMIT-OWNER-1",
    modelled=Modelled("Cell.restart", ("COMMIT-OWNER-1", "COMMIT-CLEAR-1")),
    capability="transactions",
    palette_only=True,
    choices=(Choice(2),),
    example=lambda: (NewCell(0), Restart(0)),
)


class Evict(Operation, tag="evict", frozen=True):
    """Unloads a workflow from the memory of a cell, unless it is being accessed. Returns null."""

    cell: CellHandle
    workflow: WorkflowHandle


SPECIFIED[Evict] = OperationSpec(
    reads="evict {workflow} from {cell}",
    value=None,
    about="COMMIT-ATOMIC-3",
    modelled=Modelled("Cell.evict", ("COMMIT-ATOMIC-3",)),
    capability="transactions",
    palette_only=True,
    choices=(Choice(2),),
    example=lambda: (NewCell(0), StartWorkflow(0, 0), Evict(0, 0)),
)


class Stored(Operation, tag="stored", frozen=True):
    """Returns the tree of a workflow as it is stored, in the form of ``export``. Loads nothing into memory."""

    cell: CellHandle
    workflow: WorkflowHandle


SPECIFIED[Stored] = OperationSpec(
    reads="stored tree of {workflow} in {cell}",
    value=Persisted,
    about="ENV-WRITE-1",
    modelled=Modelled("Cell.store", ("ENV-WRITE-1",)),
    capability="transactions",
    palette_only=True,
    choices=(Choice(6),),
    example=lambda: (NewCell(0), StartWorkflow(0, 0), Stored(0, 0)),
)


class StoredTasks(Operation, tag="stored_tasks", frozen=True):
    """Returns the tasks of a workflow that are stored: those in the outbound queue, and its timers.

    A number as the kind says that a task is a timer, a string that it is in the outbound queue.
    """

    cell: CellHandle
    workflow: WorkflowHandle


SPECIFIED[StoredTasks] = OperationSpec(
    reads="stored tasks of {workflow} in {cell}",
    value=Unordered[StoredTask],
    about="COMMIT-ATOMIC-1",
    modelled=Modelled("Cell.outbound_tasks", ("COMMIT-REF-1", "COMMIT-QUEUE-1")),
    capability="transactions",
    palette_only=True,
    choices=(Choice(6),),
    example=lambda: (NewCell(0), StartWorkflow(0, 0), StoredTasks(0, 0)),
)


class StoreCounts(Operation, tag="store_counts", frozen=True):
    """Returns ``[loads, writes]``: how often workflows were loaded from the store of ``cell``, and written to it.

    A write counts if it changed the store.
    """

    cell: CellHandle


SPECIFIED[StoreCounts] = OperationSpec(
    reads="loads and writes of the store of {cell}",
    value=tuple[Times, Times],
    about="ENV-READ-1",
    modelled=Modelled("Framework.loads_of", ("ENV-READ-1", "ENV-WRITE-2")),
    capability="transactions",
    palette_only=True,
    choices=(Choice(5),),
    example=lambda: (NewCell(0), StartWorkflow(0, 0), StoreCounts(0)),
)

TransactionOperation: TypeAlias = (
    NewCell
    | StartWorkflow
    | CloseWorkflow
    | AccessWorkflow
    | FailStore
    | Restart
    | Evict
    | Stored
    | StoredTasks
    | StoreCounts
)
