"""Which shard of a soak is begun next."""

from __future__ import annotations

import pytest

from hsm_specs.parallel import schedule as module
from hsm_specs.parallel.schedule import Schedule
from hsm_specs.parallel.worker_pool import AHEAD


@pytest.fixture
def clock(monkeypatch):
    """Return the time, which only the test moves."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


class Source:
    """The indexes of a schedule, asked for as the worker pool does: so many at a time."""

    def __init__(self, schedule, workers=2, done=()):
        self._indexes = schedule.indexes(lambda: workers, done)

    def take(self, most):
        taken = []
        while len(taken) < most:
            index = next(self._indexes, None)
            if index is None:
                break
            taken.append(index)
        return taken


def test_shards_are_begun_in_order_up_to_the_last():
    schedule = Schedule(3, 6, None)
    source, begun = Source(schedule), []
    while new := source.take(2):
        begun += new
        for _ in new:
            schedule.done()
    assert [3, 4, 5, 6] == begun
    assert schedule.ended == "shards"


def test_shards_that_are_done_are_left_out():
    assert [1, 3, 4] == Source(Schedule(0, 5, None), 9, {0, 2, 5}).take(9)
    assert [] == Source(Schedule(0, 2, None), 9, {0, 1, 2}).take(9)


def test_where_there_is_no_worker_yet_a_shard_waits_for_the_first():
    assert [0] == Source(Schedule(0, None, None), 0).take(1)


def test_nothing_is_begun_from_an_end_on():
    schedule = Schedule(0, None, None)
    source = Source(schedule)
    source.take(2)
    schedule.end_before(1)
    schedule.done()
    assert [] == source.take(2)


def test_no_shard_is_begun_that_would_be_done_too_late(clock):
    schedule = Schedule(0, None, 10.0)
    source = Source(schedule, 1)
    assert [0] == source.take(1)
    clock.now += 4
    schedule.done()
    assert [1] == source.take(1)
    clock.now += 4
    schedule.done()
    assert [] == source.take(1)
    assert schedule.ended == "time"


@pytest.mark.parametrize("workers", [1, 3])
def test_each_worker_has_a_shard_however_short_the_time(clock, workers):
    schedule = Schedule(0, None, 0.001)
    clock.now += 5
    assert list(range(workers)) == Source(schedule, workers).take(workers)


def simulated(clock, seconds, workers, start, shard):
    """Return how many shards are done by workers that take so long to start and per shard, and when the last is."""
    schedule, begun = Schedule(0, None, seconds), []
    source = Source(schedule, workers)
    free = [clock.now + start * (1 + number / workers) for number in range(workers)]
    while True:
        most = workers * (AHEAD if any(done <= clock.now for done in begun) else 1)
        for _ in source.take(most - sum(done > clock.now for done in begun)):
            first = min(free)
            free[free.index(first)] = done = max(first, clock.now) + shard
            begun.append(done)
        under_way = sorted(done for done in begun if done > clock.now)
        if not under_way:
            assert schedule.ended == "time"
            return len(begun), clock.now
        clock.now = under_way[0]
        for _ in range(under_way.count(clock.now)):
            schedule.done()


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("shard", [0.1, 0.25])
@pytest.mark.parametrize("start", [0.0, 1.5])
def test_time_is_used_but_not_more_of_it_however_long_workers_take_to_start(clock, workers, shard, start):
    seconds, began = 6.0, clock.now
    count, ended = simulated(clock, seconds, workers, start, shard)
    assert ended - began <= seconds + 1e-6
    assert count >= 0.7 * workers * (seconds - 2 * start - shard) / shard


def test_what_seems_late_while_others_are_under_way_may_be_begun_once_they_are_done(clock):
    schedule = Schedule(0, None, 10.0)
    source = Source(schedule)
    assert [0, 1] == source.take(2)
    clock.now += 4
    schedule.done()
    assert [] == source.take(2)
    schedule.done()
    assert [2, 3] == source.take(2)
