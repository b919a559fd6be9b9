"""The verdict on a requirement: what the evidence of a run says about it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """What a run says about a requirement."""

    CONFORMS = "conforms"
    DEVIATES = "deviates"
    KNOWN = "deviates (known)"
    OUTDATED = "conforms, though a known deviation says otherwise"
    AGREES = "agrees"
    DIFFERS = "differs"
    DIFFERS_KNOWN = "differs (known)"
    NOT_OFFERED = "not offered"
    NOT_EXERCISED = "not exercised"


FAILING = frozenset({Verdict.DEVIATES, Verdict.OUTDATED, Verdict.NOT_EXERCISED})
"""The verdicts on a documented requirement with which an implementation does not pass."""


class Tally(Struct):
    """What was seen of a requirement.

    ``exercised`` cases had all their evidence answered as the specification says; ``known`` ones deviated in it as a
    known deviation says; ``passed`` ones kept the specification where a known deviation says that they would not;
    ``deviating`` ones deviated otherwise; ``masked`` ones deviated before their evidence, so that they say nothing.
    """

    exercised: int = 0
    known: int = 0
    passed: int = 0
    deviating: int = 0
    masked: int = 0


class Judgement(Struct, frozen=True):
    """A requirement's verdict, the number of cases behind it, and why it is what it is where that needs saying."""

    requirement: str
    area: str
    statement: str
    documented: bool
    verdict: Verdict
    cases: int
    note: str = ""
    findings: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether an implementation with this verdict does not pass."""
        if self.documented:
            return self.verdict in FAILING
        return self.verdict is Verdict.OUTDATED


def verdict(tally: Tally, *, documented: bool, offered: bool, expected_to_deviate: bool) -> Verdict:
    """The verdict that a tally amounts to."""
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
