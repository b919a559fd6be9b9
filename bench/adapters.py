"""The soak end to end against the adapter of the real package alone, fed from a file"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import msgspec
from measure import Figure, paired, rate
from property_test import rate_of

from hsm_specs.adapter import Timeouts
from hsm_specs.engine.random_phase import RandomShard, run_random
from hsm_specs.engine.shards import ShardResult
from hsm_specs.errors import ToolError
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language.messages import BatchRequest, Hello, HelloRequest
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.parallel.processes import local
from hsm_specs.parallel.worker_pool import ShardOutcome, WorkerPool

REAL = Path("build/temporal-v1.25.1")
KNOWN = Path("adapters/temporal/v1.25.1/deviations.toml")
OPERATIONS = 400_000


def figures() -> Iterator[Figure]:
    """Measure with the two workers that a run has by default."""
    if not REAL.exists():
        print("  left out: there is no build/temporal-v1.25.1 (make build/temporal-v1.25.1)")
        return
    known = msgspec.toml.decode(KNOWN.read_bytes(), type=Deviations)
    soak = ProgramGenerator("bench")
    batches = [soak.batch(50, 25)[0] for _ in range(100)]
    operations = sum(len(program) for batch in batches for program in batch)
    with tempfile.NamedTemporaryFile() as file:
        file.write(msgspec.json.encode(HelloRequest(0, Hello())) + b"\n")
        for seq, batch in enumerate(batches, 1):
            file.write(msgspec.json.encode(BatchRequest(seq, tuple(batch))) + b"\n")
        file.flush()

        def fed() -> None:
            with Path(file.name).open("rb") as requests:
                subprocess.run([str(REAL.resolve())], stdin=requests, stdout=subprocess.DEVNULL, check=True)

        def both() -> None:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda _: fed(), range(2)))

        alone, _ = paired(both, fed, 3)
    adapter_rate = 2 * operations / alone
    with local(2) as pool:
        _results(pool, [_shard(known, index, 100) for index in range(2)])
        began = perf_counter()
        results = _results(pool, [_shard(known, index, OPERATIONS // 4) for index in range(4)])
        took = perf_counter() - began
    in_go = rate_of(2)
    if any(result.trouble or result.failures for result in results):
        raise RuntimeError("the soak was to find nothing")
    checked = sum(result.operations for result in results) / took
    yield Figure(
        "soak, two workers, to two adapters fed from a file",
        checked / adapter_rate,
        f"{checked:,.0f} op/s",
        f"{adapter_rate:,.0f} op/s",
    )
    yield Figure(
        "soak, two workers, to two processes of a property test in Go",
        checked / in_go,
        f"{checked:,.0f} op/s",
        rate(in_go, 1, "action"),
    )


def _shard(known: Deviations, index: int, operations: int) -> RandomShard:
    return RandomShard((str(REAL.resolve()),), Timeouts(), known, 1, index, operations)


def _results(pool: WorkerPool, shards: list[RandomShard]) -> list[ShardResult]:
    def received(shard: RandomShard, outcome: ShardOutcome) -> ShardResult:
        if isinstance(outcome, ToolError):
            raise outcome
        return msgspec.json.decode(outcome, type=ShardResult)

    return list(pool.map(run_random, shards, received))
