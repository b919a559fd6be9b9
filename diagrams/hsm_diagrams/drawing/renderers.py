"""The programs that render DOT text: ``graphviz-pure``, which pip installs, and the system's ``dot``."""

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
"""How much higher graphviz places bold type in its line, as a fraction of the size."""


def finished(svg: str, drawing: Drawing, theme: Theme) -> str:
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
