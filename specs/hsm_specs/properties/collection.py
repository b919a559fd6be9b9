"""Properties of collections: the children of one type under a node."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import UNKNOWN, Builder
from hsm_specs.properties.property import shows


def member(p: Builder) -> tuple[int, int, str, int]:
    """Return a node, a type, and ID and handle of a child of that type under it, sometimes one of several."""
    node, type_id, machine_id, handle = p.node(), p.type(), p.pick("m", "", "ü"), p.fresh()
    if p.sometimes():
        p.child(node, type_id)
    data = (p.number(4), handle)
    if p.sometimes(0.3):
        p.do(ops.AddChild(node, (type_id, machine_id), data, handle))
    else:
        p.do(ops.CollectionAdd(node, type_id, machine_id, data, handle))
    return node, type_id, machine_id, handle


@shows("COLL-TYPE-1", "A collection has the type that it was made with.")
def _(p: Builder) -> None:
    p.check(ops.CollectionType(p.node(), p.pick(1, 2, UNKNOWN, 0)))


@shows("COLL-ADD-1", "Add adds a child of the collection's type under its node.")
def _(p: Builder) -> None:
    node, type_id, handle = p.node(), p.type(), p.fresh()
    p.check(ops.CollectionAdd(node, type_id, "m", (1 + p.number(3), 5), handle))
    p.check(ops.Export(node), ops.KeyOf(handle), ops.Child(node, ((type_id, "m"),)))


@shows("COLL-ADD-2", "Add refuses an ID that the collection has.")
def _(p: Builder) -> None:
    node, type_id, machine_id, _ = member(p)
    p.check(ops.CollectionAdd(node, type_id, machine_id, p.data()))


@shows("COLL-ADD-3", "Add refuses what AddChild refuses, and then has added nothing.")
def _(p: Builder) -> None:
    node, type_id = p.node(), p.type()
    if p.sometimes():
        p.check(ops.CollectionAdd(node, UNKNOWN, "m", p.data()))
    p.check(ops.CollectionAdd(node, type_id, "m", (p.number(3), -1)))
    p.check(ops.Export(node), ops.CollectionNode(node, type_id, "m"))


@shows("COLL-NODE-1", "Node gets the node of the ID.")
def _(p: Builder) -> None:
    node, type_id, machine_id, _ = member(p)
    found = p.fresh()
    p.check(ops.CollectionNode(node, type_id, machine_id, found), ops.KeyOf(found), ops.Export(found))


@shows("COLL-NODE-2", "Node finds nothing for an ID that the collection does not have.")
def _(p: Builder) -> None:
    node, type_id, machine_id, _ = member(p)
    missing = p.pick("missing", "") if machine_id else "missing"
    p.check(ops.CollectionNode(node, type_id, missing), ops.CollectionNode(node, type_id % 3 + 1, machine_id))


@shows("COLL-DATA-1", "Data gets the data of the ID.")
def _(p: Builder) -> None:
    node, type_id, machine_id, handle = member(p)
    if p.sometimes(0.7):
        p.do(p.transition(handle))
    p.check(ops.CollectionData(node, type_id, machine_id))


@shows("COLL-DATA-2", "Data fails for a missing ID and a wrong type with their errors.")
def _(p: Builder) -> None:
    node, type_id, machine_id, _ = member(p)
    p.check(ops.CollectionData(node, type_id, "missing"), ops.CollectionData(node, type_id, machine_id, "other"))


@shows("COLL-LIST-1", "List has all nodes of the type, loaded or not.")
def _(p: Builder) -> None:
    node, type_id, _, _ = member(p)
    for index in range(p.pick(0, 1, 3)):
        p.do(ops.AddChild(node, (type_id, f"more{index}"), p.data()))
    if p.sometimes():
        fresh = p.fresh()
        p.do(ops.Rehydrate(node, p.type(), p.data(), fresh))
        node = fresh
    p.check(ops.CollectionList(node, type_id))


@shows("COLL-LIST-2", "List has no nodes of other types or other parents.")
def _(p: Builder) -> None:
    node, type_id, _, handle = member(p)
    p.do(ops.AddChild(node, (type_id % 3 + 1, "m"), p.data()), ops.AddChild(handle, (type_id, "below"), p.data()))
    if p.sometimes():
        p.do(p.transition(handle))
    p.check(ops.CollectionList(node, type_id), ops.CollectionList(node, (type_id + 1) % 3 + 1))


@shows("COLL-TRANS-1", "Transition transitions the machine of the ID.")
def _(p: Builder) -> None:
    node, type_id, machine_id, handle = member(p)
    p.clean(node)
    inside = p.transition(handle)
    p.check(ops.CollectionTransition(node, type_id, machine_id, inside.script, inside.machine))
    p.check(ops.Export(node), ops.TransitionCount(handle), ops.Dirty(handle))


@shows("COLL-TRANS-2", "Transition fails for a missing ID, a wrong type and a failing function with their errors.")
def _(p: Builder) -> None:
    node, type_id, machine_id, handle = member(p)
    failing = p.failing(handle)
    p.check(ops.CollectionTransition(node, type_id, machine_id, failing.script, failing.machine))
    p.check(ops.CollectionTransition(node, type_id, machine_id, failing.script, failing.machine, "other"))
    p.check(ops.Export(node), ops.TransitionCount(handle))
    p.check(ops.CollectionTransition(node, type_id, "missing", failing.script, failing.machine))


@shows("COLL-KEEP-1", "A kept collection shows what is there now: after additions, failures, clearing and loading.")
def _(p: Builder) -> None:
    node, type_id, kept = p.node(), p.type(), p.fresh()
    p.do(ops.NewCollection(node, type_id, kept))
    p.check(ops.CollectionList(node, type_id, kept))
    handle = p.fresh()
    p.do(ops.AddChild(node, (type_id, "m"), (1, 1), handle))
    p.check(ops.CollectionList(node, type_id, kept), ops.CollectionNode(node, type_id, "m", None, kept))
    p.check(ops.CollectionData(node, type_id, "m", collection=kept))
    if p.sometimes():
        p.do(p.failing(node, ops.CollectionAdd(node, type_id, "gone", (0, 0), None, kept)))
        p.check(ops.CollectionList(node, type_id, kept), ops.CollectionNode(node, type_id, "gone", None, kept))
    p.do(p.transition(handle), ops.Clear(node))
    p.check(ops.CollectionData(node, type_id, "m", collection=kept), ops.CollectionType(node, type_id, kept))
    root, found = p.fresh(), p.fresh()
    p.do(ops.Rehydrate(node, p.type(), p.data(), root), ops.AddChild(root, (type_id, "n"), (2, 2), found))
    p.check(ops.CollectionList(node, type_id, kept))
    p.do(ops.CollectionAdd(node, type_id, "n", (3, 3), None, kept))
    p.check(ops.CollectionList(node, type_id, kept))
