"""Batches of programs sent ahead of their answers, so that runner and implementation work at the same time."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

import msgspec

from hsm_specs.adapter import Client
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program

IN_FLIGHT = 3
"""How many requests are on their way at once: one being made, one waiting, one being answered."""
T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()


class Batch(NamedTuple, Generic[T]):
    """Programs, the observations to expect of them, and whatever the sender wants to remember with them."""

    programs: Sequence[Program]
    expected: Sequence[Sequence[Observation]]
    label: T

    @property
    def operations(self) -> int:
        """The number of operations, those inside of functions not counted."""
        return sum(map(len, self.programs))


class Answered(NamedTuple, Generic[T]):
    """A batch with its answer: observations only where they are not byte for byte the expected ones."""

    batch: Batch[T]
    observed: Sequence[Sequence[Observation]] | None


def exchange(adapter: Client, batches: Iterable[Batch[T]], in_flight: int = IN_FLIGHT) -> Iterator[Answered[T]]:
    """Sends batches and answers them in order, each as soon as it must be taken to send the next."""
    waiting: deque[tuple[Batch[T], bytes]] = deque()
    for batch in batches:
        adapter.submit(_ENCODER.encode(batch.programs))
        waiting.append((batch, _ENCODER.encode(batch.expected)))
        if len(waiting) >= in_flight:
            yield _take(adapter, *waiting.popleft())
    while waiting:
        yield _take(adapter, *waiting.popleft())


def _take(adapter: Client, batch: Batch[T], expected: bytes) -> Answered[T]:
    answer = adapter.receive()
    return Answered(batch, None if answer == expected else adapter.decode(answer, batch.programs))


@contextmanager
def without_collector() -> Generator[None]:
    """Keeps the cyclic collector out of a loop that makes many objects and few cycles.

    The few go with the first, young collection afterwards. Nothing is collected before: in a process that has much
    else in memory, such as that of a test suite, it would take longer than a small loop.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
