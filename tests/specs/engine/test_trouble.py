"""Runs in which the adapter fails: what was found is kept, and the exit code tells which of both it was."""

from __future__ import annotations

import re
from pathlib import Path

from hsm_specs.engine import conformance
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.results.events import FindingMade
from hsm_specs.results.findings import load


def test_an_adapter_that_ends_while_a_finding_is_shrunk_does_not_lose_it(engine, of, monkeypatch):
    monkeypatch.setenv("SHORT", "6")
    outcome = engine(of("ends_on_short"), "DIRTY-TREE-3")
    assert outcome.code == 1
    assert {finding.requirement for finding in outcome.findings} == {"DIRTY-TREE-3"}


def test_an_implementation_that_remembers_is_told_apart_from_one_that_is_wrong(engine, of):
    outcome = engine(of("remembers"))
    assert outcome.code == 1
    assert any("an earlier program in the same process" in finding.note for finding in outcome.findings)
    assert not any("flaky" in finding.note for finding in outcome.findings)


def test_an_implementation_that_fails_at_random_is_called_flaky(engine, of):
    outcome = engine(of("flaky"))
    assert outcome.code == 1
    notes = [finding.note for finding in outcome.findings if "flaky" in finding.note]
    assert notes
    assert all(re.fullmatch("It is flaky: run again 10 times.*, it fails [1-9] times.", note) for note in notes)


def test_an_implementation_that_always_fails_is_not_called_flaky(engine, of):
    outcome = engine(of("amended", "add-child-dirties"))
    assert outcome.code == 1
    assert {""} == {finding.note for finding in outcome.findings}


def test_a_command_that_does_not_exist(engine):
    outcome = engine(("/nowhere/at/all",))
    assert outcome.code == 2
    assert outcome.end.trouble.code == "cannot-start"
    assert outcome.judgements == {}


def test_deviations_of_another_implementation_are_refused(engine, of):
    outcome = engine(of("amended"), deviations=Deviations(implementation="another", version="1"))
    assert outcome.code == 2
    assert "those of implementation another" in outcome.end.trouble.message


def test_an_interrupt_keeps_what_was_found(engine, of, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(conformance, "run_random", interrupted)
    outcome = engine(of("amended", "add-child-dirties"))
    assert outcome.code == 1
    assert outcome.end.partial == "it was interrupted"
    assert outcome.findings


def test_findings_are_saved_as_they_are_made(engine, of):
    outcome = engine(of("amended", "add-child-dirties"))
    made = outcome.of(FindingMade)
    assert made
    for event in made:
        saved = load(Path(event.path))
        assert saved.id == event.finding.id
        assert saved.count >= event.finding.count
