"""The soak: seeded random programs in shards, each of which a process can run by itself.

A shard is a function from bytes to bytes, so that any executor can carry it, on this machine or on another. It is made
from its seed and index alone, so results do not depend on who runs which.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from functools import cache

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.engine.pipelining import Batch, exchange, without_collector
from hsm_specs.engine.shard_result import Collected, ShardResult
from hsm_specs.engine.step_coverage import Steps
from hsm_specs.errors import ToolError, Trouble
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import stopping

PROGRAMS = 50
LENGTH = 25


class Shard(Struct, frozen=True):
    """What a shard is made from. ``seconds`` is how long it may take at most, None without such a limit.

    With ``steps`` those that it makes are noted. A ``generator`` is the one that it is to be made by.
    """

    command: tuple[str, ...]
    timeouts: Timeouts
    deviations: Deviations
    seed: int
    index: int
    operations: int
    seconds: float | None = None
    steps: bool = False
    generator: str = ""


def run_shard(job: bytes) -> bytes:
    """Runs an encoded shard, with an adapter of its own. Answers the encoded result."""
    shard = msgspec.json.decode(job, type=Shard)
    collected, steps, trouble = Collected("soak"), Steps(shard.steps), None
    try:
        with Adapter.start(shard.command, shard.timeouts) as adapter, without_collector():
            expectation = Expectation.of(shard.deviations, adapter.greeting)
            offered = frozenset(adapter.greeting.capabilities)
            generator = ProgramGenerator(
                f"{shard.seed} {shard.index}", expectation.amended, shard.deviations.features, offered
            )
            for answered in exchange(adapter, _batches(shard, generator)):
                collected.take(expectation, answered)
                steps.take(answered.batch.programs, answered.batch.expected)
            adapter.finish()
    except ToolError as error:
        trouble = error.trouble()
    return msgspec.json.encode(replace(collected.result(shard.index, trouble), steps=steps.seen()))


def run_shard_elsewhere(job: bytes) -> bytes:
    """Runs an encoded shard if this process would make it as the one that sent it. Answers the encoded result."""
    shard = msgspec.json.decode(job, type=Shard)
    if shard.generator == generator():
        return run_shard(job)
    text = "A worker has another hsmspec, which makes other programs. The same one belongs on all machines."
    return msgspec.json.encode(ShardResult(shard.index, trouble=Trouble("other-generator", text)))


@cache
def generator() -> str:
    """What tells generators apart that make other programs of a seed, or expect other answers: a hash of a sample."""
    return hashlib.sha256(msgspec.json.encode(ProgramGenerator("generator").batch(PROGRAMS, LENGTH))).hexdigest()[:16]


def _batches(shard: Shard, generator: ProgramGenerator) -> Iterator[Batch[None]]:
    made, deadline = 0, None
    if shard.seconds is not None:
        deadline = time.monotonic() + shard.seconds
    while made < shard.operations and (deadline is None or time.monotonic() < deadline):
        if stopping():
            return
        batch: Batch[None] = Batch(*generator.batch(PROGRAMS, LENGTH), None)
        made += batch.operations
        yield batch
