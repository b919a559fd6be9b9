"""The looks of roles: a light and a dark theme. Whatever a colour says, a shape, a line or a word says too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hsm_diagrams.drawing import Role

ThemeName = Literal["light", "dark"]
Stroke = Literal["solid", "dashed"]

SMALL, LARGE = 11, 14
"""The two sizes of type, in points."""
FONT = "Arial"
"""The typeface that labels are measured in."""
FONTS = "Arial,Liberation Sans,Arimo,Helvetica,sans-serif"
"""The same for browsers: typefaces of the same widths first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How something is drawn: its line, the type on it, and the area inside of it."""

    line: str
    ink: str
    fill: str = "transparent"
    stroke: Stroke = "solid"
    width: float = 1.2
    borders: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of a picture and the looks of all roles."""

    name: ThemeName
    background: str
    ink: str
    faint: str
    looks: Mapping[Role, Look]


LIGHT = Theme(
    name="light",
    background="#ffffff",
    ink="#1b1f24",
    faint="#57606a",
    looks={
        Role.STATE: Look(line="#2f6db3", ink="#1b1f24", fill="#eaf2fb"),
        Role.TERMINAL: Look(line="#2f6db3", ink="#1b1f24", fill="#eaf2fb", borders=2),
        Role.UNREACHABLE: Look(line="#8c959f", ink="#5f6770", fill="#f4f5f6", stroke="dashed"),
        Role.START: Look(line="#1b1f24", ink="#1b1f24", fill="#1b1f24"),
        Role.SUCCESS: Look(line="#4a5561", ink="#1b1f24"),
        Role.REJECTED: Look(line="#8c959f", ink="#57606a", stroke="dashed", width=1.0),
        Role.FAILED: Look(line="#c0271b", ink="#b3261e", width=1.6),
    },
)
DARK = Theme(
    name="dark",
    background="#0d1117",
    ink="#e6edf3",
    faint="#9da7b3",
    looks={
        Role.STATE: Look(line="#6cb0ff", ink="#e6edf3", fill="#16263a"),
        Role.TERMINAL: Look(line="#6cb0ff", ink="#e6edf3", fill="#16263a", borders=2),
        Role.UNREACHABLE: Look(line="#6e7681", ink="#9da7b3", fill="#171b21", stroke="dashed"),
        Role.START: Look(line="#e6edf3", ink="#e6edf3", fill="#e6edf3"),
        Role.SUCCESS: Look(line="#9da7b3", ink="#e6edf3"),
        Role.REJECTED: Look(line="#6e7681", ink="#9da7b3", stroke="dashed", width=1.0),
        Role.FAILED: Look(line="#ff7b72", ink="#ff938a", width=1.6),
    },
)
THEMES: Mapping[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}
