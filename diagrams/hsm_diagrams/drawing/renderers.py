"""The programs that render DOT text: ``graphviz-pure``, which pip installs, and the system's ``dot``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Container, Mapping, Sequence
from html import escape, unescape
from typing import Any, Literal, NamedTuple

from hsm_diagrams.drawing.dot import identifier
from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.drawing.themes import FONT, FONTS, SMALL, Theme
from hsm_specs.errors import ToolError
from hsm_specs.printable import printable

Engine = Literal["auto", "pure", "dot"]
"""The program to use; ``auto`` is the first one found."""
ImageFormat = Literal["svg", "png"]

PROGRAMS: dict[str, str] = {"pure": "graphviz-pure", "dot": "dot"}
"""The programs in the order of preference: the first one writes the same bytes on every system."""
TIME_LIMIT = 60.0
"""The time limit of a rendering, in seconds."""
PNG_RESOLUTION = 144


class NoRenderer(ToolError):
    """No program that renders pictures was found."""

    code = "no-renderer"
    remedy = "`pip install 'hsmspec[diagrams]'` brings graphviz-pure, which needs nothing else."


class RenderingFailed(ToolError):
    """The program failed or exceeded the time limit."""

    code = "rendering-failed"


def find_renderer(engine: Engine = "auto") -> str:
    """Return the path of the program to use. Raise `NoRenderer` if there is none."""
    wanted = list(PROGRAMS.values()) if engine == "auto" else [PROGRAMS[engine]]
    for program in wanted:
        # A virtual environment's programs work even if it is not activated.
        found = shutil.which(program) or shutil.which(program, path=sysconfig.get_path("scripts"))
        if found:
            return found
    raise NoRenderer(f"Nothing here draws DOT text: {' and '.join(wanted)} cannot be found.")


def render(dot: str, image_format: ImageFormat, engine: Engine = "auto", time_limit: float = TIME_LIMIT) -> bytes:
    """Render DOT text. Raise `NoRenderer` or `RenderingFailed`."""
    options = [f"-T{image_format}"]
    if image_format == "png":
        options.append(f"-Gdpi={PNG_RESOLUTION}")
    return _run(dot, options, engine, time_limit)


def render_svg(
    dot: str, drawing: Drawing, theme: Theme, engine: Engine = "auto", time_limit: float = TIME_LIMIT
) -> str:
    """Render the DOT text of a drawing as SVG: each text keeps the width that it was laid out with, in any font.

    It has a title and a description, no prolog and no comments. Raise `NoRenderer` or `RenderingFailed`.
    """
    # One run writes both, so that the layout is the same.
    written = _run(dot, ["-Tsvg", "-Tjson"], engine, time_limit).decode()
    svg, end, layout = written.partition("</svg>\n")
    flush = {identifier(drawing, theme, f"box-{number}") for number, box in enumerate(drawing.boxes, 1) if box.flush}
    return _finished(_fitted(svg + end, _widths(json.loads(layout)), flush), drawing, theme)


def _run(dot: str, options: Sequence[str], engine: Engine, time_limit: float) -> bytes:
    program = find_renderer(engine)
    command = [program, *options]
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=time_limit, check=False)  # noqa: S603  # a program of our own list, without a shell
    except subprocess.TimeoutExpired:
        raise RenderingFailed(f"`{program}` has not drawn the picture in {time_limit:g} s.") from None
    except OSError as error:
        raise RenderingFailed(f"`{program}` cannot be run: {error.strerror}.") from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise RenderingFailed(f"`{program}` has not drawn the picture: {said[0]}.")
    return done.stdout


class Type(NamedTuple):
    """A text and how it is set, which its width depends on."""

    text: str
    size: float
    bold: bool


BOLD = 1
"""The bit of graphviz's flags of a font that means bold."""
_TEXT = re.compile(
    r'<g id="(?P<id>[^"]*)" class="(?P<kind>\w+)">'
    r'|<text xml:space="preserve" text-anchor="start" x="(?P<x>[-\d.]+)"(?P<rest>[^>]*)>(?P<text>[^<]*)</text>'
)


def _widths(layout: Mapping[str, Any]) -> dict[Type, float]:
    """Return the widths that texts were laid out with, from graphviz's JSON."""
    widths: dict[Type, float] = {}
    for part in (layout, *layout.get("objects", ()), *layout.get("edges", ())):
        size, flags = 0.0, 0
        for operation in part.get("_ldraw_", ()):
            match operation["op"]:
                case "F":
                    size = operation["size"]
                case "t":
                    flags = operation["fontchar"]
                case "T":
                    widths[Type(operation["text"], size, bool(flags & BOLD))] = operation["width"]
                case _:
                    pass
    return widths


def _fitted(svg: str, widths: Mapping[Type, float], flush: Container[str]) -> str:
    """Give each text its width. Those in boxes and on arrows are anchored in the middle, unless they are flush left."""
    inside = centered = False

    def fitted(found: re.Match[str]) -> str:
        nonlocal inside, centered
        if found["kind"]:
            inside = found["kind"] in ("node", "edge")
            centered = inside and unescape(found["id"]) not in flush
            return found[0]
        size = re.search(r'font-size="([\d.]+)"', found["rest"])
        kind = Type(unescape(found["text"]), float(size[1]) if size else 0.0, 'font-weight="bold"' in found["rest"])
        if not (width := widths.get(kind, 0)):
            return found[0]
        x, anchor = (float(found["x"]) + width / 2, "middle") if centered else (float(found["x"]), "start")
        return (
            f'<text xml:space="preserve" text-anchor="{anchor}" x="{x:.2f}" textLength="{width:.2f}"'
            f' lengthAdjust="spacingAndGlyphs"{found["rest"]}>{found["text"]}</text>'
        )

    return _TEXT.sub(fitted, svg)


RAISED = 0.19
"""How much higher graphviz places bold type in its line, as a fraction of the size."""


def _finished(svg: str, drawing: Drawing, theme: Theme) -> str:
    """Return the SVG with title and description, without prolog and comments, with widely available fonts."""
    title, description = identifier(drawing, theme, "title"), identifier(drawing, theme, "description")
    svg = _evenly_spaced(svg)
    start = svg.index("<svg")
    end = svg.index(">", start)
    words = (
        f'<title id="{title}">{escape(printable(drawing.title))}</title>\n'
        f'<desc id="{description}">{escape(printable(drawing.description))}</desc>\n'
    )
    named = f' role="graphics-document" aria-labelledby="{title}" aria-describedby="{description}">\n'
    body = re.sub(r"<!--.*?-->\n?", "", svg[end + 1 :].lstrip("\n"), flags=re.DOTALL)
    return svg[start:end] + named + words + re.sub(rf'font-family="{FONT}[^"]*"', f'font-family="{FONTS}"', body)


def _evenly_spaced(svg: str) -> str:
    """Lower bold lines to the baseline of other lines."""

    def lowered(text: re.Match[str]) -> str:
        return f'{text[1]}y="{float(text[2]) + RAISED * SMALL:g}"{text[3]}'

    bold = rf'(<text xml:space="preserve" [^>]*?)y="([-\d.]+)"([^>]*font-weight="bold" font-size="{SMALL}(?:\.0+)?")'
    return re.sub(bold, lowered, svg)
