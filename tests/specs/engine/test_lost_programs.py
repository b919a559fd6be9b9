"""Programs that end the implementation, or that it never answers: findings if they do so alone, errors otherwise."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from msgspec.structs import replace

from hsm_specs.adapter import Timeouts
from hsm_specs.adapter.recovering import REPEATED
from hsm_specs.engine import conformance
from hsm_specs.language.observations import ENDED, NO_ANSWER, at, is_loss
from hsm_specs.language.operations import SPECIFICATIONS, Rehydrate, tag
from hsm_specs.report.rendering import finding_lines
from hsm_specs.results.events import FindingMade, FindingReplayed
from hsm_specs.results.findings import save

from .conftest import SMALL

SHORTEST = ["new_registry", "register_machine", "new_root", "collection_list"]


def operations(finding):
    return [tag(type(operation)) for operation in finding.program]


def lost(finding):
    return at(finding.observed, finding.where)


def test_a_program_that_ends_the_implementation_is_a_finding_of_the_operation(engine, of):
    outcome = engine(of("loses", "ends", "collection_list"), "COLL-*")
    assert outcome.code == 1
    assert outcome.end.trouble is None
    (finding,) = outcome.findings
    assert finding.requirement == "COLL-LIST-1"
    assert finding.shrunk
    assert finding.documented
    assert operations(finding) == SHORTEST
    assert lost(finding).error == ENDED
    assert any("ends the implementation (was ended by SIGABRT)" in str(line) for line in finding_lines(finding))


def test_a_program_that_is_not_answered_is_a_finding_of_the_operation(engine, of):
    outcome = engine(of("loses", "hangs", "collection_list"), "COLL-LIST-1", timeouts=Timeouts(answer=0.5))
    assert outcome.code == 1
    (finding,) = outcome.findings
    assert finding.requirement == "COLL-LIST-1"
    assert lost(finding).error == NO_ANSWER
    assert lost(finding).message == "gives no answer within 0.5 s"
    assert any("gives no answer within 0.5 s" in str(line) for line in finding_lines(finding))


def test_a_program_that_ends_the_implementation_only_after_others_is_an_error(engine, of):
    outcome = engine(of("loses", "ends-later", "collection_list"), "COLL-*")
    assert outcome.code == 2
    assert outcome.findings == []
    assert outcome.end.trouble.code == "ended"
    assert outcome.end.trouble.stderr == ("the end at collection_list",)


def test_the_run_goes_on_without_such_programs(engine, of):
    outcome = engine(
        of("ending", "collection_list", "failed-apply-keeps-destination"), "COLL-*,TRANS-APPLY-5,CLEAR-TREE-1"
    )
    assert {finding.requirement for finding in outcome.findings} >= {"COLL-LIST-1", "TRANS-APPLY-5"}
    assert outcome.judgements["CLEAR-TREE-1"].verdict == "conforms"
    assert outcome.judgements["COLL-LIST-2"].verdict == "not exercised"
    assert any("programs were not run" in problem for problem in outcome.end.problems)
    assert outcome.end.partial == ""


@pytest.mark.parametrize(("workers", "command"), [(1, ("ending",)), (2, ("loses", "ends"))])
def test_a_program_of_a_worker_that_ends_the_implementation_is_a_finding(engine, of, workers, command, monkeypatch):
    monkeypatch.setattr(conformance, "run_directed", lambda *_: iter(()))
    # Each program that is lost costs a process or two, and the first ones show it. No function has this operation.
    few = replace(SMALL, shards=1, operations=500, walks=0)
    outcome = engine(of(*command, "rehydrate"), workers=workers, budget=few)
    assert outcome.code == 1
    assert outcome.end.trouble is None
    assert {finding.requirement for finding in outcome.findings} == {SPECIFICATIONS[Rehydrate].about}


def test_a_soak_goes_on_too(soaked, of):
    told = soaked(of("ending", "collection_list"), last=0, size=500)
    assert told.code == 1
    assert {event.finding.requirement for event in told.of(FindingMade)} == {"COLL-LIST-1"}


def test_no_implementation_is_started_for_ever(engine, of):
    began = time.monotonic()
    outcome = engine(of("ending", "new_registry"), "REG-NEW-1,REG-MACHINE-1")
    assert time.monotonic() - began < 60
    assert outcome.code == 1
    # Programs are withheld as soon as a few were lost, so a requirement may be left without any.
    assert outcome.judgements["REG-NEW-1"].verdict in ("deviates", "not exercised")
    assert all(finding.count <= REPEATED[ENDED] for finding in outcome.findings)


def test_replay_tells_whether_a_program_still_ends_the_implementation(engine, of, tmp_path):
    (finding,) = engine(of("loses", "ends", "collection_list"), "COLL-LIST-1").findings
    path = save(finding, tmp_path)

    def replay(*command):
        return subprocess.run(
            [sys.executable, "-m", "hsm_specs.cli", "replay", str(path), "--", *command],
            capture_output=True,
            text=True,
            check=False,
        )

    again = replay(*of("loses", "ends", "collection_list"))
    assert again.returncode == 1
    assert "ends the implementation (was ended by SIGABRT)" in again.stdout
    assert replay(*of("amended")).returncode == 0


def test_a_saved_finding_of_this_kind_is_run_again_first(engine, of, tmp_path):
    command = of("ending", "collection_list")
    (finding,) = engine(command, "COLL-LIST-1").findings
    outcome = engine(command, "COLL-LIST-1", replay=True)
    (replayed,) = outcome.of(FindingReplayed)
    assert (replayed.id, replayed.outcome) == (finding.id, "still failing")
    assert is_loss(lost(finding))
