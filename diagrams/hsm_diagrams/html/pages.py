"""Templates become pages: with everything escaped, and with style sheet and script in the page or beside it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent
_NO_HTML = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@cache
def environment() -> Environment:
    """The templates."""
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def static(name: str) -> str:
    """A file that pages need."""
    return (FOLDER / "static" / name).read_text("utf-8")


def rendered(template: str, **values: Any) -> str:
    """A page, or a part of one. What HTML cannot hold is replaced."""
    own = {"style": markup(static("style.css")), "script": markup(static("page.js"))}
    return _NO_HTML.sub("\N{REPLACEMENT CHARACTER}", environment().get_template(template).render(own | values))


def markup(html: str) -> Markup:
    """A part of a page that is used as it is: made by `rendered`, which escapes, or by this package itself."""
    return Markup(html)  # noqa: S704  # see above
