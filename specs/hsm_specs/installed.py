"""Which hsmspec is installed."""

from __future__ import annotations

from importlib import import_module


def installed_version() -> str:
    """The version of the installed distribution. Reading metadata takes longer than all of the command line's help."""
    metadata = import_module("importlib.metadata")
    try:
        return str(metadata.version("hsmspec"))
    except metadata.PackageNotFoundError:
        return "unknown (run from a checkout)"


def is_compiled() -> bool:
    """Whether the model's modules are compiled ones."""
    return not str(import_module("hsm_model.maps").__file__).endswith(".py")
