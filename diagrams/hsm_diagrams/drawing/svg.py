"""What is done to an SVG that graphviz made, so that it is read aloud, shown inside of pages and legible anywhere."""

from __future__ import annotations

import re
from html import escape

from hsm_diagrams.drawing.dot import identifier
from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.drawing.themes import FONT, FONTS, SMALL, Theme
from hsm_specs.printable import printable

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
