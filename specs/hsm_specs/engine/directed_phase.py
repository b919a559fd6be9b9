"""The directed phase: the cases of each requirement's property, judged by their evidence."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from hsm_specs.adapter import Client
from hsm_specs.catalogue.requirements import Requirement
from hsm_specs.engine.shards import Batch, exchange, withheld_in
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.expectation import Comparison, Expectation, Kind
from hsm_specs.properties import PROPERTIES, Case
from hsm_specs.results.failures import Failure, signature
from hsm_specs.results.verdicts import Tally

UNLISTED = "The amendment of a known deviation explains it, but this requirement has no entry of its own."
KEPT = 2
"""Failing cases of one requirement that are investigated."""


class Directed(NamedTuple):
    """The result of the cases of one requirement."""

    requirement: Requirement
    tally: Tally
    failures: list[Failure]
    programs: int
    operations: int
    withheld: int = 0


class Label(NamedTuple):
    """The requirement of a batch, and its cases with their evidence."""

    requirement: Requirement
    cases: list[Case]


def checkable(requirements: Iterable[Requirement], capabilities: Iterable[str]) -> list[Requirement]:
    """Return the requirements that have a property, and all capabilities it needs among those offered."""
    offered = frozenset(capabilities)
    return [r for r in requirements if r.id in PROPERTIES and offered.issuperset(r.capabilities)]


def run_directed(
    adapter: Client,
    expectation: Expectation,
    requirements: Iterable[Requirement],
    seed: int,
    count: int,
    deadline: float = math.inf,
) -> Iterator[Directed]:
    """Run the cases of each requirement, in order. Leave out a requirement without any that the adapter can run.

    From the ``deadline`` on, a value of `time.monotonic`, nothing is sent and no answer is awaited.
    """
    offered = frozenset(adapter.greeting.capabilities)

    def batches() -> Iterator[Batch[Label]]:
        for requirement in requirements:
            made = PROPERTIES[requirement.id].cases(seed, count, expectation.dialect)
            cases = [case for case in made if capabilities_of(case.program) <= offered]
            if cases:
                programs = [case.program for case in cases]
                yield Batch(programs, [expectation.predict(p) for p in programs], Label(requirement, cases))

    for batch, observed in exchange(adapter, batches()):
        requirement, cases = batch.label
        answers = batch.expected if observed is None else observed
        withheld = withheld_in(batch, answers)
        judged = Directed(requirement, Tally(), [], len(cases) - withheld, batch.operations, withheld)
        for case, specified, answered in zip(cases, batch.expected, answers, strict=True):
            _judge(judged, expectation, case, tuple(specified), tuple(answered))
        yield judged
        if time.monotonic() >= deadline:
            return


def _judge(
    judged: Directed,
    expectation: Expectation,
    case: Case,
    specified: tuple[Observation, ...],
    observed: tuple[Observation, ...],
) -> None:
    comparison = expectation.compare(case.program, specified, observed)
    tally, entry = judged.tally, judged.requirement.id in expectation.deviations.requirements
    in_evidence = comparison.difference is not None and comparison.difference.where[0] in case.evidence
    match comparison.kind:
        case Kind.AGREES if not observed and specified:
            tally.masked += 1
        case Kind.AGREES:
            tally.exercised += max(case.evidence, default=len(specified)) < min(len(specified), len(observed))
        case Kind.PASSED:
            tally.exercised += 1
            tally.passed += in_evidence
            _keep(judged, case, comparison, observed, pinned=in_evidence)
        case Kind.KNOWN if in_evidence and entry:
            tally.known += 1
        case Kind.KNOWN if in_evidence and judged.requirement.id in expectation.amended_requirements:
            tally.deviating += 1
            _keep(judged, case, comparison, observed, UNLISTED)
        case Kind.KNOWN:
            # A deviation in something else that the case needs says nothing about this requirement.
            tally.masked += 1
        case Kind.DIFFERS:
            tally.deviating += in_evidence
            tally.masked += not in_evidence
            _keep(judged, case, comparison, observed, pinned=in_evidence)


def _keep(
    judged: Directed,
    case: Case,
    comparison: Comparison,
    observed: tuple[Observation, ...],
    note: str = "",
    *,
    pinned: bool = True,
) -> None:
    if comparison.difference is None:
        return
    looks = signature(comparison.difference)
    for number, failure in enumerate(judged.failures):
        if failure.signature == looks:
            judged.failures[number] = replace(failure, count=failure.count + 1)
            return
    if len(judged.failures) < KEPT:
        requirement = judged.requirement.id if pinned else ""
        outdated = comparison.kind is Kind.PASSED
        failure = Failure(
            case.program[: len(observed)],
            observed,
            looks,
            comparison.amended,
            "directed",
            requirement,
            1,
            outdated,
            note,
        )
        judged.failures.append(failure)
