"""Soaks: what they find depends on seed, size and shards alone."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from hsm_specs.engine import soak
from hsm_specs.engine.random_phase import RandomShard, run_random
from hsm_specs.engine.shards import ShardResult
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.results.events import FindingMade, RequirementJudged, RunEnded, ShardsDone, Soaked, WorkersLost
from hsm_specs.results.failures import Failure
from hsm_specs.results.verdicts import Verdict

from .soaks import SIZE, Here, threads

pytestmark = pytest.mark.xdist_group("soaks")


def test_a_conforming_implementation_passes(undisturbed, of):
    told = undisturbed(of("amended")).told
    assert told.code == 0
    assert told.one(Soaked).done == ((0, 2),)
    assert told.one(Soaked).ended == "shards"
    assert told.one(RunEnded).operations >= 3 * SIZE


@pytest.mark.parametrize("workers", [2, 5])
def test_the_same_seed_gives_the_same_findings_whatever_the_number_of_workers(soaked, undisturbed, of, workers):
    command = of("amended", "add-child-dirties", "failed-apply-keeps-destination")
    alone = undisturbed(command, last=3).told
    assert alone.code == 1
    assert {"DIRTY-TREE-3", "TRANS-APPLY-5"} <= {event.finding.requirement for event in alone.of(FindingMade)}
    assert alone.found == soaked(command, last=3, pool=partial(threads, workers)).found


def test_another_seed_makes_other_programs(soaked, undisturbed, of):
    one, other = undisturbed(of("amended")).told, soaked(of("amended"), seed=4)
    assert one.one(RunEnded).operations != other.one(RunEnded).operations


def test_shards_from_the_middle_are_the_same_as_in_the_whole(soaked, undisturbed, of):
    whole, part = undisturbed(of("amended")).told, soaked(of("amended"), first=1, last=1)
    done = [event.operations for event in whole.of(ShardsDone)]
    assert part.one(Soaked).done == ((1, 1),)
    assert part.one(RunEnded).operations == done[1] - done[0]


def test_what_known_deviations_amend_is_no_finding(soaked, of):
    known = msgspec.convert(
        {
            "deviation": [
                {"requirement": "DIRTY-TREE-3", "observed": "x", "reason": "y", "amendment": "add-child-dirties"}
            ]
        },
        Deviations,
    )
    assert soaked(of("amended", "add-child-dirties"), deviations=known).code == 0
    outdated = soaked(of("amended"), deviations=known)
    assert outdated.code == 1
    assert any(event.finding.outdated for event in outdated.of(FindingMade))


def test_every_requirement_with_a_finding_is_judged_by_it(soaked, of):
    told = soaked(of("amended", "failed-transition-keeps-nested-effects"))
    assert told.code == 1
    assert {event.judgement.verdict for event in told.of(RequirementJudged)} <= {Verdict.DEVIATES, Verdict.DIFFERS}


def test_a_worker_with_another_generator_is_refused(soaked, of, monkeypatch):
    def elsewhere(job):
        shard = msgspec.json.decode(job, type=RandomShard)
        return run_random(msgspec.json.encode(msgspec.structs.replace(shard, generator="another")))

    monkeypatch.setattr(soak, "run_random", elsewhere)
    told = soaked(of("amended"))
    assert told.code == 2
    assert "another hsmspec" in told.one(RunEnded).trouble.message


def test_lost_workers_are_told(soaked, of, monkeypatch):
    monkeypatch.setattr(Here, "lost", 2)
    assert soaked(of("amended")).one(WorkersLost).lost == 2


def test_a_failure_that_was_counted_with_one_that_looks_like_it_is_a_deviation_too(
    soaked, undisturbed, of, monkeypatch
):
    told = undisturbed(of("amended", "add-child-dirties")).told
    finding = next(event.finding for event in told.of(FindingMade))
    failure = Failure(finding.program, finding.observed, ("dirty", "ok", "ok"), False, "soak", count=0)
    result = msgspec.json.encode(ShardResult(0, 60, SIZE, (failure,)))
    monkeypatch.setattr(soak, "run_random", lambda job: result)
    alone = soaked(of("amended", "add-child-dirties"), last=0)
    assert [Verdict.DEVIATES] == [event.judgement.verdict for event in alone.of(RequirementJudged)]
    assert alone.code == 1
