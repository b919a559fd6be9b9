"""Operations on the namespace that all workflows are in, which is active in one cluster at a time."""

from __future__ import annotations

from typing import TypeAlias

from hsm_specs.language import operations as ops
from hsm_specs.language.operations.transactions import LOCKED_WRITE_REFUSALS, AccessWorkflow, NewCell, StartWorkflow
from hsm_specs.language.shapes import CellHandle, Operation, WorkflowHandle
from hsm_specs.language.specification import Builder, Choice, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}


class Failover(Operation, tag="failover", frozen=True):
    """Makes the namespace active in the cluster of ``cell``, as all cells of its registry learn at once. Returns null.

    Its failover version is 1 at first. Cluster 0 has the versions 1, 11, 21 and so on, cluster 1 has 2, 12, 22 and so
    on: a failover takes the next one of its cluster. Where the namespace is active already, nothing changes.
    """

    cell: CellHandle


def _failover(builder: Builder) -> Failover:
    """Return a failover, mostly one back to the first cluster, where programs do most things."""
    at = builder.random.random()
    if at < 0.75:
        builder.run(Failover(builder.standby()))
    return Failover(builder.standby() if at > 0.95 else builder.cell())


SPECIFIED[Failover] = OperationSpec(
    reads="failover to {cell}",
    value=None,
    about="COMMIT-PASSIVE-1",
    modelled=Modelled("Cell.failover", ("COMMIT-PASSIVE-1", "COMMIT-VERSIONS-1")),
    capability="failover",
    palette_only=True,
    choices=(Choice(6, _failover),),
    example=lambda: (
        NewCell(0),
        StartWorkflow(0, 0),
        NewCell(1, cluster=1),
        Failover(1),
        AccessWorkflow(0, 0, "write", 2, ops.Script((ops.AddChild(2, (1, "a"), (0, 5)),))),
        Failover(0),
        AccessWorkflow(0, 0, "write", 2, ops.Script((ops.AddChild(2, (1, "a"), (0, 5)),))),
        AccessWorkflow(0, 0, "read", ref=(((1, "a"),), 11, 0)),
    ),
)


class StartWorkflowTask(Operation, tag="start_workflow_task", frozen=True):
    """Starts a workflow task of a workflow. Returns null.

    The first write access after a failover fails it, in a commit before that of the access.
    """

    cell: CellHandle
    workflow: WorkflowHandle


def _start_workflow_task(builder: Builder) -> StartWorkflowTask | Failover:
    """Return the start of a workflow task, or a failover after it."""
    starts = StartWorkflowTask(builder.cell(), builder.workflow())
    if builder.random.random() < 0.5:
        return starts
    builder.run(starts)
    return Failover(builder.standby())


SPECIFIED[StartWorkflowTask] = OperationSpec(
    reads="start a workflow task of {workflow} in {cell}",
    value=None,
    about="ENV-READ-2",
    modelled=Modelled("Cell.start_workflow_task", ("ENV-READ-2",)),
    refusals={"namespace_not_active": "COMMIT-PASSIVE-1", **LOCKED_WRITE_REFUSALS},
    capability="failover",
    palette_only=True,
    choices=(Choice(3, _start_workflow_task),),
    example=lambda: (
        NewCell(0),
        NewCell(1, cluster=1),
        StartWorkflow(0, 0),
        StartWorkflowTask(0, 0),
        Failover(1),
        Failover(0),
        AccessWorkflow(0, 0, "read"),
        ops.StoreCounts(0),
        AccessWorkflow(0, 0, "write"),
        ops.StoreCounts(0),
    ),
)

FailoverOperation: TypeAlias = Failover | StartWorkflowTask
"""Operations on the namespace that all workflows are in, which is active in one cluster at a time."""
