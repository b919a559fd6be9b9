"""Transitions, outputs and collections in which all values stand that are confused: what went in comes out."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.language.confusions import TEXTS
from hsm_specs.language.palette import EMPTY_DATA
from hsm_specs.properties.alphabets import (
    DATA,
    IDS,
    TYPES,
    families,
    lines,
    named,
    reloaded,
    tasks,
    typed,
    under,
)
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import of_all_values

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
