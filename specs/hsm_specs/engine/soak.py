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
from hsm_specs.deviations import Deviations
from hsm_specs.engine.collected import Collected
from hsm_specs.engine.exchange import Batch, exchange, without_collector
from hsm_specs.engine.expectation import Expectation
from hsm_specs.engine.workers import stopping
from hsm_specs.generator import Soak
from hsm_specs.harness import HarnessError

PROGRAMS = 50
LENGTH = 25


class Shard(Struct, frozen=True):
    """What a shard is made from. ``seconds`` is how long it may take at most, None without such a limit."""

    command: tuple[str, ...]
    timeouts: Timeouts
    deviations: Deviations
    seed: int
    index: int
    operations: int
    seconds: float | None = None


def run_shard(job: bytes) -> bytes:
    """Runs an encoded shard, with an adapter of its own. Answers the encoded result."""
    shard = msgspec.json.decode(job, type=Shard)
    collected, trouble = Collected("soak"), None
    try:
        with Adapter.start(shard.command, shard.timeouts) as adapter, without_collector():
            expectation = Expectation.of(shard.deviations, adapter.greeting)
            offered = frozenset(adapter.greeting.capabilities)
            soak = Soak(f"{shard.seed} {shard.index}", expectation.amended, shard.deviations.features, offered)
            for answered in exchange(adapter, _batches(shard, soak)):
                collected.take(expectation, answered)
            adapter.finish()
    except HarnessError as error:
        trouble = error.trouble()
    return msgspec.json.encode(collected.result(shard.index, trouble))


def _batches(shard: Shard, soak: Soak) -> Iterator[Batch[None]]:
    made, deadline = 0, None
    if shard.seconds is not None:
        deadline = time.monotonic() + shard.seconds
    while made < shard.operations and (deadline is None or time.monotonic() < deadline):
        if stopping():
            return
        batch: Batch[None] = Batch(*soak.batch(PROGRAMS, LENGTH), None)
        made += batch.operations
        yield batch
