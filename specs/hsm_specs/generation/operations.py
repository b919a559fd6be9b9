"""How random programs come to operations: as their specifications say, or by choosing each member by its domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import structs

from hsm_specs.generation.program_builder import ProgramBuilder
from hsm_specs.language import operations as ops
from hsm_specs.language.members import Member, json_shape, members
from hsm_specs.language.messages import Capability
from hsm_specs.language.shapes import Domain, Use

Maker = Callable[[ProgramBuilder], "ops.AnyOperation | None"]
"""Chooses an operation for a program; runs it itself and returns None if something remains to be done afterwards."""
Draw = Callable[[ProgramBuilder], Any]


def _state(builder: ProgramBuilder) -> int:
    return int(builder.random.random() * 4)


def _tag(builder: ProgramBuilder) -> int:
    return int(builder.random.random() * 9)


_DOMAINS: Final[dict[Domain, Draw]] = {
    Domain.NODE: ProgramBuilder.node,
    Domain.MACHINE: ProgramBuilder.machine,
    Domain.CELL: ProgramBuilder.cell,
    Domain.WORKFLOW: ProgramBuilder.workflow,
    Domain.MACHINE_TYPE: ProgramBuilder.type,
    Domain.TASK_TYPE: ProgramBuilder.type,
    Domain.ID: ProgramBuilder.id,
    Domain.DATA: ProgramBuilder.data,
    Domain.STATE: _state,
    Domain.VALUE: _state,
    Domain.TAG: _tag,
}
_SHAPES: Final[tuple[tuple[Any, Draw], ...]] = (
    (ops.Key, ProgramBuilder.key),
    (ops.Task, ProgramBuilder.task),
    (ops.TransitionSpec, ProgramBuilder.transition),
)


def _draw(member: Member) -> Draw | None:
    """Return how values of a member are chosen, None where its default stands."""
    for shape, draw in _SHAPES:
        if json_shape(member.shape) == json_shape(shape):
            return draw
    return None if member.domain is None else _DOMAINS.get(member.domain)


def _default(value: Any) -> Draw:
    return lambda builder: value


def maker(operation: type[ops.Operation]) -> Maker:
    """Return the maker that chooses each member of an operation by itself, and binds the node that it finds."""
    found: list[Draw | None] = []
    binds = False
    for member in members(operation):
        draw = _draw(member)
        if member.reference is not None and member.reference.use is Use.MAKES and member.domain is Domain.NODE:
            draw, binds = ProgramBuilder.fresh, True
        elif draw is None and member.required:
            raise TypeError(f"{operation.__name__}: nothing says how random programs choose `{member.name}`")
        found.append(draw)
    while found[-1] is None:
        found.pop()
    defaults = [_default(field.default) for field in structs.fields(operation)]
    draws = [default if draw is None else draw for draw, default in zip(found, defaults, strict=False)]
    return _binding(operation, draws) if binds else _plain(operation, draws)


def _plain(operation: Any, draws: list[Draw]) -> Maker:
    # Most operations are short ones, and compiled code calls a known method faster.
    match draws:
        case [first] if first is ProgramBuilder.node:
            return lambda builder: operation(builder.node())
        case [first]:
            return lambda builder: operation(first(builder))
        case [first, second]:
            return lambda builder: operation(first(builder), second(builder))
        case _:
            return lambda builder: operation(*[draw(builder) for draw in draws])


def _binding(operation: Any, draws: list[Draw]) -> Maker:
    """Return a maker whose last draw is the handle of a node."""
    match draws:
        case [first, second, third, _]:

            def make_of_three(builder: ProgramBuilder) -> None:
                handle = builder.fresh()
                builder.run(operation(first(builder), second(builder), third(builder), handle))
                builder.bound(handle)

            return make_of_three
        case _:
            pass

    def make(builder: ProgramBuilder) -> None:
        chosen = [draw(builder) for draw in draws]
        builder.run(operation(*chosen))
        builder.bound(chosen[-1])

    return make


MAKERS: Final[tuple[tuple[Maker, int, Capability | None], ...]] = tuple(
    (choice.choose or maker(operation), choice.weight, specification.capability)
    for operation, specification in ops.SPECIFICATIONS.items()
    for choice in specification.choices
)
"""Each maker with its weight and the capability that its operation needs."""
