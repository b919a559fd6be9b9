"""Properties of a machine's data: reading and casting."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import shows


def poisoned(p: Builder) -> int:
    """Return a node that came from persistence with data that does not deserialize."""
    root = p.root()
    parent = p.child(root) if p.sometimes() else root
    key: ops.Key = (p.type(), "poison")
    p.do(ops.AddChild(parent, key, (p.number(3), -2)))
    fresh, found = p.fresh(), p.fresh()
    way = (key,) if parent is root else (p.keys[parent], key)
    p.do(ops.Rehydrate(root, p.type(), p.data(), fresh), ops.Child(fresh, way, found))
    return found


@shows("DATA-READ-1", "MachineData returns the machine's data.")
def _(p: Builder) -> None:
    node = p.seasoned(p.line())[-1]
    p.check(ops.MachineData(node))
    if p.sometimes(0.7):
        p.do(p.transition(node))
        p.check(ops.MachineData(node), ops.MachineData(node))


@shows("DATA-READ-2", "Persistent data that does not deserialize is answered with the error.")
def _(p: Builder) -> None:
    node = poisoned(p)
    p.check(ops.MachineData(node))
    if p.sometimes():
        p.check(ops.MachineData(node))


@shows("DATA-CAST-1", "Data is not cast to a type that it is not of.")
def _(p: Builder) -> None:
    line = p.line()
    node = p.pick(*(p.loaded(line) if p.sometimes() else line))
    if p.sometimes():
        p.do(ops.MachineData(node))
    p.check(ops.MachineData(node, "other"))


@shows("DATA-CAST-2", "A wrong cast changes nothing.")
def _(p: Builder) -> None:
    node = p.line()[-1]
    p.do(ops.MachineData(node, "other"))
    p.check(ops.MachineData(node), ops.TransitionCount(node))


@shows("DATA-CAST-3", "That data does not deserialize is said before that the cast is wrong.")
def _(p: Builder) -> None:
    p.check(ops.MachineData(poisoned(p), "other"))
