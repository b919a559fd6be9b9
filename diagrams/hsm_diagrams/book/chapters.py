"""The chapters of the book: the requirements of an area with rules, examples, deviations and mutants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import NamedTuple

from hsm_diagrams.book.implementations import Cell, JudgedImplementation, Shared, shared
from hsm_diagrams.book.mutants import NO_MUTANTS, Mutants, MutantsOf
from hsm_model.amendments import READINGS, Reading, amend
from hsm_model.semantics import SPECIFICATION, requirements_of
from hsm_specs.catalogue.requirements import DEBTORS, Requirement
from hsm_specs.cli.explain_command import CLASSES, FIXTURES
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html.answers import Contrast
from hsm_specs.report.html.film import film
from hsm_specs.report.html.views import FilmView, Pool, contrast_view, example_view

TRIED = 24
"""The number of a property's cases that are searched for one that shows a deviation."""


class DeviationEntry(NamedTuple):
    """A known deviation, the implementations that have it, and a replay of it if an amendment describes it."""

    shared: Shared
    film: FilmView | None


class BookEntry(NamedTuple):
    """A requirement as the book shows it."""

    requirement: Requirement
    binding: str
    owed_by: str
    judges: str
    readings: tuple[Reading, ...]
    rules: tuple[str, ...]
    property: str
    example: FilmView | None
    deviations: tuple[DeviationEntry, ...]
    cells: tuple[tuple[str, Cell], ...]
    mutants: MutantsOf


def entry(
    requirement: Requirement, found: Sequence[JudgedImplementation], pool: Pool, mutants: Mutants = NO_MUTANTS
) -> BookEntry:
    """Return the entry of a requirement."""
    shown = PROPERTIES.get(requirement.id)
    example = None
    if shown is not None:
        case = next(shown.cases(0, 1))
        example = example_view(case.program, predict(case.program), case.evidence, pool)
    return BookEntry(
        requirement=requirement,
        binding=CLASSES[requirement.classification],
        owed_by="" if requirement.owed_by is None else DEBTORS[requirement.owed_by],
        readings=tuple(READINGS[name] for name in requirement.readings),
        judges=FIXTURES if requirement.judges == "fixtures" else "",
        rules=_rules().get(requirement.id, ()),
        property="" if shown is None else shown.title,
        example=example,
        deviations=tuple(
            DeviationEntry(one, _shown(requirement.id, one.deviation.amendment, pool))
            for one in shared(requirement.id, found)
        ),
        cells=tuple(_judged(requirement, found)),
        mutants=mutants.of(requirement.id),
    )


def _judged(requirement: Requirement, found: Sequence[JudgedImplementation]) -> Iterator[tuple[str, Cell]]:
    """Yield the state of the implementations, grouped where it is the same."""
    alike: dict[Cell, list[str]] = {}
    for implementation in found if requirement.judged else ():
        alike.setdefault(implementation.cell(requirement), []).append(implementation.title)
    yield from ((", ".join(titles), cell) for cell, titles in alike.items())


def _shown(requirement: str, amendment: str, pool: Pool) -> FilmView | None:
    """Return a replay of the shortest case of the property whose results change with an amendment, if any."""
    if not amendment or requirement not in PROPERTIES:
        return None
    amended = amend(SPECIFICATION, [amendment])
    programs = sorted((case.program for case in PROPERTIES[requirement].cases(0, TRIED)), key=len)
    for program in programs:
        expected, observed = predict(program), predict(program, amended)
        difference = first_difference(program, expected, observed)
        if difference is not None:
            contrast = Contrast(expected, observed, difference.where)
            return contrast_view(film(program[: difference.where[0] + 1]), contrast, pool)
    return None


@cache
def _rules() -> dict[str, tuple[str, ...]]:
    """Return the names of the model's rules by requirement."""
    found: dict[str, tuple[str, ...]] = {}
    for field in fields(SPECIFICATION):
        for requirement in requirements_of(getattr(SPECIFICATION, field.name)):
            found[requirement] = (*found.get(requirement, ()), field.name)
    return found
