"""Substitution: a program with other values in the places of some domains, such as those that are easily confused.

Equal values stay equal and different ones different, so a renamed program does what it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

Substitution = Mapping[Domain, Mapping[Any, Any]]
"""Values that stand in place of others, by domain."""
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
    return lambda value, change: change[domain][value]


def renamed(program: ops.Program, number: int) -> ops.Program:
    """Return the program with the values of the confusions of that number."""
    return substituted(program, Renaming(number))


class Names(dict[Any, Any]):
    """Values that stand in place of others: the next of those that are left, each once. ``originals`` leads back."""

    def __init__(self, left: Iterator[Any]) -> None:
        super().__init__()
        self.originals: dict[Any, Any] = {}
        self._left = left

    def __missing__(self, value: Any) -> Any:
        self[value] = other = next(other for other in self._left if other not in self.originals)
        self.originals[other] = value
        return other


class _Types(dict[int, int]):
    """Types stay even or odd, which says of which class their data is, and of which kind their tasks are."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.names = Names(_values(EVEN_TYPES, number)), Names(_values(ODD_TYPES, number))

    def __missing__(self, value: int) -> int:
        other: int = self.names[value % 2][value]
        self[value] = other
        return other


class _Texts(dict[str, str]):
    """Serialized tasks, which are their payloads in digits."""

    def __init__(self, payloads: Mapping[int, int]) -> None:
        super().__init__()
        self._payloads = payloads

    def __missing__(self, value: str) -> str:
        return str(self._payloads[int(value)]) if value.isascii() and value.isdecimal() else value


class Renaming(dict[Domain, Any]):
    """A substitution that keeps values apart: of each domain by those of one group, and then of the next ones.

    A number stands for a machine's type and a task's only where it did so before.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, domain: Domain) -> Any:
        match domain:
            case Domain.TASK_TYPE:
                names = self[Domain.MACHINE_TYPE]
            case Domain.MACHINE_TYPE:
                names = _Types(self._number)
            case Domain.TASK_DATA:
                names = _Texts(self[Domain.PAYLOAD])
            case _:
                empty = domain in (Domain.STATE, Domain.VALUE) and self._number % EMPTIES == 0
                first = (EMPTY_DATA[domain is Domain.VALUE],) if empty else ()
                names = Names(chain(first, _values(CONFUSIONS[domain], self._number)))
                if domain is Domain.VALUE:
                    names.update({value: value for value in MEANINGFUL})
        self[domain] = names
        return names

    def original(self, key: ops.Key) -> ops.Key:
        """Return the key in whose place a key stands."""
        type_id, machine_id = key
        return self[Domain.MACHINE_TYPE].names[type_id % 2].originals[type_id], self[Domain.ID].originals[machine_id]


def _values(groups: tuple[Group, ...], number: int) -> Iterator[Any]:
    """Return the values of groups, those of one first, which is rotated each time that it is its turn again."""
    turn, first = divmod(number, len(groups))
    group = groups[first]
    start = turn % len(group)
    return chain(group[start:], group[:start], *groups[first + 1 :], *groups[:first])
