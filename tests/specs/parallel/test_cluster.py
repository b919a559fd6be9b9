"""Clusters: a cluster whose client has given up is a harness error, wherever that shows."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import distributed
import pytest
from msgspec import Struct

from hsm_specs.errors import ToolError
from hsm_specs.parallel.cluster import Cluster, cluster
from hsm_specs.parallel.worker_pool import ShardOutcome


class Client:
    """A client of a cluster: what it says of its workers, and an executor that takes nothing."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def nthreads(self) -> dict[str, int]:
        raise self._error

    def get_executor(self, **_: object) -> ThreadPoolExecutor:
        executor = ThreadPoolExecutor(1)
        executor.shutdown()
        return executor


def test_a_client_that_has_closed_its_connections_is_told() -> None:
    for error in (RuntimeError("closed"), AttributeError("'NoneType' object has no attribute 'ncores'")):
        pool = Cluster(Client(error), "tcp://127.0.0.1:9")
        expected = rf"The cluster at tcp://127\.0\.0\.1:9 did not run it \({type(error).__name__}: {error}"
        with pytest.raises(ToolError, match=expected):
            pool.workers()


def test_the_real_client_once_closed_is_told() -> None:
    scheduler = {"n_workers": 0, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(**scheduler) as local, cluster(local.scheduler_address) as pool:
        assert pool.workers() == 0
        pool._client.close()
        with pytest.raises(ToolError, match=r"did not run it \(AttributeError"):
            pool.workers()


def test_a_scheduler_that_does_not_answer_for_once_is_asked_again() -> None:
    assert Cluster(Client(OSError("busy")), "tcp://127.0.0.1:9").workers() == 0


def test_what_nobody_takes_is_told() -> None:
    pool = Cluster(Client(OSError()), "tcp://127.0.0.1:9")
    outcomes: list[ShardOutcome] = []
    with pytest.raises(ToolError, match=r"did not run it .*cannot schedule new futures after shutdown"):
        list(pool.map(bytes, [Struct()], lambda shard, outcome: outcomes.append(outcome)))
    assert [ToolError] == list(map(type, outcomes))


def test_a_scheduler_is_looked_for_although_a_loop_of_events_is_running(monkeypatch) -> None:
    monkeypatch.setattr("hsm_specs.parallel.cluster.CONNECTING", 1)

    async def inside() -> None:
        with cluster("tcp://127.0.0.1:9"):
            pass

    # In a thread of its own: a browser of other tests has a loop in this one.
    with ThreadPoolExecutor(1) as thread, pytest.raises(ToolError, match=r"No scheduler answers at tcp://127\.0"):
        thread.submit(lambda: asyncio.run(inside())).result()
