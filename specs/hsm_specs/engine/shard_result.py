"""What a shard collects: how much it ran, and the programs that failed, alike ones counted together."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from hsm_specs.engine.pipelining import Answered
from hsm_specs.errors import Trouble
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.expectation import Expectation, Kind
from hsm_specs.results.events import Phase
from hsm_specs.results.failures import Failure, signature

KEPT = 2
"""Failing programs that look alike which a shard keeps; it counts the others."""


class ShardResult(Struct, frozen=True):
    """What a shard did and found.

    ``pairs`` are those that its tour was to try, ``tried`` those of the programs that were answered as they should be.
    ``steps`` are those that a shard of the soak was asked to note.
    """

    index: int
    programs: int = 0
    operations: int = 0
    failures: tuple[Failure, ...] = ()
    trouble: Trouble | None = None
    pairs: int = 0
    tried: int = 0
    steps: tuple[int, ...] = ()


class Collected:
    """The programs of a shard under way."""

    def __init__(self, phase: Phase) -> None:
        self._phase: Phase = phase
        self._failures: dict[tuple[str, ...], list[Failure]] = {}
        self._counts: dict[tuple[str, ...], int] = {}
        self.programs = self.operations = 0

    def take(self, expectation: Expectation, answered: Answered[Any]) -> list[bool]:
        """Counts an answered batch, keeps its failures, and says of each program whether it is none."""
        batch, observed = answered
        self.programs += len(batch.programs)
        self.operations += batch.operations
        if observed is None:
            return [True] * len(batch.programs)
        pairs = zip(batch.programs, observed, strict=True)
        return [self._judge(expectation, program, tuple(answers)) for program, answers in pairs]

    def result(self, index: int, trouble: Trouble | None, pairs: int = 0, tried: int = 0) -> ShardResult:
        """What the shard amounts to."""
        failures = tuple(
            msgspec.structs.replace(failure, count=self._counts[key] if number == 0 else 0)
            for key, kept in self._failures.items()
            for number, failure in enumerate(kept)
        )
        return ShardResult(index, self.programs, self.operations, failures, trouble, pairs, tried)

    def _judge(self, expectation: Expectation, program: Program, observed: tuple[Observation, ...]) -> bool:
        kind, difference, amended = expectation.compare(program, expectation.predict(program), observed)
        if difference is None or kind not in (Kind.DIFFERS, Kind.PASSED):
            return True
        outdated = kind is Kind.PASSED
        failure = Failure(program, observed, signature(difference), amended, self._phase, outdated=outdated)
        key = (*failure.signature, str(outdated))
        self._counts[key] = self._counts.get(key, 0) + 1
        kept = self._failures.setdefault(key, [])
        if len(kept) < KEPT:
            kept.append(failure)
        return False
