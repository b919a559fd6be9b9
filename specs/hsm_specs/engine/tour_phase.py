"""The tours: programs that try every action in every state of a scope, a shard for each part of it.

What is promised is known beforehand, so a shard says how much of it was tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.engine.pipelining import Batch, exchange, without_collector
from hsm_specs.engine.shard_result import Collected
from hsm_specs.errors import ToolError
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.explore.tour import Leg, Tour, tour
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import stopping

OPERATIONS = 1500
"""How many operations a batch has, about."""


class TourShard(Struct, frozen=True):
    """What a shard is made from: a part of a scope, by the scope's name and the part's index."""

    command: tuple[str, ...]
    timeouts: Timeouts
    deviations: Deviations
    scope: str
    part: int


def run_tour(job: bytes) -> bytes:
    """Runs an encoded shard, with an adapter of its own. Answers the encoded result, a `ShardResult`."""
    shard = msgspec.json.decode(job, type=TourShard)
    collected, trouble = Collected("tours"), None
    pairs = tried = 0
    try:
        with Adapter.start(shard.command, shard.timeouts) as adapter, without_collector():
            expectation = Expectation.of(shard.deviations, adapter.greeting)
            offered = frozenset(adapter.greeting.capabilities)
            scope = load_scopes(shard.scope)[shard.part]
            features = shard.deviations.features
            if "panics" not in offered:
                features |= {"panic-in-transition"}
            made = tour(explore(scope, expectation.amended, features, offered=offered))
            pairs = made.pairs
            for answered in exchange(adapter, _batches(made)):
                passed = collected.take(expectation, answered)
                legs = zip(answered.batch.label, passed, strict=True)
                tried += sum(len(leg.edges) for leg, as_expected in legs if as_expected)
            adapter.finish()
    except ToolError as error:
        trouble = error.trouble()
    return msgspec.json.encode(collected.result(shard.part, trouble, pairs, tried))


def _batches(made: Tour) -> Iterator[Batch[list[Leg]]]:
    legs: list[Leg] = []
    size = 0
    for leg in made.legs:
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
