"""Operations on the queues of workflows, as the model's framework does them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from hsm_model.executor import Environment, Ref
from hsm_model.framework.errors import NotFound, Panic
from hsm_model.framework.framework import Cell
from hsm_model.framework.state import EPOCH, QueueTask
from hsm_model.node import Node
from hsm_model.tasks import Task, TaskKind, TaskKindTimer
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import PaletteError, PaletteTask, ScriptPanic, milliseconds
from hsm_specs.oracle.world.core import NULL, World, runs
from hsm_specs.oracle.world.transactions import ACCESS, cell_of, described, key_of, perform_inside, stored_in
from hsm_specs.oracle.world.unspecified import Unspecified

MICROSECOND = timedelta(microseconds=1)


class LaterTask(PaletteTask):
    """A timer whose deadline is some microseconds later than its whole milliseconds say."""

    fraction: int

    def kind(self) -> TaskKind:
        """Return the task's kind."""
        kind = super().kind()
        return TaskKindTimer(kind.deadline + self.fraction * MICROSECOND) if isinstance(kind, TaskKindTimer) else kind


def later(tasks: Iterable[ops.Task], fraction: int) -> tuple[Task, ...]:
    """Return tasks that are due so many microseconds later."""
    found = tuple(LaterTask(*task) for task in tasks)
    for task in found:
        task.fraction = fraction
    return found


def microseconds(time: datetime) -> int:
    """Return the microseconds from the Unix epoch to a time."""
    return (time - EPOCH) // MICROSECOND


@runs(ops.Refresh)
def refresh(world: World, op: ops.Refresh) -> Observation:
    cell, workflow = cell_of(world, op.cell), key_of(world, op.workflow)
    loaded = cell.state.loaded.get(workflow) is not None
    try:
        cell.refresh(workflow)
    except PaletteError as error:
        if error.code == "deserialize_error" and loaded:
            raise Unspecified("DATA-CACHE-1", "data in memory that would not deserialize is looked at") from error
        raise
    return NULL


@runs(ops.Now)
def now(world: World, op: ops.Now) -> Observation:
    return Observation(ok=microseconds(cell_of(world, op.cell).now()))


@runs(ops.Advance)
def advance(world: World, op: ops.Advance) -> Observation:
    cell_of(world, op.cell).advance(op.microseconds / 1000)
    return NULL


@runs(ops.DeadlineFraction)
def deadline_fraction(world: World, op: ops.DeadlineFraction) -> Observation:
    world.fraction = op.microseconds
    return NULL


@runs(ops.RegisterTimerExecutor)
def register_timer_executor(world: World, op: ops.RegisterTimerExecutor) -> Observation:
    framework = cell_of(world, op.cell).framework
    if world.frames or framework.transactions:
        raise Unspecified("REG-THREAD-1", "an executor is registered inside a function")

    def executor(env: Environment, node: Node, task: Any) -> None:
        world.calls.append([op.tag, microseconds(env.now()), task, node.path(), node.transition_count()])
        perform_inside(world, node, op.bind, op.script, [])
        if op.ending == "not_found":
            raise NotFound("the executor has not found what it needs")

    framework.register_timer_executor(op.type, executor)
    return NULL


def execute_outbound(world: World, op: ops.RegisterExecutor, env: Environment, ref: Ref, task: PaletteTask) -> None:
    """Do what an executor does with a task from the outbound queue."""
    at = ref.state_machine_ref
    version, count = at.mutable_state_namespace_failover_version, at.machine_transition_count
    world.calls.append([op.tag, microseconds(env.now()), task, at.path, version, count])
    try:
        if op.access is None:
            world.perform(ops.Script(fail=op.script.fail), [])
        else:
            env.access(ref, ACCESS[op.access], lambda node: perform_inside(world, node, op.bind, op.script, []))
    except ScriptPanic:
        raise Panic from None


def delivered(world: World, cell: Cell, task: QueueTask) -> tuple[str, list[Any]]:
    """Deliver a task. Return its fate, and what executors were given."""
    outer, world.calls = world.calls, []
    try:
        return str(cell.run_task(task).fate), world.calls
    finally:
        world.calls = outer


@runs(ops.TimerTasks)
def timer_tasks(world: World, op: ops.TimerTasks) -> Observation:
    cell, workflow = stored_in(world, op)[0], key_of(world, op.workflow)
    return Observation(ok=[milliseconds(task.due) for task in cell.timer_tasks() if task.workflow == workflow])


@runs(ops.PumpTimers)
def pump_timers(world: World, op: ops.PumpTimers) -> Observation:
    cell, _ = stored_in(world, op)
    workflow, found = key_of(world, op.workflow), list[Any]()
    for task in cell.timer_tasks():
        if task.workflow == workflow and (task.due <= cell.now() or op.delivery == "early"):
            for _ in range(2 if op.delivery == "twice" else 1):
                for group in stored_in(world, op)[1].info.timers:
                    if group.deadline <= cell.now() and len({timer.ref.path for timer in group.tasks}) > 1:
                        raise Unspecified("TIMER-ORDER-1", "timers of several machines with one deadline fire")
                found += delivered(world, cell, task)[1]
    return Observation(ok=found)


@runs(ops.PumpOutbound)
def pump_outbound(world: World, op: ops.PumpOutbound) -> Observation:
    cell, workflow = stored_in(world, op)[0], key_of(world, op.workflow)
    tasks = [task for task in cell.outbound_tasks(op.destination) if task.workflow == workflow]
    found: list[Any] = []
    for task in sorted(tasks, key=described):
        for _ in range(2 if op.delivery == "twice" else 1):
            fate, calls = delivered(world, cell, task)
            found.append([task.task.type, task.task.data.decode(), fate, calls])
    return Observation(ok=found)
