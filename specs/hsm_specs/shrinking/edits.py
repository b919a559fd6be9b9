"""Edits: small changes that make a program simpler, any number of which can be made at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from hsm_specs.language import operations as ops

Builtin = Any
"""A program as lists and dictionaries."""


class Edit(NamedTuple):
    """A member or an element, by the way to it, that is left out or gets another value."""

    way: tuple[str | int, ...]
    value: Any = None
    left_out: bool = False


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
    "tasks": ((), ((1, 0, 0),)),
    "fail": (None, "user_1"),
}
"""Simple values for members, the simplest first."""
OPTIONAL: dict[str, frozenset[str]] = {
    str(kind.__struct_config__.tag): frozenset(
        field.encode_name for field in msgspec.structs.fields(kind) if field.default is None
    )
    for kind in ops.Operation.__subclasses__()
}
"""The members that each operation may have as null, by the operation's name."""


def edits(program: Builtin) -> Iterator[Edit]:
    """All single edits: operations left out, the last one first, then members simplified, in scripts too."""
    yield from _left_out(program, ())
    yield from _simplified(program, ())


def edited(program: Builtin, chosen: Iterable[Edit]) -> ops.Program | None:
    """The program with edits made, None if they do not go together."""
    left_out = sorted((edit.way for edit in chosen if edit.left_out), key=_order, reverse=True)
    result = _copied(program)
    try:
        for edit in chosen:
            if not edit.left_out:
                _at(result, edit.way[:-1])[edit.way[-1]] = edit.value
        for way in left_out:
            del _at(result, way[:-1])[way[-1]]
        return msgspec.convert(result, ops.Program)
    except (LookupError, TypeError, msgspec.ValidationError):
        return None


def _order(way: tuple[str | int, ...]) -> list[tuple[bool, int, str]]:
    return [(isinstance(step, str), step if isinstance(step, int) else 0, str(step)) for step in way]


def _at(value: Builtin, way: tuple[str | int, ...]) -> Any:
    for step in way:
        value = value[step]
    return value


def _copied(value: Builtin) -> Builtin:
    if isinstance(value, dict):
        return {name: _copied(inside) for name, inside in value.items()}
    return [_copied(inside) for inside in value] if isinstance(value, list | tuple) else value


def _left_out(operations: Builtin, way: tuple[str | int, ...]) -> Iterator[Edit]:
    for index in range(len(operations) - 1, -1, -1):
        yield Edit((*way, index), left_out=True)
        inside = operations[index].get("script", {}).get("ops", ())
        yield from _left_out(inside, (*way, index, "script", "ops"))


def _simplified(operations: Builtin, way: tuple[str | int, ...]) -> Iterator[Edit]:
    for index, operation in enumerate(operations):
        here = (*way, index)
        yield from _members(operation, here, OPTIONAL[operation["op"]])
        script = operation.get("script")
        if script is not None:
            yield from _members(script, (*here, "script"), frozenset(("fail",)))
            yield from _simplified(script.get("ops", ()), (*here, "script", "ops"))


def _members(holder: dict[str, Any], way: tuple[str | int, ...], optional: frozenset[str]) -> Iterator[Edit]:
    for member, present in holder.items():
        for simple in SIMPLE.get(member, ()):
            if simple == _tuples(present):
                break
            if simple is not None or member in optional:
                yield Edit((*way, member), simple)
        if member in ("path", "tasks") and len(present) > 1:
            yield Edit((*way, member), present[:-1])


def _tuples(value: Any) -> Any:
    return tuple(_tuples(inside) for inside in value) if isinstance(value, list | tuple) else value
