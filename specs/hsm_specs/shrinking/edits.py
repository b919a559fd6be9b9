"""Edits: small changes that make a program simpler, any number of which can be made at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from hsm_specs.language import operations as ops
from hsm_specs.language.members import json_shape, members
from hsm_specs.language.shapes import Domain

Builtin = Any
"""A program as lists and dictionaries."""


class Edit(NamedTuple):
    """A member or an element, by the way to it, that is left out or gets another value."""

    way: tuple[str | int, ...]
    value: Any = None
    left_out: bool = False


class Simplified(NamedTuple):
    """How a member is simplified: simple values, the simplest first, and other ones that are made of the present one.

    ``shortened`` says whether its end may be left out, ``zeroed`` which element may be 0.
    """

    values: tuple[Any, ...]
    shortened: bool = False
    zeroed: int | None = None


_DOMAINS: Final[dict[Domain, Simplified]] = {
    Domain.DATA: Simplified(((0, 0), (1, 0))),
    Domain.ID: Simplified(("a",)),
    Domain.MACHINE_TYPE: Simplified((1, 2)),
    Domain.TASK_TYPE: Simplified((1, 2)),
    Domain.TAG: Simplified((0, 1)),
    Domain.EVENT: Simplified((0,)),
    Domain.TIME: Simplified((0,)),
    Domain.STATE: Simplified((0, 1)),
    Domain.VALUE: Simplified((0, 1)),
    Domain.ACCESS: Simplified((None, "read")),
    Domain.CAST: Simplified(("own",)),
    Domain.NODE: Simplified((None,)),
    Domain.MACHINE: Simplified((None,)),
    Domain.COLLECTION: Simplified((None,)),
    Domain.TRANSITION: Simplified((None,)),
    Domain.CELL: Simplified((0,)),
    Domain.CLUSTER: Simplified((0,)),
    Domain.WORKFLOW: Simplified((0,)),
    Domain.FAILURE: Simplified((None, "user_1")),
    Domain.DELIVERY: Simplified(("once",)),
    Domain.ENDING: Simplified(("script",)),
    Domain.DESTINATION: Simplified((None,)),
}
_SHAPES: Final[tuple[tuple[Any, Simplified], ...]] = (
    (ops.Key, Simplified(((1, "a"), (2, "a"), (1, "b")))),
    (ops.Path, Simplified(((), ((1, "a"),)), shortened=True)),
    (ops.MachineRef, Simplified((None,), zeroed=2)),
    (ops.Task, Simplified(((1, 0, 0), (2, 0, "")))),
    (tuple[ops.Task, ...], Simplified(((), ((1, 0, 0),)), shortened=True)),
)


def _simplified_members(struct: type[msgspec.Struct]) -> dict[str, Simplified]:
    """Return how the members of a struct are simplified, by name. Null is simple where a member may be null."""
    found: dict[str, Simplified] = {}
    for member in members(struct):
        simple = next((simple for shape, simple in _SHAPES if json_shape(shape) == json_shape(member.shape)), None)
        if simple is None and member.domain is not None:
            simple = _DOMAINS.get(member.domain)
        if simple is not None:
            values = tuple(value for value in simple.values if value is not None or member.optional)
            found[member.name] = simple._replace(values=values)
    return found


_SCRIPT: Final = _simplified_members(ops.Script)
_OPERATIONS: Final = {ops.tag(operation): _simplified_members(operation) for operation in ops.OPERATIONS}


def edits(program: Builtin) -> Iterator[Edit]:
    """Yield all single edits: operations left out, the last one first, then members simplified, in scripts too."""
    yield from _left_out(program, ())
    yield from _simplified(program, ())


def edited(program: Builtin, chosen: Iterable[Edit]) -> ops.Program | None:
    """Return the program with edits made, None if they do not go together."""
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
        yield from _members(operation, here, _OPERATIONS[operation["op"]])
        script = operation.get("script")
        if script is not None:
            yield from _members(script, (*here, "script"), _SCRIPT)
            yield from _simplified(script.get("ops", ()), (*here, "script", "ops"))


def _members(holder: dict[str, Any], way: tuple[str | int, ...], simplified: dict[str, Simplified]) -> Iterator[Edit]:
    for member, present in holder.items():
        if member not in simplified:
            continue
        for simple in simplified[member].values:
            if simple == _tuples(present):
                break
            yield Edit((*way, member), simple)
        if simplified[member].shortened and len(present) > 1:
            yield Edit((*way, member), present[:-1])
        zeroed = simplified[member].zeroed
        if zeroed is not None and present and present[zeroed]:
            yield Edit((*way, member, zeroed), 0)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(inside) for inside in value) if isinstance(value, list | tuple) else value
