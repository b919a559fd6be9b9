"""Coverage of a soak: which steps were made, a step being an operation with its outcome after another with its.

Steps are numbers, so that those of a shard are small and every process and every release has the same ones for the
same operations and outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

from msgspec import UNSET

from hsm_specs.language.observations import DOCUMENTED_ERRORS, OTHER_ERROR, PALETTE_ERRORS, Observation
from hsm_specs.language.operations import AnyOperation, Program

SAMPLE = 8
"""Of so many batches the steps of one are noted: enough to see them grow, and next to free."""
_OUTCOMES = ("ok", "panic", "unbound", *DOCUMENTED_ERRORS, *PALETTE_ERRORS, OTHER_ERROR)
_OPERATIONS = sorted(get_args(AnyOperation), key=lambda operation: str(operation.__struct_config__.tag))
_FIRST = {operation: index * len(_OUTCOMES) for index, operation in enumerate(_OPERATIONS)}
_OF_ERROR = {code: index for index, code in enumerate(_OUTCOMES)}
KINDS = len(_OPERATIONS) * len(_OUTCOMES)
"""Operations with their outcomes; there are as many steps as pairs of them, and no more."""


class Steps:
    """The steps of a shard, of every `SAMPLE`-th batch; of none if ``noted`` is false."""

    def __init__(self, noted: bool) -> None:
        self._noted = noted
        self._batches = 0
        self._seen: set[int] = set()

    def take(self, programs: Sequence[Program], expected: Sequence[Sequence[Observation]]) -> None:
        """Notes the steps of a batch if its turn has come."""
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
        """The steps in their order."""
        return tuple(sorted(self._seen))


def _outcome(observation: Observation) -> int:
    if observation.error is not UNSET:
        return _OF_ERROR[str(observation.error)]
    if observation.panic is not UNSET:
        return 1
    return 0 if observation.unbound is UNSET else 2
