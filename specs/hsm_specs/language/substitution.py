"""Substitution: a program with other values in the places of some domains, such as those that are easily confused.

Equal values stay equal and different ones different, so a renamed program does what it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.language.confusions import CONFUSIONS, EVEN_TYPES, ODD_TYPES, Group
from hsm_specs.language.members import bare, given, is_struct, marked, members
from hsm_specs.language.palette import EMPTY_DATA, NOT_DESERIALIZABLE, NOT_SERIALIZABLE
from hsm_specs.language.shapes import Domain

Substitution = Callable[[Domain, Any], Any]
"""Returns what stands in place of a value of a domain."""
Rewrite = Callable[[Any, Substitution], Any]
MEANINGFUL: Final = frozenset((NOT_SERIALIZABLE, NOT_DESERIALIZABLE, EMPTY_DATA[1]))
"""Values of data that the palette treats in its own way."""
EMPTIES: Final = 4
"""Of how many renamings one has data without bytes."""


def substituted(program: ops.Program, change: Substitution) -> ops.Program:
    """Return the program with every value changed of which there are confusions, in scripts too.

    A place of two domains is changed from inside.
    """
    return tuple([_operation(operation, change) for operation in program])


def _operation(operation: Struct, change: Substitution) -> Any:
    changed = {}
    for name, rewrite in _members(type(operation)):
        value = getattr(operation, name)
        if value is not None:
            changed[name] = rewrite(value, change)
    return replace(operation, **changed)


@cache
def _members(struct: type[Struct]) -> tuple[tuple[str, Rewrite], ...]:
    """Return the members of a struct in which values of domains stand, and how each is rewritten."""
    found = ((member.name, _rewrite(member.shape)) for member in members(struct))
    return tuple((name, rewrite) for name, rewrite in found if rewrite is not None)


def _rewrite(shape: Any) -> Rewrite | None:
    """Return how values of a shape are rewritten, None where no value of a domain stands in it."""
    shape = given(shape)
    inside = bare(shape)
    if inside == ops.AnyOperation or is_struct(inside):
        return _operation
    match get_origin(inside), get_args(inside):
        case origin, (item, end) if origin is tuple and end is Ellipsis:
            part = _rewrite(item)
            if part is not None:
                return lambda value, change: tuple([part(each, change) for each in value])
        case origin, items if origin is tuple:
            parts = [_rewrite(item) for item in items]
            if any(parts):
                return lambda value, change: tuple(
                    [each if part is None else part(each, change) for part, each in zip(parts, value, strict=True)]
                )
        case origin, choices if origin in (Union, UnionType):
            by_type = {bare(choice): _rewrite(choice) for choice in choices}
            return lambda value, change: value if (part := by_type.get(type(value))) is None else part(value, change)
        case _:
            pass
    domain: Domain | None = marked(shape, Domain)
    if domain is None or (domain not in CONFUSIONS and domain is not Domain.TASK_DATA):
        return None
    return lambda value, change: change(domain, value)


def renamed(program: ops.Program, number: int) -> ops.Program:
    """Return the program with the values of the confusions of that number."""
    return substituted(program, renaming(number))


def renaming(number: int) -> Substitution:
    """Return a change that keeps values apart: of each domain to those of one group, and then of the next ones."""
    used: dict[Any, dict[Any, Any]] = {}
    left: dict[Any, Iterator[Any]] = {}

    def change(domain: Domain, value: Any) -> Any:
        if domain is Domain.TASK_DATA:
            return str(change(Domain.PAYLOAD, int(value))) if value.isascii() and value.isdecimal() else value
        if domain is Domain.VALUE and value in MEANINGFUL:
            return value
        # The parity of a type says of which class its data is, and of which kind its tasks are. A number stands for a
        # machine's type and a task's only where it did so before.
        pool = (Domain.MACHINE_TYPE, value % 2) if domain in (Domain.MACHINE_TYPE, Domain.TASK_TYPE) else domain
        known = used.setdefault(pool, {})
        if value not in known:
            if pool not in left:
                left[pool] = _values(pool, number)
            taken = set(known.values())
            known[value] = next(other for other in left[pool] if other not in taken)
        return known[value]

    return change


def _values(pool: Any, number: int) -> Iterator[Any]:
    """Return the values of a pool, those of one group first, which is rotated each time that it is its turn again."""
    domain, parity = pool if isinstance(pool, tuple) else (pool, None)
    groups: tuple[Group, ...] = CONFUSIONS[domain]
    if parity is not None:
        groups = ODD_TYPES if parity else EVEN_TYPES
    turn, first = divmod(number, len(groups))
    group = groups[first]
    start = turn % len(group)
    if number % EMPTIES == 0 and domain in (Domain.STATE, Domain.VALUE):
        group = (EMPTY_DATA[domain is Domain.VALUE], *group)
        start = 0
    return chain(group[start:], group[:start], *groups[first + 1 :], *groups[:first])
