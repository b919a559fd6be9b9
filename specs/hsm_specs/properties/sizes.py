"""Sizes: trees, transactions and registries of every size at which tables grow, numbers wrap and stacks end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import TYPES, Builder, spec
from hsm_specs.properties.property import of_any_size

SIZES_TRIED: Final = (0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 64, 65, 128, 129, 256, 257, 1000, 10_000)
QUICK: Final = 257
"""The largest size at quick."""
CHEAP: Final = 10_000
REPEATED: Final = 1_000
DEEP: Final = 257
"""How deep trees get. An operation on a deep node takes time in proportion to its depth."""
WRITTEN: Final = 33
"""How deep trees get that are written as a whole: in JSON a level is three deep, and many decoders stop at 128."""
NESTED: Final = 257
"""How deep functions get."""
TWICE: Final = 9
"""How deep functions get that are tried in any case. One that runs functions twice runs the innermost 512 times."""


def steps(size: int) -> Iterator[tuple[int, bool]]:
    """Yield the numbers up to a size, each with whether it is one of the sizes tried."""
    return ((number, number in SIZES_TRIED) for number in range(1, size + 1))


def task(payload: int) -> ops.Task:
    return 1, payload, 1000


def put_out(node: int, payload: int) -> ops.MachineTransition:
    """Return a transition with one task."""
    return ops.MachineTransition(node, ops.Script(tasks=(task(payload),)))


def growing_line(p: Builder, size: int) -> Iterator[list[int]]:
    """Grow a tree of one line of nodes, and yield it at each of the sizes tried."""
    line = [p.root()]
    yield line
    for number, tried in steps(size):
        node = p.fresh()
        p.keys[node] = (1 + number % 3, f"n{number}")
        p.do(ops.AddChild(line[-1], p.keys[node], (1, number), node))
        line.append(node)
        if tried:
            yield line


def sized_line(p: Builder, size: int) -> list[int]:
    """Return a tree of one line of so many nodes below the root."""
    return list(growing_line(p, size))[-1]


def growing_crowd(p: Builder, size: int) -> Iterator[tuple[int, list[ops.Key], int]]:
    """Grow the children of a root, all of one type, and yield root, keys and the last child at each size tried."""
    root, keys, node = p.root(), list[ops.Key](), p.fresh()
    for number, tried in steps(size):
        keys.append((1, f"n{number}"))
        p.do(ops.AddChild(root, keys[-1], (number % 5, number), node))
        if tried:
            yield root, keys, node


# --- depth ------------------------------------------------------------------------------------------------------------


@of_any_size("NODE-CHILD-1", DEEP, grows=True)
def _(p: Builder, size: int) -> None:
    for line in growing_line(p, size):
        path, handle = tuple(p.keys[node] for node in line[1:]), p.fresh()
        if path:
            p.check(ops.Child(line[0], path, handle), ops.KeyOf(handle), ops.MachineData(handle))


@of_any_size("NODE-PATH-1", DEEP, grows=True)
def _(p: Builder, size: int) -> None:
    for line in growing_line(p, size):
        p.check(ops.PathOf(line[-1]))


@of_any_size("DIRTY-TREE-1", DEEP, grows=True)
def _(p: Builder, size: int) -> None:
    for line in growing_line(p, size):
        p.do(ops.Clear(line[0]), put_out(line[-1], 1))
        p.check(ops.Dirty(line[0]), ops.Dirty(line[len(line) // 2]))


@of_any_size("OUT-LIST-1", DEEP, grows=True)
def _(p: Builder, size: int) -> None:
    for line in growing_line(p, size):
        p.do(put_out(line[-1], len(line)))
        p.check(ops.Outputs(line[0]))


@of_any_size("CLEAR-TREE-1", DEEP, grows=True)
def _(p: Builder, size: int) -> None:
    for line in growing_line(p, size):
        p.do(put_out(line[-1], 1), ops.Clear(line[0]))
        p.check(ops.Outputs(line[0]))


@of_any_size("CLEAR-TREE-2", DEEP, grows=True)
def _(p: Builder, size: int) -> None:
    for line in growing_line(p, size):
        p.do(put_out(line[-1], 1), ops.Clear(line[0]))
        p.check(ops.Dirty(line[-1]), ops.Dirty(line[0]))


@of_any_size("ROOT-LOAD-1", WRITTEN, grows=True)
def _(p: Builder, size: int) -> None:
    for line in growing_line(p, size):
        fresh = p.fresh()
        p.do(ops.Rehydrate(line[0], 1, (0, 0), fresh))
        p.check(ops.Export(fresh))


@of_any_size("REF-PATH-1", CHEAP)
def _(p: Builder, size: int) -> None:
    p.check(ops.StateMachinePath(ops.RefSpec(tuple((1 + n % 3, f"n{n}") for n in range(size)))))


# --- siblings and types -----------------------------------------------------------------------------------------------


@of_any_size("NODE-ADD-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    root, handle = p.root(), p.fresh()
    for number, tried in steps(size):
        p.check(ops.AddChild(root, (1, f"n{number}"), (number % 5, number), handle))
        if tried:
            p.check(ops.Export(handle), ops.Export(root))


@of_any_size("NODE-ADD-2", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    for root, keys, _ in growing_crowd(p, size):
        p.check(ops.AddChild(root, keys[0], (5, 5)), ops.AddChild(root, keys[-1], (5, 5)))


@of_any_size("NODE-CHILD-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    for root, keys, _ in growing_crowd(p, size):
        for key in (keys[0], keys[len(keys) // 2], keys[-1]):
            handle = p.fresh()
            p.check(ops.Child(root, (key,), handle), ops.MachineData(handle))


@of_any_size("NODE-CHILD-2", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    for root, keys, _ in growing_crowd(p, size):
        p.check(ops.Child(root, ((1, f"n{len(keys) + 1}"),)), ops.Child(root, ((2, "n1"),)))


@of_any_size("ROOT-LOAD-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    for root, _, _ in growing_crowd(p, size):
        fresh = p.fresh()
        p.do(ops.Rehydrate(root, 1, (0, 0), fresh))
        p.check(ops.Export(fresh))


@of_any_size("COLL-LIST-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    for root, _, _ in growing_crowd(p, size):
        p.check(ops.CollectionList(root, 1))


@of_any_size("OUT-LIST-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    root, node = p.root(), p.fresh()
    for number, tried in steps(size):
        p.do(ops.AddChild(root, (1, f"n{number}"), (0, 0), node), put_out(node, number))
        if tried:
            p.check(ops.Outputs(root), ops.Dirty(root))


@of_any_size("CLEAR-TREE-1", REPEATED)
def _(p: Builder, size: int) -> None:
    root = p.root()
    nodes = [p.fresh() for _ in range(size)]
    for number, node in enumerate(nodes):
        p.do(ops.AddChild(root, (1, f"n{number}"), (0, 0), node), put_out(node, number))
    p.do(ops.Clear(root))
    p.check(ops.Outputs(root), ops.Dirty(root), *map(ops.Dirty, nodes))


def register_all(p: Builder, size: int, register: Callable[..., ops.AnyOperation]) -> None:
    p.do(ops.NewRegistry())
    p.check(*(register(number, number) for number in range(size)))


@of_any_size("REG-MACHINE-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    register_all(p, size, ops.RegisterMachine)
    p.check(*map(ops.Machine, range(size + 1)))


@of_any_size("REG-TASK-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    register_all(p, size, ops.RegisterTaskSerializer)
    p.check(*map(ops.TaskSerializer, range(size + 1)))


@of_any_size("REG-EXEC-1", REPEATED, grows=True)
def _(p: Builder, size: int) -> None:
    root, first = p.root(), max(TYPES) + 1
    p.check(*(ops.RegisterExecutor(first + number, number) for number in range(size)))
    p.check(*(ops.Execute((first + number, 1, 1), ops.RefSpec(()), root) for number in range(size)))


@of_any_size("EXEC-RUN-1", REPEATED, grows=True)
def _(p: Builder, size: int) -> None:
    root, first = p.root(), max(TYPES) + 1
    p.do(*(ops.RegisterExecutor(first + number, number) for number in (0, 1, 2)))
    p.do(ops.RegisterExecutor(first + 3, 3, None, None, ops.Script(fail="user_1")))
    for number in range(size):
        # Each runs several times in a row, the one that fails too, whose error is the evidence of another requirement.
        which = number // 8 % 4
        (p.do if which == 3 else p.check)(ops.Execute((first + which, number, number), ops.RefSpec(()), root, number))


@of_any_size("NODE-ADD-7", REPEATED, grows=True)
def _(p: Builder, size: int) -> None:
    p.do(ops.NewRegistry(), ops.RegisterMachine(1), *map(ops.RegisterMachine, range(2, size + 2)))
    root = p.fresh()
    p.do(ops.NewRoot(1, (0, 0), root))
    p.check(*(ops.AddChild(root, (type_id, "a"), (1, type_id)) for type_id in range(2, size + 2)))
    p.check(ops.Export(root), *(ops.Child(root, ((type_id, "a"),)) for type_id in range(2, size + 2)))


@of_any_size("COLL-LIST-2", REPEATED, grows=True)
def _(p: Builder, size: int) -> None:
    p.do(ops.NewRegistry(), ops.RegisterMachine(1), *map(ops.RegisterMachine, range(2, size + 2)))
    root = p.fresh()
    p.do(ops.NewRoot(1, (0, 0), root))
    p.do(*(ops.AddChild(root, (type_id, "a"), (1, type_id)) for type_id in range(2, size + 2)))
    p.check(*(ops.CollectionList(root, type_id) for type_id in range(1, size + 2)))


# --- transitions of a node, outputs and tasks -------------------------------------------------------------------------


@of_any_size("NODE-COUNT-1", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    node = p.child(p.root())
    for _, tried in steps(size):
        p.do(ops.MachineTransition(node, ops.Script()))
        if tried:
            p.check(ops.TransitionCount(node), ops.Export(node))
    p.check(ops.TransitionCount(node))


@of_any_size("ROOT-LOAD-1", REPEATED, grows=True)
def _(p: Builder, size: int) -> None:
    root = p.root()
    node = p.child(root)
    for _, tried in steps(size):
        p.do(ops.MachineTransition(node, ops.Script()))
        if tried:
            fresh = p.fresh()
            p.do(ops.Rehydrate(root, 1, (0, 0), fresh))
            p.check(ops.Export(fresh))


@of_any_size("OUT-LIST-2", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    root = p.root()
    for number, tried in steps(size):
        p.do(put_out(root, number))
        if tried:
            p.check(ops.Outputs(root))


@of_any_size("OUT-LIST-3", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    root = p.root()
    for _, tried in steps(size):
        p.do(ops.MachineTransition(root, ops.Script()))
        if tried:
            p.check(ops.Outputs(root))


@of_any_size("MT-COMMIT-4", CHEAP)
def _(p: Builder, size: int) -> None:
    root = p.root()
    p.do(ops.MachineTransition(root, ops.Script(tasks=tuple(map(task, range(max(1, size)))))))
    p.check(ops.Outputs(root))


@of_any_size("TRANS-APPLY-6", CHEAP)
def _(p: Builder, size: int) -> None:
    machine = p.fresh()
    p.do(ops.StateMachine(machine, (1, 1)))
    p.check(ops.Apply(machine, spec((1,), 1), 0, ops.Script(tasks=tuple(map(task, range(size))))))


@of_any_size("TRANS-POSSIBLE-1", CHEAP)
def _(p: Builder, size: int) -> None:
    first, last = p.fresh(), p.fresh()
    p.do(ops.StateMachine(first, (0, 0)), ops.StateMachine(last, (max(0, size - 1), 0)))
    sources = spec(range(size), 1)
    p.check(ops.Possible(first, sources), ops.Possible(last, sources))
    # To ask must not move the machine; that it does would be another requirement's.
    p.do(ops.SetState(last, max(0, size - 1)))
    p.check(ops.Possible(last, spec(range(size - 1), 1)))


# --- operations in a transaction, and functions -----------------------------------------------------------------------


@of_any_size("MT-ROLLBACK-5", CHEAP)
def _(p: Builder, size: int) -> None:
    root = p.root()
    p.do(p.failing(root, *(ops.AddChild(root, (1, f"n{number}"), (1, 1)) for number in range(size))))
    p.check(ops.Export(root), *(ops.Child(root, ((1, f"n{number}"),)) for number in {0, size // 2, max(0, size - 1)}))


@of_any_size("MT-ROLLBACK-6", CHEAP)
def _(p: Builder, size: int) -> None:
    root = p.root()
    child = p.child(root)
    p.do(put_out(child, 99))
    p.do(p.failing(root, *(put_out(child, number) for number in range(size))))
    p.check(ops.Export(root), ops.TransitionCount(child), ops.Outputs(root))


@of_any_size("MT-ROLLBACK-6", REPEATED)
def _(p: Builder, size: int) -> None:
    root = p.root()
    nodes = [p.child(root) for _ in range(size)]
    p.do(p.failing(root, *(put_out(node, node) for node in nodes)))
    p.check(ops.Export(root), ops.Outputs(root), *map(ops.TransitionCount, nodes))


@of_any_size("MT-ROLLBACK-3", CHEAP, grows=True)
def _(p: Builder, size: int) -> None:
    root = p.root()
    for number, tried in steps(size):
        p.do(put_out(root, number))
        if tried:
            p.do(p.failing(root))
            p.check(ops.Outputs(root), ops.TransitionCount(root), ops.Dirty(root))


@of_any_size("MT-ROLLBACK-2", REPEATED)
def _(p: Builder, size: int) -> None:
    root = p.root()
    p.do(p.transition(root, changed=(4, 4)))
    p.do(*(p.transition(root, changed=(5, 10 + number), fail="user_1") for number in range(size)))
    p.check(ops.Export(root), ops.MachineData(root))


@of_any_size("MT-RUN-1", CHEAP)
def _(p: Builder, size: int) -> None:
    root, machine = p.root(), p.fresh()
    inside = (ops.SetValue(machine, number) for number in range(size))
    p.check(ops.MachineTransition(root, ops.Script((*inside, ops.ReadMachine(machine))), machine))
    p.check(ops.Export(root))


def nested(p: Builder, line: list[int], fail: ops.Failure | None) -> ops.MachineTransition:
    """Return a transition of the first node whose function has one of the next, and so on; ``fail`` ends the first."""
    inside: tuple[ops.AnyOperation, ...] = ()
    for node in reversed(line[1:]):
        inside = (p.transition(node, *inside, tasks=(task(node),)),)
    return p.transition(line[0], *inside, tasks=(task(line[0]),), fail=fail)


def nodes(p: Builder, size: int) -> list[int]:
    """Return so many nodes of one tree, at least its root: one below the other as far as a tree can be written."""
    line = sized_line(p, min(size, WRITTEN) - 1)
    return [*line, *(p.child(line[0]) for _ in range(size - len(line)))]


@of_any_size("MT-NESTED-2", NESTED, alone=TWICE)
def _(p: Builder, size: int) -> None:
    line = nodes(p, size)
    p.do(nested(p, line, None))
    p.check(ops.Export(line[0]), ops.Outputs(line[0]), *map(ops.TransitionCount, line))


@of_any_size("MT-ROLLBACK-6", NESTED, alone=TWICE)
def _(p: Builder, size: int) -> None:
    line = nodes(p, size)
    p.do(put_out(line[0], 1000), nested(p, line, "user_1"))
    p.check(ops.Export(line[0]), ops.Outputs(line[0]), *map(ops.TransitionCount, line))


@of_any_size("MT-NESTED-2", TWICE, alone=TWICE)
def _(p: Builder, size: int) -> None:
    root = p.root()
    p.do(nested(p, [root] * max(1, size), None))
    p.check(ops.TransitionCount(root), ops.MachineData(root), ops.Outputs(root))


# --- rehydrations in a row --------------------------------------------------------------------------------------------


@of_any_size("ROOT-LOAD-1", REPEATED, grows=True)
def _(p: Builder, size: int) -> None:
    root = p.root()
    child = p.child(root)
    p.child(child)
    p.do(put_out(child, 1))
    for _, tried in steps(size):
        fresh = p.fresh()
        p.do(ops.Rehydrate(root, 1, (0, 0), fresh))
        root = fresh
        if tried:
            p.check(ops.Export(root))


@of_any_size("CLEAR-TREE-5", REPEATED, grows=True)
def _(p: Builder, size: int) -> None:
    root = p.root()
    for number, tried in steps(size):
        p.do(put_out(root, number), ops.Clear(root))
        if tried:
            p.do(put_out(root, -number))
            p.check(ops.Outputs(root), ops.TransitionCount(root))
            p.do(ops.Clear(root))
