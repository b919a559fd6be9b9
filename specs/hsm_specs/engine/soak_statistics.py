"""The account of a soak: how much is done, how fast, and what coverage it came to. Its size is bounded."""

from __future__ import annotations

import time
from collections import deque

from hsm_specs.engine.journal import ShardDone
from hsm_specs.results.events import RECENT, ShardsDone

_PACE = 32
"""Shards over which the rate is told while the soak goes on."""


class Account:
    """What the shards that were looked into amount to."""

    def __init__(self) -> None:
        self.shards = self.programs = self.operations = 0
        self.rows: list[tuple[int, int]] = []
        self.steps: set[int] = set()
        self._new_steps: deque[int] = deque(maxlen=RECENT)
        self._pace: deque[tuple[float, int]] = deque(maxlen=_PACE)
        self.begin()

    def begin(self) -> None:
        """What is added from now on is done here and now, and not taken over from a journal."""
        self._began = time.monotonic()
        self._before = self.operations
        self._pace.clear()
        self._pace.append((self._began, self.operations))

    def add(self, shard: ShardDone) -> None:
        """Counts a shard."""
        self.shards += 1
        self.add_amount(shard.programs, shard.operations)
        before = len(self.steps)
        self.steps.update(shard.steps)
        self._new_steps.append(len(self.steps) - before)
        if self.rows and self.rows[-1][1] == shard.index - 1:
            self.rows[-1] = (self.rows[-1][0], shard.index)
        else:
            self.rows.append((shard.index, shard.index))
        self._pace.append((time.monotonic(), self.operations))

    def add_amount(self, programs: int, operations: int) -> None:
        """Counts what a shard did that was not done."""
        self.programs += programs
        self.operations += operations

    @property
    def seconds(self) -> float:
        """The time since the beginning."""
        return time.monotonic() - self._began

    @property
    def rate(self) -> float:
        """Operations a second since the beginning."""
        return (self.operations - self._before) / max(self.seconds, 1e-9)

    @property
    def new_steps(self) -> int:
        """How many steps the last shards were the first to make."""
        return sum(self._new_steps)

    def told(self, failing: int, findings: int) -> ShardsDone:
        """The account as an event."""
        (since, then), (until, now) = self._pace[0], self._pace[-1]
        return ShardsDone(
            shards=self.shards,
            programs=self.programs,
            operations=self.operations,
            seconds=self.seconds,
            rate=(now - then) / max(until - since, 1e-9),
            steps=len(self.steps),
            new_steps=self.new_steps,
            failing=failing,
            findings=findings,
        )
