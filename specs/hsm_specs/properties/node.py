"""Properties of roots and nodes: making, finding and adding them, and their observable state.

The persisted form and the key identify a node, so that the properties rely on nothing else.
"""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import UNKNOWN, Builder
from hsm_specs.properties.property import shows

NOT_SERIALIZABLE: ops.Data = (0, -1)


@shows("ROOT-NEW-1", "A new root has the data that it was made with.")
def _(p: Builder) -> None:
    p.registry()
    root = p.fresh()
    p.check(ops.NewRoot(p.type(), (1 + p.number(4), 5 + p.number(9)), root), ops.Export(root))


@shows("ROOT-NEW-2", "A root has the empty key and no parent.")
def _(p: Builder) -> None:
    root = p.root()
    if p.sometimes():
        p.child(root)
    p.check(ops.KeyOf(root), ops.Parent(root))


@shows("ROOT-NEW-3", "A root of a type that is not registered is refused.")
def _(p: Builder) -> None:
    p.registry()
    p.check(ops.NewRoot(UNKNOWN, p.data(), p.fresh()))


@shows("ROOT-NEW-4", "A root whose data does not serialize is refused with the serialization error.")
def _(p: Builder) -> None:
    p.registry()
    p.check(ops.NewRoot(p.type(), NOT_SERIALIZABLE, p.fresh()))


@shows("ROOT-NEW-5", "That a root's type is not registered is said before that its data does not serialize.")
def _(p: Builder) -> None:
    p.registry()
    p.check(ops.NewRoot(UNKNOWN, NOT_SERIALIZABLE, p.fresh()))


@shows("ROOT-LOAD-1", "The children given from persistence are in the new tree.")
def _(p: Builder) -> None:
    line = [p.root()]
    for _ in range(p.pick(1, 2, 3)):
        line.append(p.child(line[-1]))
        if p.sometimes():
            p.do(ops.AddChild(line[-2], (p.keys[line[-1]][0], p.pick("ü", "", "z")), p.data()))
    for handle in line[1:]:
        if p.sometimes():
            p.do(p.transition(handle))
    fresh = p.fresh()
    p.do(ops.Rehydrate(line[0], p.type(), p.data(), fresh))
    p.check(ops.Export(fresh), ops.Child(fresh, (p.keys[line[1]],)))
    if p.sometimes():
        p.do(p.transition(line[-1]), ops.Clear(line[0]))
        p.check(ops.Export(fresh))


@shows("ROOT-LOAD-2", "A tree made from persisted children is clean.")
def _(p: Builder) -> None:
    line = p.line()
    p.do(p.transition(line[-1]))
    loaded = p.loaded(line)
    p.check(ops.Dirty(loaded[0]), ops.Dirty(loaded[-1]), ops.Outputs(loaded[0]))


@shows("NODE-KEY-1", "A child has the key under which it was added or found.")
def _(p: Builder) -> None:
    p.check(*map(ops.KeyOf, reversed(p.aged(p.seasoned(p.line())))))


@shows("NODE-PARENT-1", "A child's parent is the node that it is under.")
def _(p: Builder) -> None:
    line, parent = p.aged(p.seasoned(p.line())), p.fresh()
    p.check(ops.Parent(line[-1], parent), ops.KeyOf(parent), ops.Export(parent))


@shows("NODE-PATH-1", "A path has the keys from below the root to the node.")
def _(p: Builder) -> None:
    line, machine_id = p.seasoned(p.line()), p.pick("z", "", "ä/1")
    added = p.fresh()
    p.do(ops.AddChild(line[-1], (p.type(), machine_id), p.data(), added))
    p.check(*map(ops.PathOf, line), ops.PathOf(added))


@shows("NODE-COUNT-1", "The transition count is the number of the machine's own successful transitions.")
def _(p: Builder) -> None:
    line = p.line()
    other = p.child(line[0])
    p.check(*map(ops.TransitionCount, line))
    for _ in range(p.pick(1, 0, 2, 4)):
        p.do(p.transition(line[-1]))
    if p.sometimes():
        p.do(p.transition(other))
    p.check(*map(ops.TransitionCount, line), ops.TransitionCount(p.child(line[-1])))


@shows("NODE-CHILD-1", "Child finds the node at the path, level by level.")
def _(p: Builder) -> None:
    line = [p.root()]
    for _ in range(p.pick(2, 1, 3)):
        if p.sometimes():
            line.append(p.child(line[-1]))
            p.child(line[-2], p.keys[line[-1]][0])
        else:
            p.child(line[-1], p.type())
            line.append(p.child(line[-1]))
    root, found, path = line[0], p.fresh(), tuple(p.keys[handle] for handle in line[1:])
    if p.sometimes():
        if p.sometimes():
            p.check(ops.Child(root, path))
        fresh = p.fresh()
        p.do(ops.Rehydrate(root, p.type(), p.data(), fresh))
        root = fresh
    p.check(ops.Child(root, path, found), ops.KeyOf(found), ops.Export(found))
    if root != line[0]:
        p.do(p.transition(line[-1]))
        p.check(ops.Export(found))


@shows("NODE-CHILD-2", "Where no node is, none is found.")
def _(p: Builder) -> None:
    line = p.line()
    path: list[ops.Key] = [(p.type(), "missing")]
    if p.sometimes():
        path.append((p.type(), "a"))
    p.check(ops.Child(p.pick(line[0], line[-1]), tuple(path)))


@shows("NODE-CHILD-3", "The empty path leads to the node itself.")
def _(p: Builder) -> None:
    node, found = p.line()[-1], p.fresh()
    p.check(ops.Child(node, (), found), ops.KeyOf(found), ops.Export(found))


@shows("NODE-CHILD-4", "A key of a type that is not registered is refused as that.")
def _(p: Builder) -> None:
    p.check(ops.Child(p.node(), ((UNKNOWN, p.id()),)))


@shows("NODE-CHILD-5", "The same node is the same object each time.")
def _(p: Builder) -> None:
    root = p.root()
    child, found, again = p.child(root), p.fresh(), p.fresh()
    key = p.keys[child]
    if p.sometimes():
        fresh = p.fresh()
        p.do(ops.Rehydrate(root, p.type(), p.data(), fresh))
        root = fresh
    else:
        p.do(ops.Child(root, (key,), found))
        p.check(ops.Same(child, found))
    p.do(ops.Child(root, (key,), found), ops.Child(root, (key,), again))
    p.check(ops.Same(found, again))


@shows("NODE-CHILD-6", "The error is that of the first level that fails.")
def _(p: Builder) -> None:
    p.check(ops.Child(p.node(), ((p.type(), "missing"), (UNKNOWN, "a"))))


@shows("NODE-CHILD-7", "Child does not deserialize the data of what it finds.")
def _(p: Builder) -> None:
    root = p.root()
    key: ops.Key = (p.type(), "poison")
    fresh = p.fresh()
    p.do(ops.AddChild(root, key, (0, -2)), ops.Rehydrate(root, p.type(), p.data(), fresh))
    p.check(ops.Child(fresh, (key,)))


@shows("NODE-CHILD-8", "A failed lookup leaves no trace.")
def _(p: Builder) -> None:
    node = p.node()
    key: ops.Key = (p.pick(1, 2, 3, UNKNOWN), "missing")
    p.do(ops.Child(node, (key,)))
    p.check(ops.Export(node), ops.Child(node, (key,)))
