"""A shard of programs: sent in batches ahead of their answers, judged, and summed up."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from hsm_specs.adapter import Client
from hsm_specs.errors import ToolError, Trouble
from hsm_specs.explore.walks import Walked
from hsm_specs.language.observations import Observation, is_loss
from hsm_specs.language.operations import Program
from hsm_specs.oracle.expectation import Expectation, Relation
from hsm_specs.results.events import Phase
from hsm_specs.results.failures import Failure, signature

IN_FLIGHT = 3
"""Requests under way at once: one being made, one waiting, one being answered."""
KEPT = 2
"""Failing programs with the same signature that a shard keeps; it only counts the others."""
T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()


class Batch(NamedTuple, Generic[T]):
    """Programs, their expected observations, and whatever the sender wants to remember with them."""

    programs: Sequence[Program]
    expected: Sequence[Sequence[Observation]]
    label: T

    @property
    def operations(self) -> int:
        """The number of operations, without those inside transition functions."""
        return sum(map(len, self.programs))


class Answered(NamedTuple, Generic[T]):
    """A batch with its answer. ``observed`` is None if the answer is byte for byte the expected one."""

    batch: Batch[T]
    observed: Sequence[Sequence[Observation]] | None


def exchange(adapter: Client, batches: Iterable[Batch[T] | None], in_flight: int = IN_FLIGHT) -> Iterator[Answered[T]]:
    """Send batches and yield their answers in order, keeping ``in_flight`` requests under way.

    None among the batches has all answers yielded that are due before the next batch is made.
    """
    waiting: deque[tuple[Batch[T], bytes]] = deque()
    for batch in batches:
        if batch is None:
            while waiting:
                yield _take(adapter, *waiting.popleft())
            continue
        adapter.submit(_ENCODER.encode(batch.programs))
        waiting.append((batch, _ENCODER.encode(batch.expected)))
        if len(waiting) >= in_flight:
            yield _take(adapter, *waiting.popleft())
    while waiting:
        yield _take(adapter, *waiting.popleft())


def _take(adapter: Client, batch: Batch[T], expected: bytes) -> Answered[T]:
    answer = adapter.receive()
    if answer == expected:
        return Answered(batch, None)
    observed = adapter.decode(answer, batch.programs)
    for specified, observations in zip(batch.expected, observed, strict=True):
        if len(observations) > len(specified) and is_loss(observations[-1]):
            raise LostUnspecified(observations[-1])
    return Answered(batch, observed)


class LostUnspecified(ToolError):
    """An implementation was lost at an operation about whose outcome the documentation is silent."""

    code = "lost-unspecified"

    def __init__(self, observation: Observation) -> None:
        super().__init__(f"Where the specification says nothing, the implementation {observation.message}.")


@contextmanager
def without_collector() -> Generator[None]:
    """Disable the cyclic garbage collector for a loop that makes many objects and few cycles.

    The first, young collection afterwards frees those. Nothing is collected before: in a process that has much else in
    memory, such as that of a test suite, that would take longer than a small loop.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def withheld_in(batch: Batch[Any], observed: Sequence[Sequence[Observation]]) -> int:
    """Return how many programs of a batch were not run."""
    return sum(not answers and bool(program) for program, answers in zip(batch.programs, observed, strict=True))


def _as_expected(
    expectation: Expectation, program: Program, expected: Sequence[Observation], observed: Sequence[Observation]
) -> bool:
    """Return whether all of a program is answered as expected, though perhaps in another order or other words.

    That is found without the model, which would have to predict every program of a batch again.
    """
    whole = len(program) == len(expected) == len(observed)
    return whole and expectation.difference(program, expected, observed) is None


class ShardResult(Struct, frozen=True):
    """The work and the findings of a shard.

    ``withheld`` counts the programs that were not run, since an operation in them had ended the implementation before,
    or was not answered, ``left_out`` the operations of those and of programs that were lost. No other count has them.
    ``pairs`` counts the pairs of a state and an action in its tour, ``tried`` those in programs that were answered as
    expected. ``steps`` is the coverage of a shard of random programs, empty if it was not asked for; ``walked`` is that
    of walks.
    """

    index: int
    programs: int = 0
    operations: int = 0
    failures: tuple[Failure, ...] = ()
    trouble: Trouble | None = None
    pairs: int = 0
    tried: int = 0
    steps: tuple[int, ...] = ()
    walked: Walked | None = None
    withheld: int = 0
    left_out: int = 0

    def joined(self, walks: ShardResult, walked: Walked | None) -> ShardResult:
        """Return the result with that of walks added."""
        return msgspec.structs.replace(
            self,
            programs=self.programs + walks.programs,
            operations=self.operations + walks.operations,
            failures=self.failures + walks.failures,
            walked=walked,
            withheld=self.withheld + walks.withheld,
            left_out=self.left_out + walks.left_out,
        )


class ShardResultBuilder:
    """The result of a shard under way."""

    def __init__(self, phase: Phase) -> None:
        self._phase: Phase = phase
        self._failures: dict[tuple[str, ...], list[Failure]] = {}
        self._counts: dict[tuple[str, ...], int] = {}
        self.programs = self.operations = self.withheld = self.left_out = 0

    def take(self, expectation: Expectation, answered: Answered[Any]) -> list[bool]:
        """Add an answered batch. Return for each program whether it was answered as expected."""
        batch, observed = answered
        self.programs += len(batch.programs)
        self.operations += batch.operations
        if observed is None:
            return [True] * len(batch.programs)
        self.withheld += (withheld := withheld_in(batch, observed))
        self.programs -= withheld
        left_out = batch.operations - sum(map(len, observed))
        self.operations -= left_out
        self.left_out += left_out
        answered_programs = zip(batch.programs, batch.expected, observed, strict=True)
        return [
            _as_expected(expectation, program, expected, answers) or self._judge(expectation, program, tuple(answers))
            for program, expected, answers in answered_programs
        ]

    def count(self, programs: int, operations: int) -> None:
        """Add programs that were answered as expected."""
        self.programs += programs
        self.operations += operations

    def result(self, index: int, trouble: Trouble | None, pairs: int = 0, tried: int = 0) -> ShardResult:
        """Return the result of everything added so far."""
        failures = tuple(
            msgspec.structs.replace(failure, count=self._counts[key] if number == 0 else 0)
            for key, kept in self._failures.items()
            for number, failure in enumerate(kept)
        )
        return ShardResult(
            index,
            self.programs,
            self.operations,
            failures,
            trouble,
            pairs,
            tried,
            withheld=self.withheld,
            left_out=self.left_out,
        )

    def _judge(self, expectation: Expectation, program: Program, observed: tuple[Observation, ...]) -> bool:
        kind, difference, amended = expectation.compare(program, expectation.predict(program), observed)
        if difference is None or kind not in (Relation.DIFFERS, Relation.PASSED):
            return len(observed) >= len(program)
        outdated = kind is Relation.PASSED
        run = program[: len(observed)]
        failure = Failure(run, observed, signature(difference), amended, self._phase, outdated=outdated)
        key = (*failure.signature, str(outdated))
        self._counts[key] = self._counts.get(key, 0) + 1
        kept = self._failures.setdefault(key, [])
        if len(kept) < KEPT:
            kept.append(failure)
        return False
