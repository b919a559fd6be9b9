"""Properties of AddChild: what it adds, what it refuses, and where it works."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import UNKNOWN, Builder
from hsm_specs.properties.node import NOT_SERIALIZABLE
from hsm_specs.properties.property import shows


@shows("NODE-ADD-1", "AddChild adds an immediate child with the data given.")
def _(p: Builder) -> None:
    line, added = p.line(), p.fresh()
    node = p.pick(*line)
    if p.sometimes():
        p.child(node)
    if p.sometimes():
        p.check(ops.Export(node))
    key: ops.Key = (p.type(), p.pick("new", "", "ü"))
    p.check(ops.AddChild(node, key, (1 + p.number(4), 5 + p.number(9)), added), ops.Export(node), ops.Export(line[0]))
    p.check(ops.Child(node, (key,)))


@shows("NODE-ADD-2", "A key that exists is refused.")
def _(p: Builder) -> None:
    node, key = p.node(), (p.type(), p.id())
    p.do(ops.AddChild(node, key, p.data()))
    if p.sometimes():
        p.do(ops.AddChild(node, (p.type(), "other"), p.data()))
    p.check(ops.AddChild(node, key, p.data()))


@shows("NODE-ADD-3", "A child of a type that is not registered is refused.")
def _(p: Builder) -> None:
    p.check(ops.AddChild(p.node(), (UNKNOWN, p.id()), p.data()))


@shows("NODE-ADD-4", "A child whose data does not serialize is refused with the serialization error.")
def _(p: Builder) -> None:
    p.check(ops.AddChild(p.node(), (p.type(), p.id()), NOT_SERIALIZABLE))


@shows("NODE-ADD-5", "A refused AddChild has changed nothing.")
def _(p: Builder) -> None:
    node, key = p.node(), (p.type(), "x")
    match p.pick("serialize", "exists", "unregistered"):
        case "exists":
            p.do(ops.AddChild(node, key, (1, 1)), ops.AddChild(node, key, (2, 2)))
        case "unregistered":
            p.do(ops.AddChild(node, (UNKNOWN, "x"), p.data()))
        case _:
            p.do(ops.AddChild(node, key, NOT_SERIALIZABLE))
    p.check(ops.Export(node), ops.Child(node, (key,)))


@shows(
    "NODE-ADD-6", "Refusal: that the key exists, then that the type is unknown, then that the data does not serialize."
)
def _(p: Builder) -> None:
    node, key = p.node(), (p.type(), "x")
    if p.sometimes():
        p.check(ops.AddChild(node, (UNKNOWN, "x"), NOT_SERIALIZABLE))
    else:
        p.do(ops.AddChild(node, key, p.data()))
        p.check(ops.AddChild(node, key, NOT_SERIALIZABLE))


@shows("NODE-ADD-7", "The same ID under another type, or under another parent, is another child.")
def _(p: Builder) -> None:
    node, first, second = p.node(), p.fresh(), p.fresh()
    p.do(ops.AddChild(node, (1, "x"), (1, 1), first))
    if p.sometimes():
        p.check(ops.AddChild(first, (1, "x"), (2, 2), second))
    else:
        p.check(ops.AddChild(node, (2, "x"), (2, 2), second))
    p.check(ops.Export(first), ops.Export(second), ops.Export(node))


@shows("NODE-ADD-8", "Children can be added to any node, also to one that came from persistence without any.")
def _(p: Builder) -> None:
    loaded = p.loaded(p.line())
    p.check(ops.AddChild(loaded[-1], (p.type(), "new"), p.data()), ops.Export(loaded[0]))
