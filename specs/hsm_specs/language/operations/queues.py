"""Operations on the queues of workflows: refresh, clocks, timers, and outbound tasks."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from hsm_specs.language import operations as ops
from hsm_specs.language.operations.transactions import LOCKED_WRITE_REFUSALS, AccessWorkflow, NewCell, StartWorkflow
from hsm_specs.language.shapes import (
    LARGEST,
    Access,
    CellHandle,
    Delivered,
    Delivery,
    Domain,
    Ending,
    Failure,
    Fired,
    Fraction,
    Instant,
    NewNodeHandle,
    Operation,
    Script,
    Span,
    Tag,
    TaskType,
    Text,
    TimerDelivery,
    Unordered,
    WorkflowHandle,
)
from hsm_specs.language.specification import Builder, Choice, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}


def _machine(inside: ops.Script, task_types: tuple[int, ...]) -> ops.Program:
    """Return the beginning of an example: a workflow with a machine that has transitioned as a script says."""
    added = ops.Script((ops.AddChild(2, (1, "a"), (0, 5), 3), ops.MachineTransition(3, inside, 4)))
    return (
        *map(ops.RegisterTaskSerializer, task_types),
        NewCell(0),
        StartWorkflow(0, 0),
        AccessWorkflow(0, 0, "write", 2, added),
    )


class Refresh(Operation, tag="refresh", frozen=True):
    """Regenerates the tasks of all machines of a workflow from their states, and stores them. Returns null.

    It has no timers but those then, and outbound tasks of before are stale, though still in the queue.
    """

    cell: CellHandle
    workflow: WorkflowHandle


SPECIFIED[Refresh] = OperationSpec(
    reads="refresh {workflow} in {cell}",
    value=None,
    about="REFRESH-TASKS-1",
    modelled=Modelled("Cell.refresh", ("REFRESH-TASKS-1", "REFRESH-STATE-1", "REFRESH-FAIL-1", "REFRESH-PASSIVE-1")),
    refusals={
        "no_serializer": "REFRESH-FAIL-1",
        "no_destination": "OUTBOUND-DESTINATION-1",
        "deserialize_error": "REFRESH-FAIL-1",
        **LOCKED_WRITE_REFUSALS,
    },
    capability="refresh",
    fixes_values=True,
    palette_only=True,
    choices=(Choice(5),),
    example=lambda: (
        *_machine(Script((ops.SetState(4, 2),), ((2, 7, "x"), (1, 8, 5000))), (1, 2)),
        Refresh(0, 0),
        ops.StoredTasks(0, 0),
    ),
)


class Now(Operation, tag="now", frozen=True):
    """Environment.Now: returns the time of a cell's clock in microseconds after the Unix epoch, where it begins."""

    cell: CellHandle


SPECIFIED[Now] = OperationSpec(
    reads="now({cell})",
    value=Annotated[int, Meta(ge=0, le=LARGEST), Domain.MICROSECONDS],
    about="ENV-CLOCK-1",
    modelled=Modelled("Cell.now", ("ENV-CLOCK-1",)),
    capability="timers",
    palette_only=True,
    choices=(Choice(1),),
    example=lambda: (NewCell(0), Now(0), Advance(0, 1500), Now(0)),
)


class Advance(Operation, tag="advance", frozen=True):
    """Puts the clock of a cell forward. Other cells have clocks of their own. Delivers no task. Returns null."""

    cell: CellHandle
    microseconds: Span


def _advance(builder: Builder) -> Advance:
    spans = (1_000_000, 2_000_000, 999_999, 1, 500)
    return Advance(builder.cell(), spans[int(builder.random.random() * len(spans))])


SPECIFIED[Advance] = OperationSpec(
    reads="advance {cell} by {microseconds}",
    value=None,
    about="ENV-CLOCK-1",
    modelled=Modelled("Cell.advance", ("ENV-CLOCK-1",)),
    capability="timers",
    fixes_values=True,
    palette_only=True,
    sets_up=True,
    choices=(Choice(8, _advance),),
    example=lambda: (NewCell(0), Advance(0, 1_000_000), Now(0)),
)


class DeadlineFraction(Operation, tag="deadline_fraction", frozen=True):
    """From now on, timers that functions of transitions return are due so many microseconds later. Returns null.

    Where tasks are shown, their deadlines are in whole milliseconds, and those of before keep theirs.
    """

    microseconds: Fraction


def _deadline_fraction(builder: Builder) -> DeadlineFraction:
    return DeadlineFraction((0, 1, 500, 999)[int(builder.random.random() * 4)])


SPECIFIED[DeadlineFraction] = OperationSpec(
    reads="deadlines are {microseconds} later",
    value=None,
    about="TIMER-DUE-1",
    modelled=Modelled("milliseconds", ("TIMER-DUE-1",)),
    capability="timers",
    palette_only=True,
    sets_up=True,
    choices=(Choice(1, _deadline_fraction),),
    example=lambda: (
        DeadlineFraction(900),
        *_machine(Script((), ((1, 7, 1000),)), (1,)),
        RegisterTimerExecutor(0, 1, 6),
        Advance(0, 1_000_899),
        PumpTimers(0, 0),
        Advance(0, 1),
        PumpTimers(0, 0),
    ),
)


class RegisterTimerExecutor(Operation, tag="register_timer_executor", frozen=True):
    """Registers the executor of a type of timers for all cells of the registry of ``cell``. Returns null.

    The executor binds ``bind`` to the node of the timer's machine, which it has write access to, runs ``script``, whose
    tasks do not matter, and then ends as ``ending`` says. Nodes that are bound inside are unbound then.
    """

    cell: CellHandle
    type: TaskType
    tag: Tag = 0
    bind: NewNodeHandle | None = None
    script: Script = Script()
    ending: Ending = "script"


def _function(operation: RegisterTimerExecutor) -> str:
    return "func()" if operation.bind is None else f"func(n{operation.bind})"


def _register_timer_executor(builder: Builder) -> RegisterTimerExecutor:
    random = builder.random.random
    node, machine = builder.fresh_inside(), builder.fresh_inside()
    fail: Failure | None = None
    if random() < 0.2:
        fail = "panic" if random() < 0.3 and builder.panics else "user_1"
    change = (ops.SetState(machine, int(random() * 4)), ops.SetValue(machine, int(random() * 4)))
    transition = ops.MachineTransition(node, Script(change, builder.tasks(2)), machine)
    ending: Ending = "not_found" if random() < 0.15 else "script"
    script = Script((transition,) if random() < 0.8 else (), (), fail)
    return RegisterTimerExecutor(builder.cell(), 1 if random() < 0.7 else 3, int(random() * 9), node, script, ending)


SPECIFIED[RegisterTimerExecutor] = OperationSpec(
    reads="register executor of timers({cell}, task type {type}{tag}{ending})",
    function=_function,
    value=None,
    about="TIMER-ONCE-1",
    modelled=Modelled("Framework.register_timer_executor", ("TIMER-ONCE-1",)),
    refusals={"duplicate_registration": "REG-EXEC-2"},
    capability="timers",
    palette_only=True,
    sets_up=True,
    choices=(Choice(8, _register_timer_executor),),
    example=lambda: (NewCell(0), RegisterTimerExecutor(0, 1, 7), RegisterTimerExecutor(0, 1, 8)),
)


class TimerTasks(Operation, tag="timer_tasks", frozen=True):
    """Returns when the tasks of a workflow in the timer queue are due, in whole milliseconds, in order.

    Such a task fires whatever timers of the workflow are due when it is delivered.
    """

    cell: CellHandle
    workflow: WorkflowHandle


SPECIFIED[TimerTasks] = OperationSpec(
    reads="timer queue of {cell} for {workflow}",
    value=tuple[Annotated[Instant, Domain.DEADLINE], ...],
    about="TIMER-SCHEDULE-1",
    modelled=Modelled("Cell.timer_tasks", ("TIMER-SCHEDULE-1",)),
    capability="timers",
    fixes_values=True,
    palette_only=True,
    choices=(Choice(4),),
    example=lambda: (*_machine(Script((), ((1, 7, 2000), (1, 8, 1000))), (1,)), TimerTasks(0, 0)),
)


class PumpTimers(Operation, tag="pump_timers", frozen=True):
    """Delivers the tasks of a workflow in the timer queue that are due, in that order, as the queue does.

    With ``twice`` each is delivered again at once; with ``early`` also those are delivered that are not due. Tasks that
    are added meanwhile wait for the next time. Returns what executors were given, in order, also where a commit failed.
    """

    cell: CellHandle
    workflow: WorkflowHandle
    delivery: TimerDelivery = "once"


def _asking(builder: Builder) -> AccessWorkflow:
    """Return an access in which a machine asks for tasks, which is there then in any case."""
    random = builder.random.random
    node, machine, found = builder.fresh_inside(), builder.fresh_inside(), builder.fresh_inside()
    key = 1, builder.id()
    change = (ops.SetState(machine, int(random() * 4)), ops.SetValue(machine, int(random() * 4)))
    tasks = tuple([builder.task() for _ in range(1 + int(random() * 2))])
    steps = (
        ops.AddChild(node, key, (0, 0)),
        ops.Child(node, (key,), found),
        ops.MachineTransition(found, Script(change, tasks), machine),
    )
    return AccessWorkflow(builder.cell(), builder.workflow(), "write", node, Script(steps))


def _pump_timers(builder: Builder) -> PumpTimers:
    """Return the delivery of the timers of a workflow, which a machine has often asked for just before."""
    at = builder.random.random()
    if at < 0.5:
        asking = _asking(builder)
        builder.run(asking)
        builder.run(Advance(asking.cell, (1_000_000, 999_999, 2_000_000)[int(at * 6)]))
        return PumpTimers(asking.cell, asking.workflow)
    delivery: TimerDelivery = "once" if at < 0.8 else "twice" if at < 0.9 else "early"
    return PumpTimers(builder.cell(), builder.workflow(), delivery)


SPECIFIED[PumpTimers] = OperationSpec(
    reads="run timers of {workflow} in {cell}{delivery}",
    value=tuple[Fired, ...],
    about="TIMER-ONCE-1",
    modelled=Modelled("Cell.pump_timers", ("TIMER-ONCE-1", "TIMER-GROUP-1", "TIMER-BATCH-1", "COMMIT-OWNER-4")),
    capability="timers",
    fixes_values=True,
    palette_only=True,
    choices=(Choice(12, _pump_timers), Choice(6, _asking)),
    example=lambda: (
        *_machine(Script((), ((1, 7, 1000),)), (1,)),
        RegisterTimerExecutor(0, 1, 6, 2, Script((ops.MachineTransition(2, Script()),))),
        Advance(0, 999_999),
        PumpTimers(0, 0),
        Advance(0, 1),
        PumpTimers(0, 0),
        PumpTimers(0, 0),
    ),
)


class PumpOutbound(Operation, tag="pump_outbound", frozen=True):
    """Delivers the tasks of a workflow in the outbound queue, of one destination or of all, as the queue does.

    They are delivered in the order of their descriptions in ``stored_tasks``, and with ``twice`` each again at once.
    The executors are those of ``register_executor``. They do what it says, but note nothing: returns all deliveries.
    """

    cell: CellHandle
    workflow: WorkflowHandle
    destination: Annotated[Text, Domain.DESTINATION] | None = None
    delivery: Delivery = "once"


def _pump_outbound(builder: Builder) -> PumpOutbound:
    random = builder.random.random
    destination = None if random() < 0.7 else ("x", "y", "dest")[int(random() * 3)]
    return PumpOutbound(builder.cell(), builder.workflow(), destination, "once" if random() < 0.8 else "twice")


def _outbound_executor(builder: Builder) -> ops.RegisterExecutor:
    random = builder.random.random
    node, machine = builder.fresh_inside(), builder.fresh_inside()
    fail: Failure | None = None if random() < 0.7 else "panic" if random() < 0.3 and builder.panics else "user_2"
    inside = Script((ops.SetValue(machine, int(random() * 4)),), builder.tasks(2))
    script = Script((ops.MachineTransition(node, inside, machine),), (), fail)
    access: Access | None = "write" if random() < 0.7 else "read" if random() < 0.5 else None
    return ops.RegisterExecutor(2, int(random() * 9), access, node, script)


SPECIFIED[PumpOutbound] = OperationSpec(
    reads="run outbound tasks of {workflow} in {cell}{destination}{delivery}",
    value=Unordered[Delivered],
    about="OUTBOUND-EXECUTE-1",
    modelled=Modelled(
        "Cell.pump_outbound", ("OUTBOUND-EXECUTE-1", "OUTBOUND-FATE-1", "OUTBOUND-FAILBACK-1", "COMMIT-OWNER-5")
    ),
    capability="outbound",
    palette_only=True,
    choices=(Choice(12, _pump_outbound), Choice(8, _asking), Choice(4, _outbound_executor)),
    example=lambda: (
        *_machine(Script((), ((2, 7, "x"), (4, 8, "y"))), (2, 4)),
        ops.RegisterExecutor(2, 6, "write", 2, Script((ops.MachineTransition(2, Script()),))),
        PumpOutbound(0, 0, "x"),
        PumpOutbound(0, 0),
        ops.StoredTasks(0, 0),
    ),
)

QueueOperation: TypeAlias = (
    Refresh | Now | Advance | DeadlineFraction | RegisterTimerExecutor | TimerTasks | PumpTimers | PumpOutbound
)
"""Operations on the queues of workflows: refresh, clocks, timers, and outbound tasks."""
