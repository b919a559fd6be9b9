"""Times and ratios."""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter

from msgspec import Struct


class Figure(Struct, frozen=True):
    """A ratio: how much of one thing there is to one of another, and both as they were measured."""

    name: str
    ratio: float
    mine: str
    other: str

    def line(self) -> str:
        """Return the figure in a line."""
        return f"{self.name:<62} {self.ratio:>8.2f}   {self.mine} : {self.other}"


class Part(Struct, frozen=True):
    """The measurements of one subject."""

    name: str
    title: str
    figures: list[Figure]


def seconds(work: Callable[[], object], clock: Callable[[], float] = perf_counter) -> float:
    """Return how long a call takes, without the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        began = clock()
        work()
        return clock() - began
    finally:
        gc.enable()


def paired(
    first: Callable[[], object],
    second: Callable[[], object],
    rounds: int = 5,
    clock: Callable[[], float] = perf_counter,
) -> tuple[float, float]:
    """Return the median times of two calls that are made in turn, so that both meet the same machine."""
    pairs = [(seconds(first, clock), seconds(second, clock)) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs)


def rate(amount: int, took: float, unit: str) -> str:
    """Return an amount in a time, in words."""
    return f"{amount / took:,.0f} {unit}/s"
