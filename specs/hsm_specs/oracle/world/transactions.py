"""Operations on workflows in a store: cells, access, faults, and what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hsm_model.executor import AccessType, StateMachineRef, WorkflowKey
from hsm_model.framework import Cell, Framework, StoreError, When
from hsm_model.framework.environment import access
from hsm_model.framework.errors import NotFound, Panic, WorkflowExists
from hsm_model.framework.state import OutboundTask, StoredWorkflow
from hsm_model.node import Node
from hsm_model.persistence import Dialect, PersistedTask, unmarshal
from hsm_model.registry import Registry
from hsm_model.state import Key, new
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import ScriptPanic, milliseconds
from hsm_specs.oracle.world.core import NULL, Unbound, World, runs
from hsm_specs.oracle.world.tree import structure

ACCESS = {"read": AccessType.READ, "write": AccessType.WRITE}
CLUSTERS = "cluster 0", "cluster 1"
"""The names that the clusters have in the model."""
ERRORS = {"condition_failed": StoreError.CONDITION, "unknown_outcome": StoreError.UNKNOWN}


def framework_of(world: World, registry: Registry) -> Framework:
    """Return the framework of a registry, made now if there is none. Raise `DuplicateRegistration`."""
    frameworks: dict[Registry, Framework] = world.frameworks
    if registry not in frameworks:
        frameworks[registry] = Framework(registry, world.framework_rules, clusters=CLUSTERS)
    return frameworks[registry]


def cell_of(world: World, handle: int) -> Cell:
    """Return the cell of a handle. Raise `Unbound`."""
    cell: Cell | None = world.cells.get(handle)
    if cell is None:
        raise Unbound
    return cell


def key_of(world: World, handle: int) -> WorkflowKey:
    """Return the key of the workflow of a handle. Raise `Unbound`."""
    if handle not in world.workflows:
        raise Unbound
    return WorkflowKey("namespace", f"w{handle}", "run")


def perform_inside(world: World, node: Node, bind: int | None, script: ops.Script, inner: list[Observation]) -> None:
    """Run the script of an access on its node. Nodes that are bound inside are unbound then."""
    outside = dict(world.nodes)
    if bind is not None:
        world.nodes[bind] = node
    try:
        world.perform(script, inner)
    except ScriptPanic:
        raise Panic from None
    finally:
        world.nodes = outside


@runs(ops.NewCell)
def new_cell(world: World, op: ops.NewCell) -> Observation:
    framework = framework_of(world, world.registry(op.registry))
    world.cells[op.cell] = framework.new_cell(f"cell {len(framework.world.cells)}", CLUSTERS[op.cluster])
    return NULL


@runs(ops.StartWorkflow)
def start_workflow(world: World, op: ops.StartWorkflow) -> Observation:
    cell = cell_of(world, op.cell)
    try:
        cell.start(f"w{op.workflow}")
    except WorkflowExists:
        world.workflows.add(op.workflow)
        raise
    world.workflows.add(op.workflow)
    return NULL


@runs(ops.CloseWorkflow)
def close_workflow(world: World, op: ops.CloseWorkflow) -> Observation:
    cell_of(world, op.cell).close(key_of(world, op.workflow))
    return NULL


@runs(ops.AccessWorkflow)
def access_workflow(world: World, op: ops.AccessWorkflow) -> Observation:
    cell, workflow = cell_of(world, op.cell), key_of(world, op.workflow)
    ref = None
    if op.ref is not None:
        path, version, count = op.ref
        ref = StateMachineRef(tuple([new(Key, key) for key in path]), version, 0, count)

    def call(inner: list[Observation]) -> Observation:
        def accessor(node: Node) -> None:
            perform_inside(world, node, op.bind, op.script, inner)

        try:
            access(cell.framework, cell.name, workflow, ACCESS[op.access], accessor, ref)
        except Panic:
            raise ScriptPanic from None
        return NULL

    return world.attempt(call)


@runs(ops.FailStore)
def fail_store(world: World, op: ops.FailStore) -> Observation:
    cell_of(world, op.cell).fail_store(When(op.when), ERRORS[op.error])
    return NULL


@runs(ops.Restart)
def restart(world: World, op: ops.Restart) -> Observation:
    cell_of(world, op.cell).restart()
    return NULL


@runs(ops.Evict)
def evict(world: World, op: ops.Evict) -> Observation:
    cell_of(world, op.cell).evict(key_of(world, op.workflow))
    return NULL


def stored_in(world: World, op: Any) -> tuple[Cell, StoredWorkflow]:
    """Return the cell of an operation, and what its store has of the workflow. Raise `Unbound` or `NotFound`."""
    cell, workflow = cell_of(world, op.cell), key_of(world, op.workflow)
    found = cell.store.workflows.get(workflow)
    if found is None:
        raise NotFound(f"there is no workflow {workflow.workflow_id}")
    return cell, found


@runs(ops.Stored)
def stored(world: World, op: ops.Stored) -> Observation:
    return Observation(ok=structure(unmarshal(stored_in(world, op)[1].tree, Dialect.V1_25)))


@runs(ops.StoredTasks)
def stored_tasks(world: World, op: ops.StoredTasks) -> Observation:
    return Observation(ok=list(_tasks(world, op)))


def _tasks(world: World, op: ops.StoredTasks) -> Iterator[list[Any]]:
    cell, workflow = stored_in(world, op)
    for task in cell.outbound_tasks():
        if task.workflow == key_of(world, op.workflow):
            yield described(task)
    for group in workflow.info.timers:
        yield from ([*_persisted(timer), milliseconds(group.deadline)] for timer in group.tasks)


def described(task: OutboundTask) -> list[Any]:
    """Return an outbound task as it is shown."""
    return [*_persisted(task.task), task.destination]


def _persisted(task: PersistedTask) -> list[Any]:
    ref = task.ref
    version, count = ref.mutable_state_namespace_failover_version, ref.machine_transition_count
    return [ref.path, version, count, task.type, task.data.decode()]


@runs(ops.StoreCounts)
def store_counts(world: World, op: ops.StoreCounts) -> Observation:
    cell = cell_of(world, op.cell)
    cluster = cell.state.cluster
    return Observation(ok=[cell.framework.loads_of[cluster], cell.framework.writes_of[cluster]])
