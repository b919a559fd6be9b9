"""Operations on workflows that two clusters have: events, which make machines in both, and the state of machines."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from hsm_specs.language import operations as ops
from hsm_specs.language.operations.transactions import LOCKED_WRITE_REFUSALS, AccessWorkflow, NewCell, StartWorkflow
from hsm_specs.language.shapes import CellHandle, Data, Domain, Operation, RegisteredKey, WorkflowHandle
from hsm_specs.language.specification import Builder, Choice, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}
_REFUSALS = {
    "not_found": "REPL-EVENTS-1",
    "no_serializer": "COMMIT-SERIALIZER-1",
    **LOCKED_WRITE_REFUSALS,
}
"""The requirements of the errors of events and of replication."""


class EventChild(Operation, tag="event_child", frozen=True):
    """Applies an event to a workflow and adds it to the workflow's history, under write access. Returns null.

    The event adds a machine below the root and lets it transition, with the tasks that its state calls for and without
    a change of its data. Wherever the event is replicated, it is applied again.
    """

    cell: CellHandle
    workflow: WorkflowHandle
    key: RegisteredKey
    data: Data


def _cell(builder: Builder) -> int:
    """Return the handle of a cell, rarely one of the other cluster."""
    return builder.cell() if builder.random.random() < 0.8 else builder.standby()


def _event_child(builder: Builder) -> EventChild:
    return EventChild(_cell(builder), builder.workflow(), (1, builder.id()), builder.data())


SPECIFIED[EventChild] = OperationSpec(
    reads="event of {workflow} in {cell}: add {key} with {data}",
    value=None,
    about="REPL-EVENTS-2",
    modelled=Modelled("Cell.event", ("REPL-EVENTS-2",)),
    refusals={
        **_REFUSALS,
        "state_machine_already_exists": "NODE-ADD-2",
        "not_registered": "NODE-ADD-3",
        "serialize_error": "NODE-ADD-4",
        "namespace_not_active": "COMMIT-PASSIVE-1",
    },
    capability="replication",
    fixes_values=True,
    palette_only=True,
    choices=(Choice(4, _event_child),),
    example=lambda: (
        ops.RegisterTaskSerializer(2),
        NewCell(0),
        StartWorkflow(0, 0),
        EventChild(0, 0, (1, "a"), (2, 5)),
        ops.Stored(0, 0),
        ops.StoredTasks(0, 0),
        EventChild(0, 0, (1, "a"), (2, 5)),
    ),
)


class ReplicateEvents(Operation, tag="replicate_events", frozen=True):
    """Applies in ``cell`` the events that the store of ``source`` has and that of ``cell`` lacks. Returns how many.

    Each is applied in a transaction of its own, whichever cluster is active. The workflow is started if it is missing.
    """

    cell: CellHandle
    source: CellHandle
    workflow: WorkflowHandle


SPECIFIED[ReplicateEvents] = OperationSpec(
    reads="replicate events of {workflow} to {cell} from {source}",
    value=Annotated[int, Meta(ge=0), Domain.COUNT],
    about="REPL-EVENTS-2",
    modelled=Modelled("Framework.replicate_events", ("REPL-EVENTS-2",)),
    refusals={**_REFUSALS, "state_machine_already_exists": "NODE-ADD-2"},
    capability="replication",
    fixes_values=True,
    palette_only=True,
    choices=(),  # Random programs replicate between the clusters.
    example=lambda: (
        ops.RegisterTaskSerializer(2),
        NewCell(0),
        NewCell(1, cluster=1),
        StartWorkflow(0, 0),
        EventChild(0, 0, (1, "a"), (2, 5)),
        ReplicateEvents(1, 0, 0),
        ReplicateEvents(1, 0, 0),
        ops.Stored(1, 0),
        ops.StoredTasks(1, 0),
    ),
)


class Sync(Operation, tag="sync", frozen=True):
    """Takes to ``cell`` the machines whose state is newer in the store of ``source``. Returns whether there were any.

    Their data is replaced, in a transition with the tasks that the new state calls for. All that is taken is written at
    once, whichever cluster is active, and nothing is written if there is nothing to take. Where definitions compare
    the states of machines, a higher state is newer, and of equal ones a higher value.
    """

    cell: CellHandle
    source: CellHandle
    workflow: WorkflowHandle


def _sync(builder: Builder) -> Sync:
    """Return a sync between the clusters, often after an event, its replication, and a transition."""
    random = builder.random.random
    workflow, cells = builder.workflow(), (builder.standby(), builder.cell())
    cell, source = cells if random() < 0.8 else cells[::-1]
    key = 1, builder.id()
    if random() < 0.4:
        builder.run(EventChild(source, workflow, key, builder.data()))
    if random() < 0.8:
        builder.run(ReplicateEvents(cell, source, workflow))
    if random() < 0.7:
        node, machine, found = builder.fresh_inside(), builder.fresh_inside(), builder.fresh_inside()
        change = ops.SetState(machine, int(random() * 6)), ops.SetValue(machine, int(random() * 6))
        transition = ops.MachineTransition(found, ops.Script(change, builder.tasks(2)), machine)
        inside = ops.Script((ops.Child(node, (key,), found), transition))
        builder.run(AccessWorkflow(source, workflow, "write", node, inside))
    return Sync(cell, source, workflow)


SPECIFIED[Sync] = OperationSpec(
    reads="sync {workflow} to {cell} from {source}",
    value=bool,
    about="REPL-TASKS-1",
    modelled=Modelled(
        "Framework.sync",
        ("REPL-TASKS-1", "REPL-NEWER-1", "REPL-NEWER-2", "REPL-COUNT-1", "REPL-MISSING-1", "REPL-FAIL-1"),
    ),
    refusals={
        **_REFUSALS,
        "no_serializer": "REPL-FAIL-1",
        "retry_replication": "REPL-EVENTS-1",
        "state_machine_not_found": "REPL-MISSING-1",
        "initial_version_mismatch": "REPL-INITIAL-1",
    },
    capability="replication",
    fixes_values=True,
    palette_only=True,
    choices=(Choice(6, _sync),),
    example=lambda: (
        ops.RegisterTaskSerializer(2),
        NewCell(0),
        NewCell(1, cluster=1),
        StartWorkflow(0, 0),
        EventChild(0, 0, (1, "a"), (0, 5)),
        Sync(1, 0, 0),
        ReplicateEvents(1, 0, 0),
        AccessWorkflow(
            0,
            0,
            "write",
            2,
            ops.Script((ops.MachineTransition(2, ops.Script((ops.SetState(4, 2),)), 4),)),
            (((1, "a"),), 1, 1),
        ),
        Sync(1, 0, 0),
        Sync(1, 0, 0),
        ops.Stored(1, 0),
        ops.StoredTasks(1, 0),
    ),
)

ReplicationOperation: TypeAlias = EventChild | ReplicateEvents | Sync
"""Operations on workflows that two clusters have: events, which make machines in both, and the state of machines."""
