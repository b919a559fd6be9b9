"""Shrinks a failing program: whole operations first, then what is inside them, by delta debugging in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from hsm_specs import operations as ops

Failing = Callable[[Sequence[ops.Program]], Sequence[bool]]
"""Says of each candidate whether it fails in the same way as the program that is being shrunk."""

MOST_ROUNDS = 400
HANDLES = {"node": "node", "other": "node", "bind": "node", "machine": "machine", "registry": "registry"}
"""Members that are handles, and of what."""


def shrink(program: ops.Program, failing: Failing) -> ops.Program:
    """The smallest program that was found which still fails; no operation, and no part of one, can be left out of it.

    Candidates of one round are handed over together. Ends after `MOST_ROUNDS` rounds at the latest.
    """
    for _ in range(MOST_ROUNDS):
        for pieces in (chunks_left_out, nodes_merged, parts_left_out, parts_simplified):
            smaller = first_failing(program, list(pieces(program)), failing)
            if smaller is not None:
                program = smaller
                break
        else:
            break
    renumbered = renumber(program)
    return renumbered if failing([renumbered])[0] else program


def first_failing(program: ops.Program, candidates: list[ops.Program], failing: Failing) -> ops.Program | None:
    """The first candidate that is smaller than the program and fails, or None."""
    size = measure(program)
    smaller = [candidate for candidate in candidates if measure(candidate) < size]
    if not smaller:
        return None
    verdicts = failing(smaller)
    return next((candidate for candidate, fails in zip(smaller, verdicts, strict=True) if fails), None)


def measure(program: ops.Program) -> tuple[int, int, bytes]:
    """The size of a program: operations (nested ones included), then length, then the bytes themselves."""
    encoded = msgspec.json.encode(program)
    return encoded.count(b'"op":'), len(encoded), encoded


def chunks_left_out(program: ops.Program) -> Iterator[ops.Program]:
    """The program without each half, quarter, ... and each single operation, the largest pieces first."""
    size = (len(program) + 1) // 2
    while size:
        for start in range(len(program) - size, -1, -size):
            yield program[:start] + program[start + size :]
        size //= 2


def nodes_merged(program: ops.Program) -> Iterator[ops.Program]:
    """The program without an operation that binds a node, with the node that it started from in its place."""
    for index, operation in enumerate(program):
        bound, start = getattr(operation, "bind", None), getattr(operation, "node", None)
        if bound is not None and start is not None:
            yield with_handle(program[:index] + program[index + 1 :], bound, start)


def with_handle(program: ops.Program, handle: int, instead: int) -> ops.Program:
    """The program with one node's handle replaced by another's wherever it is used."""
    return with_members(
        program, lambda member, used: instead if member in ("node", "other") and used == handle else used
    )


def with_members(program: ops.Program, change: Callable[[str, int], int]) -> ops.Program:
    """The program with each member that is a handle changed, in scripts too."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                member: change(member, inside) if member in HANDLES and isinstance(inside, int) else walk(inside)
                for member, inside in value.items()
            }
        return [walk(item) for item in value] if isinstance(value, list | tuple) else value

    return msgspec.convert(walk(msgspec.to_builtins(program)), type=ops.Program)


def parts_left_out(program: ops.Program) -> Iterator[ops.Program]:
    """The program with something left out of one of its scripts, or with a script's operations instead of it."""
    for index, operation in enumerate(program):
        script: ops.Script | None = getattr(operation, "script", None)
        if script is None:
            continue
        before, behind = program[:index], program[index + 1 :]
        yield before + script.ops + behind
        for smaller in smaller_scripts(script):
            yield (*before, replace(operation, script=smaller), *behind)


def smaller_scripts(script: ops.Script) -> Iterator[ops.Script]:
    """The script with operations, tasks or its failure left out; inside nested scripts too."""
    for inside in (*chunks_left_out(script.ops), *parts_left_out(script.ops)):
        yield replace(script, ops=inside)
    if script.tasks:
        yield replace(script, tasks=())
        yield replace(script, tasks=script.tasks[:1])
    if script.fail is not None:
        yield replace(script, fail=None)
        yield replace(script, fail="user_1")


def parts_simplified(program: ops.Program) -> Iterator[ops.Program]:
    """The program with one member of one operation simplified."""
    for index, operation in enumerate(program):
        for simpler in simpler_operations(operation):
            yield (*program[:index], simpler, *program[index + 1 :])


SIMPLE: dict[str, tuple[Any, ...]] = {
    "data": ((0, 0), (1, 0)),
    "key": ((1, "a"), (2, "a"), (1, "b")),
    "path": ((), ((1, "a"),)),
    "id": ("a",),
    "type": (1, 2),
    "tag": (0, 1),
    "event": (0,),
    "now": (0,),
    "state": (0, 1),
    "value": (0, 1),
    "access": (None, "read"),
    "cast": ("own",),
    "bind": (None,),
    "machine": (None,),
    "task": ((1, 0, 0), (2, 0, "")),
    "tasks": (((1, 0, 0),),),
}
"""Simple values for members, the simplest first."""


def simpler_operations(operation: ops.AnyOperation) -> Iterator[ops.AnyOperation]:
    """The operation with one member simplified, in its script too."""
    for field in operation.__struct_fields__:
        present = getattr(operation, field)
        if isinstance(present, ops.Script):
            for tasks in SIMPLE["tasks"]:
                if present.tasks:
                    yield replace(operation, script=replace(present, tasks=tasks))
            for inside in parts_simplified(present.ops):
                yield replace(operation, script=replace(present, ops=inside))
            continue
        if isinstance(present, tuple) and field == "path" and len(present) > 1:
            yield replace(operation, path=present[:-1])
        for simple in SIMPLE.get(field, ()):
            if simple != present and fits(operation, field, simple):
                yield replace(operation, **{field: simple})


def fits(operation: ops.AnyOperation, field: str, value: Any) -> bool:
    """Whether the member may have the value: handles that an operation must bind or use are no option."""
    if value is not None:
        return True
    fields = {entry.name: entry for entry in msgspec.structs.fields(type(operation))}
    return fields[field].default is None


def renumber(program: ops.Program) -> ops.Program:
    """The same program with handles counted from 0 in the order in which they appear."""
    numbers: dict[str, dict[int, int]] = {"node": {}, "machine": {}, "registry": {0: 0}}

    def number(member: str, handle: int) -> int:
        known = numbers[HANDLES[member]]
        return known.setdefault(handle, len(known))

    return with_members(program, number)
