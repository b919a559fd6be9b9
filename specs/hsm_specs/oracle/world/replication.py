"""Operations on workflows that two clusters have, as the model's framework does them."""

from __future__ import annotations

import json

from hsm_model.executor import WorkflowKey
from hsm_model.framework.framework import Cell
from hsm_model.framework.state import StoredWorkflow
from hsm_model.node import Node, machine_transition
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import NOT_DESERIALIZABLE, PaletteError, PaletteMachine, class_of
from hsm_specs.oracle.world.core import BOOLEAN, NULL, World, runs
from hsm_specs.oracle.world.transactions import cell_of, key_of
from hsm_specs.oracle.world.unspecified import Unspecified

CHILD_ADDED = 1
"""The type of the events that add a machine."""


def child_added(root: Node, payload: bytes) -> None:
    """Apply an event: add a machine, and let it transition with the tasks that its state calls for."""
    type_id, machine_id, state, value = json.loads(payload)
    node = root.add_child(Key(type_id, machine_id), class_of(type_id)(state, value))
    machine_transition(node, PaletteMachine, lambda machine: TransitionOutput(tuple(machine.regenerate_tasks())))


def _changeable(world: World, cell: Cell, workflow: WorkflowKey, *others: Cell) -> None:
    """Raise `Unspecified` where a workflow's tree must not be changed, or has events of other kinds in any cell."""
    if world.frames:
        raise Unspecified("MT-TREE-1", "another tree is changed inside a transition")
    if world.read_only:
        raise Unspecified("ENV-ACCESS-3", "an accessor with read access changes state")
    for other in (cell, *others):
        stored = other.store.workflows.get(workflow)
        if stored is not None and (stored.info.closed or workflow in world.other_events):
            raise Unspecified("REPL-HISTORY-1", "a workflow has events of other kinds")


@runs(ops.EventChild)
def event_child(world: World, op: ops.EventChild) -> Observation:
    cell, workflow = cell_of(world, op.cell), key_of(world, op.workflow)
    _changeable(world, cell, workflow)
    if op.data[1] == NOT_DESERIALIZABLE:
        raise Unspecified("DATA-CACHE-1", "data that was just serialized is deserialized")
    cell.framework.events[CHILD_ADDED] = child_added
    cell.event(workflow, CHILD_ADDED, json.dumps([*op.key, *op.data]).encode())
    return NULL


def _between(world: World, op: ops.ReplicateEvents | ops.Sync) -> tuple[Cell, Cell, WorkflowKey]:
    """Return the source, the target and the workflow. Raise `Unspecified` where their histories have diverged."""
    cell, source, workflow = cell_of(world, op.cell), cell_of(world, op.source), key_of(world, op.workflow)
    _changeable(world, cell, workflow, source)
    if cell.framework is not source.framework:
        raise Unspecified("REPL-CONFLICT-1", "a workflow is replicated to the cell of another registry")
    here, there = (each.store.workflows.get(workflow) for each in (cell, source))
    if here is not None and there is not None and _diverged(here, there):
        raise Unspecified("REPL-CONFLICT-1", "each of two clusters has events that the other lacks")
    return source, cell, workflow


def _diverged(here: StoredWorkflow, there: StoredWorkflow) -> bool:
    shared = min(len(here.info.events), len(there.info.events))
    started = (each.info.versions[()].initial.version for each in (here, there))
    return here.info.events[:shared] != there.info.events[:shared] or len({*started}) > 1


@runs(ops.ReplicateEvents)
def replicate_events(world: World, op: ops.ReplicateEvents) -> Observation:
    source, target, workflow = _between(world, op)
    return Observation(ok=target.framework.replicate_events(source, target, workflow))


@runs(ops.Sync)
def sync(world: World, op: ops.Sync) -> Observation:
    source, target, workflow = _between(world, op)
    try:
        return BOOLEAN[target.framework.sync(source, target, workflow)]
    except PaletteError as error:
        if error.code == "deserialize_error":
            raise Unspecified("DATA-CACHE-1", "data that would not deserialize may be looked at") from error
        raise
