"""Trees as SVG: one node below the other, indented by depth, so that a picture is never wider than its text.

The font is monospaced, so that boxes fit in any browser. Colors come from the style sheet of the page; text or lines
say the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from hsm_specs.printable import printable
from hsm_specs.report.html.changes import Box, FailureContext, Part, Row

LETTER, LINE = 7, 16
"""The width of a letter and the height of a line in pixels, in the font of the style sheet."""
INDENT, PADDING, GAP = 20, 7, 7
STATUS = {"": "", "new": "+ new", "gone": "\N{MINUS SIGN} gone", "changed": "\N{GREEK CAPITAL LETTER DELTA} changed"}


class Svg(NamedTuple):
    """The content of an SVG, and its size in pixels."""

    body: str
    width: int
    height: int


def draw(context: FailureContext) -> Svg:
    """Return the picture of a context."""
    canvas = _Canvas()
    for row in context.rows:
        canvas.row(row)
    for tree in context.trees:
        canvas.tree(tree)
    return Svg("".join(canvas.parts), canvas.width + 2, max(canvas.height, LINE))


class _Canvas:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.width = 10 * LETTER
        self.height = 0

    def row(self, row: Row) -> None:
        """Draw a line of text."""
        status = f" {STATUS[row.status]}" if row.status else ""
        parts = [Part(f"{row.name} "), Part(f"{row.text}{status}", bool(row.status))]
        self._text(1, self.height + 12, parts, "g" if row.status == "gone" else "")
        self.height += LINE + 2

    def tree(self, boxes: Iterable[Box]) -> None:
        """Draw the boxes of a tree, with lines from each to its children."""
        self.height += GAP if self.height else 1
        above: list[int] = []
        for box in boxes:
            top = self.height
            self._box(box, 1 + box.depth * INDENT)
            if box.depth:
                x = 1 + (box.depth - 1) * INDENT + INDENT // 2
                self.parts.append(f'<path class="e" d="M{x} {above[box.depth - 1]}V{top + 14}H{x + INDENT // 2}"/>')
            del above[box.depth :]
            above.append(self.height)
            self.height += GAP

    def _box(self, box: Box, x: int) -> None:
        head = [box.place]
        if box.handles:
            head.append(Part(f" {box.handles}"))
        if box.status:
            head += [Part(" "), Part(STATUS[box.status], True)]
        facts = [part for fact in box.facts for part in (fact, Part(" \N{MIDDLE DOT} "))][:-1]
        lines = [head, facts, *([output] for output in box.outputs)]
        width = max(sum(len(part.text) for part in line) for line in lines) * LETTER + 2 * PADDING + 4
        height = len(lines) * LINE + PADDING
        kind = f"b {box.status}" if box.status else "b"
        self.parts.append(f'<rect class="{kind}" x="{x}" y="{self.height}" width="{width}" height="{height}" rx="4"/>')
        for number, line in enumerate(lines):
            kind = "h" if not number else "g" if box.status == "gone" else ""
            self._text(x + PADDING, self.height + 15 + number * LINE, line, kind)
        self.width = max(self.width, x + width)
        self.height += height

    def _text(self, x: int, y: int, parts: Iterable[Part], kind: str) -> None:
        shown = list(parts)
        text = "".join(
            f'<tspan class="c">{escape(printable(part.text))}</tspan>' if part.changed else escape(printable(part.text))
            for part in shown
        )
        self.parts.append(f'<text class="{f"t {kind}".rstrip()}" x="{x}" y="{y}">{text}</text>')
        self.width = max(self.width, x + sum(len(part.text) for part in shown) * LETTER + PADDING)
