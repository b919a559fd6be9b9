"""Setups: the first steps that examples of a chapter share, which paper has once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

from hsm_specs.report.html.views import FilmView, StepView

FEWEST = 3
"""The number of steps that are worth a setup."""
Beginning = tuple[tuple[int, str], ...]
"""The depth and the text of steps."""


class Setup(NamedTuple):
    """The steps with which some examples begin, the names of those, and a letter to refer to it."""

    letter: str
    steps: tuple[StepView, ...]
    examples: tuple[str, ...]

    @property
    def operations(self) -> str:
        """Return the number of the last operation."""
        return next(step.number for step in reversed(self.steps) if step.number)


def shared_setups(examples: Mapping[str, FilmView]) -> tuple[Setup, ...]:
    """Return the setups of examples: always the one that saves the most steps of those that have none yet."""
    left = {name: list(_beginnings(film.steps)) for name, film in examples.items()}
    found: list[Setup] = []
    while True:
        sharing: dict[Beginning, list[str]] = {}
        for name, beginnings in left.items():
            for beginning in beginnings:
                sharing.setdefault(beginning, []).append(name)
        best = max(sharing, key=lambda steps: (len(steps) * (len(sharing[steps]) - 1), len(steps)), default=())
        names = sharing.get(best, [])
        if len(names) < 2:
            return tuple(found)
        steps = examples[names[0]].steps[: len(best)]
        found.append(Setup(_letter(len(found)), steps, tuple(names)))
        left = {name: beginnings for name, beginnings in left.items() if name not in names}


def _beginnings(steps: tuple[StepView, ...]) -> Iterator[Beginning]:
    """Yield the beginnings of an example that may be shared: whole operations before the first evidence."""
    before = list(takewhile(lambda step: not step.mark, steps))
    for size in range(FEWEST, len(before) + 1):
        if size == len(steps) or steps[size].number:
            yield tuple((step.depth, step.text) for step in before[:size])


def _letter(number: int) -> str:
    """Return A to Z, then AA and so on."""
    return chr(ord("A") + number) if number < 26 else _letter(number // 26 - 1) + _letter(number % 26)
