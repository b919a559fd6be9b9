"""Tours: programs that try every action in every state of a scope, one shard for each part of it; then walks over it.

A shard knows beforehand how many pairs of a state and an action it has, so it can report how many were tried.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from functools import partial

import msgspec
from msgspec import Struct

from hsm_specs.adapter import Adapter, LossKind, RecoveringAdapter, SameImplementation, Timeouts
from hsm_specs.engine.shards import Batch, ShardResultBuilder, exchange, without_collector
from hsm_specs.engine.walk_phase import explored, walk
from hsm_specs.errors import ToolError
from hsm_specs.explore.tour import Leg, Tour, tour
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import stopping

OPERATIONS = 1500
"""Operations of a batch, approximately."""


class TourShard(Struct, frozen=True):
    """A part of a scope, by the scope's name and the part's index, and what it is run with.

    ``walks`` are the operations of the walks, made from the ``seed``. The shard ends at the ``deadline``, a value of
    `time.monotonic` on this machine, unless that is None. It is refused if the adapter introduces itself otherwise than
    with ``greeting``, unless that is None.
    """

    command: tuple[str, ...]
    timeouts: Timeouts
    deviations: Deviations
    scope: str
    part: int
    seed: int = 0
    walks: int = 0
    deadline: float | None = None
    withheld: tuple[LossKind, ...] = ()
    greeting: Greeting | None = None


def run_tour(encoded: bytes) -> bytes:
    """Run an encoded `TourShard` with its own adapter. Return the encoded `ShardResult`."""
    shard = msgspec.json.decode(encoded, type=TourShard)
    tours, walks, trouble, walked = ShardResultBuilder("tours"), ShardResultBuilder("walks"), None, None
    pairs = tried = 0
    deadline = math.inf if shard.deadline is None else shard.deadline
    try:
        start = SameImplementation(partial(Adapter.start, shard.command, shard.timeouts), shard.greeting)
        with RecoveringAdapter(start, shard.withheld) as adapter, without_collector():
            expectation = Expectation.of(shard.deviations, adapter.greeting)
            offered = frozenset(adapter.greeting.capabilities)
            graph = explored(shard.scope, shard.part, expectation, shard.deviations, offered)
            made = tour(graph)
            pairs = made.pairs
            for answered in exchange(adapter, _batches(made, deadline)):
                passed = tours.take(expectation, answered)
                legs = zip(answered.batch.label, passed, strict=True)
                tried += sum(len(leg.edges) for leg, as_expected in legs if as_expected)
            if shard.walks and time.monotonic() < deadline:
                walked = walk(
                    adapter,
                    expectation,
                    graph,
                    shard.part,
                    seed=f"{shard.seed} {shard.scope} {shard.part}",
                    operations=shard.walks,
                    result=walks,
                    deadline=deadline,
                )
            adapter.finish()
    except ToolError as error:
        trouble = error.trouble()
    return msgspec.json.encode(
        tours.result(shard.part, trouble, pairs, tried).joined(walks.result(shard.part, None), walked)
    )


def _batches(made: Tour, deadline: float) -> Iterator[Batch[list[Leg]]]:
    legs: list[Leg] = []
    size = 0
    for leg in made.legs:
        if time.monotonic() >= deadline:
            return
        legs.append(leg)
        size += len(leg.program)
        if size >= OPERATIONS:
            if stopping():
                return
            yield _batch(legs)
            legs, size = [], 0
    if legs:
        yield _batch(legs)


def _batch(legs: list[Leg]) -> Batch[list[Leg]]:
    return Batch([leg.program for leg in legs], [leg.expected for leg in legs], legs)
