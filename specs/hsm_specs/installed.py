"""The installed hsmspec."""

from __future__ import annotations

from importlib import import_module


def installed_version() -> str:
    """Return the version of the installed distribution. Reading metadata is slow, so it is imported here."""
    metadata = import_module("importlib.metadata")
    try:
        return str(metadata.version("hsmspec"))
    except metadata.PackageNotFoundError:
        return "unknown (run from a checkout)"


def is_compiled() -> bool:
    """Return whether the model is compiled."""
    return not str(import_module("hsm_model.maps").__file__).endswith(".py")
