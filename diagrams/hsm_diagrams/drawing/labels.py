"""Labels of boxes and arrows: lines of a width, requirement IDs in short, several arrows made one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from hsm_diagrams.drawing.drawing import Arrow, Line, Role

WIDTH = 46
"""How many characters a line of a label has, words permitting."""


def wrapped(text: str, width: int = WIDTH) -> list[Line]:
    """The text in lines. What is in brackets stays on one line: textwrap takes these spaces for letters."""
    kept = re.sub(r"\[.*?\]", lambda guard: guard[0].replace(" ", "\xa0"), text)
    lines = wrap(kept, width, break_long_words=False, break_on_hyphens=False)
    return [Line(line.replace("\xa0", " ")) for line in lines]


def in_short(requirements: Iterable[str]) -> str:
    """Requirement IDs with what they begin with said once: ``MT-COMMIT-1, -3; MT-ROLLBACK-1 to -12``."""
    split = sorted({(name.rpartition("-")[0], int(name.rpartition("-")[2])) for name in requirements})
    return "; ".join(
        f"{prefix}{', '.join(_runs([number for _, number in numbers]))}"
        for prefix, numbers in groupby(split, key=lambda pair: pair[0])
    )


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    start = 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
            run = numbers[start:end]
            yield from (
                [f"-{run[0]}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}-{run[-1]}"]
                if len(run) > 2
                else [f"-{number}" for number in run]
            )
            start = end


def with_loops_merged(arrows: Sequence[Arrow]) -> Iterator[Arrow]:
    """The arrows, those of a box to itself merged by role: one inside of the other would cross its label."""
    loops: dict[tuple[str, Role], list[Arrow]] = {}
    for arrow in arrows:
        if arrow.source == arrow.target:
            loops.setdefault((arrow.source, arrow.role), []).append(arrow)
        else:
            yield arrow
    for (state, role), merged in loops.items():
        yield Arrow(
            source=state,
            target=state,
            lines=[line for arrow in merged for line in arrow.lines],
            role=role,
            requirements=list(dict.fromkeys(each for arrow in merged for each in arrow.requirements)),
            hint="; ".join(arrow.hint for arrow in merged),
        )
