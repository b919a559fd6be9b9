"""The statistics of a soak: how much is done, how fast, and how coverage grows. Their size is bounded."""

from __future__ import annotations

import time
from collections import deque

from hsm_specs.engine.journal import ShardDone
from hsm_specs.engine.ledger import Ledger
from hsm_specs.explore.walks import SwitchCoverage
from hsm_specs.results.events import RECENT, ShardsDone

_PACE = 32
"""Shards over which the rate is reported while the soak goes on."""


class SoakStatistics:
    """Totals over the shards that were looked into. The ledger has the number of programs and operations."""

    def __init__(self, ledger: Ledger) -> None:
        self.shards = 0
        self.rows: list[tuple[int, int]] = []
        """The first and the last of each row of shards that are done."""
        self.steps: set[int] = set()
        self.coverage = SwitchCoverage()
        self._ledger = ledger
        self._new_steps: deque[int] = deque(maxlen=RECENT)
        self._pace: deque[tuple[float, int]] = deque(maxlen=_PACE)
        self.begin()

    def begin(self) -> None:
        """Start the clock: what is added from now on runs now, and does not come from a journal."""
        self._began = time.monotonic()
        self._before = self._ledger.operations
        self._pace.clear()
        self._pace.append((self._began, self._before))

    def add(self, shard: ShardDone) -> None:
        """Add a shard."""
        self.shards += 1
        self._ledger.programs += shard.programs
        self._ledger.operations += shard.operations
        self._ledger.withheld += shard.withheld
        before = len(self.steps)
        self.steps.update(shard.steps)
        self._new_steps.append(len(self.steps) - before)
        if shard.walked is not None:
            self.coverage.add(shard.walked)
        if self.rows and self.rows[-1][1] == shard.index - 1:
            self.rows[-1] = (self.rows[-1][0], shard.index)
        else:
            self.rows.append((shard.index, shard.index))
        self._pace.append((time.monotonic(), self._ledger.operations))

    @property
    def seconds(self) -> float:
        """Seconds since the clock started."""
        return time.monotonic() - self._began

    @property
    def rate(self) -> float:
        """Operations per second since the clock started."""
        return (self._ledger.operations - self._before) / max(self.seconds, 1e-9)

    @property
    def new_steps(self) -> int:
        """The number of steps that only the last `RECENT` shards made."""
        return sum(self._new_steps)

    def event(self, failing: int) -> ShardsDone:
        """Return the statistics as an event. ``failing`` is the number of failing programs."""
        (since, then), (until, now) = self._pace[0], self._pace[-1]
        return ShardsDone(
            shards=self.shards,
            programs=self._ledger.programs,
            operations=self._ledger.operations,
            seconds=self.seconds,
            rate=(now - then) / max(until - since, 1e-9),
            steps=len(self.steps),
            new_steps=self.new_steps,
            failing=failing,
            findings=len(self._ledger.findings),
        )
