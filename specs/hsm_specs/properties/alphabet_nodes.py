"""Nodes in which all values stand that are confused: no two keys are one, and what went in comes out.

Each case has the whole alphabet of a domain, so that all pairs of its values meet in it.
"""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.language.confusions import TEXTS
from hsm_specs.language.palette import EMPTY_DATA
from hsm_specs.properties.alphabets import (
    DATA,
    EDGES,
    IDS,
    JOINED,
    SEPARATORS,
    TYPES,
    families,
    found,
    lines,
    named,
    reloaded,
    typed,
    under,
)
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import of_all_values

# --- making and adding ------------------------------------------------------------------------------------------------


@of_all_values("ROOT-NEW-1")
def _(p: Builder) -> None:
    p.registry()
    for data in DATA:
        root = p.fresh()
        p.check(ops.NewRoot(1, data, root), ops.Export(root))


@of_all_values("ROOT-NEW-1")
def _(p: Builder) -> None:
    typed(p)
    for type_id in TYPES:
        root = p.fresh()
        p.check(ops.NewRoot(type_id, (3, 5), root), ops.Export(root))


@of_all_values("ROOT-NEW-1")
def _(p: Builder) -> None:
    p.registry()
    root = p.fresh()
    p.check(ops.NewRoot(1, EMPTY_DATA, root), ops.Export(root))


@of_all_values("NODE-ADD-1")
def _(p: Builder) -> None:
    root = p.root()
    for number, key in enumerate(named(IDS)):
        p.check(ops.AddChild(root, key, (number % 7, number)))
    p.check(ops.Export(root))


@of_all_values("NODE-ADD-1")
def _(p: Builder) -> None:
    root = p.root()
    for number, data in enumerate((*DATA, EMPTY_DATA)):
        handle = p.fresh()
        p.check(ops.AddChild(root, (1, f"n{number}"), data, handle), ops.Export(handle))
    p.check(ops.Export(root))


@of_all_values("NODE-ADD-2")
def _(p: Builder) -> None:
    root = p.root()
    under(p, root, named(IDS))
    p.check(*(ops.AddChild(root, key, (5, 5)) for key in named(IDS)))


@of_all_values("NODE-ADD-7")
def _(p: Builder) -> None:
    root = typed(p)
    for number, type_id in enumerate(TYPES):
        p.check(ops.AddChild(root, (type_id, "a"), (number % 7, number)))
    p.check(ops.Export(root))


@of_all_values("NODE-ADD-7")
def _(p: Builder) -> None:
    p.registry()
    p.do(ops.RegisterMachine(11), ops.RegisterMachine(111))
    root = p.fresh()
    p.do(ops.NewRoot(1, (0, 0), root))
    for number, key in enumerate(JOINED):
        p.check(ops.AddChild(root, key, (number, number)))
    p.check(ops.Export(root))
    found(p, root, JOINED)


@of_all_values("NODE-CHILD-1")
def _(p: Builder) -> None:
    root = typed(p)
    for number, (type_id, machine_id) in enumerate(EDGES):
        p.check(ops.AddChild(root, (type_id, machine_id), (number, number)))
    p.check(ops.Export(root))
    found(p, root, EDGES)
    found(p, reloaded(p, root), EDGES)


@of_all_values("NODE-ADD-7")
def _(p: Builder) -> None:
    p.registry()
    for separator in SEPARATORS:
        root, parent, below = p.fresh(), p.fresh(), p.fresh()
        p.do(ops.NewRoot(1, (0, 0), root))
        joined = (1, f"a{separator}b")
        p.check(ops.AddChild(root, (1, "a"), (1, 1), parent), ops.AddChild(root, joined, (2, 2)))
        p.check(ops.AddChild(parent, (1, "b"), (3, 3), below), ops.AddChild(root, (1, "b"), (4, 4)))
        p.do(ops.MachineTransition(below, ops.Script(tasks=((1, 1, 1),))))
        p.check(ops.Export(root), ops.Child(root, ((1, "a"), (1, "b"))), ops.Child(root, (joined,), parent))
        p.check(ops.Export(parent), ops.Outputs(root), ops.PathOf(below))


# --- what nodes say of themselves -------------------------------------------------------------------------------------


@of_all_values("NODE-KEY-1")
def _(p: Builder) -> None:
    root = p.root()
    p.check(*map(ops.KeyOf, under(p, root, named(IDS))))


@of_all_values("NODE-KEY-1")
def _(p: Builder) -> None:
    root = typed(p)
    p.check(*map(ops.KeyOf, under(p, root, [(type_id, "a") for type_id in TYPES])))


@of_all_values("NODE-PARENT-1")
def _(p: Builder) -> None:
    for _, siblings in families(p):
        for sibling in siblings:
            (child,), above = under(p, sibling, [(1, "a")]), p.fresh()
            p.check(ops.Parent(child, above), ops.KeyOf(above), ops.Export(above))


@of_all_values("NODE-PATH-1")
def _(p: Builder) -> None:
    for line in lines(p):
        p.check(*map(ops.PathOf, line))


@of_all_values("NODE-COUNT-1")
def _(p: Builder) -> None:
    for _, siblings in families(p):
        for number, sibling in enumerate(siblings):
            p.do(*(ops.MachineTransition(sibling, ops.Script()) for _ in range(number % 4)))
        p.check(*map(ops.TransitionCount, siblings))


# --- looking up and loading -------------------------------------------------------------------------------------------


@of_all_values("NODE-CHILD-1")
def _(p: Builder) -> None:
    root = p.root()
    under(p, root, named(IDS))
    found(p, root, named(IDS))


@of_all_values("NODE-CHILD-1")
def _(p: Builder) -> None:
    root = p.root()
    under(p, root, named(IDS))
    found(p, reloaded(p, root), named(IDS))


@of_all_values("NODE-CHILD-1")
def _(p: Builder) -> None:
    root = typed(p)
    keys = [(type_id, "a") for type_id in TYPES]
    under(p, root, keys)
    found(p, root, keys)


@of_all_values("NODE-CHILD-1")
def _(p: Builder) -> None:
    for line in lines(p):
        path, handle = tuple(p.keys[node] for node in line[1:]), p.fresh()
        p.check(ops.Child(line[0], path, handle), ops.KeyOf(handle), ops.Export(handle))


@of_all_values("NODE-CHILD-1")
def _(p: Builder) -> None:
    root = typed(p)
    for parent in under(p, root, [(type_id, "a") for type_id in TYPES]):
        handle = p.fresh()
        under(p, parent, [(1, "b")])
        p.check(ops.Child(root, (p.keys[parent], (1, "b")), handle), ops.PathOf(handle), ops.Export(handle))


@of_all_values("NODE-CHILD-2")
def _(p: Builder) -> None:
    p.registry()
    for group in TEXTS:
        for number, present in enumerate(group):
            root = p.fresh()
            p.do(ops.NewRoot(1, (0, 0), root), ops.AddChild(root, (1, present), (1, 1)))
            others = (*group[:number], *group[number + 1 :])
            p.check(*(ops.Child(root, ((1, other),)) for other in others))


@of_all_values("NODE-CHILD-4")
def _(p: Builder) -> None:
    p.do(ops.NewRegistry(), ops.RegisterMachine(1))
    root = p.fresh()
    p.do(ops.NewRoot(1, (0, 0), root), ops.AddChild(root, (1, "a"), (1, 1)))
    p.check(*(ops.Child(root, ((type_id, "a"),)) for type_id in TYPES if type_id != 1))


@of_all_values("NODE-CHILD-5")
def _(p: Builder) -> None:
    for root, siblings in families(p):
        for sibling in siblings:
            again = p.fresh()
            p.do(ops.Child(root, (p.keys[sibling],), again))
            p.check(ops.Same(sibling, again), *(ops.Same(again, other) for other in siblings if other != sibling))


@of_all_values("ROOT-LOAD-1")
def _(p: Builder) -> None:
    root = p.root()
    under(p, root, named(IDS))
    p.check(ops.Export(reloaded(p, root)))


@of_all_values("ROOT-LOAD-1")
def _(p: Builder) -> None:
    root = typed(p)
    under(p, root, [(type_id, machine_id) for type_id in TYPES for machine_id in ("a", "")])
    p.check(ops.Export(reloaded(p, root)))


@of_all_values("ROOT-LOAD-1")
def _(p: Builder) -> None:
    root = p.root()
    for number, data in enumerate((*DATA, EMPTY_DATA)):
        p.do(ops.AddChild(root, (1, f"n{number}"), data))
    fresh = reloaded(p, root)
    p.check(ops.Export(fresh))
    for number in range(len(DATA) + 1):
        handle = p.fresh()
        p.check(ops.Child(fresh, ((1, f"n{number}"),), handle), ops.MachineData(handle))


@of_all_values("ROOT-LOAD-1")
def _(p: Builder) -> None:
    root = typed(p)
    p.do(ops.AddChild(root, (1, "a"), (1, 2)))
    for number, data in enumerate((*DATA, EMPTY_DATA)):
        fresh = p.fresh()
        p.check(ops.Rehydrate(root, TYPES[number % len(TYPES)], data, fresh), ops.Export(fresh), ops.MachineData(fresh))


@of_all_values("ROOT-LOAD-1")
def _(p: Builder) -> None:
    for line in lines(p):
        p.check(ops.Export(reloaded(p, line[0])))
