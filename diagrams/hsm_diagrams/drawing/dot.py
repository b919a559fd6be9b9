"""Drawings as DOT text: the same drawing always gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from textwrap import wrap

from hsm_diagrams.drawing.drawing import MANY, Arrow, Box, Drawing, Line, Role, wrapped
from hsm_diagrams.drawing.themes import FONT, LARGE, SMALL, Look, Theme
from hsm_specs.printable import printable


class Markup(str):
    """Text in the markup of graphviz's labels."""

    __slots__ = ()


def to_dot(drawing: Drawing, theme: Theme, book: str = "") -> str:
    """Return the DOT text of a drawing. Requirements link to anchors of the page ``book``, if there is one."""
    return "\n".join([f"digraph {_quoted(drawing.name)} {{", *_statements(drawing, theme, book), "}", ""])


def link(requirements: Sequence[str], book: str) -> str:
    """Return the address of the first requirement in the book; empty without requirement or book."""
    return f"{book}#{requirements[0]}" if requirements and book else ""


def hint(of: Box | Arrow) -> str:
    """Return the tooltip of a box or an arrow: its hint, then all its requirements."""
    requirements = f"shows {', '.join(of.requirements)}" if of.requirements else ""
    return "; ".join(filter(None, [of.hint, requirements]))


def identifier(drawing: Drawing, theme: Theme, part: str = "") -> str:
    """Return an ID that is unique among the pictures of a page."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{drawing.name}-{theme.name}-{part}").strip("-")


def _statements(drawing: Drawing, theme: Theme, book: str) -> Iterator[str]:
    yield _statement("graph", _graph_attributes(drawing, theme))
    yield _statement("node", {"fontname": FONT, "fontsize": SMALL, "shape": "box", "margin": "0.18,0.08"})
    yield _statement("edge", {"fontname": FONT, "fontsize": SMALL, "arrowsize": 0.8})
    numbered = list(enumerate(drawing.boxes, 1))
    framed = {
        end for arrow in drawing.arrows if arrow.from_group or arrow.to_group for end in (arrow.source, arrow.target)
    }
    for title, grouped in groupby(sorted(numbered, key=lambda member: member[1].group), lambda member: member[1].group):
        members = list(grouped)
        if title:
            yield f"subgraph {_quoted('cluster ' + title)} {{"
            # Labels of arrows between its boxes stay inside.
            margin = {"margin": 24} if framed & {box.key for _, box in members} else {}
            yield _statement(
                "graph",
                {
                    "id": identifier(drawing, theme, f"group-{title}"),
                    "label": title,
                    "color": theme.faint,
                    "style": "rounded",
                }
                | margin,
            )
        for number, box in members:
            yield _statement(_quoted(box.key), _box_attributes(drawing, theme, book, box, number))
        if title:
            yield "}"
    group_of = {box.key: box.group for box in drawing.boxes}
    for number, arrow in enumerate(drawing.arrows, 1):
        ends = f"{_quoted(arrow.source)} -> {_quoted(arrow.target)}"
        if arrow.role is Role.HIDDEN:
            yield _statement(ends, {"style": "invis"})
            continue
        groups = {"ltail": arrow.source if arrow.from_group else "", "lhead": arrow.target if arrow.to_group else ""}
        clipped = {name: f"cluster {group_of[box]}" for name, box in groups.items() if box}
        yield _statement(ends, _arrow_attributes(drawing, theme, book, arrow, number) | clipped)


def _graph_attributes(drawing: Drawing, theme: Theme) -> dict[str, object]:
    if drawing.by_forces:
        layout: dict[str, object] = {"layout": "sfdp", "overlap": "prism", "outputorder": "edgesfirst"}
    else:
        rank = "TB" if drawing.direction == "down" else "LR"
        layout = {
            "layout": "dot",
            "rankdir": rank,
            "nodesep": 0.16 if drawing.close else 0.5,
            "ranksep": 0.6 if rank == "TB" or drawing.close else 0.35,
        }
    if any(arrow.from_group or arrow.to_group for arrow in drawing.arrows):
        layout["compound"] = "true"
    return layout | {
        "id": identifier(drawing, theme),
        "bgcolor": theme.background,
        "pad": 0.25,
        "fontname": FONT,
        "fontsize": SMALL,
        "fontcolor": theme.faint,
        "labelloc": "t",
        "labeljust": "l",
        "label": _heading(drawing, theme),
        "tooltip": drawing.title,
    }


def _heading(drawing: Drawing, theme: Theme) -> Markup:
    title = f'<FONT COLOR="{theme.ink}">{_markup(Line(drawing.title, strong=True, large=True))}</FONT>'
    sentences = [*drawing.caption, *([f"More than {MANY} nodes: laid out by forces."] if drawing.by_forces else [])]
    rows = [
        title,
        *(
            _markup(Line(line))
            for sentence in sentences
            for line in wrap(sentence, drawing.caption_width, break_on_hyphens=False)
        ),
        " ",
    ]
    return Markup(_table(rows, align="LEFT"))


def _box_attributes(drawing: Drawing, theme: Theme, book: str, box: Box, number: int) -> dict[str, object]:
    look = theme.looks[box.role]
    attributes: dict[str, object] = {"id": identifier(drawing, theme, f"box-{number}")}
    if box.role is Role.START:
        attributes.update(shape="circle", width=0.16, fixedsize="true", label="", style="filled")
    else:
        style = "rounded,filled" if look.stroke == "solid" else f"rounded,filled,{look.stroke}"
        attributes.update(label=_box_label(box), style=style, fontcolor=look.ink)
    attributes |= {"fillcolor": look.fill, "color": look.line, "penwidth": look.width, "peripheries": look.borders}
    return attributes | _pointed_at(box, book)


def _arrow_attributes(drawing: Drawing, theme: Theme, book: str, arrow: Arrow, number: int) -> dict[str, object]:
    look: Look = theme.looks[arrow.role]
    attributes: dict[str, object] = {"id": identifier(drawing, theme, f"arrow-{number}")}
    if arrow.lines:
        attributes |= {"label": _label_apart(arrow.lines), "fontcolor": look.ink}
    attributes |= {"color": look.line, "penwidth": look.width}
    if look.stroke != "solid":
        attributes["style"] = look.stroke
    return attributes | _pointed_at(arrow, book)


def _pointed_at(of: Box | Arrow, book: str) -> dict[str, object]:
    # Without a tooltip graphviz would show the internal key.
    attributes: dict[str, object] = {"tooltip": hint(of) or " "}
    if address := link(of.requirements, book):
        attributes["URL"] = address
    return attributes


def _box_label(box: Box) -> object:
    if not box.table:
        return _label(box.lines, flush=box.flush)
    rows = [
        f'<TR><TD ALIGN="LEFT" VALIGN="TOP">{_markup(Line(about, strong=True))}</TD>'
        f'<TD ALIGN="LEFT">{_table(map(_markup, wrapped(said)), padding=0, align="LEFT")}</TD></TR>'
        for about, said in box.table
    ]
    table = "\n".join(['<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">', *rows, "</TABLE>"])
    return Markup(_table([*map(_markup, box.lines), table], align="LEFT"))


def _label(lines: Sequence[Line], *, flush: bool = False) -> object:
    return Markup(_table(map(_markup, lines), align="LEFT" if flush else "CENTER")) if lines else ""


def _label_apart(lines: Sequence[Line]) -> object:
    """Return a label with padding, so that it does not touch its own arrow."""
    return Markup(_table([_table(map(_markup, lines))], padding=4))


def _table(rows: Iterable[str], padding: int = 1, align: str = "CENTER") -> str:
    attributes = f'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"'
    cells = [f'<TR><TD ALIGN="{align}">{row}</TD></TR>' for row in rows]
    return "\n".join([f"<TABLE {attributes}>", *cells, "</TABLE>"])


def _markup(line: Line) -> str:
    # An empty element is not allowed in the markup.
    text = escape(printable(line.text)) or " "
    if line.strong:
        text = f"<B>{text}</B>"
    return f'<FONT POINT-SIZE="{LARGE}">{text}</FONT>' if line.large else text


def _statement(subject: str, attributes: Mapping[str, object]) -> str:
    # One attribute per line keeps diffs readable.
    return "\n".join([f"{subject} [", *(f"  {name}={_value(value)}" for name, value in attributes.items()), "]"])


def _value(value: object) -> str:
    if isinstance(value, Markup):
        return f"<{value}>"
    return str(value) if isinstance(value, int | float) else _quoted(str(value))


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
