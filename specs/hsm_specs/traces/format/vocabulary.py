"""Vocabularies: the words in which operations and observations are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation
from hsm_specs.traces.format.record import ERRORS, observation, without_duplicates_in

_OPERATION: Final[msgspec.json.Decoder[AnyOperation]] = msgspec.json.Decoder(AnyOperation)
_OBSERVATION: Final = msgspec.json.Decoder(Observation)
_encode: Final = msgspec.json.Encoder().encode


class Vocabulary(Protocol):
    """The words in which operations and observations are written."""

    @property
    def operation(self) -> Known:
        """Understands bytes that say an operation."""

    def observation(self, saw: bytes, operation: AnyOperation, expected: Observation) -> Observation:
        """What was seen of an operation. Raises Malformed."""

    def names(self, written: Iterable[bytes], saw: Sequence[bytes]) -> dict[str, Any] | None:
        """What the numbers in operations and observations stand for, None if they stand for themselves."""


class Known:
    """The operations that were understood already, by their bytes. Most are written more than once."""

    MOST: Final = 2**15
    LONGEST: Final = 2**10

    def __init__(self, understand: Callable[[bytes], AnyOperation]) -> None:
        self._understand = understand
        self.known: dict[bytes, AnyOperation] = {}

    def __call__(self, written: bytes) -> AnyOperation:
        """The operation that bytes say. Raises one of `ERRORS`."""
        operation = self.known.get(written)
        if operation is None:
            operation = self._understand(written)
            if len(self.known) >= self.MOST:
                self.known.clear()
            if len(written) <= self.LONGEST:
                self.known[written] = operation
        return operation


class Palette:
    """The vocabulary of the adapter protocol."""

    def __init__(self) -> None:
        self._operation = Known(_operation)

    @property
    def operation(self) -> Known:
        """Understands bytes that say an operation."""
        return self._operation

    def observation(self, saw: bytes, operation: AnyOperation, expected: Observation) -> Observation:
        """What was seen of an operation. Raises Malformed."""
        return observation(saw, operation)

    def names(self, written: Iterable[bytes], saw: Sequence[bytes]) -> None:
        """None: numbers stand for themselves."""


def _operation(written: bytes) -> AnyOperation:
    operation = _OPERATION.decode(written)
    shortest = _encode(operation)
    # What is as short as it can be has no member twice. Each member has a colon: where there are more than there have
    # to be, a slower look decides again.
    if written != shortest and (written.count(b":") != shortest.count(b":") or written.find(b"\\") >= 0):
        without_duplicates_in(written)
    return operation


class Observed:
    """The bytes that were understood as observations already."""

    MOST: Final = 2**15
    LONGEST: Final = 2**10

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def add(self, saw: bytes) -> None:
        """Takes note of an observation's bytes."""
        if len(saw) <= self.LONGEST:
            if len(self._known) >= self.MOST:
                self._known.clear()
            self._known.add(saw)

    def has(self, saw: bytes) -> bool:
        """Whether bytes are an observation for certain: they were understood before, or are as short as can be."""
        if saw in self._known:
            return True
        try:
            certain: bool = _encode(_OBSERVATION.decode(saw)) == saw
        except ERRORS:
            return False
        if certain:
            self.add(saw)
        return certain
