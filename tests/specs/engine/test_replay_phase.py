"""Runs that begin with the findings of earlier ones."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from hsm_specs.engine import conformance
from hsm_specs.oracle.deviations import Deviation, Deviations
from hsm_specs.results.events import FindingMade, FindingReplayed, PhaseStarted
from hsm_specs.results.findings import load, save
from hsm_specs.results.verdicts import Verdict

DIRTIES = Deviation("DIRTY-TREE-3", "it dirties", "it has to be written", amendment="add-child-dirties")


@pytest.fixture
def saved(engine, of, tmp_path):
    """Return the file of a finding that an earlier run has saved."""
    engine(of("amended", "add-child-dirties"), "DIRTY-TREE-3")
    (path,) = tmp_path.iterdir()
    return path


def replays(outcome):
    return [(event.outcome, event.note) for event in outcome.of(FindingReplayed)]


def without_directed(monkeypatch):
    monkeypatch.setattr(conformance, "run_directed", lambda *_: iter(()))


def test_what_still_fails_is_told_first_and_is_a_finding(engine, of, saved, monkeypatch):
    without_directed(monkeypatch)
    outcome = engine(of("amended", "add-child-dirties"), "DIRTY-TREE-3", replay=True)
    assert outcome.code == 1
    assert replays(outcome) == [("still failing", "")]
    assert outcome.judgements["DIRTY-TREE-3"].verdict is Verdict.DEVIATES
    (made,) = outcome.of(FindingMade)
    assert (made.path, made.finding.count) == (str(saved), 1)
    phases = [event.phase for event in outcome.of(PhaseStarted)]
    assert phases == ["saved", "directed"]


def test_what_other_phases_find_anew_is_one_finding(engine, of, saved):
    first = load(saved)
    outcome = engine(of("amended", "add-child-dirties"), "DIRTY-TREE-3", replay=True)
    assert replays(outcome) == [("still failing", "")]
    assert outcome.findings == [first]


def test_what_is_answered_as_it_should_be_is_fixed(engine, of, saved):
    outcome = engine(of("amended"), "DIRTY-TREE-3", replay=True)
    assert outcome.code == 0
    assert replays(outcome) == [("fixed", "")]
    assert outcome.findings == []
    assert saved.exists()


def test_what_a_known_deviation_explains_is_no_finding(engine, of, saved):
    known = Deviations(deviation=(DIRTIES,))
    outcome = engine(of("amended", "add-child-dirties"), "DIRTY-TREE-3", replay=True, deviations=known)
    assert outcome.code == 0
    assert replays(outcome) == [("still failing", "as a known deviation says")]


def test_what_never_failed_by_itself_is_not_called_fixed(engine, of, saved):
    save(replace(load(saved), shrunk=False), saved.parent)
    (replayed,) = replays(engine(of("amended"), "DIRTY-TREE-3", replay=True))
    assert replayed[0] == "not reproducible"
    assert "never seen to fail by itself" in replayed[1]


def test_what_is_not_offered_any_more_is_not_reproducible(engine, of, tmp_path):
    engine(of("amended", "failed-apply-keeps-destination"), "TRANS-APPLY-5")
    outcome = engine(of("core_only"), "NODE-KEY,TRANS-APPLY-5", replay=True)
    assert outcome.code == 0
    assert ("not reproducible", "it needs transitions, which is not offered") in replays(outcome)


def test_a_file_that_cannot_be_read_stops_nothing(engine, of, saved):
    saved.write_text("{")
    outcome = engine(of("amended"), "DIRTY-TREE-3", replay=True)
    assert outcome.code == 0
    (replayed,) = outcome.of(FindingReplayed)
    assert (replayed.id, replayed.outcome) == ("", "not reproducible")
    assert "is not a saved finding" in replayed.note


def test_findings_of_other_implementations_and_requirements_are_left_alone(engine, of, saved):
    assert replays(engine(of("amended"), "NODE-KEY-1", replay=True)) == []
    save(replace(load(saved), implementation="another"), saved.parent)
    assert replays(engine(of("amended"), "DIRTY-TREE-3", replay=True)) == []


def test_an_outdated_finding_is_fixed_by_mending_the_list(engine, of, tmp_path):
    engine(of("amended"), deviations=Deviations(deviation=(DIRTIES,)))
    assert all(load(path).outdated for path in tmp_path.iterdir())
    still = engine(of("amended"), "DIRTY-TREE-3", replay=True, deviations=Deviations(deviation=(DIRTIES,)))
    assert ("still failing", "") in replays(still)
    assert {outcome for outcome, _ in replays(engine(of("amended"), "DIRTY-TREE-3", replay=True))} == {"fixed"}


def test_fail_fast_ends_with_what_still_fails(engine, of, saved):
    outcome = engine(of("amended", "add-child-dirties"), replay=True, fail_fast=True)
    assert outcome.code == 1
    assert outcome.end.partial == "it was to end with the first finding"
    assert [event.phase for event in outcome.of(PhaseStarted)] == ["saved"]
    assert outcome.end.problems == ("1 documented requirement is violated: DIRTY-TREE-3.",)


def test_an_adapter_that_ends_meanwhile(engine, of, saved):
    outcome = engine(of("ends_on", "add_child"), "DIRTY-TREE-3", replay=True)
    assert outcome.code == 2
    assert replays(outcome) == [("not reproducible", "the adapter failed")]
    assert outcome.end.trouble.code == "ended"


def test_what_still_fails_is_kept_when_the_adapter_ends_later(engine, of, saved):
    outcome = engine(of("ends_on", "collection_list", "add-child-dirties"), replay=True)
    assert outcome.code == 1
    assert "DIRTY-TREE-3" in {finding.requirement for finding in outcome.findings}


def test_a_run_of_nothing_but_saved_findings_is_not_green(engine, of, saved, monkeypatch):
    without_directed(monkeypatch)
    assert engine(of("amended"), "DIRTY-TREE-3", replay=True).code == 1
    assert Path(saved).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"requirement": "NODE-LATER-1"},
        {"amendments": ("an-amendment-of-later",)},
        {"where": (99,)},
    ],
)
def test_a_finding_of_another_version_is_reported_and_left_alone(engine, of, saved, change):
    later = saved.parent / "later.json"
    later.write_bytes(msgspec.json.encode(replace(load(saved), **change)))
    content = later.read_bytes()
    outcome = engine(of("amended", "add-child-dirties"), "DIRTY-TREE-3", replay=True)
    assert outcome.code == 1
    (event,) = [event for event in outcome.of(FindingReplayed) if event.path == str(later)]
    assert event.outcome == "not reproducible"
    assert "from another version of hsmspec" in event.note
    assert content == later.read_bytes()


def test_a_finding_with_an_operation_of_another_version_is_reported(engine, of, saved):
    later = saved.parent / "later.json"
    later.write_bytes(saved.read_bytes().replace(b'"op": "new_registry"', b'"op": "of_later"'))
    outcome = engine(of("amended", "add-child-dirties"), "DIRTY-TREE-3", replay=True)
    (event,) = [event for event in outcome.of(FindingReplayed) if event.path == str(later)]
    assert "from another version of hsmspec" in event.note
