"""Slices: the operations of a program that some of its operations need, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from hsm_specs.language import operations as ops

NEAR = 20
"""Of how many operations before the last one several are chosen together."""
HANDLES = frozenset(("registry", "node", "machine"))
Name = tuple[str, int]
"""A handle or a type: what it is the name of, and its number."""


def slices(program: ops.Program, others: int) -> Iterator[ops.Program]:
    """What the program's last operation needs, beside each choice of so many other operations and what those need.

    Of several others all are near the last one.
    """
    needs, last = dependencies(program), len(program) - 1
    first = max(0, last - NEAR) if others > 1 else 0
    for chosen in combinations(range(first, last), others):
        yield sliced(program, needs, (*chosen, last))


def sliced(program: ops.Program, needs: list[frozenset[int]], wanted: Iterable[int]) -> ops.Program:
    """The wanted operations, by index, with all that they need."""
    kept: set[int] = set()
    pending = list(wanted)
    while pending:
        index = pending.pop()
        if index not in kept:
            kept.add(index)
            pending.extend(needs[index])
    return tuple(program[index] for index in sorted(kept))


def dependencies(program: ops.Program) -> list[frozenset[int]]:
    """For each operation the indexes of those that make what it names.

    Of a type it is the first registration in each of the registries that there are.
    """
    handles: dict[Name, int] = {}
    types: dict[Name, dict[int, int]] = {}
    needs: list[frozenset[int]] = []
    for index, operation in enumerate(program):
        named = list(used(operation))
        needed = {handles[name] for name in named if name in handles}
        needs.append(frozenset(needed.union(*(types[name].values() for name in named if name in types))))
        registry: int = getattr(operation, "registry", 0)
        for name in made(operation):
            if name[0] in HANDLES:
                handles[name] = index
            else:
                types.setdefault(name, {}).setdefault(registry, index)
        if isinstance(operation, ops.NewRegistry):
            for registered in types.values():
                registered.pop(registry, None)
    return needs


def used(operation: ops.AnyOperation) -> Iterator[Name]:
    """What an operation names, in its script too unless it makes it itself."""
    for member in ("node", "other"):
        handle = getattr(operation, member, None)
        if handle is not None:
            yield "node", handle
    registry = getattr(operation, "registry", None)
    if registry is not None:
        yield "registry", registry
    match operation:
        case ops.NewRoot() | ops.Rehydrate() | ops.Load() | ops.CollectionAdd() | ops.CollectionNode():
            yield "machine type", operation.type
        case ops.CollectionData() | ops.CollectionTransition():
            yield "machine type", operation.type
        case ops.AddChild():
            yield "machine type", operation.key[0]
        case ops.Child():
            yield from (("machine type", key[0]) for key in operation.path)
        case ops.Execute():
            yield "executor", operation.task[0]
        case ops.SerializeTask():
            yield "serializer", operation.task[0]
        case ops.TaskSerializer() | ops.DeserializeTask():
            yield "serializer", operation.type
        case ops.ReadMachine() | ops.SetState() | ops.SetValue() | ops.RegenerateTasks() | ops.Possible() | ops.Apply():
            yield "machine", operation.machine
        case _:
            pass
    script: ops.Script | None = getattr(operation, "script", None)
    if script is not None and script.ops:
        own = set(made(operation))
        yield from (name for inside in script.ops for name in used(inside) if name not in own)


def made(operation: ops.AnyOperation) -> Iterator[Name]:
    """What an operation makes, in its script too."""
    match operation:
        case ops.NewRegistry():
            yield "registry", operation.registry
        case ops.RegisterMachine():
            yield "machine type", operation.type
        case ops.RegisterTaskSerializer():
            yield "serializer", operation.type
        case ops.RegisterExecutor():
            yield "executor", operation.type
        case ops.StateMachine():
            yield "machine", operation.machine
        case ops.MachineTransition() | ops.CollectionTransition() if operation.machine is not None:
            yield "machine", operation.machine
        case _:
            pass
    bound = getattr(operation, "bind", None)
    if bound is not None:
        yield "node", bound
    script: ops.Script | None = getattr(operation, "script", None)
    for inside in () if script is None else script.ops:
        yield from made(inside)
