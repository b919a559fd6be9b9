"""Random programs: seeded shards, each of which depends on its seed and index alone, and their coverage.

Every third shard of a soak walks over an explored scope instead, one part of it after another.

Coverage counts steps: an operation with its outcome after another with its. Steps are numbers, so that those of a shard
are small, and the same in every process and release for the same operations and outcomes.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import pairwise
from typing import get_args

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from hsm_specs.adapter import Adapter, LossKind, RecoveringAdapter, SameImplementation, Timeouts
from hsm_specs.engine.shards import Batch, ShardResult, ShardResultBuilder, exchange, without_collector
from hsm_specs.engine.walk_phase import explored, walk
from hsm_specs.errors import ToolError, Trouble
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes, tree_parts
from hsm_specs.explore.walks import EncodedGraph, Walker
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import (
    DOCUMENTED_ERRORS,
    FRAMEWORK_ERRORS,
    OTHER_ERROR,
    PALETTE_ERRORS,
    Observation,
)
from hsm_specs.language.operations import AnyOperation, Program
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import stopping

PROGRAMS = 50
LENGTH = 25
WALKS_EVERY = 3
"""One of so many shards of a soak has walks."""
SAMPLE = 8
"""Of so many batches the steps of one are noted: enough to see them grow, and nearly free."""
_OUTCOMES = ("ok", "panic", "unbound", *DOCUMENTED_ERRORS, *PALETTE_ERRORS, OTHER_ERROR, *FRAMEWORK_ERRORS)
_OPERATIONS = sorted(get_args(AnyOperation), key=lambda operation: str(operation.__struct_config__.tag))
_FIRST = {operation: index * len(_OUTCOMES) for index, operation in enumerate(_OPERATIONS)}
_OF_ERROR = {code: index for index, code in enumerate(_OUTCOMES)}
KINDS = len(_OPERATIONS) * len(_OUTCOMES)
"""Operations with their outcomes. There are `KINDS` squared steps at most."""


class RandomShard(Struct, frozen=True):
    """The inputs of a shard. It ends at the ``deadline``, a value of `time.monotonic` on this machine, unless that is
    None.

    With a ``scope``, every third shard has walks over a part of it. With ``steps`` its coverage is noted. A worker
    whose generator has another hash than ``generator``, unless that is empty, refuses the shard; so does one whose
    adapter introduces itself otherwise than with ``greeting``, unless that is None.
    """

    command: tuple[str, ...]
    timeouts: Timeouts
    deviations: Deviations
    seed: int
    index: int
    operations: int
    deadline: float | None = None
    steps: bool = False
    generator: str = ""
    scope: str = ""
    withheld: tuple[LossKind, ...] = ()
    greeting: Greeting | None = None


def run_random(encoded: bytes) -> bytes:
    """Run an encoded `RandomShard` with its own adapter. Return the encoded `ShardResult`."""
    shard = msgspec.json.decode(encoded, type=RandomShard)
    if shard.generator not in ("", generator()):
        text = "A worker has another hsmspec, which makes other programs. The same one belongs on all machines."
        return msgspec.json.encode(ShardResult(shard.index, trouble=Trouble("other-generator", text)))
    walks = shard.scope and shard.index % WALKS_EVERY == WALKS_EVERY - 1
    result, steps, trouble = ShardResultBuilder("walks" if walks else "soak"), Steps(shard.steps), None
    try:
        start = SameImplementation(partial(Adapter.start, shard.command, shard.timeouts), shard.greeting)
        with RecoveringAdapter(start, shard.withheld) as adapter, without_collector():
            expectation = Expectation.of(shard.deviations, adapter.greeting)
            offered = frozenset(adapter.greeting.capabilities)
            if walks:
                parts = tree_parts(load_scopes(shard.scope))
                part = parts[shard.index // WALKS_EVERY % len(parts)]
                walked = walk(
                    adapter,
                    expectation,
                    explored(shard.scope, part, expectation, shard.deviations, offered),
                    part,
                    seed=f"{shard.seed} {shard.index}",
                    operations=shard.operations,
                    result=result,
                    deadline=math.inf if shard.deadline is None else shard.deadline,
                )
                adapter.finish()
                return msgspec.json.encode(replace(result.result(shard.index, None), walked=walked))
            programs = ProgramGenerator(
                f"{shard.seed} {shard.index}", expectation.amended, shard.deviations.features, offered
            )
            for answered in exchange(adapter, _batches(shard, programs)):
                result.take(expectation, answered)
                steps.take(answered.batch.programs, answered.batch.expected)
            adapter.finish()
    except ToolError as error:
        trouble = error.trouble()
    return msgspec.json.encode(replace(result.result(shard.index, trouble), steps=steps.seen()))


@cache
def generator() -> str:
    """Return a hash that differs between generators that make other programs of a seed or expect other answers."""
    made = hashlib.sha256(msgspec.json.encode(ProgramGenerator("generator").batch(PROGRAMS, LENGTH)))
    parts = load_scopes("quick")
    trees = [parts[index] for index in tree_parts(parts)]
    smallest = min(trees, key=lambda scope: len(scope.places) * len(scope.actions))
    for walks in Walker(EncodedGraph(explore(smallest)), "generator").batches(LENGTH * PROGRAMS, LENGTH * PROGRAMS):
        made.update(walks.programs + walks.expected)
    return made.hexdigest()[:16]


def _batches(shard: RandomShard, programs: ProgramGenerator) -> Iterator[Batch[None]]:
    made, deadline = 0, shard.deadline
    while made < shard.operations and (deadline is None or time.monotonic() < deadline):
        if stopping():
            return
        batch: Batch[None] = Batch(*programs.batch(PROGRAMS, LENGTH), None)
        made += batch.operations
        yield batch


class Steps:
    """The steps of a shard, of every `SAMPLE`-th batch; of none if ``noted`` is false."""

    def __init__(self, noted: bool) -> None:
        self._noted = noted
        self._batches = 0
        self._seen: set[int] = set()

    def take(self, programs: Sequence[Program], expected: Sequence[Sequence[Observation]]) -> None:
        """Note the steps of a batch if it is its turn."""
        self._batches += 1
        if not self._noted or self._batches % SAMPLE != 1:
            return
        for program, observations in zip(programs, expected, strict=True):
            kinds = [
                _FIRST[type(operation)] + _outcome(observation)
                for operation, observation in zip(program, observations, strict=False)
            ]
            self._seen.update(a * KINDS + b for a, b in pairwise(kinds))

    def seen(self) -> tuple[int, ...]:
        """Return the steps, sorted."""
        return tuple(sorted(self._seen))


def _outcome(observation: Observation) -> int:
    if observation.error is not UNSET:
        return _OF_ERROR[str(observation.error)]
    if observation.panic is not UNSET:
        return 1
    return 0 if observation.unbound is UNSET else 2
