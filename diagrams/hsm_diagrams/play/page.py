"""The page: a picture, the state that one is in, what can happen next, and what has happened."""

from __future__ import annotations

import json
from pathlib import Path

from hsm_diagrams.drawing.dot import identifier, to_dot
from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.drawing.renderers import Engine, render_svg
from hsm_diagrams.drawing.themes import THEMES
from hsm_diagrams.play.part import part_of
from hsm_diagrams.play.played import Played
from hsm_specs.errors import InputError
from hsm_specs.report.html.templates import markup, rendered

FOLDER = Path(__file__).parent
MANY_STATES = 50_000
"""The most states that a page has."""
LARGE = 20_000_000
"""The most bytes that a page has."""


def page(drawing: Drawing, played: Played, engine: Engine = "auto") -> str:
    """Return the page, with a part of the states that says so if there are more than a browser bears.

    Raise `InputError` if not even that helps, `NoRenderer` or `RenderingFailed` for its picture.
    """
    drawn, whole = drawing, played
    if len(played.states) > MANY_STATES:
        drawn, played = part_of(drawing, whole, MANY_STATES)
    while len(text := _text(drawn, played, engine)) > LARGE:
        if len(played.states) == 1:
            raise InputError(
                f"The page would take {len(text) // 10**6:,} MB, and a browser bears {LARGE // 10**6} MB:",
                remedy="fold more states, or take a smaller scope.",
            )
        # A little less than would fit, if all states were alike.
        fitting = int(0.9 * len(played.states) * LARGE / len(text))
        drawn, played = part_of(drawing, whole, max(1, fitting))
    return text


def _text(drawing: Drawing, played: Played, engine: Engine) -> str:
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
    return rendered(
        "play.html",
        FOLDER / "pages",
        drawing=drawing,
        played=played,
        pictures=pictures,
        data=markup(_embedded(data)),
        own_style=markup((FOLDER / "static" / "play.css").read_text("utf-8")),
        own_script=markup((FOLDER / "static" / "play.js").read_text("utf-8")),
    )


def _embedded(data: object) -> str:
    """Return data as JSON that cannot end the element of a page which holds it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
