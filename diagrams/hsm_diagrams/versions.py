"""Which hsmspec it is that draws."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "of an unknown version"


def own_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("hsmspec")
    except PackageNotFoundError:
        return UNKNOWN
