"""Setups: what several examples of a chapter begin with is shared, and nothing else."""

from __future__ import annotations

from hsm_diagrams.book.setups import shared_setups
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html.views import FilmView, Pool, StepView, example_view


def film(*texts):
    """Return a film of steps with these texts; a star marks evidence, a leading space a step inside a function."""
    steps, number = [], 0
    for text in texts:
        number += not text.startswith(" ")
        mark = "evidence" if text.endswith("*") else ""
        own = "" if text.startswith(" ") else str(number)
        steps.append(StepView(own, len(text) - len(text.lstrip()), text, None, mark, None, None, "", False))
    return FilmView(tuple(steps), 0)


def said(examples):
    return [(setup.letter, [step.text for step in setup.steps], setup.examples) for setup in shared_setups(examples)]


def test_what_two_examples_begin_with_is_a_setup():
    examples = {"ONE": film("a", "b", "c", "d", "x*"), "TWO": film("a", "b", "c", "e", "x*"), "THREE": film("y*")}
    assert said(examples) == [("A", ["a", "b", "c"], ("ONE", "TWO"))]
    assert "3" == shared_setups(examples)[0].operations


def test_evidence_is_never_a_part_of_a_setup():
    assert [] == said({"ONE": film("a", "b", "c*", "d"), "TWO": film("a", "b", "c*", "d")})


def test_a_function_is_not_divided():
    both = ("a", "b", "c", " in")
    assert [("A", ["a", "b"], ("ONE", "TWO"))] != said({"ONE": film(*both, " x*"), "TWO": film(*both, " y*")})
    assert [] == said({"ONE": film(*both, " other", "x*"), "TWO": film(*both, " others", "x*")})


def test_the_setup_that_saves_most_comes_first_and_an_example_has_one():
    examples = {
        "ONE": film("a", "b", "c", "d", "e", "x*"),
        "TWO": film("a", "b", "c", "d", "e", "x*"),
        "THREE": film("a", "b", "c", "x*"),
        "FOUR": film("a", "b", "c", "y*"),
    }
    assert [("A", ["a", "b", "c"], ("ONE", "TWO", "THREE", "FOUR"))] == said(examples)
    alone = {name: examples[name] for name in ("ONE", "TWO")}
    assert [("A", ["a", "b", "c", "d", "e"], ("ONE", "TWO"))] == said(alone)


def test_the_examples_of_rollback_share_their_setup():
    pool, examples = Pool(), {}
    for number in range(1, 13):
        if shown := PROPERTIES.get(f"MT-ROLLBACK-{number}"):
            case = next(shown.cases(0, 1))
            examples[shown.requirement] = example_view(case.program, predict(case.program), case.evidence, pool)
    setups = shared_setups(examples)
    shared = [name for setup in setups for name in setup.examples]
    assert len(shared) == len(set(shared))
    assert len(shared) > len(examples) // 2
    for setup in setups:
        for name in setup.examples:
            assert examples[name].steps[: len(setup.steps)] == setup.steps
