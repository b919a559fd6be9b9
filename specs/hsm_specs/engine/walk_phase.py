"""Walks: long random histories over an explored scope, checked at the speed of the pipe.

What walks send and expect is known as bytes beforehand. The model runs only where an answer differs.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from functools import lru_cache

from hsm_model.semantics import Semantics
from hsm_specs.adapter import Client
from hsm_specs.engine.shards import IN_FLIGHT, Answered, Batch, ShardResultBuilder
from hsm_specs.explore.explorer import Graph, explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.explore.walks import EncodedGraph, Walked, Walker, Walks
from hsm_specs.language.messages import Capability
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import stopping

BATCH = 1500
"""Operations of a batch, approximately."""


def explored(
    scope: str, part: int, expectation: Expectation, deviations: Deviations, offered: frozenset[Capability]
) -> Graph:
    """Return the exploration of a part of a scope. A process makes it once."""
    features = deviations.features | (frozenset[str]() if "panics" in offered else {"panic-in-transition"})
    return _explored(scope, part, expectation.amended, features, offered)


@lru_cache(maxsize=32)
def _explored(
    scope: str, part: int, semantics: Semantics, without: frozenset[str], offered: frozenset[Capability]
) -> Graph:
    return explore(load_scopes(scope)[part], semantics, without, offered=offered)


_encoded: dict[int, tuple[Graph, EncodedGraph]] = {}
"""Encoded graphs by the identity of the graphs, which are kept with them."""


def encoded(graph: Graph) -> EncodedGraph:
    """Return a graph with its edges encoded. A process makes it once."""
    found = _encoded.get(id(graph))
    if found is None:
        found = _encoded[id(graph)] = graph, EncodedGraph(graph)
    return found[1]


def walk(
    adapter: Client,
    expectation: Expectation,
    graph: Graph,
    part: int,
    *,
    seed: str,
    operations: int,
    result: ShardResultBuilder,
    deadline: float = math.inf,
) -> Walked:
    """Walk ``operations`` along a graph, add what differs to ``result``, and return what was covered.

    End early at the ``deadline``, a value of `time.monotonic`, or when the process is asked to stop.
    """
    known = encoded(graph)
    walker = Walker(known, seed)
    waiting: deque[Walks] = deque()
    for batch in _until(walker.batches(operations, BATCH), deadline):
        adapter.submit(batch.programs)
        waiting.append(batch)
        if len(waiting) >= IN_FLIGHT:
            _take(adapter, expectation, waiting.popleft(), result)
    while waiting:
        _take(adapter, expectation, waiting.popleft(), result)
    sampled = len(known.pairs), len(known.triples)
    return Walked(part, known.totals, sampled, tuple(sorted(walker.pairs)), tuple(sorted(walker.triples)))


def _until(batches: Iterator[Walks], deadline: float) -> Iterator[Walks]:
    for batch in batches:
        if stopping() or time.monotonic() >= deadline:
            return
        yield batch


def _take(adapter: Client, expectation: Expectation, walks: Walks, result: ShardResultBuilder) -> None:
    answer = adapter.receive()
    if answer == walks.expected:
        result.count(walks.size, walks.operations)
        return
    programs, expected = walks.decoded()
    result.take(expectation, Answered(Batch(programs, expected, None), adapter.decode(answer, programs)))
