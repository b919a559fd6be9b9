"""The directed phase: the cases of each requirement's property, judged by their evidence."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from hsm_specs.adapter import Client
from hsm_specs.catalogue.requirements import Requirement
from hsm_specs.engine.budget import Budget
from hsm_specs.engine.shards import Batch, exchange, withheld_in
from hsm_specs.errors import ToolError
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.expectation import Comparison, Expectation, Relation
from hsm_specs.properties import PROPERTIES, Case
from hsm_specs.properties.cases import cases, remembered_cases
from hsm_specs.results.failures import Failure, signature
from hsm_specs.results.verdicts import Tally

UNLISTED = "The amendment of a known deviation explains it, but this requirement has no entry of its own."
MOST_OPERATIONS = 2_000
"""Operations that one request has, unless a single case has more."""
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
    budget: Budget,
    deadline: float = math.inf,
) -> Iterator[Directed]:
    """Run the cases of each requirement, in order. Leave out a requirement without any that the adapter can run.

    From the ``deadline`` on, a value of `time.monotonic`, nothing is sent and no answer is awaited.
    """
    offered = frozenset(adapter.greeting.capabilities)

    judged: Directed | None = None

    def batches() -> Iterator[Batch[Label] | None]:
        for requirement in requirements:
            make = remembered_cases if expectation.remember else cases
            made = make(requirement.id, seed, budget.cases, budget.hostile, budget.largest, expectation.dialect)
            runnable = (_specified(expectation, case) for case in made if capabilities_of(case.program) <= offered)
            for some in _in_batches(runnable):
                if some[0].follows:
                    yield None
                    if judged is not None and judged.requirement is requirement and judged.failures:
                        continue
                programs = [case.program for case in some]
                yield Batch(programs, [expectation.predict(p) for p in programs], Label(requirement, some))

    try:
        for batch, observed in exchange(adapter, batches()):
            requirement, some = batch.label
            if judged is not None and judged.requirement is not requirement:
                yield judged
                judged = None
                if time.monotonic() >= deadline:
                    return
            if judged is None:
                judged = Directed(requirement, Tally(), [], 0, 0)
            answers = batch.expected if observed is None else observed
            withheld = withheld_in(batch, answers)
            judged = judged._replace(
                programs=judged.programs + len(some) - withheld,
                operations=judged.operations + batch.operations,
                withheld=judged.withheld + withheld,
            )
            for case, specified, answered in zip(some, batch.expected, answers, strict=True):
                _judge(judged, expectation, case, tuple(specified), tuple(answered))
    except ToolError:
        # What was found before the adapter failed stays found.
        if judged is not None and judged.failures:
            yield judged
        raise
    if judged is not None:
        yield judged


def _specified(expectation: Expectation, case: Case) -> Case:
    """Return a case; of one without evidence only that of which the known deviations say something, too."""
    if case.evidence or not expectation.amends:
        return case
    return case._replace(program=case.program[: len(expectation.predict(case.program, amended=True))])


def _in_batches(made: Iterable[Case]) -> Iterator[list[Case]]:
    """Yield cases in lists of so few operations that no answer takes long. One that follows others is by itself."""
    some: list[Case] = []
    operations = 0
    for case in made:
        if some and (case.follows or some[0].follows or operations + len(case.program) > MOST_OPERATIONS):
            yield some
            some, operations = [], 0
        some.append(case)
        operations += len(case.program)
    if some:
        yield some


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
        case Relation.AGREES if not observed and specified:
            tally.masked += 1
        case Relation.AGREES:
            tally.exercised += max(case.evidence, default=len(specified)) < min(len(specified), len(observed))
        case Relation.PASSED:
            tally.exercised += 1
            tally.passed += in_evidence
            _keep(judged, case, comparison, observed, pinned=in_evidence)
        case Relation.KNOWN if in_evidence and entry:
            tally.known += 1
        case Relation.KNOWN if in_evidence and judged.requirement.id in expectation.amended_requirements:
            tally.deviating += 1
            _keep(judged, case, comparison, observed, UNLISTED)
        case Relation.KNOWN:
            # A deviation in something else that the case needs says nothing about this requirement.
            tally.masked += 1
        case Relation.DIFFERS:
            shown = in_evidence or _shown_later(expectation, case, comparison, specified, observed)
            tally.deviating += shown
            tally.masked += not shown
            _keep(judged, case, comparison, observed, pinned=in_evidence)


def _shown_later(
    expectation: Expectation,
    case: Case,
    comparison: Comparison,
    specified: tuple[Observation, ...],
    observed: tuple[Observation, ...],
) -> bool:
    """Return whether the evidence is wrong too where the first difference is only in what a function saw itself.

    That a function saw something wrong does not say what comes of its operation.
    """
    if comparison.difference is None or comparison.difference.operation is not None:
        return False
    expected = expectation.predict(case.program, amended=True) if comparison.amended else specified
    pairs = enumerate(zip(expected, observed, strict=False))
    evidence_alone = tuple(answered if index in case.evidence else wanted for index, (wanted, answered) in pairs)
    return expectation.difference(case.program, expected, evidence_alone) is not None


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
        outdated = comparison.kind is Relation.PASSED
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
