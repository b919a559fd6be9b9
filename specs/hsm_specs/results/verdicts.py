"""The verdict on a requirement, from the evidence of a run."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from hsm_specs.catalogue.requirements import Classification, Debtor, Subject


class Verdict(StrEnum):
    """The verdict on a requirement."""

    CONFORMS = "conforms"
    DEVIATES = "deviates"
    KNOWN = "deviates (known)"
    OUTDATED = "conforms, though a known deviation says otherwise"
    AGREES = "agrees"
    DIFFERS = "differs"
    DIFFERS_KNOWN = "differs (known)"
    NOT_OFFERED = "not offered"
    NOT_EXERCISED = "not exercised"
    OWED = "owed by others"
    CHANGED = "changed"


SPECIFIED: Final = "as stated"
"""The reading of a requirement's own statement."""
EXERCISED: Final = frozenset({Verdict.CONFORMS, Verdict.DEVIATES, Verdict.KNOWN, Verdict.OUTDATED})
"""The verdicts on a documented requirement that was exercised."""
FAILING = frozenset({Verdict.DEVIATES, Verdict.OUTDATED, Verdict.NOT_EXERCISED})
"""The verdicts on a documented requirement that make the run fail."""


class Tally(Struct):
    """The numbers of cases of a requirement.

    In ``exercised`` cases all evidence was as the specification says; ``known`` ones deviated as a known deviation
    states; ``passed`` ones conformed although a known deviation states that they would not; ``deviating`` ones deviated
    in another way; ``masked`` ones deviated before their evidence, so that they say nothing.
    """

    exercised: int = 0
    known: int = 0
    passed: int = 0
    deviating: int = 0
    masked: int = 0


class Judgement(Struct, frozen=True):
    """The verdict on a requirement, the number of cases behind it, and an explanation where needed.

    ``owed_by`` is null unless it is an obligation. Its verdict is ``OWED``, unless the implementation has what owes it:
    then it is that of the requirements that show it.
    ``judges`` says what the evidence is about. ``reading`` is the reading that the implementation is held to,
    `SPECIFIED` if that is the one of the statement, empty if there is no other one. With ``strict`` a difference fails
    also where the documentation is silent.
    """

    requirement: str
    area: str
    statement: str
    documented: bool
    verdict: Verdict
    cases: int
    note: str = ""
    findings: tuple[str, ...] = ()
    classification: Classification = "documented"
    owed_by: Debtor | None = None
    judges: Subject = "implementation"
    reading: str = ""
    strict: bool = False

    @property
    def fails(self) -> bool:
        """Whether the verdict makes the run fail."""
        if self.documented:
            return self.verdict in FAILING
        return self.verdict in (Verdict.OUTDATED, Verdict.CHANGED) or (self.strict and self.verdict is Verdict.DIFFERS)


def verdict(tally: Tally, *, documented: bool, offered: bool, expected_to_deviate: bool) -> Verdict:
    """Return the verdict of a tally."""
    if not offered:
        return Verdict.NOT_OFFERED
    if tally.deviating:
        return Verdict.DEVIATES if documented else Verdict.DIFFERS
    if expected_to_deviate and (tally.passed or (tally.exercised and not tally.known)):
        return Verdict.OUTDATED
    if tally.known:
        return Verdict.KNOWN if documented else Verdict.DIFFERS_KNOWN
    if not tally.exercised:
        return Verdict.NOT_EXERCISED
    return Verdict.CONFORMS if documented else Verdict.AGREES
