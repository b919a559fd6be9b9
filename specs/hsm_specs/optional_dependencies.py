"""Packages that only an extra installs, loaded when they are needed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from hsm_specs.errors import ToolError

EXTRAS = {
    "distributed": ("dask", "A cluster needs dask.distributed, which is not installed."),
    "jinja2": ("diagrams", "Pages are made with Jinja, which is not installed."),
    "networkx": ("diagrams", "Graphs are made with networkx, which is not installed."),
}
"""The extra that installs a package, and the sentence that says what the package is for."""


class NotInstalled(ToolError):
    """A package that an extra installs is missing."""

    code = "not-installed"


@contextmanager
def optional_imports() -> Generator[None]:
    """Raise `NotInstalled` in place of the import error of a package in `EXTRAS`."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        extra, what = EXTRAS[package]
        raise NotInstalled(what, remedy=f"`pip install 'hsmspec[{extra}]'` installs it.") from error


def load(module: str) -> Any:
    """Import a module that is an optional package or needs one. Raise `NotInstalled` if the package is missing."""
    with optional_imports():
        return import_module(module)
