"""The verdicts that runs come to."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hsm_specs.oracle.deviations import Deviation, Deviations, Stated
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.events import Greeted
from hsm_specs.results.verdicts import Verdict

from .conftest import SMALL

DIRTIES = Deviation("DIRTY-TREE-3", "it dirties", "it has to be written", amendment="add-child-dirties")
PANICS = Deviation(
    "NODE-ADD-8", "it panics", "a map is nil", observations=(Stated("add_child", panic="assignment to entry"),)
)


def test_the_model_conforms_in_every_requirement(engine, of):
    outcome = engine(of("amended"))
    assert outcome.code == 0
    assert outcome.findings == []
    assert {judgement.verdict for judgement in outcome.judgements.values()} == {Verdict.CONFORMS, Verdict.AGREES}
    assert all(judgement.cases for judgement in outcome.judgements.values())
    assert outcome.end.operations > 3_000
    assert outcome.end.problems == ()


def test_a_broken_rule_turns_its_requirement_red_and_names_it(engine, of):
    outcome = engine(of("amended", "add-child-dirties"))
    assert outcome.code == 1
    assert outcome.judgements["DIRTY-TREE-3"].verdict is Verdict.DEVIATES
    assert {finding.requirement for finding in outcome.findings} == {"DIRTY-TREE-3"}
    assert "DIRTY-TREE-3" in outcome.end.problems[0]


def test_a_known_deviation_that_shows_as_stated_is_no_failure(engine, of):
    outcome = engine(of("amended", "add-child-dirties"), deviations=Deviations(deviation=(DIRTIES,)))
    assert outcome.code == 0
    assert outcome.judgements["DIRTY-TREE-3"].verdict is Verdict.KNOWN
    assert outcome.findings == []
    (greeted,) = outcome.of(Greeted)
    assert greeted.amendments == ("add-child-dirties",)


def test_a_known_deviation_hides_no_other(engine, of):
    command = of("amended", "add-child-dirties", "failed-apply-keeps-destination")
    outcome = engine(command, deviations=Deviations(deviation=(DIRTIES,)))
    assert outcome.code == 1
    assert outcome.judgements["DIRTY-TREE-3"].verdict is Verdict.KNOWN
    assert outcome.judgements["TRANS-APPLY-5"].verdict is Verdict.DEVIATES


@pytest.mark.parametrize("only", [None, "DIRTY-TREE-3"])
def test_a_known_deviation_that_does_not_show_is_a_failure(engine, of, only):
    outcome = engine(of("amended"), only, deviations=Deviations(deviation=(DIRTIES,)))
    assert outcome.code == 1
    assert outcome.judgements["DIRTY-TREE-3"].verdict is Verdict.OUTDATED
    assert any("DIRTY-TREE-3" in problem for problem in outcome.end.problems)
    assert all(finding.outdated for finding in outcome.findings)


def test_a_known_deviation_of_what_is_not_offered_is_a_failure(engine, of):
    entry = Deviation("TRANS-APPLY-5", "it stays", "so it is", amendment="failed-apply-keeps-destination")
    outcome = engine(of("core_only"), deviations=Deviations(deviation=(entry,)))
    assert outcome.code == 1
    assert outcome.judgements["TRANS-APPLY-5"].verdict is Verdict.NOT_OFFERED
    assert outcome.end.problems == ("Known deviations that need capabilities which are not offered: TRANS-APPLY-5.",)


def test_a_deviation_without_an_amendment_shows_by_its_observations(engine, of):
    outcome = engine(of("panics"), deviations=Deviations(deviation=(PANICS,)))
    assert outcome.code == 0
    assert outcome.judgements["NODE-ADD-8"].verdict is Verdict.KNOWN


def test_another_answer_than_the_stated_one_is_a_new_deviation(engine, of):
    entry = Deviation("NODE-ADD-8", "it panics", "-", observations=(Stated("add_child", panic="out of memory"),))
    outcome = engine(of("panics"), deviations=Deviations(deviation=(entry,)))
    assert outcome.code == 1
    assert outcome.judgements["NODE-ADD-8"].verdict is Verdict.DEVIATES


def test_what_is_not_offered_is_never_green_nor_a_failure(engine, of):
    outcome = engine(of("core_only"))
    assert outcome.code == 0
    assert outcome.judgements["TRANS-APPLY-1"].verdict is Verdict.NOT_OFFERED
    assert outcome.judgements["TRANS-APPLY-1"].note == "needs transitions"


def test_a_run_of_nothing_but_what_is_not_offered_could_not_run(engine, of):
    outcome = engine(of("core_only"), "TRANS-APPLY-1")
    assert outcome.code == 2
    assert outcome.end.partial.startswith("nothing was run")


def test_a_requirement_that_something_else_masks_is_not_exercised_and_fails(engine, of):
    # With this entry every panic of AddChild is known, so a property whose cases need it shows nothing.
    entry = Deviation("NODE-ADD-1", "it panics", "-", observations=(Stated("add_child", panic="assignment to entry"),))
    outcome = engine(of("panics"), "NODE-ADD-8", deviations=Deviations(deviation=(entry,)))
    assert outcome.code == 1
    assert outcome.judgements["NODE-ADD-8"].verdict is Verdict.NOT_EXERCISED
    assert "not exercised" in outcome.end.problems[-1]


def test_a_documented_requirement_without_a_property_is_not_exercised_and_fails(engine, of, monkeypatch):
    monkeypatch.delitem(PROPERTIES, "NODE-KEY-1")
    outcome = engine(of("amended"), "NODE-KEY-1,NODE-PARENT-1")
    assert outcome.code == 1
    assert outcome.judgements["NODE-KEY-1"].verdict is Verdict.NOT_EXERCISED
    assert outcome.judgements["NODE-KEY-1"].note == "there is no property for it"


def test_a_selection_judges_what_it_names_and_runs_no_soak(engine, of):
    outcome = engine(of("amended"), "MT-ROLLBACK")
    assert outcome.code == 0
    assert all(name.startswith("MT-ROLLBACK-") for name in outcome.judgements)
    assert outcome.end.programs == 4 * len(outcome.judgements)


def test_the_same_seed_makes_the_same_run_whoever_does_the_work(engine, of):
    command = of("amended", "failed-apply-keeps-destination")
    alone, together = engine(command, workers=1), engine(command, workers=3)
    assert alone.findings == together.findings
    assert alone.judgements == together.judgements
    assert alone.end.operations == together.end.operations


def test_another_seed_makes_another_run(engine, of):
    assert engine(of("amended"), seed=1).end.operations != engine(of("amended"), seed=3).end.operations


def test_fail_fast_ends_with_the_first_finding(engine, of):
    outcome = engine(of("amended", "failed-apply-keeps-destination", "add-child-dirties"), fail_fast=True)
    assert outcome.code == 1
    assert len(outcome.findings) == 1
    assert outcome.end.partial == "it was to end with the first finding"


def test_a_finding_names_the_rule_that_predicted_the_answer(engine, of):
    outcome = engine(of("amended", "failed-apply-keeps-destination"), "TRANS-APPLY")
    assert [(finding.requirement, finding.rule) for finding in outcome.findings] == [("TRANS-APPLY-5", "apply_failed")]


def test_a_rollback_may_restore_the_object_that_its_function_was_handed(engine, of):
    outcome = engine(of("restores_in_place"))
    assert (0, []) == (outcome.code, outcome.findings)


@pytest.mark.parametrize(
    ("mutant", "breaks", "named"),
    [
        ("destination-zero-is-none", True, "TRANS-APPLY-1"),
        ("moves-after-the-function", False, "TRANS-APPLY-4"),
    ],
)
def test_evidence_is_judged_even_if_a_function_saw_something_wrong_before(
    engine, mutant_command, mutant, breaks, named
):
    outcome = engine(mutant_command(mutant), "TRANS-APPLY-1,TRANS-APPLY-4", budget=replace(SMALL, cases=12))
    assert breaks is (outcome.judgements["TRANS-APPLY-1"].verdict is Verdict.DEVIATES)
    assert outcome.judgements["TRANS-APPLY-4"].verdict is Verdict.DEVIATES
    assert {finding.requirement for finding in outcome.findings} == {named}


def test_functions_inside_of_functions_are_tried_deeper_only_while_they_are_right(engine, mutant_command):
    # Each of so many functions runs twice: the innermost of nine 512 times, of 257 more often than there is time.
    outcome = engine(mutant_command("function-runs-twice"), "MT-NESTED-2", budget=replace(SMALL, largest=257))
    assert outcome.code == 1
    assert {finding.requirement for finding in outcome.findings} == {"MT-RUN-1"}
    assert not any(finding.lost for finding in outcome.findings)
