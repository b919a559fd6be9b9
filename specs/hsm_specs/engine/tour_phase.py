"""Tours: programs that try every action in every state of a scope, one shard for each part of it.

A shard knows beforehand how many pairs of a state and an action it has, so it can report how many were tried.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from functools import partial

import msgspec
from msgspec import Struct

from hsm_specs.adapter import Adapter, Kind, RecoveringAdapter, Timeouts
from hsm_specs.engine.shards import Batch, ShardResultBuilder, exchange, without_collector
from hsm_specs.errors import ToolError
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.explore.tour import Leg, Tour, tour
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import stopping

OPERATIONS = 1500
"""Operations of a batch, approximately."""


class TourShard(Struct, frozen=True):
    """A part of a scope, by the scope's name and the part's index, and what it is run with.

    It ends at the ``deadline``, a value of `time.monotonic` on this machine, unless that is None.
    """

    command: tuple[str, ...]
    timeouts: Timeouts
    deviations: Deviations
    scope: str
    part: int
    deadline: float | None = None
    withheld: tuple[Kind, ...] = ()


def run_tour(encoded: bytes) -> bytes:
    """Run an encoded `TourShard` with its own adapter. Return the encoded `ShardResult`."""
    shard = msgspec.json.decode(encoded, type=TourShard)
    result, trouble = ShardResultBuilder("tours"), None
    pairs = tried = 0
    try:
        start = partial(Adapter.start, shard.command, shard.timeouts)
        with RecoveringAdapter(start, shard.withheld) as adapter, without_collector():
            expectation = Expectation.of(shard.deviations, adapter.greeting)
            offered = frozenset(adapter.greeting.capabilities)
            scope = load_scopes(shard.scope)[shard.part]
            features = shard.deviations.features
            if "panics" not in offered:
                features |= {"panic-in-transition"}
            made = tour(explore(scope, expectation.amended, features, offered=offered))
            pairs = made.pairs
            for answered in exchange(adapter, _batches(made, math.inf if shard.deadline is None else shard.deadline)):
                passed = result.take(expectation, answered)
                legs = zip(answered.batch.label, passed, strict=True)
                tried += sum(len(leg.edges) for leg, as_expected in legs if as_expected)
            adapter.finish()
    except ToolError as error:
        trouble = error.trouble()
    return msgspec.json.encode(result.result(shard.part, trouble, pairs, tried))


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
