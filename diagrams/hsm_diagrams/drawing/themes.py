"""The looks of roles in a light and a dark theme. Color is never the only cue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hsm_diagrams.drawing.drawing import Role

ThemeName = Literal["light", "dark"]
Stroke = Literal["solid", "dashed"]

SMALL, LARGE = 11, 14
"""The two sizes of type, in points."""
FONT = "Arial"
"""The font that labels are measured in."""
FONTS = "Arial,Liberation Sans,Arimo,Helvetica,sans-serif"
"""The fonts for browsers: those with the same widths first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The look of a box or an arrow: its line, its text and its area."""

    line: str
    ink: str
    fill: str = "transparent"
    stroke: Stroke = "solid"
    width: float = 1.2
    borders: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colors of a picture and the looks of all roles."""

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
        Role.SAME: Look(line="#8c959f", ink="#57606a", fill="#f6f8fa", width=1.0),
        Role.ADDED: Look(line="#0b5fae", ink="#0a4f92", fill="#e3f0fc", width=2.2),
        Role.REMOVED: Look(line="#b35000", ink="#944200", fill="#fdf1e3", stroke="dashed", width=1.6),
        Role.CHANGED: Look(line="#8a3f8f", ink="#743579", fill="#f8ecf9", width=2.2, borders=2),
        Role.AGREES: Look(line="#2f6db3", ink="#1b1f24", fill="#eaf2fb"),
        Role.KNOWN: Look(line="#a86400", ink="#1b1f24", fill="#fff0cf", borders=2),
        Role.DEVIATES: Look(line="#b3261e", ink="#1b1f24", fill="#ffdcd6", width=3.2),
        Role.UNSEEN: Look(line="#7a828b", ink="#4a5159", fill="#f4f5f6", stroke="dashed"),
        Role.SELDOM: Look(line="#5b7fa8", ink="#1b1f24", fill="#e6eef7"),
        Role.SOMETIMES: Look(line="#2f6db3", ink="#1b1f24", fill="#b7d3ef", width=1.8),
        Role.OFTEN: Look(line="#0a3f78", ink="#ffffff", fill="#1f5fa3", width=2.4),
        Role.HIDDEN: Look(line="#1b1f24", ink="#1b1f24"),
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
        Role.SAME: Look(line="#6e7681", ink="#9da7b3", fill="#171b21", width=1.0),
        Role.ADDED: Look(line="#58a6ff", ink="#8cc4ff", fill="#10263f", width=2.2),
        Role.REMOVED: Look(line="#f0883e", ink="#ffab70", fill="#2d1d0e", stroke="dashed", width=1.6),
        Role.CHANGED: Look(line="#d28ad8", ink="#e3b1e7", fill="#2a1830", width=2.2, borders=2),
        Role.AGREES: Look(line="#6cb0ff", ink="#e6edf3", fill="#16263a"),
        Role.KNOWN: Look(line="#d9a441", ink="#f5e6c8", fill="#33270c", borders=2),
        Role.DEVIATES: Look(line="#ff7b72", ink="#ffe3e0", fill="#451a17", width=3.2),
        Role.UNSEEN: Look(line="#7d8590", ink="#adb6c0", fill="#171b21", stroke="dashed"),
        Role.SELDOM: Look(line="#5b7fa8", ink="#e6edf3", fill="#14202e"),
        Role.SOMETIMES: Look(line="#6cb0ff", ink="#e6edf3", fill="#1d3f66", width=1.8),
        Role.OFTEN: Look(line="#a5d0ff", ink="#0d1117", fill="#7db9f5", width=2.4),
        Role.HIDDEN: Look(line="#e6edf3", ink="#e6edf3"),
    },
)
THEMES: Mapping[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}
