"""Programs with known answers, checked on two cores, against adapters of the real package fed from a file."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec
from adapters import KNOWN, REAL
from measure import Figure, rate
from property_test import rate_of

from hsm_specs.adapter import Adapter
from hsm_specs.engine.shards import Batch, ShardResultBuilder, exchange, without_collector
from hsm_specs.engine.walk_phase import encoded, explored, walk
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes, tree_parts
from hsm_specs.explore.tour import tour
from hsm_specs.language.messages import BatchRequest, Hello, HelloRequest
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation

SCOPE = "default"
WALKED, PARTS = "quick", 3
"""The scope of the walks, and how many of its parts."""
STEPS = 400_000
"""Operations of the walks over a part."""
ROUNDS = 6
"""The number of times that the programs are sent in one measurement."""


def figures() -> Iterator[Figure]:
    """Measure the tours of a scope, with the expectations that the tours have: no model runs meanwhile."""
    if not REAL.exists():
        print("  left out: there is no build/temporal-v1.25.1 (make build/temporal-v1.25.1)")
        return
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        checked, alone, walked, in_go = [], [], [], []
        for _ in range(3):
            checked.append(sum(pool.map(_checked, range(2))))
            alone.append(sum(pool.map(_alone, range(2))))
            walked.append(sum(pool.map(_walked, range(2))))
            in_go.append(rate_of(2))
    yield Figure(
        "tours made before, two workers, to two adapters fed them from a file",
        median(checked) / median(alone),
        rate(median(checked), 1, "op"),
        rate(median(alone), 1, "op"),
    )
    yield Figure(
        "walks, two workers, to two adapters fed tours from a file",
        median(walked) / median(alone),
        rate(median(walked), 1, "op"),
        rate(median(alone), 1, "op"),
    )
    yield Figure(
        "walks, two workers, to two processes of a property test in Go",
        median(walked) / median(in_go),
        rate(median(walked), 1, "op"),
        rate(median(in_go), 1, "action"),
    )


def _walked(worker: int) -> float:
    """Operations/s of one worker that walks over the parts of a scope."""
    expectation = Expectation(msgspec.toml.decode(KNOWN.read_bytes(), type=Deviations))
    with Adapter.start((str(REAL),)) as adapter, without_collector():
        offered = frozenset(adapter.greeting.capabilities)
        graphs = [explored(WALKED, part, expectation, expectation.deviations, offered) for part in range(PARTS)]
        for graph in graphs:
            encoded(graph)
        result = ShardResultBuilder("walks")
        began = perf_counter()
        for part, graph in enumerate(graphs):
            seed = f"{worker} {part}"
            walk(adapter, expectation, graph, part, seed=seed, operations=STEPS, result=result)
        took = perf_counter() - began
        adapter.finish()
    if result.result(0, None).failures:
        raise RuntimeError("walks were to find nothing")
    return result.operations / took


def _checked(worker: int) -> float:
    """Return the operations/s of one worker that sends its half of the programs and compares the answers."""
    batches = _batches(worker)
    with Adapter.start((str(REAL),)) as adapter, without_collector():
        began = perf_counter()
        for _ in range(ROUNDS):
            for answered in exchange(adapter, batches):
                if answered.observed is not None:
                    raise RuntimeError("a tour was to find nothing")
        took = perf_counter() - began
        adapter.finish()
    return ROUNDS * sum(batch.operations for batch in batches) / took


def _alone(worker: int) -> float:
    """Return the operations/s of an adapter that reads the same programs from a file, with its answers ignored."""
    batches = _batches(worker)
    with tempfile.NamedTemporaryFile() as file:
        file.write(msgspec.json.encode(HelloRequest(0, Hello())) + b"\n")
        for seq, batch in enumerate(batches * ROUNDS, 1):
            file.write(msgspec.json.encode(BatchRequest(seq, tuple(batch.programs))) + b"\n")
        file.flush()
        began = perf_counter()
        with Path(file.name).open("rb") as requests:
            subprocess.run([str(REAL.resolve())], stdin=requests, stdout=subprocess.DEVNULL, check=True)
        took = perf_counter() - began
    return ROUNDS * sum(batch.operations for batch in batches) / took


_made: dict[int, Sequence[Batch[None]]] = {}


def _batches(worker: int) -> Sequence[Batch[None]]:
    """Return half of the tours, with the answers that the real package is known to give."""
    if worker not in _made:
        known = msgspec.toml.decode(KNOWN.read_bytes(), type=Deviations)
        expectation = Expectation(known)
        batches: list[Batch[None]] = []
        scopes = load_scopes(SCOPE)
        for scope in [scopes[part] for part in tree_parts(scopes)]:
            legs = tour(explore(scope, expectation.amended, known.features)).legs[worker::2]
            parts = [legs[start : start + 25] for start in range(0, len(legs), 25)]
            batches += [Batch([leg.program for leg in part], [leg.expected for leg in part], None) for part in parts]
        _made[worker] = batches
    return _made[worker]
