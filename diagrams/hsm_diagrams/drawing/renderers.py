"""The programs that make pictures of DOT text: ``graphviz-pure``, which pip installs, and the system's ``dot``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from html import escape
from typing import Literal

from hsm_diagrams.drawing.dot import identifier
from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.drawing.themes import FONT, FONTS, SMALL, Theme
from hsm_specs.errors import ToolError
from hsm_specs.printable import printable

Engine = Literal["auto", "pure", "dot"]
"""Which program: the first there is, or the one asked for."""
ImageFormat = Literal["svg", "png"]

PROGRAMS: dict[str, str] = {"pure": "graphviz-pure", "dot": "dot"}
"""The programs in the order of preference: the first one draws the same bytes on every system."""
TIME_LIMIT = 60.0
"""Seconds that a drawing may take."""
PNG_RESOLUTION = 144


class NoRenderer(ToolError):
    """There is no program that makes pictures."""

    code = "no-renderer"
    remedy = "`pip install 'hsmspec[diagrams]'` brings graphviz-pure, which needs nothing else."


class RenderingFailed(ToolError):
    """The program could not make a picture, or not in time."""

    code = "rendering-failed"


def find_renderer(engine: Engine = "auto") -> str:
    """The path of the program to use. Raises `NoRenderer`."""
    wanted = list(PROGRAMS.values()) if engine == "auto" else [PROGRAMS[engine]]
    for program in wanted:
        # An environment's programs are there also where it is not activated.
        found = shutil.which(program) or shutil.which(program, path=sysconfig.get_path("scripts"))
        if found:
            return found
    raise NoRenderer(f"Nothing here draws DOT text: {' and '.join(wanted)} cannot be found.")


def render(dot: str, image_format: ImageFormat, engine: Engine = "auto", time_limit: float = TIME_LIMIT) -> bytes:
    """The picture that DOT text describes. Raises `NoRenderer` or `RenderingFailed`."""
    program = find_renderer(engine)
    command = [program, f"-T{image_format}"]
    if image_format == "png":
        command.append(f"-Gdpi={PNG_RESOLUTION}")
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


RAISED = 0.19
"""How much of its size bold type stands higher in its line than other type does, as graphviz computes it."""


def finished(svg: str, drawing: Drawing, theme: Theme) -> str:
    """The SVG with title and description, without prolog and comments, with typefaces that every system has."""
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
    """The SVG with bold lines among other ones lowered to where these would be."""

    def lowered(text: re.Match[str]) -> str:
        return f'{text[1]}y="{float(text[2]) + RAISED * SMALL:g}"{text[3]}'

    bold = rf'(<text xml:space="preserve" [^>]*?)y="([-\d.]+)"([^>]*font-weight="bold" font-size="{SMALL}(?:\.0+)?")'
    return re.sub(bold, lowered, svg)
