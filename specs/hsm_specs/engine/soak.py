"""The soak: seeded random programs in shards, each of which a process can run by itself.

A shard is a function from bytes to bytes, so that any executor can carry it, on this machine or on another. It is made
from its seed and index alone, so results do not depend on who runs which.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.capabilities import capabilities_of
from hsm_specs.deviations import Deviations
from hsm_specs.engine.exchange import Batch, exchange, without_collector
from hsm_specs.engine.expectation import Expectation, Kind
from hsm_specs.engine.failures import Failure, signature
from hsm_specs.engine.workers import stopping
from hsm_specs.generator import ALL_CAPABILITIES, Soak
from hsm_specs.harness import HarnessError, Trouble
from hsm_specs.messages import Capability
from hsm_specs.observations import Observation
from hsm_specs.operations import Program

PROGRAMS = 50
LENGTH = 25
KEPT = 2
"""Failing programs that look alike which a shard keeps; it counts the others."""


class Shard(Struct, frozen=True):
    """What a shard is made from. ``seconds`` is how long it may take at most, None without such a limit."""

    command: tuple[str, ...]
    timeouts: Timeouts
    deviations: Deviations
    seed: int
    index: int
    operations: int
    seconds: float | None = None


class ShardResult(Struct, frozen=True):
    """What a shard did and found."""

    index: int
    programs: int = 0
    operations: int = 0
    failures: tuple[Failure, ...] = ()
    trouble: Trouble | None = None


def run_shard(job: bytes) -> bytes:
    """Runs an encoded shard, with an adapter of its own. Answers the encoded result."""
    shard = msgspec.json.decode(job, type=Shard)
    tally = _Tally(shard)
    trouble = None
    try:
        with Adapter.start(shard.command, shard.timeouts) as adapter, without_collector():
            tally.run(adapter)
            adapter.finish()
    except HarnessError as error:
        trouble = error.trouble()
    return msgspec.json.encode(tally.result(trouble))


class _Tally:
    """A shard under way."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self.programs = self.operations = 0
        self.failures: dict[tuple[str, ...], list[Failure]] = {}
        self.counts: dict[tuple[str, ...], int] = {}

    def run(self, adapter: Adapter) -> None:
        expectation = Expectation.of(self.shard.deviations, adapter.greeting)
        soak = Soak(
            f"{self.shard.seed} {self.shard.index}",
            expectation.amended,
            self.shard.deviations.features,
            frozenset(adapter.greeting.capabilities),
        )
        for batch, observed in exchange(adapter, self._batches(soak, frozenset(adapter.greeting.capabilities))):
            self.programs += len(batch.programs)
            self.operations += batch.operations
            if observed is not None:
                for program, answers in zip(batch.programs, observed, strict=True):
                    self._judge(expectation, program, tuple(answers))

    def result(self, trouble: Trouble | None) -> ShardResult:
        failures = tuple(
            msgspec.structs.replace(failure, count=self.counts[key] if number == 0 else 0)
            for key, kept in self.failures.items()
            for number, failure in enumerate(kept)
        )
        return ShardResult(self.shard.index, self.programs, self.operations, failures, trouble)

    def _batches(self, soak: Soak, offered: frozenset[Capability]) -> Iterator[Batch[None]]:
        made, deadline = 0, None
        if self.shard.seconds is not None:
            deadline = time.monotonic() + self.shard.seconds
        while made < self.shard.operations and (deadline is None or time.monotonic() < deadline):
            if stopping():
                return
            batch: Batch[None] = Batch(*soak.batch(PROGRAMS, LENGTH), None)
            if not offered >= ALL_CAPABILITIES:
                batch = _within(batch, offered)
            made += batch.operations
            yield batch

    def _judge(self, expectation: Expectation, program: Program, observed: tuple[Observation, ...]) -> None:
        kind, difference, amended = expectation.compare(program, expectation.predict(program), observed)
        if difference is None or kind not in (Kind.DIFFERS, Kind.PASSED):
            return
        outdated = kind is Kind.PASSED
        failure = Failure(program, observed, signature(difference), amended, "soak", outdated=outdated)
        key = (*failure.signature, str(outdated))
        self.counts[key] = self.counts.get(key, 0) + 1
        kept = self.failures.setdefault(key, [])
        if len(kept) < KEPT:
            kept.append(failure)


def _within(batch: Batch[None], offered: frozenset[Capability]) -> Batch[None]:
    """The batch without the programs that need something which is not offered."""
    pairs = zip(batch.programs, batch.expected, strict=True)
    kept = [(program, expected) for program, expected in pairs if capabilities_of(program) <= offered]
    return Batch([program for program, _ in kept], [expected for _, expected in kept], None)
