"""One trace as a sequence chart: SVG, Mermaid or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape

import networkx as nx

from hsm_diagrams.drawing.drawing import Drawing, Role
from hsm_diagrams.drawing.pictures import Format, Picture
from hsm_diagrams.drawing.renderers import Engine
from hsm_diagrams.drawing.themes import FONTS, LIGHT, Theme
from hsm_model.machines.suggestions import similar
from hsm_specs.errors import InputError
from hsm_specs.printable import printable
from hsm_specs.traces.observed import ChartedCall, Observed
from hsm_specs.traces.observing import observe

TEST = "test"
TOP, ROW, MARGIN = 64, 44, 24
CHARACTER = 7.0
"""The width of a character, in pixels, at the size of the messages."""


@dataclass(frozen=True, slots=True)
class SequencePicture(Picture):
    """A sequence chart, which has no layout by Graphviz."""

    steps: Sequence[ChartedCall]

    def encode(
        self, output_format: Format = "svg", theme: Theme = LIGHT, engine: Engine = "auto", book: str = ""
    ) -> bytes:
        """Return the chart in a format. Raise `InputError` for formats that it does not have."""
        match output_format:
            case "svg":
                return _svg(self.drawing, self.steps, theme).encode()
            case "mermaid":
                return "\n".join([*_mermaid(self.drawing, self.steps), ""]).encode()
            case "json":
                return (json.dumps([asdict(step) for step in self.steps], indent=1, ensure_ascii=False) + "\n").encode()
            case _:
                raise InputError("A sequence chart is SVG, Mermaid or JSON.", remedy="Use --format svg.")


def sequence_picture(files: Sequence[str], trace: str) -> Picture:
    """Return the sequence chart of a trace. Raise `InputError` if it is not clear which one is meant."""
    seen = observe(files)
    name = _chosen(seen, trace)
    steps = seen.steps[name]
    caption = f"{len(steps)} operations of the trace {name or 'without a name'}."
    said = "; ".join(f"{step.who}, {step.what}{' fails' * bool(step.failure)}" for step in steps)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="sequence", name="sequence")
    title = f"The trace {name}" if name else "The trace"
    drawing = Drawing(name="sequence", title=title, caption=[caption], description=said, boxes=[], arrows=[])
    return SequencePicture(graph, drawing, steps)


def _chosen(seen: Observed, trace: str) -> str:
    named = [name for name, steps in seen.steps.items() if steps]
    if trace in named and (trace or len(named) == 1):
        return trace
    if not trace and len(named) == 1:
        return named[0]
    if trace:
        raise InputError(f"There is no trace `{trace}` with operations on machines{similar(trace, named)}", remedy="")
    listed = ", ".join(named[:10]) + (f" and {len(named) - 10} more" if len(named) > 10 else "")
    raise InputError("A sequence chart shows one trace.", remedy=f"Choose one with --trace: {listed}.")


def _participants(steps: Sequence[ChartedCall]) -> list[str]:
    return list(dict.fromkeys([TEST, *(step.who for step in steps)]))


def _said(step: ChartedCall) -> str:
    return step.what + (f" fails: {step.failure}" if step.failure else "")


def _emitted(step: ChartedCall) -> str:
    return f"emits {', '.join(step.tasks)}" + (", rolled back" if step.failure else "")


def _mermaid(drawing: Drawing, steps: Sequence[ChartedCall]) -> Iterator[str]:
    names = {who: f"p{number}" for number, who in enumerate(_participants(steps))}
    yield "sequenceDiagram"
    yield f"    accTitle: {_plain(drawing.title)}"
    for who, name in names.items():
        yield f"    participant {name} as {_plain(who)}"
    for step in steps:
        yield f"    {names[TEST]}{'-x' if step.failure else '->>'}{names[step.who]}: {_plain(_said(step))}"
        if step.tasks:
            yield f"    Note over {names[step.who]}: {_plain(_emitted(step))}"


def _plain(text: str) -> str:
    """Return a text as Mermaid takes it: it would end at a semicolon or a number sign."""
    return " ".join(printable(text).split()).translate({ord("#"): "#35;", ord(";"): "#59;"}) or " "


def _svg(drawing: Drawing, steps: Sequence[ChartedCall], theme: Theme) -> str:
    participants = _participants(steps)
    said = [_said(step) for step in steps] + [_emitted(step) for step in steps if step.tasks]
    widest = max((len(text) for text in [*said, *participants]), default=0)
    gap = max(140.0, widest * CHARACTER + 2 * MARGIN)
    columns = {who: MARGIN + 60 + number * gap for number, who in enumerate(participants)}
    rows = sum(1 + bool(step.tasks) for step in steps)
    width, height = columns[participants[-1]] + gap / 2 + MARGIN, TOP + (rows + 1) * ROW
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
    start = columns[TEST]
    for step in steps:
        x, color = columns[step.who], theme.ink
        if step.failure:
            color = theme.looks[Role.FAILED].ink
        y += ROW
        tip = f"{x:g},{y:g} {x - 8:g},{y - 4:g} {x - 8:g},{y + 4:g}"
        dashed = ' stroke-dasharray="5 3"' if step.failure else ""
        lines.append(f'<line x1="{start:g}" y1="{y:g}" x2="{x:g}" y2="{y:g}" stroke="{color}"{dashed}/>')
        lines.append(f'<polygon points="{tip}" fill="{color}"/>')
        lines.append(_text(x - 12, y - 6, _said(step), color, 'text-anchor="end"'))
        if step.tasks:
            y += ROW
            lines.append(_text(x + 8, y - ROW / 2, _emitted(step), theme.faint, ""))
    return "\n".join([*lines, "</svg>", ""])


def _text(x: float, y: float, text: str, color: str, attributes: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" {attributes}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return escape(printable(text))
