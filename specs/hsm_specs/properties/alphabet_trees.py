"""Trees in which all values stand that are confused: no two keys are one, and what went in comes out.

Each case has the whole alphabet of a domain, so that all pairs of its values meet in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hsm_specs.language import operations as ops
from hsm_specs.language.confusions import TEXTS, alphabet
from hsm_specs.language.palette import EMPTY_DATA
from hsm_specs.language.shapes import Domain
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import of_all_values

IDS: tuple[str, ...] = alphabet(Domain.ID)
TYPES: tuple[int, ...] = alphabet(Domain.MACHINE_TYPE)
STATES: tuple[int, ...] = alphabet(Domain.STATE)
VALUES: tuple[int, ...] = alphabet(Domain.VALUE)
DATA: tuple[ops.Data, ...] = (*((state, 7) for state in STATES), *((7, value) for value in VALUES))
LINE = 8
"""How many keys a path has at most."""
SEPARATORS = ("/", ":", "|", ",", ".", "-", "_", ";", "#", "\0", "\x1f", " ", "", "/1:", ":1/", '","')
JOINED: tuple[ops.Key, ...] = ((1, "1a"), (11, "a"), (1, "11a"), (111, "a"), (1, "1:a"), (1, "a1"), (1, "a:1"), (1, ""))


def under(p: Builder, parent: int, keys: Iterable[ops.Key]) -> list[int]:
    """Add children with data of their own, and return their handles."""
    handles = []
    for number, key in enumerate(keys):
        handle = p.fresh()
        p.do(ops.AddChild(parent, key, (number % 7, number), handle))
        p.keys[handle] = key
        handles.append(handle)
    return handles


def named(ids: Iterable[str], type_id: int = 1) -> list[ops.Key]:
    """Return the keys of IDs of one type."""
    return [(type_id, machine_id) for machine_id in ids]


def typed(p: Builder) -> int:
    """Register all types of the alphabet, and return the handle of a root."""
    p.do(ops.NewRegistry(), *(ops.RegisterMachine(type_id, number) for number, type_id in enumerate(TYPES)))
    root = p.fresh()
    p.do(ops.NewRoot(TYPES[0], (1, 1), root))
    return root


def tasks() -> Iterator[ops.Task]:
    """Yield tasks with all payloads, kinds and types."""
    yield from ((1, payload, 1000) for payload in alphabet(Domain.PAYLOAD))
    yield from ((1, 5, deadline) for deadline in alphabet(Domain.DEADLINE))
    yield from ((2, 5, destination) for destination in alphabet(Domain.DESTINATION))
    yield from ((type_id, 5, 1000 if type_id % 2 else "1000") for type_id in alphabet(Domain.TASK_TYPE))


def families(p: Builder) -> Iterable[tuple[int, list[int]]]:
    """Yield for each group of IDs a new root and its children, which have the IDs of the group."""
    p.registry()
    for group in TEXTS:
        root = p.fresh()
        p.do(ops.NewRoot(1, (0, 0), root))
        yield root, under(p, root, named(group))


def lines(p: Builder) -> Iterable[list[int]]:
    """Yield trees, each of one line of nodes that have some of the IDs, until all are used."""
    p.registry()
    for start in range(0, len(IDS), LINE):
        line = [p.fresh()]
        p.do(ops.NewRoot(1, (0, 0), line[0]))
        for number, machine_id in enumerate(IDS[start : start + LINE]):
            line += under(p, line[-1], [(1 + number % 3, machine_id)])
        yield line


def reloaded(p: Builder, root: int) -> int:
    """Return the handle of a root that was made from what is persisted of another."""
    fresh = p.fresh()
    p.do(ops.Rehydrate(root, 1, (0, 0), fresh))
    return fresh


def found(p: Builder, root: int, keys: Sequence[ops.Key]) -> None:
    """Look each key up, and see that what is found is what was added."""
    for key in keys:
        handle = p.fresh()
        p.check(ops.Child(root, (key,), handle), ops.KeyOf(handle), ops.Export(handle))


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


# --- data and transitions ---------------------------------------------------------------------------------------------


@of_all_values("DATA-READ-1")
def _(p: Builder) -> None:
    root = p.root()
    for number, data in enumerate((*DATA, EMPTY_DATA)):
        handle = p.fresh()
        p.do(ops.AddChild(root, (1, f"n{number}"), data, handle))
        p.check(ops.MachineData(handle))


@of_all_values("MT-RUN-1")
def _(p: Builder) -> None:
    root = p.root()
    for number, data in enumerate((*DATA, EMPTY_DATA)):
        handle, machine = p.fresh(), p.fresh()
        p.do(ops.AddChild(root, (1, f"n{number}"), data, handle))
        p.check(ops.MachineTransition(handle, ops.Script((ops.ReadMachine(machine),)), machine))


@of_all_values("MT-COMMIT-1")
def _(p: Builder) -> None:
    root = p.root()
    for data in (*DATA, EMPTY_DATA, (0, 0), EMPTY_DATA, (1, 1)):
        p.do(p.transition(root, changed=data))
        p.check(ops.Export(root))


@of_all_values("MT-COMMIT-1")
def _(p: Builder) -> None:
    for root, siblings in families(p):
        for number, sibling in enumerate(siblings):
            p.do(p.transition(sibling, changed=(9, number)))
            p.check(ops.Export(root))


@of_all_values("MT-ROLLBACK-1")
def _(p: Builder) -> None:
    for root, siblings in families(p):
        p.do(p.transition(siblings[0]), p.failing(siblings[0]), p.failing(siblings[1]))
        p.check(*map(ops.TransitionCount, (root, *siblings)))


@of_all_values("MT-ROLLBACK-2")
def _(p: Builder) -> None:
    root = p.root()
    for data in (*DATA, EMPTY_DATA):
        p.do(p.transition(root, changed=data), p.transition(root, changed=(9, 9), fail="user_1"))
        p.check(ops.Export(root), ops.MachineData(root))


@of_all_values("MT-ROLLBACK-5")
def _(p: Builder) -> None:
    p.registry()
    for group in TEXTS:
        root = p.fresh()
        p.do(ops.NewRoot(1, (0, 0), root), ops.AddChild(root, (1, group[0]), (1, 1)))
        p.do(p.failing(root, *(ops.AddChild(root, (1, other), (2, 2)) for other in group[1:])))
        p.check(ops.Export(root), *(ops.Child(root, ((1, other),)) for other in group))


# --- the open transaction ---------------------------------------------------------------------------------------------


@of_all_values("OUT-LIST-1")
def _(p: Builder) -> None:
    root = p.root()
    for number, child in enumerate(under(p, root, named(IDS))):
        p.do(ops.MachineTransition(child, ops.Script(tasks=((1, number, 1000),))))
    p.check(ops.Outputs(root))


@of_all_values("OUT-LIST-1")
def _(p: Builder) -> None:
    for line in lines(p):
        p.do(*(ops.MachineTransition(node, ops.Script(tasks=((1, node, 1000),))) for node in line))
        p.check(ops.Outputs(line[0]))


@of_all_values("OUT-LIST-1")
def _(p: Builder) -> None:
    root = typed(p)
    for number, child in enumerate(under(p, root, [(type_id, "a") for type_id in TYPES])):
        p.do(ops.MachineTransition(child, ops.Script(tasks=((1, number, 1000),))))
    p.check(ops.Outputs(root))


@of_all_values("OUT-LIST-4")
def _(p: Builder) -> None:
    for root, siblings in families(p):
        for asked in siblings:
            others = (node for node in siblings if node != asked)
            p.do(ops.Clear(root), *(ops.MachineTransition(node, ops.Script(tasks=((1, node, 1),))) for node in others))
            p.check(ops.Outputs(asked))


@of_all_values("OUT-LIST-5")
def _(p: Builder) -> None:
    for line in lines(p):
        p.do(ops.MachineTransition(line[-1], ops.Script(tasks=((1, 1, 1000),))))
        p.check(ops.Outputs(line[-1]))


@of_all_values("TASK-CARRY-1")
def _(p: Builder) -> None:
    root = p.root()
    for task in tasks():
        p.do(ops.MachineTransition(root, ops.Script(tasks=(task,))))
    p.check(ops.Outputs(root))


@of_all_values("DIRTY-TREE-2")
def _(p: Builder) -> None:
    for root, siblings in families(p):
        p.clean(root)
        for number, sibling in enumerate(siblings[:-1]):
            p.do(ops.MachineTransition(sibling, ops.Script()))
            p.check(*map(ops.Dirty, siblings[number:]))


@of_all_values("CLEAR-TREE-3")
def _(p: Builder) -> None:
    for root, siblings in families(p):
        p.clean(root)
        p.do(*(ops.MachineTransition(node, ops.Script(tasks=((1, node, 1),))) for node in siblings))
        for sibling in siblings[:-1]:
            p.do(ops.Clear(sibling))
            p.check(ops.Outputs(root), *map(ops.Dirty, siblings))


# --- collections ------------------------------------------------------------------------------------------------------


def collected(p: Builder) -> int:
    """Return the handle of a root whose collection of type 1 has all IDs."""
    root = p.root()
    for number, machine_id in enumerate(IDS):
        p.do(ops.AddChild(root, (1, machine_id), (number % 7, number)))
    return root


@of_all_values("COLL-TYPE-1")
def _(p: Builder) -> None:
    root = typed(p)
    p.check(*(ops.CollectionType(root, type_id) for type_id in TYPES))


@of_all_values("COLL-ADD-1")
def _(p: Builder) -> None:
    root = p.root()
    for number, machine_id in enumerate(IDS):
        p.check(ops.CollectionAdd(root, 1, machine_id, (number % 7, number)))
    p.check(ops.Export(root))


@of_all_values("COLL-ADD-1")
def _(p: Builder) -> None:
    root = typed(p)
    p.check(*(ops.CollectionAdd(root, type_id, "a", (3, 5)) for type_id in TYPES))
    for number, data in enumerate((*DATA, EMPTY_DATA)):
        p.check(ops.CollectionAdd(root, 1, f"n{number}", data))
    p.check(ops.Export(root))


@of_all_values("COLL-NODE-1")
def _(p: Builder) -> None:
    root = typed(p)
    under(p, root, [(type_id, "a") for type_id in TYPES])
    for type_id in TYPES:
        handle = p.fresh()
        p.check(ops.CollectionNode(root, type_id, "a", handle), ops.KeyOf(handle), ops.Export(handle))


@of_all_values("COLL-NODE-1")
def _(p: Builder) -> None:
    root = collected(p)
    for machine_id in IDS:
        handle = p.fresh()
        p.check(ops.CollectionNode(root, 1, machine_id, handle), ops.KeyOf(handle), ops.Export(handle))


@of_all_values("COLL-NODE-2")
def _(p: Builder) -> None:
    p.registry()
    for group in TEXTS:
        root = p.fresh()
        p.do(ops.NewRoot(1, (0, 0), root), ops.AddChild(root, (1, group[0]), (1, 1)))
        p.check(*(ops.CollectionNode(root, 1, other) for other in group[1:]))


@of_all_values("COLL-DATA-1")
def _(p: Builder) -> None:
    root = collected(p)
    p.check(*(ops.CollectionData(root, 1, machine_id) for machine_id in IDS))
    for number, data in enumerate((*DATA, EMPTY_DATA)):
        p.do(ops.AddChild(root, (2, f"n{number}"), data))
        p.check(ops.CollectionData(root, 2, f"n{number}"))


@of_all_values("COLL-LIST-1")
def _(p: Builder) -> None:
    root = collected(p)
    p.check(ops.CollectionList(root, 1), ops.CollectionList(reloaded(p, root), 1))


@of_all_values("COLL-LIST-2")
def _(p: Builder) -> None:
    root = typed(p)
    under(p, root, [(type_id, "a") for type_id in TYPES])
    p.check(*(ops.CollectionList(root, type_id) for type_id in TYPES))


@of_all_values("COLL-TRANS-1")
def _(p: Builder) -> None:
    p.registry()
    for group in TEXTS:
        root = p.fresh()
        p.do(ops.NewRoot(1, (0, 0), root))
        under(p, root, named(group))
        for number, machine_id in enumerate(group):
            changed = p.transition(root, changed=(5, number))
            p.check(ops.CollectionTransition(root, 1, machine_id, changed.script, changed.machine))
        p.check(ops.Export(root), ops.Outputs(root))


@of_all_values("COLL-TRANS-1")
def _(p: Builder) -> None:
    root = typed(p)
    under(p, root, [(type_id, "a") for type_id in TYPES])
    for type_id in TYPES:
        p.check(ops.CollectionData(root, type_id, "a"))
        changed = p.transition(root, tasks=(), changed=(5, 5))
        p.check(ops.CollectionTransition(root, type_id, "a", changed.script, changed.machine))
    for task in tasks():
        p.do(ops.CollectionTransition(root, 1, "a", ops.Script(tasks=(task,))))
    p.check(ops.Export(root), ops.Outputs(root))


@of_all_values("COLL-KEEP-1")
def _(p: Builder) -> None:
    root, kept = typed(p), p.fresh()
    under(p, root, [(type_id, "a") for type_id in TYPES])
    for type_id in TYPES:
        p.do(ops.NewCollection(root, type_id, kept))
        p.check(ops.CollectionList(root, type_id, kept), ops.CollectionAdd(root, type_id, "b", (2, 2), None, kept))
        p.check(ops.CollectionList(root, type_id, kept))
