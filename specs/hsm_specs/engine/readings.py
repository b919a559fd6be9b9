"""Which readings an implementation follows, where a sentence of the documentation allows several.

The properties of the requirements that a reading is about decide it. Everything else is then held to that reading: an
implementation that follows one here and another one there does not conform.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final, NamedTuple

from msgspec.structs import replace

from hsm_model.amendments import READINGS, Reading
from hsm_specs.adapter import Client
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation, Relation
from hsm_specs.properties import PROPERTIES

CASES: Final = 16
"""Cases of each property that decide between readings."""


class Answered(NamedTuple):
    """A program and what the implementation answered."""

    program: Program
    observed: tuple[Observation, ...]


def with_readings(adapter: Client, deviations: Deviations, seed: int = 0) -> Deviations:
    """Return the known deviations with the readings that the implementation follows.

    Of the readings of a question it follows the first one by which all cases are answered; if there is none, it is held
    to the specification's. Raise the `ToolError` of the client.
    """
    followed: tuple[str, ...] = ()
    for _, readings in groupby(READINGS.values(), key=lambda reading: reading.question):
        options = tuple(readings)
        answered = _answers(adapter, options, seed)
        for names in ((), *((reading.name,) for reading in options)):
            expectation = Expectation.of(replace(deviations, readings=(*followed, *names)), adapter.greeting)
            if all(_allows(expectation, *each) for each in answered):
                followed = *followed, *names
                break
    return replace(deviations, readings=followed)


def _answers(adapter: Client, readings: Iterable[Reading], seed: int) -> list[Answered]:
    """Run the cases of the requirements that name one of the readings, as far as they are offered."""
    names, offered = {reading.name for reading in readings}, frozenset(adapter.greeting.capabilities)
    programs = [
        case.program
        for requirement in load_catalogue().values()
        if names & set(requirement.readings) and offered.issuperset(requirement.capabilities)
        for case in PROPERTIES[requirement.id].cases(seed, CASES, adapter.greeting.dialect or "v1.25")
        if capabilities_of(case.program) <= offered
    ]
    observed = adapter.run(programs) if programs else ()
    return [Answered(*each) for each in zip(programs, observed, strict=True)]


def _allows(expectation: Expectation, program: Program, observed: tuple[Observation, ...]) -> bool:
    compared = expectation.compare(program, expectation.predict(program), observed)
    return compared.kind in (Relation.AGREES, Relation.KNOWN)
