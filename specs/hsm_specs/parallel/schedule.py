"""Which shard of a soak is begun next, and whether there is time for one."""

from __future__ import annotations

import time
from collections.abc import Container

from hsm_specs.results.events import Ending

AHEAD = 2
"""Shards for each worker that are begun before the one that is due is done."""


class Schedule:
    """Hands out the indexes of shards in their order, up to a last one or as long as there is time.

    A shard is begun only if, at the pace so far, it will be done in time. The first of each worker always is. As the
    pace seems slow while workers start, there is a last shard only once none is under way.
    """

    def __init__(self, first: int, last: int | None, seconds: float | None) -> None:
        self.ended: Ending = "shards"
        self._next = first
        self._last = last
        self._seconds = seconds
        self._began = time.monotonic()
        self._begun = self._done = 0
        self._first_done = self._last_done = self._began

    def end_before(self, index: int) -> None:
        """Hands out nothing from an index on."""
        self._last = index - 1 if self._last is None else min(self._last, index - 1)

    def done(self) -> None:
        """Notes that a shard which was handed out is done."""
        self._done += 1
        self._last_done = time.monotonic()
        if self._done == 1:
            self._first_done = self._last_done

    def take(self, workers: int, done: Container[int] = ()) -> int | None:
        """The next index that is not done; None if none is to be begun now."""
        while self._next in done and (self._last is None or self._next <= self._last):
            self._next += 1
        if self._last is not None and self._next > self._last:
            return None
        under_way = self._begun - self._done
        if under_way >= max(1, workers) * (AHEAD if self._done else 1):
            return None
        if self._late(under_way, max(1, workers)):
            if not under_way:
                self.ended = "time"
                self.end_before(self._next)
            return None
        self._begun += 1
        self._next += 1
        return self._next - 1

    def _late(self, under_way: int, workers: int) -> bool:
        """Whether the next shard would end too late."""
        if self._seconds is None or self._begun < workers:
            return False
        elapsed = time.monotonic() - self._began
        needed = self._pace(workers) * (under_way + workers) if self._done else 0.0
        return elapsed + needed > self._seconds

    def _pace(self, workers: int) -> float:
        """The seconds between two shards that are done, without the time in which workers start if more is known."""
        whole = (self._last_done - self._began) / self._done
        if self._done <= workers:
            return whole
        return min(whole, (self._last_done - self._first_done) / (self._done - workers))
