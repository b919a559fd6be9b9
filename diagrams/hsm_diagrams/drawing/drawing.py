"""Drawings: boxes and arrows with roles and labels, independent of formats and colors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby
from textwrap import wrap
from typing import Literal

MANY = 200
"""The number of boxes above which a drawing is laid out by forces, not in ranks."""

Direction = Literal["down", "right"]


class Role(Enum):
    """The role of a box or an arrow, which determines its look."""

    STATE = "state"
    TERMINAL = "terminal state"
    UNREACHABLE = "unreachable state"
    START = "start"
    SUCCESS = "succeeds"
    REJECTED = "rejected"
    FAILED = "fails"
    SAME = "same on both sides"
    ADDED = "only on the second side"
    REMOVED = "only on the first side"
    CHANGED = "different on the two sides"
    AGREES = "agrees"
    KNOWN = "deviates as known"
    DEVIATES = "deviates"
    UNSEEN = "never tried"
    SELDOM = "tried a few times"
    SOMETIMES = "tried more often"
    OFTEN = "tried often"
    HIDDEN = "not drawn"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a label, in one of two sizes."""

    text: str
    strong: bool = False
    large: bool = False
    ids: bool = False
    """Whether it names requirements, which readers who design machines need not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A node to be drawn. ``requirements`` are those that it shows; it links to the first."""

    key: str
    lines: Sequence[Line]
    role: Role
    requirements: Sequence[str] = ()
    hint: str = ""
    """The tooltip."""
    group: str = ""
    """The title of the frame around it."""
    flush: bool = False
    """Whether its lines are aligned left, as those of programs are."""
    table: Sequence[tuple[str, str]] = ()
    """Rows below its lines: what they are about, and what they say of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An edge to be drawn. ``requirements`` are those that it shows; it links to the first."""

    source: str
    target: str
    lines: Sequence[Line]
    role: Role
    requirements: Sequence[str] = ()
    hint: str = ""
    """The tooltip."""
    from_group: bool = False
    """Whether it begins at the frame around its source, and means every box in there."""
    to_group: bool = False
    """Whether it ends at the frame around its target, and means a box in there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture without a format. Its file and the IDs inside are named after ``name``."""

    name: str
    title: str
    caption: Sequence[str]
    """Sentences that say how it was made and how to read it."""
    description: str
    """The text alternative for readers who do not see the picture."""
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    direction: Direction = "down"
    close: bool = False
    """Whether boxes may be close together because no labels are between them."""
    caption_width: int = 92
    """The maximum length of a line of the caption, in characters."""

    @property
    def by_forces(self) -> bool:
        """Return whether it has too many boxes to be laid out in ranks."""
        return len(self.boxes) > MANY

    def without_ids(self) -> Drawing:
        """Return the drawing without the lines that name requirements. Tooltips and links keep them."""
        boxes = [replace(box, lines=_without_ids(box.lines)) for box in self.boxes]
        return replace(
            self, boxes=boxes, arrows=[replace(arrow, lines=_without_ids(arrow.lines)) for arrow in self.arrows]
        )


def _without_ids(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if not line.ids]


WIDTH = 46
"""The length of a line of a label, in characters, unless a word is longer."""


def wrapped(text: str, width: int = WIDTH) -> list[Line]:
    """Wrap a text. Brackets stay on one line: textwrap does not break at no-break spaces."""
    kept = re.sub(r"\[.*?\]", lambda guard: guard[0].replace(" ", "\xa0"), text)
    lines = wrap(kept, width, break_long_words=False, break_on_hyphens=False)
    return [Line(line.replace("\xa0", " ")) for line in lines]


def strong(texts: Iterable[str], width: int = WIDTH) -> list[Line]:
    """Wrap texts as emphasized lines, each text on lines of its own."""
    return [replace(line, strong=True) for text in texts for line in wrapped(text, width)]


def in_short(requirements: Iterable[str]) -> str:
    """Abbreviate requirement IDs by naming each prefix once: ``MT-COMMIT-1, -3; MT-ROLLBACK-1 to -12``."""
    split = sorted({(name.rpartition("-")[0], int(name.rpartition("-")[2])) for name in requirements})
    return "; ".join(
        f"{prefix}{', '.join(_runs([number for _, number in numbers]))}"
        for prefix, numbers in groupby(split, key=lambda pair: pair[0])
    )


def ids_of(requirements: Iterable[str], width: int = WIDTH) -> list[Line]:
    """Return the lines that name requirements."""
    return [replace(line, ids=True) for line in wrapped(in_short(requirements), width)]


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
    """Merge the loops of each box by role: nested loops would cross each other's labels."""
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
