"""Which shard of a soak begins next, and whether there is time for one."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator

from hsm_specs.results.events import Ending


class Schedule:
    """The indexes of shards in their order, up to a last one or as long as there is time.

    A shard begins only if, at the pace so far, it will be done in time. The first of each worker always begins. As the
    pace seems slow while workers start, time is over only once no shard is under way. ``last`` and ``seconds`` are None
    where nothing but an interrupt ends the soak.
    """

    def __init__(self, first: int, last: int | None, seconds: float | None) -> None:
        self.ended: Ending = "shards"
        self._next = first
        self._last = last
        self._seconds = seconds
        self._began = time.monotonic()
        self._begun = self._done = 0
        self._first_done = self._last_done = self._began

    def indexes(self, workers: Callable[[], int], done: Container[int] = ()) -> Iterator[int | None]:
        """Yield the next index that is not done, or None as long as no shard may begin."""
        while self._last is None or self._next <= self._last:
            if self._next in done:
                self._next += 1
            elif not self._is_late(max(1, workers())):
                self._begun += 1
                self._next += 1
                yield self._next - 1
            elif self._begun > self._done:
                yield None
            else:
                self.ended = "time"
                return

    def end_before(self, index: int) -> None:
        """Begin no shard from an index on."""
        self._last = index - 1 if self._last is None else min(self._last, index - 1)

    def done(self) -> None:
        """Note that a shard that had begun is done."""
        self._done += 1
        self._last_done = time.monotonic()
        if self._done == 1:
            self._first_done = self._last_done

    def _is_late(self, workers: int) -> bool:
        """Return whether the next shard would end too late."""
        if self._seconds is None or self._begun < workers:
            return False
        elapsed = time.monotonic() - self._began
        needed = self._pace(workers) * (self._begun - self._done + workers) if self._done else 0.0
        return elapsed + needed > self._seconds

    def _pace(self, workers: int) -> float:
        """Return the seconds between two shards that are done, without the start of workers once more is known."""
        whole = (self._last_done - self._began) / self._done
        if self._done <= workers:
            return whole
        return min(whole, (self._last_done - self._first_done) / (self._done - workers))
