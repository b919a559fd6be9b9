"""Two workers of the soak against one, each kept with its adapter of the real package to one processor"""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import perf_counter

import msgspec
from adapters import KNOWN, REAL
from measure import Figure

from hsm_specs.adapter import Timeouts
from hsm_specs.engine.random_phase import RandomShard, generator, run_random
from hsm_specs.engine.shards import ShardResult
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.parallel.processes import Processes

SHARDS = 4
OPERATIONS = 50_000
ROUNDS = 3


def figures() -> Iterator[Figure]:
    """Measure the median of rounds in which both run the same shards, in turn. The target is at least 1.6."""
    if not REAL.exists():
        print("  left out: there is no build/temporal-v1.25.1 (make build/temporal-v1.25.1)")
        return
    if not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2:
        print("  left out: it takes two processors that processes can be kept to")
        return
    known = msgspec.toml.decode(KNOWN.read_bytes(), type=Deviations)
    with Processes(2, pin=True) as two, Processes(1, pin=True) as one:
        # The first shards start the workers.
        _rate(two, known, 2, 100)
        _rate(one, known, 1, 100)
        rounds = [(_rate(two, known, SHARDS, OPERATIONS), _rate(one, known, SHARDS, OPERATIONS)) for _ in range(ROUNDS)]
    both, alone = sorted(rounds, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    yield Figure(
        "soak, two pinned workers, to one such worker", both / alone, f"{both:,.0f} op/s", f"{alone:,.0f} op/s"
    )


def _rate(workers: Processes, known: Deviations, shards: int, operations: int) -> float:
    """Return the checked operations per second."""
    began = perf_counter()
    made = [
        RandomShard((str(REAL.resolve()),), Timeouts(), known, 1, index, operations, steps=True, generator=generator())
        for index in range(shards)
    ]
    futures = [workers.submit(run_random, msgspec.json.encode(shard)) for shard in made]
    results = [msgspec.json.decode(future.result(), type=ShardResult) for future in futures]
    if any(result.trouble or result.failures for result in results):
        raise RuntimeError("the soak was to find nothing")
    return sum(result.operations for result in results) / (perf_counter() - began)
