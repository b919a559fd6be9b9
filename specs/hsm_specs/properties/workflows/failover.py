"""Properties of failovers: what a passive cell does, and what becomes of what was there before."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.outbound import delivered, executors
from hsm_specs.properties.workflows.refresh import calling
from hsm_specs.properties.workflows.timers import LATE, firing, forgotten
from hsm_specs.properties.workflows.workflow import SERIALIZED, Workflow

STANDBY = 1
"""The cell of the other cluster."""

QUARTER = 15 * 60 * 1_000_000 + 1_000_000 + LATE
"""Microseconds until a timer of the first second is a quarter of an hour late."""


class Clusters(Workflow):
    """A workflow in a cell of the first cluster, and a cell of the other one, to which the namespace can fail over."""

    def __init__(self, p: Builder, serialized: tuple[int, ...] = SERIALIZED) -> None:
        super().__init__(p, serialized)
        p.do(ops.NewCell(STANDBY, cluster=1))
        self.version = 1
        if p.sometimes(0.3):
            self.failed_back()

    def passive(self) -> None:
        """Make the cell of the workflow a passive one."""
        self.p.do(ops.Failover(STANDBY))
        if self.p.sometimes(0.2):
            self.p.do(ops.Failover(STANDBY))

    def active(self) -> None:
        """Make the cell of the workflow the active one again."""
        self.p.do(ops.Failover(0))
        self.version += 10

    def failed_back(self) -> None:
        """Let the namespace fail over and back, after which it has another failover version."""
        self.passive()
        self.active()


@shows("COMMIT-PASSIVE-1", "On a passive cell a write accessor runs, and its commit is refused.")
def _(p: Builder) -> None:
    w = Clusters(p)
    w.settled()
    w.passive()
    change = (ops.Export(w.node), *p.pick((), (w.addition(),), w.transition(*w.tasks())))
    other: tuple[ops.AnyOperation, ...] = ops.CloseWorkflow(0, 0), ops.StartWorkflow(0, 1)
    p.check(p.pick(w.write(*change), w.write(*change), *other), *w.seen())
    if p.sometimes():
        w.active()
        p.check(w.write(*change), *w.committed())


@shows("COMMIT-VERSIONS-1", "A machine has the failover version of the commit that added it, for good.")
def _(p: Builder) -> None:
    w = Clusters(p)
    for _ in range(p.pick(1, 1, 2)):
        w.failed_back()
        w.asks(*w.tasks(), key=p.pick(w.another(), w.key))
        if p.sometimes(0.3):
            p.do(w.write(*w.below()))
    forgotten(w)
    p.check(ops.StoredTasks(0, 0))


@shows("REF-VERSION-2", "A reference has the failover version in which its machine was added.")
def _(p: Builder) -> None:
    w = Clusters(p)
    w.failed_back()
    added, later = p.pick(w.key, w.key, w.another()), w.version
    if p.sometimes(0.7):
        w.asks(key=added)
    if p.sometimes():
        w.failed_back()
    forgotten(w)
    version = 1 if added == w.key else later
    p.check(w.access(ref=((added,), p.pick(version, version, 1, later, w.version), 0)))


@shows("ENV-READ-2", "Read access does not fail the workflow task that a failover has left.")
def _(p: Builder) -> None:
    w = Clusters(p)
    p.do(ops.StartWorkflowTask(0, 0))
    w.failed_back()
    forgotten(w)
    p.do(w.count())
    p.do(w.read(ref=p.pick(None, ((w.key,), 1, 0))))
    p.check(w.count())


@shows("ENV-WRITE-4", "The first write access after a failover fails an older workflow task in a commit of its own.")
def _(p: Builder) -> None:
    w = Clusters(p)
    p.do(ops.StartWorkflowTask(0, 0))
    p.pick(w.failed_back, w.failed_back, w.passive)()
    forgotten(w)
    if p.sometimes(0.3):
        p.do(w.read())
    p.do(w.count(), w.write(*p.pick((), (w.addition(),))))
    p.check(w.count())
    if p.sometimes():
        p.do(w.write())
        p.check(w.count())


@shows("TIMER-STANDBY-1", "On a passive cell a due timer that is still valid waits, and no executor runs.")
def _(p: Builder) -> None:
    w = Clusters(p)
    firing(w, 1, 3)
    w.asks(p.pick((1, 7, 1000), (3, 9, 1000)))
    if p.sometimes():
        w.asks((1, 5, 1500), key=w.another())
    w.passive()
    forgotten(w)
    p.do(ops.Advance(0, p.pick(1_000_000 + LATE, 10_000_000)))
    p.check(ops.PumpTimers(0, 0, p.pick("once", "twice")), *w.committed())
    w.active()
    p.check(ops.PumpTimers(0, 0))


@shows("TIMER-STANDBY-2", "On a passive cell a due timer is removed whose machine has transitioned since.")
def _(p: Builder) -> None:
    w = Clusters(p)
    firing(w, 1)
    w.asks((1, 7, 1000))
    w.asks()
    w.passive()
    forgotten(w)
    p.do(ops.Advance(0, p.pick(1_000_000 + LATE, 10_000_000)))
    p.check(ops.PumpTimers(0, 0), ops.StoredTasks(0, 0), ops.TimerTasks(0, 0))


@shows(
    "TIMER-STANDBY-3", "A timer that has waited on a passive cell fires when that becomes the active one, however late."
)
def _(p: Builder) -> None:
    w = Clusters(p)
    firing(w, 1)
    w.asks((1, 7, 1000))
    w.passive()
    p.do(ops.Advance(0, p.pick(1, 2, 60) * QUARTER), ops.PumpTimers(0, 0))
    forgotten(w)
    w.active()
    p.check(ops.PumpTimers(0, 0))


@shows("OUTBOUND-STANDBY-1", "On a passive cell a task that is still valid stays in the queue, and no executor runs.")
def _(p: Builder) -> None:
    w = Clusters(p)
    if p.plain or p.sometimes(0.7):
        executors(w)
    w.asks(*delivered(w))
    w.passive()
    forgotten(w)
    p.check(ops.PumpOutbound(0, 0, None, p.pick("once", "twice")), *w.committed())


@shows("OUTBOUND-STANDBY-2", "On a passive cell a stale task leaves the queue.")
def _(p: Builder) -> None:
    w = Clusters(p)
    executors(w)
    w.asks((2, 8, "dest"), *p.pick((), ((2, 7, "dest"),)))
    w.asks()
    w.passive()
    forgotten(w)
    p.check(ops.PumpOutbound(0, 0), ops.StoredTasks(0, 0))


@shows("OUTBOUND-FAILBACK-1", "A task from before a failover is valid if its machine has not transitioned since.")
def _(p: Builder) -> None:
    w = Clusters(p)
    changing = p.pick(True, False)
    executors(w, changing=changing)
    w.asks(*((2, 8, "dest"),) if changing else delivered(w))
    for _ in range(p.pick(1, 1, 2)):
        w.failed_back()
    forgotten(w)
    p.check(ops.PumpOutbound(0, 0), *w.committed())


@shows("REFRESH-PASSIVE-1", "Refresh works on a passive cell.")
def _(p: Builder) -> None:
    w = Clusters(p)
    calling(w)
    w.passive()
    forgotten(w)
    p.check(ops.Refresh(0, 0), ops.StoredTasks(0, 0))
