"""Sequence charts: who tells whom what, in order. SVG, Mermaid or JSON; no layout by Graphviz."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import accumulate, pairwise
from typing import Any, ClassVar

from hsm_diagrams.drawing.drawing import Drawing, Role
from hsm_diagrams.drawing.pictures import Format, Picture
from hsm_diagrams.drawing.renderers import Engine
from hsm_diagrams.drawing.themes import FONTS, LIGHT, Theme
from hsm_specs.errors import InputError
from hsm_specs.printable import printable

TOP, ROW, MARGIN, NARROW = 64, 44, 24, 120.0
CHARACTER = 7.0
"""The width of a character, in pixels, at the size of the messages."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message from one participant to another. ``note`` stands below it, at the one who gets it."""

    source: str
    target: str
    said: str
    failed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class SequencePicture(Picture):
    """A sequence chart. ``steps`` are what it shows, as data for JSON; ``order`` is that of participants, if known."""

    as_text: ClassVar[Format] = "mermaid"

    messages: Sequence[Message]
    steps: Sequence[Any] = ()
    order: Sequence[str] = ()

    def encode(
        self, output_format: Format = "svg", theme: Theme = LIGHT, engine: Engine = "auto", book: str = ""
    ) -> bytes:
        """Return the chart in a format. Raise `InputError` for formats that it does not have."""
        match output_format:
            case "svg":
                return _svg(self.drawing, self.messages, self.participants(), theme).encode()
            case "mermaid":
                return "\n".join([*_mermaid(self.drawing, self.messages, self.participants()), ""]).encode()
            case "json":
                steps = [asdict(step) for step in self.steps or self.messages]
                return (json.dumps(steps, indent=1, ensure_ascii=False) + "\n").encode()
            case _:
                raise InputError("A sequence chart is SVG, Mermaid or JSON.", remedy="Use --format svg.")

    def participants(self) -> list[str]:
        """Return who takes part, in the given order, then in that of their first messages."""
        those = dict.fromkeys(who for message in self.messages for who in (message.source, message.target))
        return [who for who in self.order if who in those] + [who for who in those if who not in self.order]


def _mermaid(drawing: Drawing, messages: Sequence[Message], those: Sequence[str]) -> Iterator[str]:
    names = {who: f"p{number}" for number, who in enumerate(those)}
    yield "sequenceDiagram"
    yield f"    accTitle: {_plain(drawing.title)}"
    for who, name in names.items():
        yield f"    participant {name} as {_plain(who)}"
    for message in messages:
        arrow = "-x" if message.failed else "->>"
        yield f"    {names[message.source]}{arrow}{names[message.target]}: {_plain(message.said)}"
        if message.note:
            yield f"    Note over {names[message.target]}: {_plain(message.note)}"


def _plain(text: str) -> str:
    """Return a text as Mermaid takes it: it would end at a semicolon or a number sign."""
    return " ".join(printable(text).split()).translate({ord("#"): "#35;", ord(";"): "#59;"}) or " "


def _svg(drawing: Drawing, messages: Sequence[Message], those: Sequence[str], theme: Theme) -> str:
    columns = _columns(messages, those)
    rows = sum(1 + bool(message.note) for message in messages)
    width, height = max(columns.values(), default=0) + _behind(messages, those) + MARGIN, TOP + (rows + 1) * ROW
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}" role="graphics-document" font-family="{escape(FONTS)}" font-size="12"'
        ' aria-labelledby="sequence-title" aria-describedby="sequence-description">',
        f'<title id="sequence-title">{_escaped(drawing.title)}</title>',
        f'<desc id="sequence-description">{_escaped(drawing.description)}</desc>',
        f'<rect width="100%" height="100%" fill="{theme.background}"/>',
    ]
    for who, x in columns.items():
        lines.append(f'<line x1="{x:g}" y1="44" x2="{x:g}" y2="{height - 12:g}" stroke="{theme.faint}"/>')
        lines.append(_text(x, 32, who, theme.ink, 'text-anchor="middle" font-weight="bold"'))
    y = float(TOP)
    for message in messages:
        y += ROW
        lines += _arrow(columns[message.source], columns[message.target], y, message, theme)
        if message.note:
            y += ROW
            lines.append(_text(columns[message.target] + 8, y - ROW / 2, message.note, theme.faint, ""))
    return "\n".join([*lines, "</svg>", ""])


def _columns(messages: Sequence[Message], those: Sequence[str]) -> dict[str, float]:
    """Return where participants stand. A message has all the room between the two whom it concerns."""
    at = {who: number for number, who in enumerate(those)}
    gaps = [max(NARROW, _length(who) / 2 + _length(after) / 2 + MARGIN) for who, after in pairwise(those)]
    spans: list[tuple[int, int, float]] = []
    for m in messages:
        first, last = sorted((at[m.source], at[m.target]))
        spans.append((first, last, _length(m.said) + 2 * MARGIN))
    spans += [(at[m.target], at[m.target] + 1, _length(m.note) + MARGIN) for m in messages if m.target != those[-1]]
    for first, last, needed in sorted(spans, key=lambda span: span[1] - span[0]):
        gaps[last - 1] += max(0.0, needed - sum(gaps[first:last]))
    return dict(zip(those, accumulate(gaps, initial=MARGIN + 60.0), strict=True)) if those else {}


def _behind(messages: Sequence[Message], those: Sequence[str]) -> float:
    """Return the room that the last participant needs behind it, for its name and its notes."""
    notes = [_length(message.note) for message in messages if message.target == those[-1]]
    return max([_length(those[-1]) / 2, *notes], default=0.0) if those else 0.0


def _length(text: str) -> float:
    return len(text) * CHARACTER


def _arrow(start: float, end: float, y: float, message: Message, theme: Theme) -> Iterator[str]:
    """Yield a message as an arrow. Its text ends, or begins, at the one who gets it."""
    color = theme.looks[Role.FAILED].ink if message.failed else theme.ink
    back = 8 if end < start else -8
    tip = f"{end:g},{y:g} {end + back:g},{y - 4:g} {end + back:g},{y + 4:g}"
    dashed = ' stroke-dasharray="5 3"' if message.failed else ""
    yield f'<line x1="{start:g}" y1="{y:g}" x2="{end:g}" y2="{y:g}" stroke="{color}"{dashed}/>'
    yield f'<polygon points="{tip}" fill="{color}"/>'
    anchor = "start" if end < start else "end"
    yield _text(end + (12 if end < start else -12), y - 6, message.said, color, f'text-anchor="{anchor}"')


def _text(x: float, y: float, text: str, color: str, attributes: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" {attributes}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return escape(printable(text))
