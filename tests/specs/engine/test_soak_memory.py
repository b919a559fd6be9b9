"""The memory of a running soak does not grow with the number of shards."""

from __future__ import annotations

import gc
import os
from concurrent.futures import Executor, Future, wait
from contextlib import nullcontext
from types import FunctionType, MethodType, ModuleType

import msgspec
import pytest

from hsm_specs.engine import soak
from hsm_specs.engine.investigation import Investigation
from hsm_specs.engine.random_phase import KINDS, RandomShard
from hsm_specs.engine.shards import ShardResult
from hsm_specs.engine.soak import SoakOptions
from hsm_specs.parallel import worker_pool
from hsm_specs.parallel.cancellation import Cancellation
from hsm_specs.parallel.schedule import Schedule
from hsm_specs.report.json import JsonReporter
from hsm_specs.report.plain import PlainReporter
from hsm_specs.results.events import FindingMade, ShardsDone, Soaked
from hsm_specs.results.failures import Failure

from .soaks import SIZE, Here, inline

KEEPING = (worker_pool._Mapping, Schedule, Investigation)
"""The other objects that keep something of the shards."""
pytestmark = pytest.mark.xdist_group("soaks")


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

    monkeypatch.setattr(worker_pool, "wait", waited)
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    told = soaked(of("amended"), last=299, pool=lambda: nullcontext(Here(Slow(), 2)))
    assert told.one(Soaked).done == ((0, 299),)
    assert 2 * worker_pool.WAITING <= begun[0] <= 2 * worker_pool.WAITING + 4


def failing(index, requirement_program):
    program, observed = requirement_program
    return tuple(
        Failure(program, observed, ("dirty", "ok", f"kind {(index + n) % 40}"), False, "soak") for n in range(3)
    )


@pytest.fixture
def synthetic(monkeypatch, undisturbed, of):
    """Return shards that are made up, each with failures and steps, so that there can be very many."""
    (finding,) = [
        event.finding
        for event in undisturbed(of("amended", "add-child-dirties")).told.of(FindingMade)
        if event.finding.requirement == "DIRTY-TREE-3"
    ][:1]
    pair = finding.program, finding.observed

    def made(job):
        shard = msgspec.json.decode(job, type=RandomShard)
        steps = tuple(shard.index * number % KINDS for number in range(20))
        result = ShardResult(shard.index, 60, shard.operations, failing(shard.index, pair), steps=steps)
        return msgspec.json.encode(result)

    monkeypatch.setattr(soak, "run_random", made)
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def reachable(start):
    """Return how many objects are kept alive by one, apart from code."""
    seen, found = {id(start)}, [start]
    for item in found:
        for other in gc.get_referents(item):
            if id(other) not in seen and not isinstance(other, type | ModuleType | FunctionType | MethodType):
                seen.add(id(other))
                found.append(other)
    return len(found)


def test_what_is_kept_does_not_grow_with_the_number_of_shards(synthetic, of, tmp_path):
    measured, size = {}, {}
    consumers = [PlainReporter(lambda line: None, 0.0), JsonReporter(tmp_path / "result.json")]

    def emit(event):
        for consume in consumers:
            consume(event)
        if isinstance(event, ShardsDone) and event.shards % 500 == 0:
            gc.collect()
            measured[event.shards] = reachable(
                [under_way.__dict__, [part.__dict__ for part in parts.values()], consumers]
            )
            size[event.shards] = (tmp_path / "journal.jsonl").stat().st_size

    options = SoakOptions(
        command=of("amended", "add-child-dirties"),
        pool=inline,
        journal=tmp_path / "journal.jsonl",
        size=10,
        last=1_999,
        findings=tmp_path,
    )
    under_way = soak.Soak(options, emit, Cancellation())
    parts = {}

    def noting(kind):
        init = kind.__init__

        def noted(self, *arguments, **more):
            init(self, *arguments, **more)
            parts[kind] = self

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for kind in KEEPING:
            patch.setattr(kind, "__init__", noting(kind))
        assert under_way.run() == 1
    assert set(KEEPING) == set(parts)
    # By the thousandth shard all kinds of steps were taken that there will be.
    assert measured[2_000] <= measured[1_000] + 50, measured
    assert size[2_000] - size[1_500] < 500 * 600, "the journal keeps programs that nobody will look into"
