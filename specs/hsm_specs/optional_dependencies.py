"""Packages that only some users need are loaded only when they are needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hsm_specs.errors import ToolError


class NotInstalled(ToolError):
    """A package that an extra brings is not installed."""

    code = "not-installed"


def load(package: str, said: str, extra: str) -> Any:
    """A package. Where it is missing, raises `NotInstalled` with what is said and the name of the extra."""
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
        raise NotInstalled(said, mend=f"`pip install 'hsmspec[{extra}]'` brings it.") from None
