"""The places of operations and values: where values stand in them, of which domain, and what they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, reduce
from operator import attrgetter, or_
from types import UnionType
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct, structs

from hsm_specs.language import operations as ops
from hsm_specs.language.shapes import Domain, Reference

EACH: Final = "*"
"""Stands in a way for each element of a list."""
Way = tuple[str | int, ...]
"""The way to a place: names of members, indexes, and `EACH`."""


class ValuePlace(NamedTuple):
    """Where a value stands. ``shape`` is the type there, without None where it may be left out."""

    way: Way
    shape: Any
    domain: Domain | None
    reference: Reference | None


class Member(NamedTuple):
    """A member of an operation or another struct. ``optional`` says that it may be null."""

    name: str
    shape: Any
    required: bool
    optional: bool
    domain: Domain | None
    reference: Reference | None


@cache
def members(struct: type[Struct]) -> tuple[Member, ...]:
    """Return the members of a struct, in order."""
    hints = get_type_hints(struct, include_extras=True)
    return tuple(
        Member(
            field.name,
            shape := given(hints[field.name]),
            field.required,
            field.default is None,
            marked(shape, Domain),
            marked(shape, Reference),
        )
        for field in structs.fields(struct)
    )


@cache
def places(operation: type[ops.Operation]) -> tuple[ValuePlace, ...]:
    """Return the places of an operation's members, those inside of others too.

    Not those of the operations in its script, which are operations themselves.
    """
    return tuple(places_of(operation))


def places_of(shape: Any, way: Way = (), around: tuple[Any, ...] = ()) -> Iterator[ValuePlace]:
    """Yield the places of a shape: its own if it has a domain, and those inside.

    ``way`` leads to it. Of trees inside of trees, which are ``around`` themselves, nothing more is to be found.
    """
    shape = given(shape)
    domain, reference = marked(shape, Domain), marked(shape, Reference)
    if domain is not None:
        yield ValuePlace(way, shape, domain, reference)
    inside = bare(shape)
    if inside == ops.AnyOperation:
        return
    match get_origin(inside), get_args(inside):
        case origin, (item, end) if origin is tuple and end is Ellipsis:
            yield from places_of(item, (*way, EACH), around)
        case origin, items if origin is tuple:
            for index, item in enumerate(items):
                yield from places_of(item, (*way, index), around)
        case origin, choices if origin in (Union, UnionType):
            for choice in choices:
                yield from places_of(choice, way, around)
        case _ if is_struct(inside) and inside not in around:
            as_array = inside.__struct_config__.array_like
            for index, member in enumerate(members(inside)):
                yield from places_of(member.shape, (*way, index if as_array else member.name), (*around, inside))
        case _:
            pass


def given(shape: Any) -> Any:
    """Return a shape without the None that it may be instead."""
    if get_origin(shape) in (Union, UnionType):
        choices = [choice for choice in get_args(shape) if choice is not type(None)]
        if len(choices) == 1:
            return choices[0]
        if len(choices) < len(get_args(shape)):
            return reduce(or_, choices)
    return shape


def bare(shape: Any) -> Any:
    """Return a shape without what it is annotated with."""
    return get_args(shape)[0] if get_origin(shape) is Annotated else shape


def marked(shape: Any, sort: type[Any]) -> Any:
    """Return the annotation of a sort that a shape has, None without one."""
    found = get_args(shape)[1:] if get_origin(shape) is Annotated else ()
    return next((mark for mark in found if isinstance(mark, sort)), None)


def is_struct(shape: Any) -> bool:
    """Return whether a shape is a struct."""
    return isinstance(shape, type) and issubclass(shape, Struct)


def json_shape(shape: Any) -> Any:
    """Return a shape with only those annotations that say how its JSON looks. Two that look alike are equal."""
    match get_origin(shape):
        case origin if origin is Annotated:
            inside, *marks = get_args(shape)
            found = json_shape(inside)
            for mark in marks:
                if isinstance(mark, Meta):
                    found = Annotated[found, mark]
            return found
        case origin if origin is tuple:
            return tuple[tuple(item if item is Ellipsis else json_shape(item) for item in get_args(shape))]  # type: ignore[misc]  # made of what it was made of
        case origin if origin in (Union, UnionType):
            return reduce(or_, map(json_shape, get_args(shape)))
        case _:
            return shape


def reader(way: Way) -> Callable[[Any], Iterator[Any]]:
    """Return the function that yields what stands at a place of an operation; nothing where it is null."""
    first, *rest = way
    read = attrgetter(str(first))

    def found(operation: Any) -> Iterator[Any]:
        pending = [read(operation)]
        for step in rest:
            if step == EACH:
                pending = [item for value in pending for item in value]
            elif isinstance(step, int):
                pending = [value[step] for value in pending if value is not None]
            else:
                pending = [getattr(value, step) for value in pending]
        return (value for value in pending if value is not None)

    return found
