"""Slices: the operations of a program that some of its operations need, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Final

from hsm_specs.language import operations as ops
from hsm_specs.language.members import places, reader
from hsm_specs.language.shapes import Use

NEAR = 20
"""Of how many operations before the last one several are chosen together."""
HANDLES = frozenset(("registry", "node", "machine", "collection", "transition", "cell", "workflow"))
Name = tuple[str, int]
"""A handle or a type: what it is the name of, and its number."""


def slices(program: ops.Program, others: int) -> Iterator[ops.Program]:
    """Yield the program's last operation, each choice of so many other operations, and what all of them need.

    Of several others all are near the last one.
    """
    needs, last = dependencies(program), len(program) - 1
    first = max(0, last - NEAR) if others > 1 else 0
    for chosen in combinations(range(first, last), others):
        yield sliced(program, needs, (*chosen, last))


def sliced(program: ops.Program, needs: list[frozenset[int]], wanted: Iterable[int]) -> ops.Program:
    """Return the wanted operations, by index, with all that they need."""
    kept: set[int] = set()
    pending = list(wanted)
    while pending:
        index = pending.pop()
        if index not in kept:
            kept.add(index)
            pending.extend(needs[index])
    return tuple(program[index] for index in sorted(kept))


def dependencies(program: ops.Program) -> list[frozenset[int]]:
    """Return for each operation the indexes of those that make what it names.

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
    """Yield what an operation names, in its script too unless it makes it itself."""
    for thing, read in _NEEDS[type(operation)]:
        for name in read(operation):
            yield thing, name
    script: ops.Script | None = getattr(operation, "script", None)
    if script is not None and script.ops:
        own = set(made(operation))
        yield from (name for inside in script.ops for name in used(inside) if name not in own)


def made(operation: ops.AnyOperation) -> Iterator[Name]:
    """Yield what an operation makes, in its script too."""
    for thing, read in _MAKES[type(operation)]:
        for name in read(operation):
            yield thing, name
    script: ops.Script | None = getattr(operation, "script", None)
    for inside in () if script is None else script.ops:
        yield from made(inside)


_Reads = dict[type[ops.Operation], tuple[tuple[str, Callable[[ops.AnyOperation], Iterator[int]]], ...]]


def _reads(use: Use) -> _Reads:
    """Return for each operation how to read the names of the things that it uses in a way."""
    return {
        operation: tuple(
            (place.reference.kind, reader(place.way))
            for place in places(operation)
            if place.reference is not None and place.reference.use is use
        )
        for operation in ops.OPERATIONS
    }


_NEEDS: Final = _reads(Use.NEEDS)
_MAKES: Final = _reads(Use.MAKES)
