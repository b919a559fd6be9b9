"""Operations on registries: registration, lookup, tasks and their execution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hsm_model.executor import AccessType, Ref, StateMachineRef, WorkflowKey, execute, register_executor
from hsm_model.node import Node
from hsm_model.registry import Registry
from hsm_model.state import Key, new
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import (
    PaletteDefinition,
    PaletteTask,
    PaletteTaskSerializer,
    instant,
    kind_of,
    milliseconds,
)
from hsm_specs.oracle.world.core import NULL, World, runs
from hsm_specs.oracle.world.queues import execute_outbound


@runs(ops.NewRegistry)
def new_registry(world: World, op: ops.NewRegistry) -> Observation:
    world.registries[op.registry] = Registry(world.semantics)
    return NULL


@runs(ops.RegisterMachine)
def register_machine(world: World, op: ops.RegisterMachine) -> Observation:
    world.registry_to_change(op.registry).register_machine(PaletteDefinition(op.type, op.tag))
    return NULL


@runs(ops.Machine)
def machine(world: World, op: ops.Machine) -> Observation:
    definition = world.registry(op.registry).machine(op.type)
    return NULL if definition is None else Observation(ok=definition.tag)  # type: ignore[attr-defined]  # the palette's


@runs(ops.RegisterTaskSerializer)
def register_task_serializer(world: World, op: ops.RegisterTaskSerializer) -> Observation:
    registry = world.registry_to_change(op.registry)
    registry.register_task_serializer(op.type, PaletteTaskSerializer(op.type, op.tag))
    return NULL


@runs(ops.TaskSerializer)
def task_serializer(world: World, op: ops.TaskSerializer) -> Observation:
    serializer = world.registry(op.registry).task_serializer(op.type)
    return NULL if serializer is None else Observation(ok=serializer.tag)  # type: ignore[attr-defined]  # the palette's


@runs(ops.SerializeTask)
def serialize_task(world: World, op: ops.SerializeTask) -> Observation:
    serializer = world.registry(op.registry).task_serializer(op.task[0])
    return NULL if serializer is None else Observation(ok=serializer.serialize(PaletteTask(*op.task)).decode())


@runs(ops.DeserializeTask)
def deserialize_task(world: World, op: ops.DeserializeTask) -> Observation:
    serializer = world.registry(op.registry).task_serializer(op.type)
    if serializer is None:
        return NULL
    return Observation(ok=serializer.deserialize(op.data.encode(), kind_of(op.kind)))


class RecordingEnvironment:
    """An environment for one execution: a fixed clock, and a tree to look refs up in.

    ``inner`` takes what is observed during the execution.
    """

    def __init__(self, now: datetime, start: Node, inner: list[Observation]) -> None:
        self._now = now
        self._start = start
        self.inner = inner

    def now(self) -> datetime:
        """Return the fixed clock."""
        return self._now

    def access(self, ref: Ref, access_type: AccessType, accessor: Callable[[Node], None]) -> None:
        """Note the access type and call the accessor with the node at the ref's path."""
        self.inner.append(Observation(ok=access_type.name.lower()))
        accessor(self._start.child(ref.state_machine_path()))


@runs(ops.RegisterExecutor)
def register_executor_(world: World, op: ops.RegisterExecutor) -> Observation:
    registry: Registry = world.registry_to_change(op.registry)

    def executor(env: Any, ref: Ref, task: PaletteTask, /) -> None:
        if not isinstance(env, RecordingEnvironment):
            execute_outbound(world, op, env, ref, task)
            return
        where = ref.state_machine_ref
        seen = [
            ref.workflow_key,
            ref.state_machine_path(),
            where.mutable_state_namespace_failover_version,
            where.machine_transition_count,
        ]
        env.inner.append(Observation(ok=[op.tag, milliseconds(env.now()), task, seen]))

        def accessor(node: Node) -> None:
            if op.bind is not None:
                world.nodes[op.bind] = node
            outside, world.read_only = world.read_only, world.read_only or op.access == "read"
            try:
                world.perform(op.script, env.inner)
            finally:
                world.read_only = outside

        if op.access is None:
            world.perform(ops.Script(fail=op.script.fail), env.inner)
        else:
            env.access(ref, AccessType.READ if op.access == "read" else AccessType.WRITE, accessor)

    register_executor(registry, op.type, executor)
    return NULL


def ref_of(spec: ops.RefSpec) -> Ref:
    """Return the model's ref for an operation's."""
    path = tuple([new(Key, key) for key in spec.path])
    return Ref(WorkflowKey(*spec.workflow), StateMachineRef(path, spec.version, 0, spec.count))


@runs(ops.Execute)
def execute_(world: World, op: ops.Execute) -> Observation:
    registry, node = world.registry(op.registry), world.node(op.node)

    def call(inner: list[Observation]) -> Observation:
        environment = RecordingEnvironment(instant(op.now), node, inner)
        execute(registry, environment, ref_of(op.ref), PaletteTask(*op.task))
        return NULL

    return world.attempt(call)


@runs(ops.StateMachinePath)
def state_machine_path(world: World, op: ops.StateMachinePath) -> Observation:
    return Observation(ok=ref_of(op.ref).state_machine_path())
