"""Properties of rollback: after a failed transition the tree is what it was before, whatever the function did."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows


def prepared(p: Builder) -> tuple[int, int]:
    """Return the root and a node somewhere, which may have outputs of its own already."""
    line = [p.root()] if p.plain else p.line()
    node = p.pick(*line)
    p.clean(line[0])
    for _ in range(p.pick(0, 1, 2)):
        p.do(p.transition(node))
    return line[0], node


def nested(p: Builder) -> tuple[int, int, list[int]]:
    """Return the root, a node and others: above it, below it or next to it."""
    line = p.line()
    sibling = p.child(line[-2])
    p.clean(line[0])
    node, others = p.pick((line[0], [line[-1]]), (line[-1], [line[0], sibling]), (sibling, [line[-1], line[0]]))
    return line[0], node, others


@shows("MT-ROLLBACK-1", "After a failed transition the count is what it was.")
def _(p: Builder) -> None:
    _, node = prepared(p)
    p.do(p.failing(node))
    p.check(ops.TransitionCount(node), ops.Export(node))


@shows("MT-ROLLBACK-2", "After a failed transition the data is what it was.")
def _(p: Builder) -> None:
    root, node = prepared(p)
    p.do(p.failing(node))
    p.check(ops.MachineData(node), ops.Export(node))
    if p.sometimes():
        p.do(ops.Clear(root), p.failing(node), ops.Rehydrate(root, p.type(), p.data(), p.fresh()), p.failing(node))
        p.check(ops.MachineData(node), ops.Export(root))


@shows("MT-ROLLBACK-3", "A failed transition records no output and loses none.")
def _(p: Builder) -> None:
    root, node = prepared(p)
    p.do(p.failing(node))
    p.check(ops.Outputs(root))


@shows("MT-ROLLBACK-4", "A failed transition makes nothing dirty, and nothing clean.")
def _(p: Builder) -> None:
    root, node = prepared(p)
    p.do(p.failing(node))
    p.check(ops.Dirty(node), ops.Dirty(root))


@shows("MT-ROLLBACK-5", "Children added inside a failed transition are gone.")
def _(p: Builder) -> None:
    line = p.line()
    node, parent = p.pick((line[0], line[0]), (line[-1], line[0]), (line[0], line[-1]), (line[-1], line[-1]))
    key: ops.Key = (p.type(), "inside")
    p.do(p.bare(node, ops.AddChild(parent, key, p.data()), fail=p.failure()))
    p.check(ops.Export(line[0]), ops.Child(parent, (key,)))


@shows("MT-ROLLBACK-6", "Transitions of other nodes inside a failed transition are undone.")
def _(p: Builder) -> None:
    root, node, others = nested(p)
    other = others[0]
    p.do(p.bare(node, *map(p.transition, others), fail=p.failure()))
    p.check(ops.TransitionCount(other), ops.MachineData(other), ops.Outputs(root), ops.Dirty(other), ops.Export(root))


@shows("MT-ROLLBACK-7", "Transitions of the same node inside a failed transition are undone.")
def _(p: Builder) -> None:
    root, node = prepared(p)
    p.do(p.bare(node, p.transition(node), fail=p.failure()))
    p.check(ops.TransitionCount(node), ops.MachineData(node), ops.Outputs(root), ops.Export(node))


@shows("MT-ROLLBACK-8", "What a failed transition changed is undone, also if the one around it succeeds.")
def _(p: Builder) -> None:
    line = p.line()
    node, other = p.pick((line[0], line[0]), (line[0], line[-1]), (line[-1], line[0]))
    p.do(p.bare(node, p.failing(other)))
    p.check(ops.MachineData(other), ops.TransitionCount(node), ops.TransitionCount(other), ops.Export(line[0]))


@shows("MT-ROLLBACK-9", "A panic in the function is a failure like any other.")
def _(p: Builder) -> None:
    root, node, others = nested(p)
    inside = map(p.transition, others) if p.sometimes() else ()
    p.do(p.transition(node, *inside, fail="panic"))
    p.check(ops.TransitionCount(node), ops.MachineData(node), ops.Outputs(root), ops.Dirty(node), ops.Export(root))


@shows("MT-ROLLBACK-11", "A serialization error after the function undoes all that it did.")
def _(p: Builder) -> None:
    root, node, others = nested(p)
    inside = map(p.transition, others) if p.sometimes() else ()
    p.do(p.transition(node, *inside, changed=(1 + p.number(3), -1)))
    p.check(ops.TransitionCount(node), ops.MachineData(node), ops.Outputs(root), ops.Dirty(node), ops.Export(root))


@shows("MT-ROLLBACK-12", "Outputs that were cleared inside a failed transition are back.")
def _(p: Builder) -> None:
    line = p.line()
    node, other = p.pick((line[0], line[0]), (line[-1], line[0]), (line[0], line[-1]))
    p.clean(line[0])
    p.do(p.transition(other))
    p.do(p.bare(node, ops.Clear(p.pick(other, line[0])), fail=p.failure()))
    p.check(ops.Outputs(line[0]), ops.Dirty(other))
