"""Properties of replication: events make the same machines in another cluster, and sync takes newer state there."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.workflow import SERIALIZED, Workflow

HERE, THERE = 0, 1
"""The cells of the two clusters. The workflow is started here."""


class Replicated(Workflow):
    """A workflow with a machine that an event has made, and sometimes others, in two clusters.

    The other cluster has them only if they are ``shared``.
    """

    def __init__(self, p: Builder, serialized: tuple[int, ...] = SERIALIZED, *, shared: bool = True) -> None:
        self.p = p
        p.registry()
        p.do(*(ops.RegisterTaskSerializer(type_id) for type_id in serialized))
        p.do(ops.NewCell(HERE), ops.NewCell(THERE, cluster=1), ops.StartWorkflow(HERE, 0))
        self.node, self.found = p.fresh(), p.fresh()
        self.others = 0
        self.key = self.event(p.id())
        if p.sometimes(0.3):
            self.event("more")
        if shared:
            self.replicate()
            if p.sometimes(0.3):
                p.do(self.forgetting(THERE))

    def event(self, machine_id: str, state: int = 0, cell: int = HERE) -> ops.Key:
        """Let an event make a machine, and return its key."""
        key = self.p.type(), machine_id
        self.p.do(ops.EventChild(cell, 0, key, (state, self.p.number(9))))
        return key

    def replicate(self, cell: int = THERE) -> None:
        """Replicate the events of the other cluster to a cell."""
        self.p.do(ops.ReplicateEvents(cell, THERE - cell, 0))

    def goes(self, state: int, *tasks: ops.Task, key: ops.Key | None = None, cell: int = HERE) -> None:
        """Let a machine transition to a state, in an access of its own. It has a higher value each time."""
        self.p.do(self.write(*self.transition(*tasks, state=state, key=key), cell=cell))

    def forgetting(self, cell: int = HERE) -> ops.AnyOperation:
        """Return an operation after which the workflow is not in a cell's memory."""
        options: tuple[ops.AnyOperation, ...] = ops.Restart(cell), ops.Evict(cell, 0)
        return self.p.pick(*options)

    def stored(self, cell: int = THERE) -> tuple[ops.AnyOperation, ...]:
        """Return operations that show what is stored in a cluster."""
        return ops.Stored(cell, 0), ops.StoredTasks(cell, 0)

    def remembered(self, cell: int = THERE) -> ops.AccessWorkflow:
        """Return a read access that shows what a cell has in memory."""
        return ops.AccessWorkflow(cell, 0, "read", self.node, ops.Script((ops.Export(self.node),)))


@shows("REPL-EVENTS-1", "A sync is refused where events are missing.")
def _(p: Builder) -> None:
    shared = p.pick(False, True)
    w = Replicated(p, shared=shared)
    if shared:
        w.event("late")
    if p.sometimes():
        w.goes(2)
    p.check(ops.Sync(THERE, HERE, 0), ops.Stored(THERE, 0))
    if shared:
        p.check(ops.Sync(HERE, THERE, 0))


@shows("REPL-EVENTS-2", "Events make the same machines with the same tasks in another cluster, once.")
def _(p: Builder) -> None:
    w = Replicated(p, shared=False)
    w.event("asking", p.pick(2, 1))
    p.check(ops.ReplicateEvents(THERE, HERE, 0), *w.stored())
    if p.plain or p.sometimes():
        p.check(ops.ReplicateEvents(THERE, HERE, 0), *w.stored())
    if p.sometimes():
        p.do(ops.Failover(THERE))
        w.event("later", p.pick(2, 1), THERE)
        if p.sometimes():
            p.do(w.forgetting())
        p.check(ops.ReplicateEvents(HERE, THERE, 0), *w.stored(HERE))


@shows("REPL-TASKS-1", "A sync replaces the data of newer machines and stores the tasks that it calls for.")
def _(p: Builder) -> None:
    w = Replicated(p)
    keys = [w.key]
    w.goes(p.pick(2, 5, 3), *p.pick((), w.tasks()))
    if p.sometimes():
        keys.append(w.event("other"))
        w.replicate()
        w.goes(2, key=keys[1])
    if p.sometimes(0.3):
        p.do(w.forgetting(THERE))
    p.check(ops.Sync(THERE, HERE, 0))
    for key in keys:
        inside = ops.Child(w.node, (key,), w.found), ops.MachineData(w.found)
        p.check(ops.AccessWorkflow(THERE, 0, "read", w.node, ops.Script(inside)))
    # No executor runs on a passive cell, and deliveries do not show counts.
    p.check(ops.PumpOutbound(THERE, 0))


@shows("REPL-NEWER-1", "A sync without anything new writes nothing.")
def _(p: Builder) -> None:
    w = Replicated(p)
    cell = THERE
    if p.plain or p.sometimes(0.8):
        if p.sometimes():
            other = w.event("other")
            w.replicate()
            w.goes(p.pick(2, 1, 3), key=other)
        w.goes(p.pick(2, 1, 3))
        p.do(ops.Sync(THERE, HERE, 0))
        cell = p.pick(THERE, HERE)
    p.do(*w.stored(cell), w.remembered(cell), ops.StoreCounts(cell))
    for _ in range(p.pick(1, 1, 2)):
        p.check(ops.Sync(cell, THERE - cell, 0))
    p.check(ops.StoreCounts(cell), *w.stored(cell))


@shows("REPL-NEWER-2", "State of before is not taken, neither from before a failover nor from before a sync.")
def _(p: Builder) -> None:
    w = Replicated(p)
    for state in (1, 2, 3)[: p.pick(1, 2, 3)]:
        w.goes(state)
    if p.sometimes(0.7):
        if p.sometimes():
            p.do(ops.Sync(THERE, HERE, 0))
        p.do(ops.Failover(THERE))
        w.goes(p.pick(4, 0), cell=THERE)
        p.check(ops.Sync(THERE, HERE, 0), *w.stored())
        if p.sometimes():
            p.check(ops.Sync(HERE, THERE, 0), ops.Stored(HERE, 0))
    else:
        p.do(ops.Sync(THERE, HERE, 0))
        w.goes(0)
        p.check(ops.Sync(HERE, THERE, 0), *w.stored(HERE))


@shows("REPL-COUNT-1", "A sync adds one to a machine's transition count, however far the source has counted.")
def _(p: Builder) -> None:
    w = Replicated(p)
    for _ in range(p.pick(2, 2, 3)):
        w.goes(2)
    p.do(ops.Sync(THERE, HERE, 0))
    if p.sometimes():
        p.do(w.forgetting(THERE))
    inside = ops.Child(w.node, (w.key,), w.found), ops.TransitionCount(w.found)
    p.check(ops.AccessWorkflow(THERE, 0, "read", w.node, ops.Script(inside)))


@shows("REPL-MISSING-1", "A sync fails where a machine is missing that no event has made.")
def _(p: Builder) -> None:
    w = Replicated(p)
    if p.plain or p.sometimes():
        w.goes(2)
    w.another()
    p.do(*w.stored())
    p.check(ops.Sync(THERE, HERE, 0), *w.stored(), w.remembered())


@shows("REPL-INITIAL-1", "A sync fails where another machine has been added at the path of a newer one.")
def _(p: Builder) -> None:
    w = Replicated(p)
    addition = w.addition()
    p.do(w.write(addition))
    p.do(ops.Failover(THERE))
    p.do(w.write(addition, cell=THERE))
    if p.sometimes():
        w.goes(2, key=addition.key, cell=THERE)
    p.do(*w.stored(HERE))
    p.check(ops.Sync(HERE, THERE, 0), *w.stored(HERE), w.remembered(HERE))


@shows("REPL-FAIL-1", "If a task cannot be stored that a state calls for, a sync changes nothing.")
def _(p: Builder) -> None:
    w = Replicated(p, (2, 3, 4))
    other = w.event("other")
    w.replicate()
    w.goes(1)
    if p.plain or p.sometimes():
        w.goes(2, key=other)
    p.do(*w.stored())
    p.check(ops.Sync(THERE, HERE, 0), *w.stored(), w.remembered())
