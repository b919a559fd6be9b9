"""Properties of refresh: tasks are regenerated, and earlier ones are stale."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.outbound import delivered, executors
from hsm_specs.properties.workflows.workflow import KINDS, Workflow


def calling(w: Workflow) -> None:
    """Let the machine come to a state that calls for a task, and sometimes others too."""
    p = w.p
    p.do(w.write(*w.transition(state=p.pick(2, 1))))
    if p.sometimes():
        p.do(w.write(*w.transition(state=p.pick(1, 2), key=w.another())))
    if p.sometimes():
        child = ops.AddChild(w.found, (2, "below"), (p.pick(1, 2), 3))
        p.do(w.write(ops.Child(w.node, (w.key,), w.found), child))


@shows("REFRESH-TASKS-1", "After a refresh the tasks are stored that the states of all machines call for.")
def _(p: Builder) -> None:
    w = Workflow(p)
    calling(w)
    if p.sometimes():
        p.do(w.forgetting())
    p.do(ops.Refresh(0, 0))
    p.check(ops.StoredTasks(0, 0))


@shows("REFRESH-TIMERS-1", "After a refresh there are no timers of before.")
def _(p: Builder) -> None:
    w = Workflow(p)
    w.asks((1, 7, p.pick(5000, 0)), *p.pick((), ((3, 9, 7000),), ((3, 9, 5000),)))
    if p.sometimes():
        w.asks((1, 5, 2000), key=w.another())
    w.settled()
    p.do(ops.Refresh(0, 0))
    p.check(ops.StoredTasks(0, 0))


@shows("REFRESH-STATE-1", "A refresh changes no machine's data or count.")
def _(p: Builder) -> None:
    w = Workflow(p)
    calling(w)
    w.settled()
    p.do(ops.Refresh(0, 0))
    p.check(ops.Stored(0, 0), w.read())


@shows("REFRESH-FAIL-1", "If a task cannot be regenerated or stored, all is as it was.")
def _(p: Builder) -> None:
    unreadable = p.sometimes()
    w = Workflow(p, (1, 2, 3, 4) if unreadable else (2, 3, 4))
    w.asks(*p.pick(KINDS[:1], ((2, 8, "x"), (3, 9, 5000)), ((3, 9, 2000),)))
    p.do(w.write(ops.AddChild(w.node, (1, "unable"), (2, -2) if unreadable else (1, 4))))
    if unreadable:
        p.do(w.forgetting())
    if p.sometimes():
        p.do(w.write(*w.transition(state=2, key=w.another())))
        if unreadable:
            p.do(ops.Evict(0, 0))
    w.settled()
    p.check(ops.Refresh(0, 0), *w.committed())


@shows("REFRESH-STALE-1", "After a refresh only tasks that it has stored reach their machine.")
def _(p: Builder) -> None:
    w = Workflow(p)
    executors(w, changing=p.pick(False, True))
    p.do(w.write(*w.transition(*delivered(w), state=p.pick(2, 0, 2))))
    for _ in range(p.pick(1, 1, 2)):
        p.do(ops.Refresh(0, 0))
    if p.sometimes(0.7):
        p.do(w.forgetting())
    p.check(ops.PumpOutbound(0, 0), *w.committed())
