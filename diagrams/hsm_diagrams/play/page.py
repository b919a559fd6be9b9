"""The page: a picture, the state that one is in, what can happen next, and what has happened."""

from __future__ import annotations

import json
from pathlib import Path

from hsm_diagrams.drawing.dot import identifier, to_dot
from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.drawing.renderers import Engine, render_svg
from hsm_diagrams.drawing.themes import THEMES
from hsm_diagrams.play.played import Played
from hsm_specs.errors import InputError
from hsm_specs.report.html.templates import markup, rendered

FOLDER = Path(__file__).parent
MANY_STATES = 50_000
"""The most states that a page has."""
LARGE = 20_000_000
"""The most bytes that a page has."""


def page(drawing: Drawing, played: Played, engine: Engine = "auto") -> str:
    """Return the page. Raise `InputError` if it is too large, `NoRenderer` or `RenderingFailed` for its picture."""
    if len(played.states) > MANY_STATES:
        raise InputError(
            f"The page would have {len(played.states):,} states, and a browser bears {MANY_STATES:,}:",
            remedy="fold more of them, or take a smaller scope.",
        )
    pictures = {
        theme.name: markup(render_svg(to_dot(drawing, theme), drawing, theme, engine)) for theme in THEMES.values()
    }
    data = {
        "boxes": [identifier(drawing, theme, "box-") for theme in THEMES.values()],
        "states": [state._asdict() for state in played.states],
        "moves": [move._asdict() for move in played.moves],
        "starts": played.starts,
        "opened": list(played.opened),
        "code": played.code,
        "ending": played.ending,
        "name": drawing.name,
    }
    text = rendered(
        "play.html",
        FOLDER / "pages",
        drawing=drawing,
        played=played,
        pictures=pictures,
        data=markup(_embedded(data)),
        own_style=markup((FOLDER / "static" / "play.css").read_text("utf-8")),
        own_script=markup((FOLDER / "static" / "play.js").read_text("utf-8")),
    )
    if len(text) > LARGE:
        raise InputError(
            f"The page would take {len(text) // 10**6:,} MB, and a browser bears {LARGE // 10**6} MB:",
            remedy="fold more states, or take a smaller scope.",
        )
    return text


def _embedded(data: object) -> str:
    """Return data as JSON that cannot end the element of a page which holds it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
