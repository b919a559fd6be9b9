"""Properties of the outbound queue: how tasks are executed, and what becomes of them."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.workflow import Workflow

DELIVERED: tuple[ops.Task, ...] = ((2, 8, "dest"), (2, 7, "dest"), (4, 0, "dest"))
"""Outbound tasks of one destination. Which destination a task goes to is shown apart from what becomes of it."""


def executors(
    w: Workflow,
    *,
    fail: ops.Failure | None = None,
    access: ops.Access | None = "write",
    types: tuple[int, ...] = (2, 4),
    changing: bool = True,
) -> None:
    """Register executors of outbound tasks, which transition the machine unless they are not ``changing``."""
    p = w.p
    for type_id in types:
        machine = p.fresh()
        change = ops.MachineTransition(w.found, ops.Script((ops.SetValue(machine, 20 + type_id),)), machine)
        script = ops.Script((change,) if changing else (), (), fail)
        p.do(ops.RegisterExecutor(type_id, 10 + type_id, access, w.found, script))


def delivered(w: Workflow) -> tuple[ops.Task, ...]:
    """Return one to three tasks, a single one if plain, of one destination."""
    return w.tasks(DELIVERED)


def destinations(p: Builder) -> tuple[ops.Task, ...]:
    """Return tasks of several destinations."""
    names = ("x", "", "y", "dest")
    more = ((p.pick(2, 4), 1 + p.number(9), p.pick(*names)) for _ in range(p.pick(0, 2, 3)))
    return (2, 8, p.pick(*names)), *more


@shows("OUTBOUND-DESTINATION-1", "An outbound task is stored with its destination.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.check(w.write(*w.transition(*destinations(p))))
    if p.sometimes():
        p.do(w.forgetting())
    p.check(ops.StoredTasks(0, 0))


@shows("OUTBOUND-DESTINATION-2", "The tasks of a destination are delivered, with that destination, and no others.")
def _(p: Builder) -> None:
    w = Workflow(p)
    executors(w, changing=False)
    w.asks(*destinations(p))
    w.settled()
    p.check(ops.PumpOutbound(0, 0, p.pick("x", "", "y")))


@shows("OUTBOUND-EXECUTE-1", "An outbound task is executed by the executor of its type, with its own reference.")
def _(p: Builder) -> None:
    w = Workflow(p)
    changing = p.pick(True, False)
    executors(w, changing=changing)
    tasks = DELIVERED[:1] if changing else delivered(w)
    p.do(w.write(*(w.below(DELIVERED) if not changing and p.sometimes() else w.transition(*tasks))))
    if p.sometimes():
        w.asks(*tasks, key=w.another())
    if p.sometimes():
        p.do(w.forgetting())
    w.settled()
    p.check(ops.PumpOutbound(0, 0), ops.Stored(0, 0))


@shows("OUTBOUND-READ-1", "An executor that asks for read access writes nothing.")
def _(p: Builder) -> None:
    w = Workflow(p)
    executors(w, access="read", changing=False)
    w.asks(*delivered(w))
    w.loaded()
    p.do(ops.PumpOutbound(0, 0))
    p.check(w.count())


@shows("OUTBOUND-FATE-1", "A task that was executed is in the queue no more.")
def _(p: Builder) -> None:
    w = Workflow(p)
    changing = p.pick(True, False)
    executors(w, changing=changing, access="write" if changing else p.pick("write", "read"))
    w.asks(*DELIVERED[:1] if changing else delivered(w))
    w.settled()
    p.do(ops.PumpOutbound(0, 0))
    p.check(ops.StoredTasks(0, 0))


@shows("OUTBOUND-FATE-2", "A stale task leaves the queue and does not reach its machine.")
def _(p: Builder) -> None:
    w = Workflow(p)
    executors(w)
    w.asks(*delivered(w))
    if p.plain or p.sometimes():
        w.asks()
    w.settled()
    p.check(ops.PumpOutbound(0, 0, None, p.pick("once", "twice")), *w.committed())


@shows("OUTBOUND-FATE-3", "A task leaves the queue that has no executor, and stays there if it fails.")
def _(p: Builder) -> None:
    w = Workflow(p)
    fails = p.pick(True, True, False)
    if fails:
        access: ops.Access | None = p.pick("write", "read", None)
        executors(w, fail=p.pick(p.failure(), None), access=access, changing=access == "write" and p.sometimes())
    w.asks(p.pick(*DELIVERED))
    w.settled()
    if fails and p.sometimes():
        p.do(ops.FailStore(0, "before", p.pick("condition_failed", "unknown_outcome")))
    p.check(ops.PumpOutbound(0, 0), *w.committed())


@shows("OUTBOUND-FATE-4", "A task stays in the queue whose executor panics.")
def _(p: Builder) -> None:
    w = Workflow(p)
    executors(w, fail="panic", access=p.pick("write", "read", None), changing=False)
    w.asks(*delivered(w))
    w.settled()
    p.check(ops.PumpOutbound(0, 0), *w.committed())


@shows("COMMIT-OWNER-2", "A cell executes and drops no task that a later owner of its store has stored.")
def _(p: Builder) -> None:
    w = Workflow(p)
    if p.plain or p.sometimes():
        executors(w)
    w.asks(*delivered(w))
    if p.sometimes():
        w.asks()
    p.do(ops.NewCell(1))
    p.do(w.write(*w.transition(*w.tasks()), cell=1))
    w.settled()
    p.check(ops.PumpOutbound(0, 0), *w.committed())


@shows("COMMIT-OWNER-5", "A cell that learns from an outbound task that it is no longer the owner unloads nothing.")
def _(p: Builder) -> None:
    w = Workflow(p)
    if p.plain or p.sometimes():
        executors(w)
    p.do(ops.NewCell(1), w.write(*w.transition(*delivered(w)), cell=1))
    w.loaded()
    p.do(ops.PumpOutbound(0, 0))
    p.check(w.read(), w.count())
