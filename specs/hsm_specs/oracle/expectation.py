"""The semantics that an implementation is held to: the specification, with its known deviations applied."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import msgspec

from hsm_model.framework.amendments import ALL_AMENDMENTS, amend_world
from hsm_model.framework.semantics import FrameworkSemantics, framework_rules
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.language.messages import Dialect, Greeting
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.oracle.world import predict

Answers = Sequence[Observation]
_ENCODER = msgspec.json.Encoder()
REMEMBERED = 20_000
"""Programs whose predictions are remembered."""


def _same_bytes(expected: Answers, observed: Answers) -> bool:
    """Return whether answers are encoded alike; not if they cannot be encoded."""
    try:
        return _ENCODER.encode(expected) == _ENCODER.encode(observed)
    except (TypeError, ValueError, RecursionError):
        return False


class Relation(StrEnum):
    """The relation of a program's observations to the specification and to the known deviations.

    ``agrees``: they are what both demand, as far as those say anything. ``known``: they differ from the specification
    in the way that a known deviation says. ``passed``: they keep the specification where a known deviation says that
    they do not. ``differs``: they are neither.
    """

    AGREES = "agrees"
    KNOWN = "known"
    PASSED = "passed"
    DIFFERS = "differs"


class Comparison(NamedTuple):
    """The kind, the first difference (from the specification if known, else from what was to be expected), and whether
    the expectation was the amended one.
    """

    kind: Relation
    difference: Difference | None
    amended: bool


class Expectation:
    """The specification as the implementation reads it, and the semantics as amended, in its wire dialect.

    With ``remember`` predictions are kept for other expectations of this process that predict the same program.
    """

    def __init__(
        self, deviations: Deviations = NONE_KNOWN, dialect: Dialect | None = None, *, remember: bool = False
    ) -> None:
        self.deviations = deviations
        self.remember = remember
        self.dialect: Dialect = dialect or "v1.25"
        self.specification: Semantics = amend_world(SPECIFICATION, deviations.readings)
        self.amended: Semantics = amend_world(self.specification, deviations.amendments)
        self.amended_requirements = frozenset(
            requirement for name in deviations.amendments for requirement in ALL_AMENDMENTS[name].changes
        )
        self._same = not deviations.amendments and not deviations.features

    @property
    def amends(self) -> bool:
        """Whether the amended semantics is another than the specification, or says less."""
        return not self._same

    @classmethod
    def of(cls, deviations: Deviations, greeting: Greeting, *, remember: bool = False) -> Expectation:
        """Return the expectation of an implementation that introduced itself."""
        return cls(deviations, greeting.dialect, remember=remember)

    def semantics(self, amended: bool) -> Semantics:
        """Return the amended semantics or the specification."""
        return self.amended if amended else self.specification

    def rules(self, amended: bool) -> tuple[str, ...]:
        """Return the names of the rules by which the amended semantics, or the reading, is not the specification."""
        return self.deviations.rules if amended else self.deviations.readings

    def predict(self, program: Program, amended: bool = False) -> tuple[Observation, ...]:
        """Return the predicted observations of the program, as far as anything is said."""
        amended = amended and not self._same
        semantics = self.amended if amended else self.specification
        features = self.deviations.features if amended else frozenset[str]()
        if self.remember:
            return _remembered(program, semantics, framework_rules(semantics), features, self.dialect)
        return predict(program, semantics, features, self.dialect)

    def difference(self, program: Program, expected: Answers, observed: Answers) -> Difference | None:
        """Return the first difference, or None.

        Most of what is compared is the same also byte for byte, which is seen soonest.
        """
        if expected is observed or _same_bytes(expected, observed):
            return None
        return first_difference(program, expected, observed, self.dialect)

    def compare(self, program: Program, specified: Answers, observed: Answers) -> Comparison:
        """Return how observations stand to what is ``specified`` and to the known deviations."""
        deviates = self.difference(program, specified, observed)
        if self._same:
            if deviates is None:
                return Comparison(Relation.AGREES, None, False)
            known = self.deviations.states(deviates, excluded=False)
            return Comparison(Relation.KNOWN if known else Relation.DIFFERS, deviates, False)
        amended = self.predict(program, amended=True)
        unexpected = deviates if amended == specified else self.difference(program, amended, observed)
        if unexpected is not None:
            if deviates is None:
                return Comparison(Relation.PASSED, unexpected, True)
            if self.deviations.states(unexpected, excluded=False):
                return Comparison(Relation.KNOWN, deviates, False)
            return Comparison(Relation.DIFFERS, unexpected, True)
        if deviates is None:
            return Comparison(Relation.AGREES, None, False)
        if deviates.where[0] < len(amended) or self.deviations.states(deviates, excluded=True):
            return Comparison(Relation.KNOWN, deviates, False)
        # Beyond what the amended semantics says, only the specification and the stated observations speak.
        return Comparison(Relation.DIFFERS, deviates, False)


@lru_cache(maxsize=REMEMBERED)
def _remembered(
    program: Program, semantics: Semantics, around: FrameworkSemantics, features: frozenset[str], dialect: Dialect
) -> tuple[Observation, ...]:
    """Return a prediction. The rules of the framework ``around`` a tree are no part of a semantics that is compared."""
    return predict(program, semantics, features, dialect)
