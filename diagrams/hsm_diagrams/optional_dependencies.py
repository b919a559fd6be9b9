"""What only drawing needs is loaded only when something is drawn."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from hsm_specs.errors import ToolError


class NotInstalled(ToolError):
    """The packages that drawing needs are not installed."""

    code = "not-installed"
    mend = "`pip install 'hsmspec[diagrams]'` brings all that drawing needs."


MISSING = {
    "jinja2": "Pages are made with Jinja, which is not installed.",
    "networkx": "Graphs are made with networkx, which is not installed.",
}
"""What is said where a package is missing."""


def load(module: str) -> ModuleType:
    """A module of this package that draws or writes pages. Raises `NotInstalled` where a package is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        said = MISSING.get((error.name or "").partition(".")[0])
        if said is None:
            raise
        raise NotInstalled(said) from error
