"""Properties of roots and nodes: making, finding and adding them, and what they say of themselves."""

from __future__ import annotations

from hsm_specs import operations as ops
from hsm_specs.properties.builder import UNKNOWN, Builder
from hsm_specs.properties.executor import key_of
from hsm_specs.properties.property import shows

NOT_SERIALIZABLE: ops.Data = (0, -1)


@shows("ROOT-NEW-1", "A new root has the data that it was made with.")
def _(p: Builder) -> None:
    p.registry()
    root = p.fresh()
    p.check(ops.NewRoot(p.type(), (1 + p.number(4), 5 + p.number(9)), root), ops.MachineData(root))


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
    root = p.root()
    line = [root]
    for _ in range(p.pick(1, 2, 3)):
        line.append(p.child(line[-1]))
        if p.sometimes():
            p.do(p.transition(line[-1]))
    if p.sometimes():
        p.child(root)
    fresh = p.fresh()
    p.do(ops.Rehydrate(root, p.type(), p.data(), fresh))
    for handle in line[1:]:
        found = p.fresh()
        p.check(ops.Child(fresh, (key_of(p, handle),), found), ops.MachineData(found), ops.TransitionCount(found))
        fresh = found


@shows("ROOT-LOAD-2", "A rehydrated tree is clean.")
def _(p: Builder) -> None:
    root = p.root()
    child = p.child(root)
    p.do(p.transition(child))
    fresh, found = p.fresh(), p.fresh()
    p.do(ops.Rehydrate(root, p.type(), p.data(), fresh), ops.Child(fresh, (key_of(p, child),), found))
    p.check(ops.Dirty(fresh), ops.Dirty(found), ops.Outputs(fresh))


@shows("NODE-KEY-1", "A child has the key under which it was added or found.")
def _(p: Builder) -> None:
    line = p.line()
    p.check(ops.KeyOf(line[-1]))


@shows("NODE-PARENT-1", "A child's parent is the node that it is under.")
def _(p: Builder) -> None:
    line, parent = p.line(), p.fresh()
    p.check(ops.Parent(line[-1], parent), ops.PathOf(parent), ops.MachineData(parent))


@shows("NODE-PATH-1", "A path has the keys from below the root to the node.")
def _(p: Builder) -> None:
    p.check(*(ops.PathOf(handle) for handle in p.line()))


@shows("NODE-COUNT-1", "The transition count is the number of the machine's successful transitions.")
def _(p: Builder) -> None:
    node = p.node()
    p.check(ops.TransitionCount(node))
    for _ in range(p.pick(1, 0, 2, 4)):
        p.do(p.transition(node))
    p.check(ops.TransitionCount(node))


@shows("NODE-CHILD-1", "Child finds the node at the path, level by level.")
def _(p: Builder) -> None:
    root = p.root()
    line = [root, p.child(root)]
    for _ in range(p.pick(1, 0, 2)):
        if p.sometimes():
            p.child(line[-1])
        line.append(p.child(line[-1]))
    if p.sometimes():
        fresh = p.fresh()
        p.do(ops.Rehydrate(root, p.type(), p.data(), fresh))
        root = fresh
    found = p.fresh()
    path = tuple(key_of(p, handle) for handle in line[1:])
    p.check(ops.Child(root, path, found), ops.PathOf(found), ops.MachineData(found))


@shows("NODE-CHILD-2", "Where no node is, none is found.")
def _(p: Builder) -> None:
    line = p.line()
    path: list[ops.Key] = [(p.type(), "missing")]
    if p.sometimes():
        path.append((p.type(), "a"))
    p.check(ops.Child(p.pick(line[-1], line[0]), tuple(path)))


@shows("NODE-CHILD-3", "The empty path leads to the node itself.")
def _(p: Builder) -> None:
    node, found = p.node(), p.fresh()
    p.check(ops.Child(node, (), found), ops.PathOf(found), ops.MachineData(found))


@shows("NODE-CHILD-4", "A key of a type that is not registered is refused as that.")
def _(p: Builder) -> None:
    p.check(ops.Child(p.node(), ((UNKNOWN, p.id()),)))


@shows("NODE-CHILD-5", "The same node is the same object each time.")
def _(p: Builder) -> None:
    root = p.root()
    child, found, again = p.child(root), p.fresh(), p.fresh()
    key = key_of(p, child)
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
    node = p.node()
    p.check(ops.Child(node, ((p.type(), "missing"), (UNKNOWN, "a"))))


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


@shows("NODE-ADD-1", "AddChild adds an immediate child with the data given.")
def _(p: Builder) -> None:
    node, added, found = p.node(), p.fresh(), p.fresh()
    key: ops.Key = (p.type(), p.pick("new", "", "ü"))
    p.check(ops.AddChild(node, key, (1 + p.number(4), 5 + p.number(9)), added), ops.MachineData(added))
    p.check(ops.Child(node, (key,), found), ops.MachineData(found), ops.Export(node))


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
            first = p.fresh()
            p.do(ops.AddChild(node, key, (1, 1), first), ops.AddChild(node, key, (2, 2)))
            p.check(ops.MachineData(first))
        case "unregistered":
            p.do(ops.AddChild(node, (UNKNOWN, "x"), p.data()), ops.RegisterMachine(UNKNOWN))
            p.check(ops.Child(node, ((UNKNOWN, "x"),)))
        case _:
            p.do(ops.AddChild(node, key, NOT_SERIALIZABLE))
            p.check(ops.Child(node, (key,)))
    p.check(ops.Export(node))


@shows(
    "NODE-ADD-6", "What is said first: that the key exists, that the type is unknown, that the data does not serialize."
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
    p.check(ops.MachineData(first), ops.MachineData(second), ops.Export(node))


@shows("NODE-ADD-8", "Children can be added to any node, also to one that came from persistence without any.")
def _(p: Builder) -> None:
    root = p.root()
    child, fresh, found = p.child(root), p.fresh(), p.fresh()
    p.do(ops.Rehydrate(root, p.type(), p.data(), fresh), ops.Child(fresh, (key_of(p, child),), found))
    p.check(ops.AddChild(found, (p.type(), "new"), p.data()), ops.Export(fresh))
