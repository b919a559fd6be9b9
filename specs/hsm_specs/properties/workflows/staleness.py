"""Properties of references to machines of workflows: which match, and what becomes of those that do not."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import UNKNOWN, Builder
from hsm_specs.properties.property import shows
from hsm_specs.properties.workflows.workflow import Workflow


def counted(p: Builder) -> tuple[Workflow, int]:
    """Return a workflow whose machine has transitioned some times, and how often."""
    w = Workflow(p)
    done = sum(
        isinstance(inside, ops.MachineTransition)
        for operation in p.operations
        if isinstance(operation, ops.AccessWorkflow)
        for inside in operation.script.ops
    )
    more = p.pick(1, 2, 3)
    p.do(*(w.write(*w.transition()) for _ in range(more)))
    return w, done + more


def missing(p: Builder) -> ops.MachineRef:
    """Return a reference to a machine that does not exist."""
    return p.pick(((1, "nobody"),), ((1, "nobody"), (2, "b"))), 1, p.pick(0, 1)


@shows("REF-ACCESS-1", "A reference that matches gives access to the node at its path, as it was last committed.")
def _(p: Builder) -> None:
    w, count = counted(p)
    between: tuple[ops.AnyOperation, ...] = ops.Evict(0, 0), ops.Restart(0), w.write(w.addition()), w.read()
    p.do(p.pick(*between))
    below = p.sometimes(0.3)
    if below:
        child = ops.AddChild(w.node, (2, "below"), (0, 21))
        p.do(w.write(child, ref=((w.key,), 1, count)))
    p.check(w.access(ref=((w.key, (2, "below")), 1, 0) if below else ((w.key,), 1, count)))


@shows("REF-COUNT-1", "A reference with another transition count is stale.")
def _(p: Builder) -> None:
    w, count = counted(p)
    p.check(w.access(ref=((w.key,), 1, p.pick(count + 1, count + 7, *range(1, count)))))


@shows("REF-COUNT-2", "A count of 0 matches every machine.")
def _(p: Builder) -> None:
    w, _ = counted(p)
    p.check(w.access(ref=((w.key,), 1, 0)))


@shows("REF-VERSION-1", "A reference with another failover version than that of the machine's addition is stale.")
def _(p: Builder) -> None:
    w, count = counted(p)
    p.check(w.access(ref=((w.key,), p.pick(2, 0, 3), p.pick(count, 0))))


@shows("REF-MISSING-1", "A reference to a machine that does not exist is stale.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.check(w.access(ref=missing(p)))


@shows("REF-MISSING-2", "A reference to a type that is not registered is not stale: it fails with ErrNotRegistered.")
def _(p: Builder) -> None:
    w = Workflow(p)
    p.check(w.access(ref=(p.pick(((UNKNOWN, "a"),), (w.key, (UNKNOWN, "a"))), 1, 0)))


@shows("REF-CALLED-1", "With a stale reference the accessor is not called.")
def _(p: Builder) -> None:
    w, count = counted(p)
    ref: ops.MachineRef = p.pick(((w.key,), 1, count + 1), ((w.key,), 2, 0))
    p.check(w.write(ops.AddChild(w.node, (2, "late"), (0, 3)), ref=ref), ops.Stored(0, 0))


@shows("REF-RELOAD-1", "A reference that memory may be behind has the workflow loaded once more.")
def _(p: Builder) -> None:
    w, count = counted(p)
    w.loaded()
    p.do(w.access(ref=p.pick(missing(p), ((w.key,), 2, count), ((w.key,), 1, count + 1))))
    p.check(w.count())


@shows("REF-LOADED-1", "Refusing a reference leaves the workflow in memory.")
def _(p: Builder) -> None:
    w, count = counted(p)
    w.loaded()
    p.do(w.access(ref=p.pick(((w.key,), 1, count + 1), missing(p), (((UNKNOWN, "a"),), 1, 0))), w.read())
    p.check(w.count())
