"""Comparison of an implementation's answers to a program with the semantics that it is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.attribution import attribute
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.report.rendering import program_lines
from hsm_specs.results.failures import signature
from hsm_specs.shrinking.shrink import shrink
from hsm_specs.stateful.implementation import Implementation


class NonConformance(AssertionError):
    """An implementation answered otherwise than the model predicts. The program ends with the operation that did."""

    def __init__(
        self,
        program: Program,
        expected: Sequence[Observation],
        observed: Sequence[Observation],
        difference: Difference,
        requirement: str,
    ) -> None:
        lines = program_lines(program, expected, observed, difference.where)
        statement = load_catalogue()[requirement].statement
        super().__init__("\n".join((f"{requirement}: {statement}", "", *(line.text for line in lines))))
        self.program = program
        self.expected = tuple(expected)
        self.observed = tuple(observed)
        self.difference = difference
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class Comparison:
    """An implementation, the semantics that it is held to, and the features that it is known to deviate in."""

    implementation: Implementation
    semantics: Semantics = SPECIFICATION
    without: frozenset[str] = frozenset()

    def predict(self, program: Program) -> tuple[Observation, ...]:
        """Return the predicted answers to the program, up to where the semantics is silent."""
        return predict(program, self.semantics, self.without, self.implementation.dialect)

    def compare(self, program: Program, expected: Sequence[Observation]) -> NonConformance | None:
        """Run a program. Return its first difference, if there is one."""
        observed = self.implementation.run(program)
        difference = first_difference(program, expected, observed, self.implementation.dialect)
        if difference is None:
            return None
        end = difference.where[0] + 1
        requirement = attribute(program[:end], difference, self.semantics)
        return NonConformance(program[:end], expected[:end], observed[:end], difference, requirement)

    def smallest(self, found: NonConformance) -> NonConformance:
        """Return the smallest program that fails in the same way, the one that was found if there is none smaller."""
        looks = signature(found.difference)

        def failure(program: Program) -> NonConformance | None:
            smaller = self.compare(program, self.predict(program))
            return smaller if smaller is not None and signature(smaller.difference) == looks else None

        program = shrink(found.program, lambda candidates: [failure(candidate) is not None for candidate in candidates])
        return failure(program) or found
