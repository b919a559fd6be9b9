"""Comparison: where an implementation's observations differ from the model's predictions."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args, get_origin

from msgspec import UNSET, Struct

from hsm_model.persistence import Dialect, MalformedPersistence, unmarshal
from hsm_specs.language import messages
from hsm_specs.language import operations as ops
from hsm_specs.language.functions import inner_operations
from hsm_specs.language.members import bare, given, is_struct, marked, members
from hsm_specs.language.observations import Observation
from hsm_specs.language.shapes import UNORDERED, Domain
from hsm_specs.oracle.world.tree import MAX_DEPTH, structure


class Difference(Struct, frozen=True):
    """The first operation whose outcome is not the predicted one.

    ``where`` is its index in the program, then, for an operation inside a function, its index in each ``inner``.
    ``operation`` is None where the observation is one of the function itself and of no operation.
    """

    where: tuple[int, ...]
    operation: ops.AnyOperation | None
    expected: Observation
    observed: Observation


def first_difference(
    program: ops.Program,
    expected: Sequence[Observation],
    observed: Sequence[Observation],
    dialect: messages.Dialect = "v1.25",
) -> Difference | None:
    """Return the first difference, or None. Operations that nothing is predicted of (unspecified) are not judged.

    Order is compared only where it is specified; the texts of panics and messages are not compared.
    """
    for index, (operation, wanted, got) in enumerate(zip(program, expected, observed, strict=False)):
        difference = _difference(program, operation, wanted, got, (index,), dialect)
        if difference is not None:
            return difference
    return None


def _difference(
    program: ops.Program,
    operation: ops.AnyOperation | None,
    expected: Observation,
    observed: Observation,
    where: tuple[int, ...],
    dialect: messages.Dialect,
) -> Difference | None:
    wanted_inner, got_inner = expected.inner or (), observed.inner or ()
    inside: Sequence[ops.AnyOperation | None] = ()
    if wanted_inner and got_inner and operation is not None:
        inside = inner_operations(program[: where[0]], operation)
    for index, (wanted, got) in enumerate(zip(wanted_inner, got_inner, strict=False)):
        inner = inside[index] if index < len(inside) else None
        difference = _difference(program, inner, wanted, got, (*where, index), dialect)
        if difference is not None:
            return difference
    if len(wanted_inner) != len(got_inner) or not same_outcome(operation, expected, observed, dialect):
        return Difference(where, operation, expected, observed)
    return None


def same_outcome(
    operation: ops.AnyOperation | None,
    expected: Observation,
    observed: Observation,
    dialect: messages.Dialect = "v1.25",
) -> bool:
    """Return whether two observations of an operation say the same, apart from what they have inside."""
    if expected.error is not UNSET or expected.unbound is not UNSET:
        return (expected.error, expected.unbound) == (observed.error, observed.unbound)
    if expected.panic is not UNSET:
        return observed.panic is not UNSET
    if observed.ok is UNSET:
        return False
    return bool(comparable(operation, expected.ok, dialect) == comparable(operation, observed.ok, dialect))


def comparable(operation: ops.AnyOperation | None, value: Any, dialect: messages.Dialect) -> Any:
    """Return the observable part of an operation's value: sets ordered, bytes read, tuples and lists alike."""
    value = _plain(value)
    canonical = _CANONICAL.get(type(operation))
    if canonical is None:
        return value
    try:
        return canonical(value, dialect)
    except (TypeError, ValueError, LookupError, AttributeError, Base64Error, MalformedPersistence):
        return value


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    # In Python 1, 1.0 and true are equal; in JSON they are not.
    return (type(value).__name__, value) if isinstance(value, bool | float) else value


Canonical = Callable[[Any, messages.Dialect], Any]


def _message(value: Any, dialect: messages.Dialect) -> Any:
    return _plain(structure(unmarshal(b64decode(value, validate=True), Dialect(dialect), MAX_DEPTH)))


def _canonical(shape: Any, around: Mapping[Any, list[Canonical | None]]) -> Canonical | None:
    """Return what makes values of a shape that mean the same equal; None where all of it counts as it is.

    ``around`` has what the shapes around it become, which a shape inside of itself needs.
    """
    shape = given(shape)
    inside = bare(shape)
    if marked(shape, Domain) is Domain.MESSAGE:
        return _message
    if get_origin(inside) is tuple and get_args(inside)[-1] is Ellipsis:
        return _list(_canonical(get_args(inside)[0], around), ordered=UNORDERED not in get_args(shape))
    if get_origin(inside) is tuple:
        return _record([_canonical(item, around) for item in get_args(inside)])
    if not is_struct(inside):
        return None
    if inside in around:
        return lambda value, dialect: _parts(value, around[inside], dialect)
    parts: list[Canonical | None] = []
    parts += [_canonical(member.shape, {**around, inside: parts}) for member in members(inside)]
    return _record(parts)


def _list(part: Canonical | None, *, ordered: bool) -> Canonical | None:
    if part is None:
        return None if ordered else lambda value, dialect: _sorted(value)
    if ordered:
        return lambda value, dialect: [part(item, dialect) for item in value]
    return lambda value, dialect: _sorted([part(item, dialect) for item in value])


def _sorted(values: list[Any]) -> list[Any]:
    """Return values in an order that depends on them alone, also where text and numbers stand in one place."""
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=repr)


def _record(parts: Sequence[Canonical | None]) -> Canonical | None:
    return (lambda value, dialect: _parts(value, parts, dialect)) if any(parts) else None


def _parts(value: Any, parts: Sequence[Canonical | None], dialect: messages.Dialect) -> Any:
    return [item if part is None else part(item, dialect) for item, part in zip(value, parts, strict=True)]


_CANONICAL: Final[dict[type, Canonical]] = {
    operation: canonical
    for operation, specification in ops.SPECIFICATIONS.items()
    if (canonical := _canonical(specification.value, {})) is not None
}
