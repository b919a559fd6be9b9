"""Crews: what is said where a cluster is there no longer."""

from __future__ import annotations

from concurrent.futures import Executor

import pytest

from hsm_specs.engine.crew import Cluster
from hsm_specs.engine.workers import Inline
from hsm_specs.harness import HarnessError


class Client:
    """A client of a scheduler, which answers how many threads there are or raises an error."""

    def __init__(self, answer: dict[str, int] | Exception) -> None:
        self.answer = answer

    def get_executor(self, *, pure: bool) -> Executor:
        assert not pure
        return Inline()

    def nthreads(self) -> dict[str, int]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def cluster(answer: dict[str, int] | Exception) -> Cluster:
    made = Cluster(Client(answer), "tcp://somewhere:1")
    assert made.where == "the cluster at tcp://somewhere:1"
    return made


def test_workers_are_their_threads() -> None:
    assert 3 == cluster({"a": 1, "b": 2}).workers()


def test_a_scheduler_that_does_not_answer_may_yet_do_so() -> None:
    assert 0 == cluster(OSError("timed out")).workers()


def test_a_scheduler_that_the_client_has_given_up_is_a_sentence() -> None:
    with pytest.raises(HarnessError, match=r"at tcp://somewhere:1 did not run it \(RuntimeError: it is closed\)"):
        cluster(RuntimeError("it is closed")).workers()
