"""What only drawing needs is loaded only when something is drawn."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from hsm_specs.harness import HarnessError


class NotInstalled(HarnessError):
    """The packages that drawing needs are not installed."""

    code = "not-installed"
    mend = "`pip install 'hsmspec[diagrams]'` brings all that drawing needs."


def load(module: str) -> ModuleType:
    """A module of this package that draws. Raises `NotInstalled` where networkx is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "networkx":
            raise
        raise NotInstalled("Graphs are made with networkx, which is not installed.") from error
