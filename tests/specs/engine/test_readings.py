"""Readings: an implementation that follows one of a sentence's readings consistently conforms, and no other."""

from __future__ import annotations

import pytest

from hsm_model.amendments import AMENDMENTS, READINGS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.oracle.deviations import Deviation, Deviations
from hsm_specs.results.events import Greeted
from hsm_specs.results.verdicts import SPECIFIED, Verdict

NAMED = {name: entry.id for entry in load_catalogue().values() for name in entry.readings}


def test_each_reading_belongs_to_a_requirement_that_it_changes() -> None:
    assert set(READINGS) == set(NAMED)
    for reading in READINGS.values():
        naming = {entry.id for entry in load_catalogue().values() if reading.name in entry.readings}
        assert set(reading.changes) <= naming


def test_a_requirement_with_readings_is_documented_and_says_what_the_sentence_leaves_open() -> None:
    entries = [entry for entry in load_catalogue().values() if entry.readings]
    assert all(entry.classification == "documented" and entry.reason for entry in entries)


@pytest.mark.parametrize("name", READINGS)
def test_an_implementation_that_follows_a_reading_everywhere_conforms(engine, of, name: str) -> None:
    outcome = engine(of("amended", name))
    assert 0 == outcome.code, outcome.end.problems
    [greeted] = outcome.of(Greeted)
    assert (name,) == greeted.readings
    judgement = outcome.judgements[NAMED[name]]
    assert (Verdict.CONFORMS, name, f"by the reading {name}") == (
        judgement.verdict,
        judgement.reading,
        judgement.note,
    )


def test_the_specification_is_the_first_reading(engine, of) -> None:
    outcome = engine(of("amended"), only="CLEAR,OUT,DIRTY,NODE-CHILD")
    [greeted] = outcome.of(Greeted)
    assert () == greeted.readings
    assert {SPECIFIED} == {outcome.judgements[requirement].reading for requirement in NAMED.values()}
    assert "" == outcome.judgements["CLEAR-TREE-1"].reading


def test_readings_of_different_sentences_go_together(engine, of) -> None:
    names = ("outputs-of-whole-tree", "dirty-by-whole-tree", "clear-resets-whole-tree")
    outcome = engine(of("amended", *names))
    assert 0 == outcome.code, outcome.end.problems
    [greeted] = outcome.of(Greeted)
    assert names == greeted.readings


@pytest.mark.parametrize(
    ("mutant", "requirement"),
    [
        ("a-leaf-clears-the-whole-tree", "CLEAR-TREE-3"),
        ("a-leaf-has-all-outputs", "OUT-LIST-4"),
        ("a-leaf-is-dirty-by-any-node", "DIRTY-TREE-2"),
        ("clears-ancestors", "CLEAR-TREE-3"),
        ("unregistered-is-incompatible", "NODE-CHILD-4"),
    ],
)
def test_an_implementation_that_follows_a_reading_only_sometimes_does_not_conform(
    cli, mutant_command, mutant: str, requirement: str
) -> None:
    said = cli("run", "--workers", "1", "--budget", "quick", "-k", requirement, "--", *mutant_command(mutant))
    assert 1 == said.code
    assert f"violated: {requirement}." in said.out


def test_a_known_deviation_that_is_a_reading_is_outdated(engine, of) -> None:
    entry = Deviation("CLEAR-TREE-3", "It empties the log.", "It is one log.", amendment="clear-empties-whole-log")
    outcome = engine(of("amended"), deviations=Deviations("hsm-model", "", deviation=(entry,)))
    assert 1 == outcome.code
    assert Verdict.OUTDATED == outcome.judgements["CLEAR-TREE-3"].verdict


def test_a_reading_is_followed_beside_a_known_deviation(engine, of) -> None:
    entry = Deviation("DIRTY-TREE-3", "It is dirty.", "It is new.", amendment="add-child-dirties")
    command = of("amended", "add-child-dirties", "clear-empties-whole-log")
    outcome = engine(command, deviations=Deviations("hsm-model", "", deviation=(entry,)))
    assert 0 == outcome.code, outcome.end.problems
    [greeted] = outcome.of(Greeted)
    assert (("clear-empties-whole-log",), ("add-child-dirties",)) == (greeted.readings, greeted.amendments)
    assert greeted.amendments[0] in AMENDMENTS
