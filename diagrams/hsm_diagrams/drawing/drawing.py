"""A drawing: boxes and arrows with the roles that they play, before any format and any colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

MANY = 200
"""Above so many boxes a drawing is laid out by forces, not in ranks."""

Direction = Literal["down", "right"]


class Role(Enum):
    """What a box or an arrow is, from which its look follows."""

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
    """A line of a label. There are two sizes of type, and ``large`` is the larger one."""

    text: str
    strong: bool = False
    large: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A node to be drawn. ``requirements`` are what it shows; the first is what it links to."""

    key: str
    lines: Sequence[Line]
    role: Role
    requirements: Sequence[str] = ()
    hint: str = ""
    """What is said of it when it is pointed at."""
    group: str = ""
    """The title of the frame that it is in."""
    flush: bool = False
    """Whether its lines begin at the left, as those of programs do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An edge to be drawn. ``requirements`` are what it shows; the first is what it links to."""

    source: str
    target: str
    lines: Sequence[Line]
    role: Role
    requirements: Sequence[str] = ()
    hint: str = ""
    """What is said of it when it is pointed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture without a format. ``name`` makes its file's name and the IDs inside."""

    name: str
    title: str
    caption: Sequence[str]
    """Sentences that say from what and how it was made, and how to read it."""
    description: str
    """The picture in words, for those who do not see it."""
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    direction: Direction = "down"
    close: bool = False
    """Whether boxes may be close together, there being no labels between them."""

    @property
    def by_forces(self) -> bool:
        """Whether it has too many boxes to be laid out in ranks."""
        return len(self.boxes) > MANY
