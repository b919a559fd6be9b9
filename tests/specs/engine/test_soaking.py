"""Soaks: what they find depends on seed, size and shards alone."""

from __future__ import annotations

import gc
import os
from concurrent.futures import Executor, Future, wait
from contextlib import nullcontext
from functools import partial
from types import FunctionType, MethodType, ModuleType

import msgspec
import pytest

from hsm_specs.adapter import Timeouts
from hsm_specs.deviations import Deviations
from hsm_specs.engine import shards, soaking
from hsm_specs.engine.collected import ShardResult
from hsm_specs.engine.failures import Failure
from hsm_specs.engine.soak import Shard, run_shard_elsewhere
from hsm_specs.engine.soaking import SoakOptions, soak
from hsm_specs.engine.steps import KINDS
from hsm_specs.engine.stop import Stop
from hsm_specs.events import FindingMade, RequirementJudged, RunEnded, ShardsDone, Soaked, SoakStarted, WorkersLost
from hsm_specs.report.json_report import JsonReport
from hsm_specs.report.soak_plain import SoakPlain
from hsm_specs.verdicts import Verdict

from .soaks import Here, inline, threads

SIZE = 1_500


class Told(list):
    """The events of a soak."""

    code = -1

    def of(self, kind):
        return [event for event in self if isinstance(event, kind)]

    def one(self, kind):
        (event,) = self.of(kind)
        return event

    @property
    def found(self):
        """What does not depend on time."""
        ended = self.one(RunEnded)
        return msgspec.json.encode(
            (
                [event.finding for event in self.of(FindingMade)],
                [event.judgement for event in self.of(RequirementJudged)],
                (ended.exit_code, ended.programs, ended.operations, ended.problems),
                (self.one(Soaked).done, self.one(Soaked).steps),
            )
        )


@pytest.fixture
def soaked(tmp_path):
    """Runs a soak of three shards; its options may be given by name."""

    def start(command, stop=None, **options):
        told = Told()
        given = {
            "crew": inline,
            "journal": tmp_path / "journal.jsonl",
            "seed": 3,
            "size": SIZE,
            "last": 2,
            "timeouts": Timeouts.of(20.0),
            "findings": tmp_path / "findings",
            **options,
        }
        told.code = soak(SoakOptions(command, **given), told.append, stop)
        return told

    return start


def test_a_conforming_implementation_passes(soaked, of):
    told = soaked(of("amended"))
    assert told.code == 0
    assert told.one(Soaked).done == ((0, 2),)
    assert told.one(Soaked).ended == "shards"
    assert told.one(RunEnded).operations >= 3 * SIZE


@pytest.mark.parametrize("workers", [2, 5])
def test_the_same_seed_gives_the_same_findings_whatever_the_number_of_workers(soaked, of, workers):
    command = of("amended", "add-child-dirties", "failed-apply-keeps-destination")
    alone = soaked(command, last=3)
    assert alone.code == 1
    assert {"DIRTY-TREE-3", "TRANS-APPLY-5"} <= {event.finding.requirement for event in alone.of(FindingMade)}
    assert alone.found == soaked(command, last=3, crew=partial(threads, workers)).found


def test_another_seed_makes_other_programs(soaked, of):
    one, other = soaked(of("amended")), soaked(of("amended"), seed=4)
    assert one.one(RunEnded).operations != other.one(RunEnded).operations


def test_shards_from_the_middle_are_the_same_as_in_the_whole(soaked, of):
    whole, part = soaked(of("amended")), soaked(of("amended"), first=1, last=1)
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


@pytest.mark.parametrize("workers", [1, 3])
def test_an_adapter_that_ends_is_not_excused(soaked, of, workers):
    told = soaked(of("ends_on", "collection_list"), crew=partial(threads, workers))
    assert told.code == 2
    assert told.one(Soaked).ended == "trouble"
    trouble = told.one(RunEnded).trouble
    assert trouble.code == "ended"
    assert trouble.message.startswith("Shard 0 (`--shards 0-0` runs it alone): The adapter ")
    assert trouble.stderr == ("there is no collection_list",)


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


def test_a_worker_with_another_generator_is_refused(soaked, of, monkeypatch):
    def elsewhere(job):
        shard = msgspec.json.decode(job, type=Shard)
        return run_shard_elsewhere(msgspec.json.encode(msgspec.structs.replace(shard, generator="another")))

    monkeypatch.setattr(shards, "run_shard_elsewhere", elsewhere)
    told = soaked(of("amended"))
    assert told.code == 2
    assert "another hsmspec" in told.one(RunEnded).trouble.message


def test_an_end_that_is_asked_for_is_told_with_what_was_done(soaked, of, monkeypatch):
    stop, done = Stop(), []

    def counted(job):
        done.append(job)
        stop.asked = len(done) == 2
        return run_shard_elsewhere(job)

    monkeypatch.setattr(shards, "run_shard_elsewhere", counted)
    told = soaked(of("amended"), stop, last=9)
    assert told.code == 0
    assert told.one(Soaked).ended == "interrupted"
    assert told.one(Soaked).done == ((0, 1),)
    assert not told.one(RunEnded).partial


def test_a_shard_that_was_cut_short_is_none_that_is_done(soaked, of, monkeypatch):
    stop = Stop()

    def cut(job):
        shard = msgspec.json.decode(job, type=Shard)
        if shard.index == 1:
            stop.asked = True
            return msgspec.json.encode(ShardResult(1, 1, 20))
        return run_shard_elsewhere(job)

    monkeypatch.setattr(shards, "run_shard_elsewhere", cut)
    told = soaked(of("amended"), stop, last=9)
    assert told.one(Soaked).done == ((0, 0),)
    monkeypatch.undo()
    assert soaked(of("amended"), resume=True).found == soaked(of("amended")).found


def test_an_end_that_is_asked_for_while_a_finding_is_shrunk_does_not_lose_it(soaked, of, monkeypatch):
    stop = Stop()
    shrink = soaking.Inquiry._run_properties

    def asked(self):
        stop.asked = True
        return shrink(self)

    monkeypatch.setattr(soaking.Inquiry, "_run_properties", asked)
    told = soaked(of("amended", "add-child-dirties"), stop)
    assert told.code == 1
    assert {event.finding.shrunk for event in told.of(FindingMade)} == {False}
    assert "an end was asked for" in told.of(FindingMade)[0].finding.note
    monkeypatch.undo()
    assert (
        soaked(of("amended", "add-child-dirties"), resume=True).found
        == soaked(of("amended", "add-child-dirties")).found
    )


def test_a_soak_without_a_shard_could_not_be_run(soaked, of):
    stop = Stop()
    stop.asked = True
    told = soaked(of("amended"), stop)
    assert told.code == 2
    assert "before a shard was done" in told.one(RunEnded).partial


def test_no_more_shards_are_done_than_may_wait_for_a_slow_one(soaked, of, monkeypatch):
    futures, begun = [], []

    class Slow(Executor):
        """All but the first shard are done at once, and the first when the soak waits for nothing else."""

        def submit(self, function, job):
            futures.append(Future())
            if len(futures) > 1:
                futures[-1].set_result(msgspec.json.encode(ShardResult(len(futures) - 1, 1, SIZE)))
            return futures[-1]

    def waited(pending, *more):
        if set(pending) == {futures[0]} and not futures[0].done():
            begun.append(len(futures))
            futures[0].set_result(msgspec.json.encode(ShardResult(0, 1, SIZE)))
        return wait(pending, *more)

    monkeypatch.setattr(shards, "wait", waited)
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    told = soaked(of("amended"), last=299, crew=lambda: nullcontext(Here(Slow(), 2)))
    assert told.one(Soaked).done == ((0, 299),)
    assert 2 * shards.WAITING <= begun[0] <= 2 * shards.WAITING + 4


def test_lost_workers_are_told(soaked, of, monkeypatch):
    monkeypatch.setattr(Here, "lost", 2)
    assert soaked(of("amended")).one(WorkersLost).lost == 2


def test_a_failure_that_was_counted_with_one_that_looks_like_it_is_a_deviation_too(soaked, of, monkeypatch):
    told = soaked(of("amended", "add-child-dirties"))
    finding = next(event.finding for event in told.of(FindingMade))
    failure = Failure(finding.program, finding.observed, ("dirty", "ok", "ok"), False, "soak", count=0)
    result = msgspec.json.encode(ShardResult(0, 60, SIZE, (failure,)))
    monkeypatch.setattr(shards, "run_shard_elsewhere", lambda job: result)
    alone = soaked(of("amended", "add-child-dirties"), last=0)
    assert [Verdict.DEVIATES] == [event.judgement.verdict for event in alone.of(RequirementJudged)]
    assert alone.code == 1


# --- memory ---


def failing(index, requirement_program):
    program, observed = requirement_program
    return tuple(
        Failure(program, observed, ("dirty", "ok", f"kind {(index + n) % 40}"), False, "soak") for n in range(3)
    )


@pytest.fixture
def synthetic(monkeypatch, soaked, of):
    """Shards that are made up, each with failures and steps, so that there can be very many."""
    (finding,) = [
        event.finding
        for event in soaked(of("amended", "add-child-dirties")).of(FindingMade)
        if event.finding.requirement == "DIRTY-TREE-3"
    ][:1]
    pair = finding.program, finding.observed

    def made(job):
        shard = msgspec.json.decode(job, type=Shard)
        steps = tuple(shard.index * number % KINDS for number in range(20))
        result = ShardResult(shard.index, 60, shard.operations, failing(shard.index, pair), steps=steps)
        return msgspec.json.encode(result)

    monkeypatch.setattr(shards, "run_shard_elsewhere", made)
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def reachable(start):
    """How many objects are kept alive by one, apart from code."""
    seen, found = {id(start)}, [start]
    for item in found:
        for other in gc.get_referents(item):
            if id(other) not in seen and not isinstance(other, type | ModuleType | FunctionType | MethodType):
                seen.add(id(other))
                found.append(other)
    return len(found)


def test_what_is_kept_does_not_grow_with_the_number_of_shards(synthetic, of, tmp_path):
    measured, size = {}, {}
    consumers = [SoakPlain(lambda line: None, 0.0), JsonReport(tmp_path / "result.json")]

    def emit(event):
        for consume in consumers:
            consume(event)
        if isinstance(event, ShardsDone) and event.shards % 1_000 == 0:
            gc.collect()
            measured[event.shards] = reachable([under_way.__dict__, consumers])
            size[event.shards] = (tmp_path / "journal.jsonl").stat().st_size

    options = SoakOptions(
        command=of("amended", "add-child-dirties"),
        crew=inline,
        journal=tmp_path / "journal.jsonl",
        size=10,
        last=3_999,
        findings=tmp_path,
    )
    under_way = soaking._Soak(options, emit, Stop())
    kept = []
    init = shards.Shards.__init__

    def noted(self, *arguments):
        init(self, *arguments)
        under_way.shards_under_way = self
        kept.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards.Shards, "__init__", noted)
        assert under_way.run() == 1
    assert measured[4_000] <= measured[1_000] + 50, measured
    assert size[4_000] - size[3_000] < 1_000 * 600, "the journal keeps programs that nobody will look into"
    assert kept[0] is under_way.shards_under_way


# --- resuming ---


@pytest.mark.parametrize("lines", [1, 2, 5, 9])
def test_a_soak_that_was_killed_anywhere_goes_on_to_the_same_findings(soaked, of, tmp_path, lines):
    command, journal = of("amended", "add-child-dirties", "failed-apply-keeps-destination"), tmp_path / "journal.jsonl"
    whole = soaked(command, last=3)
    written = journal.read_bytes().splitlines(keepends=True)
    assert len(written) > 9
    journal.write_bytes(b"".join(written[:lines]) + written[lines % len(written)][:30])
    resumed = soaked(command, last=3, resume=True)
    assert resumed.found == whole.found
    assert resumed.one(SoakStarted).resumed == sum(b'"is":"shard"' in line for line in written[:lines])


def test_a_soak_goes_on_beyond_its_end(soaked, of):
    command = of("amended", "add-child-dirties")
    soaked(command, last=1)
    resumed = soaked(command, last=4, resume=True)
    assert resumed.one(SoakStarted).resumed == 2
    assert resumed.found == soaked(command, last=4).found


def test_shards_that_were_done_out_of_order_are_looked_into_in_order(soaked, of, tmp_path):
    command, journal = of("amended", "add-child-dirties"), tmp_path / "journal.jsonl"
    whole = soaked(command, last=4)
    lines = journal.read_bytes().splitlines(keepends=True)
    head, rest = lines[0], [line for line in lines[1:] if b'"index":1,' not in line]
    journal.write_bytes(head + b"".join(reversed(rest)))
    assert soaked(command, last=4, resume=True).found == whole.found


def test_an_implementation_that_fails_no_more_keeps_what_its_journal_has(soaked, of, tmp_path):
    told = soaked(of("remembers"))
    assert told.code in (0, 1)
    assert soaked(of("remembers"), resume=True).found == told.found
