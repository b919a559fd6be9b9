"""The report on mutants: its table, its sentences, and when they amount to a failure."""

from __future__ import annotations

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.mutants import Mutant, Report, Score, report_lines
from hsm_specs.mutants.report import heading, row

from .conftest import FindingOf, MutantOf

CLEAR = ops.Clear(0)
TABLE = """\
requirement    mutant             result    found by          after   program  named           also red
CLEAR-TREE-1   clears-one-level   killed    CLEAR-TREE-1        840    2 of 5  =               CLEAR-TREE-2
MT-ROLLBACK-6  keeps-other-nodes  killed    MT-ROLLBACK-6      1200    2 of 5  MT-ROLLBACK-8   A-1, A-2, A-3 and 2 more
NODE-ADD-2     breaks-node-add-2  SURVIVED                     9000

score: 2 of 3 mutants killed (66.7%)
  survived: breaks-node-add-2: It breaks NODE-ADD-2.
attribution: 1 of 3 named by their own requirement (33.3%)
  misattributed: keeps-other-nodes: breaks MT-ROLLBACK-6, named MT-ROLLBACK-8
shrunk programs: 2 operations beyond the set-up in the median, 2 at most; 5 and 5 with it
1 mutant survives.
Fewer than 95% of the mutants are named by their own requirement."""


def three(mutant_of: MutantOf, finding_of: FindingOf) -> list[Score]:
    found = finding_of("CLEAR-TREE-1", CLEAR, ops.Outputs(0))
    other = finding_of("MT-ROLLBACK-8", CLEAR, ops.Outputs(0))
    red = ("A-1", "A-2", "A-3", "A-4", "A-5")
    return [
        Score(
            mutant_of("CLEAR-TREE-1", "clears-one-level"),
            "CLEAR-TREE-1",
            840,
            ("CLEAR-TREE-1", "CLEAR-TREE-2"),
            found,
            2,
            5,
        ),
        Score(mutant_of("MT-ROLLBACK-6", "keeps-other-nodes"), "MT-ROLLBACK-6", 1200, red, other, 2, 5),
        Score(mutant_of("NODE-ADD-2"), operations=9000),
    ]


def test_the_table_and_the_sentences_read_like_this(mutant_of: MutantOf, finding_of: FindingOf) -> None:
    scores = three(mutant_of, finding_of)
    mutants = [score.mutant for score in scores]
    report = Report.of(scores)
    lines = [heading(mutants), *(row(score, mutants) for score in scores), *report_lines(report)]
    missing = [line.text for line in lines if line.text.startswith(("Without a mutant", "documented requirements"))]
    assert TABLE.splitlines() == [line.text for line in lines if line.text not in missing]
    assert 2 == len(missing)


def test_each_documented_requirement_wants_a_mutant_that_explains_it(
    mutant_of: MutantOf, finding_of: FindingOf
) -> None:
    report = Report.of(three(mutant_of, finding_of))
    core = [r.id for r in load_catalogue().values() if r.classification == "documented" and not r.capabilities]
    assert set(core) == set(report.unexplained)
    assert "COLL-ADD-1" in report.out_of_reach
    assert {"CLEAR-TREE-1"}.isdisjoint((*report.unexplained, *report.out_of_reach))


def perfect(finding_of: FindingOf, beyond: int = 2) -> list[Score]:
    """Return a mutant for each documented requirement, each named by its own."""
    documented = [r for r in load_catalogue().values() if r.classification == "documented"]
    return [
        Score(
            mutant=Mutant(f"breaks-{r.id}", r.id, "It is wrong.", ("true",)),
            red=(r.id,),
            finding=finding_of(r.id, CLEAR),
            beyond=beyond,
            length=beyond + 3,
            capabilities=r.capabilities,
        )
        for r in documented
    ]


def test_a_suite_that_finds_and_names_everything_has_no_problems(finding_of: FindingOf) -> None:
    assert () == Report.of(perfect(finding_of)).problems


def test_a_survivor_is_a_problem(finding_of: FindingOf, mutant_of: MutantOf) -> None:
    scores = [*perfect(finding_of), Score(mutant_of("CLEAR-TREE-1"))]
    assert ("1 mutant survives.",) == Report.of(scores).problems


def test_one_wrong_name_in_twenty_is_no_problem_and_two_are(finding_of: FindingOf, mutant_of: MutantOf) -> None:
    wrong = Score(mutant_of("CLEAR-TREE-1"), finding=finding_of("CLEAR-TREE-2", CLEAR))
    scores = perfect(finding_of)
    assert () == Report.of([*scores, *[wrong] * (len(scores) // 20)]).problems
    problems = Report.of([*scores, *[wrong] * (len(scores) // 10)]).problems
    assert ("Fewer than 95% of the mutants are named by their own requirement.",) == problems


def test_programs_that_are_too_long_are_a_problem(finding_of: FindingOf) -> None:
    assert ("The median of operations beyond the set-up is above 4.",) == Report.of(perfect(finding_of, 5)).problems
    assert any("More than 6 operations" in problem for problem in Report.of(perfect(finding_of, 7)).problems)


def test_a_requirement_without_a_mutant_that_explains_it_is_a_problem(finding_of: FindingOf) -> None:
    scores = [score for score in perfect(finding_of) if score.mutant.requirement != "MT-ROLLBACK-1"]
    assert ("Without a mutant that shows them to be checked: MT-ROLLBACK-1.",) == Report.of(scores).problems
