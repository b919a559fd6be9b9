"""Templates of pages: everything is escaped, style sheet and script are in the page or next to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hsm_specs.printable import xml_text
from hsm_specs.results.verdicts import Verdict

FOLDER = Path(__file__).parent
Tone = Literal["good", "bad", "known", "quiet"]
"""The color of a badge."""


@cache
def environment(folder: Path | None = None) -> Environment:
    """Return the templates of reports, preceded by those of another folder if one is given."""
    own = FOLDER / "pages"
    return Environment(
        loader=FileSystemLoader([own] if folder is None else [folder, own]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def static(name: str) -> str:
    """Return a style sheet or a script."""
    return (FOLDER / "static" / name).read_text("utf-8")


def rendered(template: str, templates: Path | None = None, /, **values: Any) -> str:
    """Return a page or a part of one; ``templates`` is a folder of more templates.

    Characters that HTML cannot hold are replaced.
    """
    own = {"style": markup(static("style.css")), "script": markup(static("page.js"))}
    return xml_text(environment(templates).get_template(template).render(own | values))


def markup(html: str) -> Markup:
    """Return a part of a page that is not escaped again: made by `rendered`, or a file of this package."""
    return Markup(html)  # noqa: S704  # see above


def tone(verdict: Verdict) -> Tone:
    """Return the color of a verdict."""
    match verdict:
        case Verdict.CONFORMS | Verdict.AGREES:
            return "good"
        case Verdict.KNOWN | Verdict.DIFFERS_KNOWN | Verdict.DIFFERS:
            return "known"
        case Verdict.NOT_OFFERED | Verdict.OWED:
            return "quiet"
        case _:
            return "bad"
