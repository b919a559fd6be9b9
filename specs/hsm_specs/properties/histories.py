"""Histories: what was read while a function ran must not be remembered once more is done, or the function has failed.

Each case reads in one way alone, inside a function and after it, as whatever is remembered may be so by one way only.
Nothing in a case is evidence: what fails is named by its difference, since it may as well be what came before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import Builder
from hsm_specs.properties.property import after_others

OLD: Final[ops.Key] = (1, "old")
NEW: Final[ops.Key] = (1, "new")
"""The keys of a child that there is, and of one that a function adds, and that is added again."""
FOUND: Final = 90
"""A handle for what is looked up."""

Ids = tuple[int, int, int]
"""The handles of a root, of a child that it has and of one that is added."""
Read = Callable[[Ids], tuple[ops.AnyOperation, ...]]


def each(operation: Callable[[int], ops.AnyOperation]) -> Read:
    """Return a read of the root and of both children."""
    return lambda nodes: tuple(map(operation, nodes))


def by_key(*operations: Callable[[int, str], ops.AnyOperation]) -> Read:
    """Return a read of both children by the root and their IDs."""
    return lambda nodes: tuple(operation(nodes[0], key[1]) for key in (OLD, NEW) for operation in operations)


def data_found(*_: object) -> ops.MachineData:
    return ops.MachineData(FOUND)


READS: Final[dict[str, Read]] = {
    "NODE-COUNT-1": each(ops.TransitionCount),
    "NODE-CHILD-1": by_key(lambda root, machine_id: ops.Child(root, ((1, machine_id),), FOUND), data_found),
    "NODE-CHILD-2": each(lambda node: ops.Child(node, ((1, "none"),))),
    "DATA-READ-1": each(ops.MachineData),
    "OUT-LIST-1": each(ops.Outputs),
    "DIRTY-TREE-1": each(ops.Dirty),
    "ROOT-LOAD-2": each(ops.Export),
    "COLL-NODE-1": by_key(lambda root, machine_id: ops.CollectionNode(root, 1, machine_id, FOUND), data_found),
    "COLL-DATA-1": by_key(lambda root, machine_id: ops.CollectionData(root, 1, machine_id)),
    "COLL-LIST-1": lambda nodes: (ops.CollectionList(nodes[0], 1),),
    "COLL-TRANS-1": by_key(
        lambda root, machine_id: ops.CollectionTransition(root, 1, machine_id, ops.Script((), ((1, 7, 7),)))
    ),
}
"""The ways to read, by the requirement that they are about."""


def tree(p: Builder) -> tuple[int, int]:
    """Return the handles of a root and of a child that it has."""
    root, old = p.root(), p.fresh()
    p.do(ops.AddChild(root, OLD, (1, 1), old))
    return root, old


def added(nodes: Ids, number: int) -> ops.AddChild:
    """Return the addition of the child, with data of its own."""
    return ops.AddChild(nodes[0], NEW, (number, number), nodes[2])


def changed(p: Builder, nodes: Ids, number: int) -> tuple[ops.AnyOperation, ...]:
    """Return transitions of both children."""
    return tuple(
        p.transition(node, tasks=((1, number, node),), changed=(number, 20 + number + node)) for node in nodes[1:]
    )


def undone(read: Read, fail: ops.Failure, p: Builder) -> None:
    """Read in a function that fails, do other things to the same names, and read again."""
    root, old = tree(p)
    nodes, later = (root, old, p.fresh()), (root, old, p.fresh())
    below = ops.AddChild(nodes[2], (1, "below"), (7, 7))
    p.do(p.bare(root, added(nodes, 1), below, *read(nodes), *changed(p, nodes, 1), *read(nodes), fail=fail))
    p.do(*read((root, old, old)), added(later, 2), *read(later), *changed(p, later, 2), *read(later), ops.Export(root))


def kept(read: Read, p: Builder) -> None:
    """Read in a function that succeeds, do more, and read again."""
    root, old = tree(p)
    nodes = (root, old, p.fresh())
    p.do(p.bare(root, added(nodes, 1), *read(nodes), *changed(p, nodes, 1), *read(nodes)), *read(nodes))
    p.do(*changed(p, nodes, 2), *read(nodes), p.failing(root, *changed(p, nodes, 3), *read(nodes)), *read(nodes))


def cleared(read: Read, p: Builder) -> None:
    """Clear in a function that succeeds, after and before transitions, and read."""
    root, old = tree(p)
    nodes = (root, old, p.fresh())
    p.do(added(nodes, 1), *changed(p, nodes, 1), p.transition(root))
    p.do(p.bare(root, *changed(p, nodes, 2), *read(nodes), ops.Clear(root), *read(nodes)), *read(nodes))
    p.do(p.bare(root, ops.Clear(root), *changed(p, nodes, 3)), *read(nodes), ops.Clear(root), *read(nodes))


def thrice(read: Read, p: Builder) -> None:
    """Read after failures and successes in turn, each twice in a row, with and without clearing."""
    root, old = tree(p)
    nodes = (root, old, p.fresh())
    p.do(added(nodes, 1))
    for number in range(2, 6):
        p.do(*changed(p, nodes, number), *read(nodes))
        p.do(*(p.bare(node, *changed(p, nodes, 9), fail="user_2") for node in nodes[:2]), *read(nodes))
        if number % 2:
            p.do(ops.Clear(nodes[number % 3]), *read(nodes))


for requirement, way in READS.items():
    after_others(requirement)(partial(undone, way, "user_1"))
    after_others(requirement)(partial(undone, way, "panic"))
    after_others(requirement)(partial(kept, way))
    after_others(requirement)(partial(cleared, way))
    after_others(requirement)(partial(thrice, way))
