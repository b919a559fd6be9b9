"""The ordered map of shards: who runs them, and what goes wrong with others, changes no result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Event, Timer
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from hsm_specs.errors import ToolError, WorkerLost
from hsm_specs.parallel.cancellation import Cancellation, Stopped
from hsm_specs.parallel.worker_pool import AHEAD, WAITING, Inline, ShardOutcome, WorkerPool


class Number(Struct, frozen=True):
    """A shard; its result comes after some milliseconds."""

    value: int
    milliseconds: int = 0


def doubled(encoded: bytes) -> bytes:
    shard = msgspec.json.decode(encoded, type=Number)
    time.sleep(shard.milliseconds / 1000)
    return b"%d" % (2 * shard.value)


def outcome_of(shard: Number, outcome: ShardOutcome) -> int | str:
    return int(outcome) if isinstance(outcome, bytes) else type(outcome).__name__


class Manual(WorkerPool):
    """Two workers whose results come when a test says so."""

    def __init__(self) -> None:
        super().__init__(self, workers=2)  # type: ignore[arg-type]
        self.futures: list[Future[bytes]] = []
        self.killed = self.stopped = False

    def submit(self, function: Callable[[bytes], bytes], encoded: bytes) -> Future[bytes]:
        self.futures.append(Future())
        return self.futures[-1]

    def stop(self) -> bool:
        self.stopped = True
        return False

    def kill(self) -> None:
        self.killed = True


def numbers(most: int | None = None) -> Iterator[Number]:
    return (Number(value) for value in (count() if most is None else range(most)))


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 5))
def test_results_come_in_the_order_of_the_shards(milliseconds: list[int], workers: int) -> None:
    shards = [Number(index, wait) for index, wait in enumerate(milliseconds)]
    expected = [2 * index for index in range(len(shards))]
    with ThreadPoolExecutor(workers) as executor:
        assert expected == list(WorkerPool(executor, workers=workers).map(doubled, shards, outcome_of))
    assert expected == list(WorkerPool(Inline()).map(doubled, shards, outcome_of))


def test_in_this_process_a_result_is_there_before_the_next_shard_begins() -> None:
    seen: list[Any] = []

    def shards() -> Iterator[Number]:
        for shard in numbers(4):
            seen.append(shard)
            yield shard

    for result in WorkerPool(Inline()).map(doubled, shards(), outcome_of):
        seen.append(result)  # noqa: PERF402 (the shards are seen in between)
    assert [Number(0), 0, Number(1), 2, Number(2), 4, Number(3), 6] == seen


def test_results_are_received_as_they_arrive_and_yielded_in_order() -> None:
    received: list[int] = []

    def note(shard: Number, outcome: ShardOutcome) -> int:
        received.append(shard.value)
        return shard.value

    with ThreadPoolExecutor(2) as executor:
        pool = WorkerPool(executor, workers=2)
        assert [0, 1] == list(pool.map(doubled, [Number(0, 200), Number(1)], note))
    assert [1, 0] == received


def test_no_more_shards_begin_than_may_wait_for_a_slow_one() -> None:
    release, begun = Event(), list[int]()

    def slow(encoded: bytes) -> bytes:
        shard = msgspec.json.decode(encoded, type=Number)
        begun.append(shard.value)
        if shard.value == 0:
            release.wait(30)
        return b"0"

    Timer(0.5, release.set).start()
    with ThreadPoolExecutor(2) as executor:
        results = WorkerPool(executor, workers=2).map(slow, numbers(1_000), outcome_of)
        assert 0 == next(results)
        results.close()
    assert 2 * WAITING <= len(begun) <= 2 * WAITING + 2 * AHEAD


def test_a_lost_worker_concerns_its_own_shard_only() -> None:
    def losing(encoded: bytes) -> bytes:
        if msgspec.json.decode(encoded, type=Number).value == 1:
            raise WorkerLost("it is gone")
        return doubled(encoded)

    for pool in (WorkerPool(Inline()), WorkerPool(ThreadPoolExecutor(2), workers=2)):
        assert [0, "WorkerLost", 4, 6] == list(pool.map(losing, numbers(4), outcome_of))


def test_the_number_of_lost_workers_is_reported_when_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[int] = []
    monkeypatch.setattr(WorkerPool, "lost", 3)
    list(WorkerPool(Inline()).map(doubled, numbers(3), outcome_of, on_lost=lost.append))
    assert [3] == lost


def test_a_pool_that_fails_takes_no_further_shard_and_keeps_what_is_done() -> None:
    def failing(encoded: bytes) -> bytes:
        if msgspec.json.decode(encoded, type=Number).value == 2:
            raise ToolError("the cluster is gone")
        return doubled(encoded)

    results = WorkerPool(Inline()).map(failing, numbers(), outcome_of)
    assert [0, 2, "ToolError"] == [next(results) for _ in range(3)]
    with pytest.raises(ToolError, match="the cluster is gone"):
        next(results)


def test_a_shard_that_nobody_takes_has_an_outcome_too() -> None:
    class Refusing(Inline):
        def submit(self, *_: object, **__: object) -> Future[object]:  # type: ignore[override]
            raise ToolError("it takes nothing")

    results = WorkerPool(Refusing()).map(doubled, numbers(), outcome_of)
    assert "ToolError" == next(results)
    with pytest.raises(ToolError, match="it takes nothing"):
        next(results)


def test_after_cancellation_what_is_done_is_yielded_and_the_rest_is_stopped() -> None:
    pool, cancellation = Manual(), Cancellation()
    said: list[str] = []

    def shards() -> Iterator[Number | None]:
        yield Number(0)
        yield Number(1)
        raise AssertionError("nothing begins after cancellation")

    def stopping() -> None:
        said.append("stopping")
        pool.futures[1].set_result(b"2")

    submit = pool.submit

    def requesting(*call: Any) -> Future[bytes]:
        cancellation.requested = len(pool.futures) == 1
        return submit(*call)

    pool.submit = requesting  # type: ignore[method-assign]
    results = pool.map(doubled, shards(), outcome_of, cancellation=cancellation, on_stopping=stopping)
    assert [Stopped.__name__, 2] == list(results)
    assert ["stopping"] == said
    assert pool.stopped
    assert not pool.killed


def test_an_error_that_nobody_foresaw_kills_the_workers() -> None:
    def received(shard: Number, outcome: ShardOutcome) -> None:
        raise ZeroDivisionError

    pool = Manual()

    def shards() -> Iterator[Number | None]:
        yield Number(0)
        pool.futures[0].set_result(b"")
        yield None

    with pytest.raises(ZeroDivisionError):
        list(pool.map(doubled, shards(), received))
    assert pool.killed
