"""Which requirement a line of a trace breaks. No trace can be shrunk, so what is known to happen is tried first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.semantics import SPECIFICATION
from hsm_specs.attribution.candidates import candidate_requirements
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.oracle.world import predict


def cause(
    program: ops.Program, difference: Difference, seen: Observation, expectation: Expectation, *, amended: bool
) -> str | None:
    """The requirement that the last operation's difference breaks, None if what was seen has too odd a form to tell."""
    found: tuple[str, ...] = ()
    # What was seen may be of any form, which those who look for a cause need not be prepared for.
    with suppress(TypeError, ValueError, LookupError, AttributeError, RecursionError):
        found = candidate_requirements(program, difference, expectation.semantics(amended))
    if not amended:
        explaining = [requirement for name in _explaining(program, seen, expectation) for requirement in name]
        likely = [requirement for requirement in found if requirement in explaining] + explaining
        if likely:
            return likely[0]
    known = [requirement for requirement in found if requirement in expectation.deviations.requirements]
    return next(iter([*known, *found]), None)


def _explaining(program: ops.Program, seen: Observation, expectation: Expectation) -> Iterator[tuple[str, ...]]:
    """The requirements that each amendment changes by which the last operation answers just what was seen."""
    for name in expectation.deviations.amendments or AMENDMENTS:
        expected = predict(program, amend(SPECIFICATION, [name]), dialect=expectation.dialect)
        if len(expected) == len(program):
            observed = (*expected[:-1], seen)
            if first_difference(program, expected, observed, expectation.dialect) is None:
                yield AMENDMENTS[name].changes
