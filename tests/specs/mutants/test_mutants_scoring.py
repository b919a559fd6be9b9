"""Scoring: what the events of a run make of a mutant."""

from __future__ import annotations

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.engine import Interrupted
from hsm_specs.errors import Trouble
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Capability, Greeting
from hsm_specs.mutants.scoring import Observer, Score, judged_requirements
from hsm_specs.results.events import FindingMade, Greeted, PhaseStarted, Progress, RequirementJudged, RunEnded
from hsm_specs.results.verdicts import Judgement, Verdict

from .conftest import FindingOf, MutantOf

FULL: tuple[Capability, ...] = ("collections", "executors", "identity", "kinds", "outputs", "panics", "refs", "tasks")
OFFERED: tuple[Capability, ...] = ("transitions", *FULL)
CLEAR = ops.Clear(0)


def judged(requirement: str, verdict: Verdict) -> RequirementJudged:
    entry = load_catalogue()[requirement]
    return RequirementJudged(Judgement(requirement, entry.area, entry.statement, True, verdict, 8))


def observed() -> Observer:
    """Return an observer that has seen a run begin, and each of its directed properties take ten operations."""
    observer = Observer(judged_requirements())
    observer(Greeted(Greeting(1, "wrong", "1", "python", OFFERED)))
    observer(PhaseStarted("directed", 121))
    for done in range(1, 122):
        observer(Progress("directed", done, 10 * done))
    return observer


def test_a_survivor_has_no_finding(mutant_of: MutantOf) -> None:
    observer = observed()
    observer(PhaseStarted("soak", 2))
    observer(RunEnded(0, 100, 9000, 2.0))
    score = observer.score(mutant_of("MT-COMMIT-2"))
    assert (False, "", "", 9000) == (score.killed, score.named, score.killed_by, score.operations)
    assert not score.attributed
    assert not score.explained


def test_the_first_red_property_and_its_operations_are_told(mutant_of: MutantOf, finding_of: FindingOf) -> None:
    observer = observed()
    observer(FindingMade(finding_of("CLEAR-TREE-1", CLEAR, ops.Outputs(0))))
    observer(FindingMade(finding_of("REG-MACHINE-1", ops.Machine(1))))
    for requirement in ("REG-MACHINE-1", "CLEAR-TREE-1"):
        observer(judged(requirement, Verdict.DEVIATES))
    observer(judged("REG-MACHINE-2", Verdict.CONFORMS))
    observer(RunEnded(1, 100, 1210, 2.0))
    score = observer.score(mutant_of("REG-MACHINE-1"))
    assert ("REG-MACHINE-1", 20) == (score.killed_by, score.after)
    assert ("REG-MACHINE-1", "CLEAR-TREE-1") == score.red
    assert ("REG-MACHINE-1", 1, 4) == (score.named, score.beyond, score.length)
    assert score.attributed
    assert score.explained


def test_what_is_found_after_the_directed_properties_is_told_by_its_phase(
    mutant_of: MutantOf, finding_of: FindingOf
) -> None:
    observer = observed()
    observer(PhaseStarted("soak", 2))
    observer(Progress("soak", 1, 5000))
    observer(FindingMade(finding_of("CLEAR-TREE-1", CLEAR, phase="soak")))
    observer(Progress("soak", 2, 9000))
    observer(RunEnded(1, 100, 9000, 2.0))
    score = observer.score(mutant_of("CLEAR-TREE-4"))
    assert ("soak", 5000) == (score.killed_by, score.after)
    assert not score.attributed


def test_a_run_ends_after_the_directed_properties_if_they_found_something(finding_of: FindingOf) -> None:
    observer = observed()
    observer(FindingMade(finding_of("CLEAR-TREE-1", CLEAR)))
    with pytest.raises(Interrupted):
        observer(PhaseStarted("tours", 4))


def test_a_run_goes_on_where_another_phase_comes_before_the_directed_properties(finding_of: FindingOf) -> None:
    observer = Observer(judged_requirements())
    observer(PhaseStarted("tours", 4))
    observer(FindingMade(finding_of("CLEAR-TREE-1", CLEAR, phase="tours")))
    observer(PhaseStarted("directed", 121))
    with pytest.raises(Interrupted):
        observer(PhaseStarted("soak", 2))


def test_a_run_goes_on_where_only_what_is_not_documented_was_found(finding_of: FindingOf) -> None:
    observer = Observer(judged_requirements(), documented=True)
    observer(PhaseStarted("directed", 121))
    observer(FindingMade(finding_of("NODE-CHILD-5", CLEAR)))
    observer(PhaseStarted("tours", 4))
    observer(FindingMade(finding_of("CLEAR-TREE-1", CLEAR, phase="tours")))
    with pytest.raises(Interrupted):
        observer(PhaseStarted("soak", 2))


def test_a_mutant_that_is_named_without_its_own_evidence_explains_nothing(
    mutant_of: MutantOf, finding_of: FindingOf
) -> None:
    score = Score(mutant_of("CLEAR-TREE-1"), red=("CLEAR-TREE-2",), finding=finding_of("CLEAR-TREE-1", CLEAR))
    assert score.attributed
    assert not score.explained


def test_a_run_that_ends_in_trouble_without_a_finding_kills_nothing(mutant_of: MutantOf) -> None:
    observer = Observer(judged_requirements())
    observer(RunEnded(2, 0, 0, 0.1, (), "the adapter failed", Trouble("ended", "It ended.")))
    score = observer.score(mutant_of("CLEAR-TREE-1"))
    assert (False, "It ended.") == (score.killed, score.trouble)
