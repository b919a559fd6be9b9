"""Drawings as Mermaid text, which many sites render in Markdown.

Mermaid moves labels of arrows after it has laid them out, so that they cover one another and boxes. It keeps boxes
apart, so a label is a box without border in the middle of its arrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hsm_diagrams.drawing.dot import link
from hsm_diagrams.drawing.drawing import Box, Drawing, Line, Role
from hsm_diagrams.drawing.themes import Look, Theme
from hsm_specs.printable import printable

INDENT = "    "
ENTITIES = str.maketrans({"#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "`": "#96;"})
"""Mermaid's escapes for the characters that would end or change a label."""


def to_mermaid(drawing: Drawing, theme: Theme, book: str = "") -> str:
    """Return the Mermaid text of a drawing. The caption becomes a comment because Mermaid has no place for it."""
    return "\n".join([*_statements(drawing, theme, book), ""])


def _statements(drawing: Drawing, theme: Theme, book: str) -> Iterator[str]:
    names = {box.key: f"n{number}" for number, box in enumerate(drawing.boxes)}
    yield from _front_matter(drawing, theme)
    yield f"flowchart {'TB' if drawing.direction == 'down' else 'LR'}"
    for sentence in drawing.caption:
        yield f"{INDENT}%% {_one_line(sentence)}"
    yield f"{INDENT}accTitle: {_one_line(drawing.title)}"
    yield f"{INDENT}accDescr: {_one_line(drawing.description)}"
    groups = {title: f"g{number}" for number, title in enumerate(dict.fromkeys(box.group for box in drawing.boxes))}
    for title, group in groups.items():
        if title:
            yield f"{INDENT}subgraph {group}[{_in_quotes(title)}]"
        for box in (box for box in drawing.boxes if box.group == title):
            yield f"{INDENT}{names[box.key]}{_shape(box)}:::{_class(box.role)}"
        if title:
            yield f"{INDENT}end"
    frames = {box.key: groups[box.group] for box in drawing.boxes}
    looks: list[Look] = []
    for number, arrow in enumerate(drawing.arrows):
        source = (frames if arrow.from_group else names)[arrow.source]
        target = (frames if arrow.to_group else names)[arrow.target]
        dashed = theme.looks[arrow.role].stroke == "dashed"
        line = "-.->" if dashed else "-->"
        if arrow.role is Role.HIDDEN:
            line = "~~~"
        looks.append(theme.looks[arrow.role])
        if arrow.lines:
            looks.append(looks[-1])
            label = f"l{number}[{_label(arrow.lines)}]:::on_{_class(arrow.role)}"
            yield f"{INDENT}{source} {'-.-' if dashed else '---'} {label} {line} {target}"
        else:
            yield f"{INDENT}{source} {line} {target}"
    for box in drawing.boxes:
        if address := link(box.requirements, book):
            yield f"{INDENT}click {names[box.key]} href {_in_quotes(address)}"
    for role in dict.fromkeys(box.role for box in drawing.boxes):
        yield f"{INDENT}classDef {_class(role)} {_style(theme.looks[role])}"
    for role in dict.fromkeys(arrow.role for arrow in drawing.arrows if arrow.lines):
        yield f"{INDENT}classDef on_{_class(role)} fill:{theme.background},stroke:none,color:{theme.looks[role].ink}"
    for number, look in enumerate(looks):
        yield f"{INDENT}linkStyle {number} stroke:{look.line},stroke-width:{look.width}px,color:{look.ink}"


def _front_matter(drawing: Drawing, theme: Theme) -> Iterator[str]:
    yield "---"
    yield f"title: {_in_quotes(drawing.title)}"
    yield from ["config:", "  theme: base", "  themeVariables:"]
    yield f"    textColor: {_in_quotes(theme.ink)}"
    # The labels are already wrapped; keep Mermaid from wrapping them again.
    yield from ["  flowchart:", "    wrappingWidth: 600", "    nodeSpacing: 30", "    rankSpacing: 25", "---"]


def _shape(box: Box) -> str:
    if box.role is Role.START:
        return '((" "))'
    opening, closing = ("[[", "]]") if box.role is Role.TERMINAL else ("(", ")")
    rows = [Line(f"{about}: {said}") for about, said in box.table]
    return f"{opening}{_label([*box.lines, *rows])}{closing}"


def _style(look: Look) -> str:
    dashes = ",stroke-dasharray:5 3" if look.stroke == "dashed" else ""
    return f"fill:{look.fill},stroke:{look.line},stroke-width:{look.width}px,color:{look.ink}{dashes}"


def _class(role: Role) -> str:
    return role.name.lower()


def _label(lines: Iterable[Line]) -> str:
    marked = (f"<b>{_text(line.text)}</b>" if line.strong else _text(line.text) for line in lines)
    return f'"{"<br/>".join(marked)}"'


def _text(text: str) -> str:
    return printable(text).translate(ENTITIES)


def _in_quotes(text: str) -> str:
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
