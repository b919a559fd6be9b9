"""Properties of clocks and of the timer queue: when timers fire, with what others, and what becomes of them."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.outbound import DELIVERED, executors
from hsm_specs.properties.workflows.workflow import Workflow

LATE = 5000
"""The microseconds after a deadline by which any timer queue has delivered its task."""
FOREVER = 3_200_000_000_000
"""Milliseconds: more than a hundred years."""


def firing(
    w: Workflow,
    *types: int,
    fail: ops.Failure | None = None,
    changing: bool = True,
    ending: ops.Ending = "script",
) -> None:
    """Register executors of timers, which transition the machine unless they are not ``changing``."""
    for type_id in types:
        machine = w.p.fresh()
        change = ops.MachineTransition(w.found, ops.Script((ops.SetValue(machine, 20 + type_id),)), machine)
        script = ops.Script((change,) if changing else (), (), fail)
        w.p.do(ops.RegisterTimerExecutor(0, type_id, 10 + type_id, w.found, script, ending))


def forgotten(w: Workflow) -> None:
    """Sometimes let the cell forget the workflow."""
    if w.p.sometimes():
        w.p.do(w.forgetting())


@shows("ENV-CLOCK-1", "Executors and callers get the time of the cell's clock, to the microsecond.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.do(ops.Advance(0, p.pick(1500, 1, 999_999, 10**9 + 1)))
    if p.sometimes():
        p.do(ops.NewCell(1), ops.Advance(1, 700), ops.Restart(0))
    if p.plain or p.sometimes():
        executors(w)
        w.asks(DELIVERED[0])
        p.check(ops.PumpOutbound(0, 0))
    p.check(ops.Now(0))


@shows("TIMER-DUE-1", "A timer does not fire before its deadline, not even a microsecond.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1, 3)
    fraction = p.pick(1, 0, 500, 900, 999)
    alone = not p.sometimes()
    if not alone:
        w.asks((3, 9, 999), key=w.another())
    if fraction:
        p.do(ops.DeadlineFraction(fraction))
    w.asks((1, 7, 1000))
    forgotten(w)
    early = p.pick(1, fraction + 1, fraction or 1)
    p.do(ops.Advance(0, 1_000_000 + fraction - early))
    p.check(ops.PumpTimers(0, 0, p.pick("once", "early") if alone else "once"))


@shows("TIMER-ONCE-1", "A timer whose deadline has passed fires, and not again.")
def _(p: Builder) -> None:
    w = Workflow(p)
    same = p.pick((), (), ((1, 7, 1000),))
    firing(w, 1, 3, changing=not same and p.pick(True, False))
    w.asks((1, 7, 1000), *same)
    if p.sometimes(0.7):
        w.asks((3, 9, p.pick(1001, 2000, 60_000)), key=w.another())
    forgotten(w)
    w.settled()
    p.do(ops.Advance(0, p.pick(1_000_000 + LATE, 10_000_000)))
    p.check(ops.PumpTimers(0, 0, p.pick("once", "twice")))
    forgotten(w)
    p.check(ops.PumpTimers(0, 0, p.pick("once", "early")), *w.committed())


@shows("TIMER-GROUP-1", "Timers fire in the order of their deadlines, then in that in which they were asked for.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1, 3, changing=False)
    tasks = [(1, 7, 2000), (1, 8, 1000), (1, 4, 2000), (3, 9, 2000), (1, 5, 3000)]
    w.asks(*tasks[: p.pick(3, 2, 4, 5)])
    if p.sometimes():
        w.asks((1, 3, 1500), key=w.another())
    p.do(ops.Advance(0, 60_000_000))
    p.check(ops.PumpTimers(0, 0))


@shows("TIMER-SCHEDULE-1", "The timer queue gets a task for a deadline only if it is the workflow's first.")
def _(p: Builder) -> None:
    w = Workflow(p)
    for due in p.pick((5000, 9000), (9000, 5000), (5000, 5000), (9000, 7000, 5000), (5000, 9000, 5000)):
        w.asks((1, 7, due), key=p.pick(None, w.another()) if p.sometimes() else None)
        forgotten(w)
    if p.sometimes():
        p.do(w.write())
    p.check(ops.TimerTasks(0, 0))


@shows("TIMER-SCHEDULE-2", "Once timers have fired, the timer queue has a task for the next deadline alone.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1, 3, changing=False)
    w.asks((1, 7, 1000), *p.pick(((3, 9, 9000),), (), ((1, 8, 5000), (3, 9, 9000))))
    p.do(ops.Advance(0, 1_000_000 + LATE), ops.PumpTimers(0, 0))
    p.check(ops.TimerTasks(0, 0))


def neighboring(w: Workflow) -> None:
    """Let another machine ask for a timer of type 1, which is due a little later."""
    w.asks((1, 6, 1100), key=w.another())


@shows("TIMER-BATCH-1", "A timer that fails undoes those that fired with it, and they fire again.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1)
    firing(w, 3, fail=p.failure(), changing=p.pick(True, False))
    w.asks((3, 9, 1000))
    neighboring(w)
    w.settled()
    p.do(ops.Advance(0, 2_000_000))
    p.check(ops.PumpTimers(0, 0), *w.committed(), w.read(), ops.PumpTimers(0, 0))


@shows("TIMER-SKIP-1", "A timer that finds nothing has fired, and what it did is committed.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1)
    firing(w, 3, ending="not_found")
    w.asks((3, 9, 1000))
    if p.sometimes():
        neighboring(w)
    w.settled()
    p.do(ops.Advance(0, 2_000_000))
    p.check(ops.PumpTimers(0, 0), *w.committed())


@shows("TIMER-TERMINAL-1", "A timer without an executor is dropped, and the others fire.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1)
    w.asks((3, 9, 1000))
    neighboring(w)
    w.settled()
    p.do(ops.Advance(0, 2_000_000))
    p.check(ops.PumpTimers(0, 0), *w.committed())


@shows("TIMER-STALE-1", "A timer is passed over whose machine has transitioned since.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1, 3)
    w.asks((1, 7, 1000), *p.pick((), ((3, 9, 1500),)))
    w.asks()
    if p.sometimes():
        neighboring(w)
    w.settled()
    p.do(ops.Advance(0, 2_000_000))
    p.check(ops.PumpTimers(0, 0), *w.committed())


@shows("TIMER-PAST-1", "A timer is due at once if its deadline is past when it is asked for.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1)
    p.do(ops.Advance(0, p.pick(5_000_000, 1_000_001, 1_000_000)))
    w.asks((1, 7, 1000))
    p.check(ops.TimerTasks(0, 0), ops.PumpTimers(0, 0))


@shows("TIMER-EARLY-1", "A task of the timer queue that is delivered early fires nothing and stays there.")
def _(p: Builder) -> None:
    w = Workflow(p)
    firing(w, 1)
    w.asks((1, 7, p.pick(1000, 60_000)))
    w.settled()
    p.do(ops.Advance(0, p.pick(0, 900_000)))
    p.check(ops.PumpTimers(0, 0, "early"), ops.TimerTasks(0, 0))


@shows("COMMIT-OWNER-4", "A cell that learns from a timer that it is no longer the owner unloads the workflow.")
def _(p: Builder) -> None:
    w = Workflow(p)
    if p.sometimes():
        firing(w, 1)
    if p.sometimes(0.3):
        w.asks((1, 6, 60_000))
    p.do(ops.NewCell(1), w.write(*w.transition((1, 7, 1000)), cell=1))
    w.loaded()
    p.do(ops.Advance(0, p.pick(1_000_000 + LATE, 10_000_000)), ops.PumpTimers(0, 0))
    p.check(w.read(), w.count())
    if p.sometimes():
        p.do(ops.Restart(0))
        p.check(w.read(), w.count())


@shows("TIMER-FAR-1", "A deadline a hundred years ahead has a task in the timer queue.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.asks((1, 7, p.pick(FOREVER, 2 * FOREVER, 50 * FOREVER)))
    p.check(ops.TimerTasks(0, 0))
