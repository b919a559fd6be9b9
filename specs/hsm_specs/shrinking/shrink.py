"""Shrinks a failing program: first to what its last operation needs, then by leaving out and simplifying."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.language.dependencies import dependencies, sliced, slices
from hsm_specs.language.members import members
from hsm_specs.language.shapes import HANDLES as DOMAINS
from hsm_specs.language.shapes import Domain, Reference, Use
from hsm_specs.shrinking.edits import Edit, edited, edits
from hsm_specs.shrinking.renaming import renamed

T = TypeVar("T")
Failing = Callable[[Sequence[tuple[T, ...]]], Sequence[bool]]
"""Says of each candidate whether it fails in the same way as the program that is being shrunk."""
Programs = Failing[ops.AnyOperation]
Kept = tuple[int, ...]
"""The operations of a program that are kept, by index."""

MOST_ROUNDS = 100
FIRST_PIECES = 8
SHORT = 20
"""The length up to which each part of a program is tried by itself."""
HANDLES: Final[dict[str, Domain]] = {
    member.name: member.domain
    for operation in ops.OPERATIONS
    for member in members(operation)
    if member.domain in DOMAINS
}
"""Members that are handles, and of what."""
NODES: Final = frozenset(
    member.name
    for operation in ops.OPERATIONS
    for member in members(operation)
    if member.reference == Reference("node")
)
"""Members that name a node which must be bound."""
HANDING_OUT: Final = frozenset(
    operation
    for operation in ops.OPERATIONS
    for member in members(operation)
    if member.reference == Reference("machine", Use.MAKES)
)
"""Operations that bind a handle to a machine's data."""


def shrink(program: ops.Program, failing: Programs) -> ops.Program:
    """Return the smallest failing program that was found. No operation and no part of one can be left out of it.

    The candidates of a round are tried together. There are at most `MOST_ROUNDS` rounds.
    """
    program = ended(program, failing)
    for others in range(3):
        sliced = smallest(program, list(slices(program, others)), failing, measure)
        if sliced != program:
            program = sliced
            break
    program = chunked(program, failing, measure)
    for _ in range(MOST_ROUNDS):
        smaller = smaller_by_edits(program, failing)
        if smaller == program:
            smaller = smallest(program, list(rewritten(program)), failing, measure)
        if smaller == program:
            break
        program = smaller
    renumbered = renumber(program)
    return renumbered if failing([renumbered])[0] else program


def ended(program: ops.Program, failing: Programs) -> ops.Program:
    """Return the program up to the operation that fails."""
    shortest, longest = 1, len(program)
    while shortest < longest:
        middle = (shortest + longest) // 2
        if failing([program[:middle]])[0]:
            longest = middle
        else:
            shortest = middle + 1
    return program[:longest]


def least(program: ops.Program, failing: Failing[int]) -> Kept:
    """Return the fewest operations of a program that still fail, none of which can be left out.

    Operations are kept as they are, for programs whose answers are recorded and cannot be asked for again. All of them
    where nothing fails, not even the whole.
    """
    whole = tuple(range(len(program)))
    candidates = [*_needed(program), whole]
    kept = next((part for part in candidates if failing([part])[0]), None)
    if kept is None:
        return whole
    kept, smaller = (), chunked(kept, failing, len)
    while kept != smaller:
        kept, smaller = smaller, without_pieces(smaller, len(smaller), failing, len)
    return kept


def _needed(program: ops.Program) -> Iterator[Kept]:
    """Yield what the last operation needs, and with it the last ten, hundred, ... operations and what those need."""
    needs, last = dependencies(program), len(program) - 1
    size = 1
    while size < len(program):
        kept: set[int] = set()
        pending = list(range(last - size + 1, last + 1))
        while pending:
            index = pending.pop()
            if index not in kept:
                kept.add(index)
                pending.extend(needs[index])
        yield tuple(sorted(kept))
        size *= 10


def chunked(program: tuple[T, ...], failing: Failing[T], measure: Callable[[tuple[T, ...]], Any]) -> tuple[T, ...]:
    """Return the program without as many of its operations as can be left out in pieces, if it is long."""
    pieces = FIRST_PIECES
    while len(program) > SHORT and pieces < 2 * len(program):
        smaller = without_pieces(program, pieces, failing, measure)
        if smaller == program:
            pieces *= 2
        program = smaller
    return program


def without_pieces(
    program: tuple[T, ...], pieces: int, failing: Failing[T], measure: Callable[[tuple[T, ...]], Any]
) -> tuple[T, ...]:
    """Return the program without as many of so many pieces as go together, of those without each of which it fails."""
    size = max(1, len(program) // pieces)
    starts = range(0, len(program) - 1, size)
    verdicts = failing([program[:start] + program[start + size :] for start in starts])
    needless = [start for start, fails in zip(starts, verdicts, strict=True) if fails]
    together = [without_chunks(program, needless[:count], size) for count in range(1, len(needless) + 1)]
    return smallest(program, together, failing, measure)


def without_chunks(program: tuple[T, ...], starts: Sequence[int], size: int) -> tuple[T, ...]:
    """Return the program without the chunks that start at some indexes."""
    left_out = {index for start in starts for index in range(start, start + size)}
    return tuple(operation for index, operation in enumerate(program) if index not in left_out)


def smallest(
    program: tuple[T, ...],
    candidates: Sequence[tuple[T, ...]],
    failing: Failing[T],
    measure: Callable[[tuple[T, ...]], Any],
) -> tuple[T, ...]:
    """Return the smallest of those candidates that are smaller than the program and fail, or the program itself."""
    measured = {measure(candidate): candidate for candidate in candidates}
    size = measure(program)
    smaller = [(its_size, candidate) for its_size, candidate in measured.items() if its_size < size]
    if not smaller:
        return program
    verdicts = failing([candidate for _, candidate in smaller])
    failed = [entry for entry, fails in zip(smaller, verdicts, strict=True) if fails]
    return min(failed, key=lambda entry: entry[0])[1] if failed else program


def smaller_by_edits(program: ops.Program, failing: Programs) -> ops.Program:
    """Return the program with as many edits made as go together, of those with each of which it fails."""
    form = msgspec.to_builtins(program)
    tried = [(edit, candidate) for edit in edits(form) if (candidate := edited(form, (edit,))) is not None]
    size = measure(program)
    tried = [(edit, candidate) for edit, candidate in tried if measure(candidate) < size]
    if not tried:
        return program
    verdicts = failing([candidate for _, candidate in tried])
    good: dict[tuple[str | int, ...], Edit] = {}
    for (edit, _), fails in zip(tried, verdicts, strict=True):
        if fails:
            good.setdefault(edit.way, edit)
    if not good:
        return program
    chosen = list(good.values())
    together = [edited(form, chosen[:count]) for count in range(1, len(chosen) + 1)]
    return smallest(program, [candidate for candidate in together if candidate is not None], failing, measure)


def measure(program: ops.Program) -> tuple[int, int, bytes]:
    """Return the size of a program: operations (nested ones included), then length, then the bytes themselves."""
    encoded = msgspec.json.encode(program)
    return encoded.count(b'"op":'), len(encoded), encoded


def rewritten(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program changed in more places than one at once."""
    yield from chunks_left_out(program)
    yield from nodes_merged(program)
    yield from unwrapped(program)
    yield from freed(program)
    yield from accesses_joined(program)
    yield from bound_when_added(program)
    yield from renamed(program)


def chunks_left_out(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program without each half, quarter, ... and each pair of neighbors."""
    size = (len(program) + 1) // 2
    while size > 1:
        for start in range(len(program) - size, -1, -size):
            yield program[:start] + program[start + size :]
        size //= 2


def nodes_merged(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program without an operation that binds a node, with the node that it started from in its place."""
    for index, operation in enumerate(program):
        bound, start = getattr(operation, "bind", None), getattr(operation, "node", None)
        if bound is not None and start is not None:
            yield with_handle(program[:index] + program[index + 1 :], bound, start)


def unwrapped(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program with a script's operations in the place of the operation that runs them, in scripts too."""
    for index, operation in enumerate(program):
        script: ops.Script | None = getattr(operation, "script", None)
        if script is not None:
            before, behind = program[:index], program[index + 1 :]
            yield before + script.ops + behind
            for inside in unwrapped(script.ops):
                yield (*before, replace(operation, script=replace(script, ops=inside)), *behind)


def freed(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program with a machine in no tree in the place of one whose data a transition hands out."""
    for index, operation in enumerate(program):
        handle: int | None = getattr(operation, "machine", None)
        script: ops.Script | None = getattr(operation, "script", None)
        if handle is not None and script is not None and type(operation) in HANDING_OUT:
            machine = ops.StateMachine(handle, (0, 0))
            made = (*program[:index], machine, *script.ops, *program[index + 1 :])
            yield sliced(made, dependencies(made), range(index, len(made)))


def accesses_joined(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program with one access in the place of an access of the root and the next one, of each two of them."""
    places = [index for index, operation in enumerate(program) if isinstance(operation, ops.AccessWorkflow)]
    for at, then in itertools.pairwise(places):
        first, second = program[at], program[then]
        if not isinstance(first, ops.AccessWorkflow) or not isinstance(second, ops.AccessWorkflow):
            continue
        if first.ref is not None or second.ref is not None:
            continue
        node = second.bind if first.bind is None else first.bind
        behind = second.script.ops
        if second.bind is not None and node is not None:
            behind = with_handle(behind, second.bind, node)
        inside = (*first.script.ops, *behind)
        for kept, place, other in ((second, then, at), (first, at, then)):
            joined = replace(kept, bind=node, script=replace(kept.script, ops=inside))
            changed = (*program[:place], joined, *program[place + 1 :])
            yield changed[:other] + changed[other + 1 :]


def bound_when_added(program: ops.Program) -> Iterator[ops.Program]:
    """Yield the program with a child bound by its addition in the place of a lookup of it, in scripts too."""
    for index, operation in enumerate(program):
        if isinstance(operation, ops.AddChild) and operation.bind is None:
            for later in range(index + 1, len(program)):
                lookup = program[later]
                if isinstance(lookup, ops.Child) and (lookup.node, lookup.path) == (operation.node, (operation.key,)):
                    bound = replace(operation, bind=lookup.bind)
                    yield (*program[:index], bound, *program[index + 1 : later], *program[later + 1 :])
                    break
        script: ops.Script | None = getattr(operation, "script", None)
        if script is not None:
            for inside in bound_when_added(script.ops):
                changed = replace(operation, script=replace(script, ops=inside))
                yield (*program[:index], changed, *program[index + 1 :])


def with_handle(program: ops.Program, handle: int, instead: int) -> ops.Program:
    """Return the program with one node's handle replaced by another's wherever it is used."""
    return with_members(program, lambda member, used: instead if member in NODES and used == handle else used)


def with_members(program: ops.Program, change: Callable[[str, int], int]) -> ops.Program:
    """Return the program with each member that is a handle changed, in scripts too."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                member: change(member, inside) if member in HANDLES and isinstance(inside, int) else walk(inside)
                for member, inside in value.items()
            }
        return [walk(item) for item in value] if isinstance(value, list | tuple) else value

    return msgspec.convert(walk(msgspec.to_builtins(program)), type=ops.Program)


def renumber(program: ops.Program) -> ops.Program:
    """Return the same program with handles counted from 0 in the order in which they appear."""
    numbers: dict[Domain, dict[int, int]] = {domain: {} for domain in HANDLES.values()}
    numbers[Domain.REGISTRY] = {0: 0}

    def number(member: str, handle: int) -> int:
        known = numbers[HANDLES[member]]
        return known.setdefault(handle, len(known))

    return with_members(program, number)
