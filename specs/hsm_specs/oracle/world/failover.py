"""Operations on the namespace that all workflows are in."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world.core import NULL, World, runs
from hsm_specs.oracle.world.transactions import cell_of, key_of


@runs(ops.Failover)
def failover(world: World, op: ops.Failover) -> Observation:
    cell_of(world, op.cell).failover()
    return NULL


@runs(ops.StartWorkflowTask)
def start_workflow_task(world: World, op: ops.StartWorkflowTask) -> Observation:
    cell, workflow = cell_of(world, op.cell), key_of(world, op.workflow)
    world.other_events.add(workflow)
    cell.start_workflow_task(workflow)
    return NULL
