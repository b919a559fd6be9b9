"""Ends of soaks before their time: what was found by then is kept, and what was not done is reported."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from hsm_specs.adapter import Timeouts
from hsm_specs.engine import investigator, soak
from hsm_specs.engine.random_phase import RandomShard, run_random
from hsm_specs.engine.shards import ShardResult
from hsm_specs.parallel.cancellation import Cancellation
from hsm_specs.results.events import FindingMade, RunEnded, Soaked

from .soaks import threads

pytestmark = pytest.mark.xdist_group("soaks")


@pytest.mark.parametrize("workers", [1, 3])
def test_an_adapter_that_ends_is_not_excused(soaked, of, workers):
    told = soaked(of("loses", "ends-later", "collection_list"), pool=partial(threads, workers))
    assert told.code == 2
    assert told.one(Soaked).ended == "trouble"
    trouble = told.one(RunEnded).trouble
    assert trouble.code == "ended"
    assert trouble.message.startswith("Shard 0 (`--shards 0-0` runs it alone): The adapter ")
    assert trouble.stderr == ("the end at collection_list",)


def test_what_was_found_before_an_adapter_hung_is_kept_as_it_is(soaked, hanging):
    told = soaked(hanging, timeouts=Timeouts.of(1.0))
    assert told.code == 1
    assert told.one(RunEnded).trouble.code == "timed-out"
    assert told.of(FindingMade)
    assert not any(event.finding.shrunk for event in told.of(FindingMade))


def test_a_command_that_does_not_exist(soaked):
    told = soaked(("/nowhere/at/all",))
    assert told.code == 2
    assert told.one(RunEnded).trouble.code == "cannot-start"
    assert told.one(RunEnded).partial


def test_an_end_that_is_asked_for_is_told_with_what_was_done(soaked, of, monkeypatch):
    cancellation, done = Cancellation(), []

    def counted(job):
        done.append(job)
        cancellation.requested = len(done) == 2
        return run_random(job)

    monkeypatch.setattr(soak, "run_random", counted)
    told = soaked(of("amended"), cancellation, last=9)
    assert told.code == 0
    assert told.one(Soaked).ended == "interrupted"
    assert told.one(Soaked).done == ((0, 1),)
    assert not told.one(RunEnded).partial


def test_a_shard_that_was_cut_short_is_none_that_is_done(soaked, undisturbed, of, monkeypatch):
    cancellation = Cancellation()

    def cut(job):
        shard = msgspec.json.decode(job, type=RandomShard)
        if shard.index == 1:
            cancellation.requested = True
            return msgspec.json.encode(ShardResult(1, 1, 20))
        return run_random(job)

    monkeypatch.setattr(soak, "run_random", cut)
    told = soaked(of("amended"), cancellation, last=9)
    assert told.one(Soaked).done == ((0, 0),)
    monkeypatch.undo()
    assert soaked(of("amended"), resume=True).found == undisturbed(of("amended")).told.found


def test_an_end_that_is_asked_for_while_a_finding_is_shrunk_does_not_lose_it(soaked, undisturbed, of, monkeypatch):
    command, cancellation = of("amended", "add-child-dirties"), Cancellation()
    shrink = investigator.shrink

    def asked(*arguments):
        cancellation.requested = True
        return shrink(*arguments)

    monkeypatch.setattr(investigator, "shrink", asked)
    told = soaked(command, cancellation)
    assert told.code == 1
    assert {event.finding.shrunk for event in told.of(FindingMade)} == {False}
    assert "the run was asked to stop" in told.of(FindingMade)[0].finding.note
    monkeypatch.undo()
    assert soaked(command, resume=True).found == undisturbed(command).told.found


def test_a_soak_without_a_shard_could_not_be_run(soaked, of):
    cancellation = Cancellation()
    cancellation.requested = True
    told = soaked(of("amended"), cancellation)
    assert told.code == 2
    assert "before a shard was done" in told.one(RunEnded).partial
