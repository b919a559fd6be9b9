"""The exported symbols of the documented package, each with what stands for it in the reference model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, reduce
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from msgspec import Struct

SymbolKind = Literal["type", "error", "function", "constant"]
"""The kind of a symbol; methods are functions."""


class ModelledSymbol(Struct, frozen=True):
    """A symbol under its documented name, ``Node.AddChild`` say, with its counterpart, ``module:name``."""

    name: str
    kind: SymbolKind
    counterpart: str

    def resolve(self) -> Any:
        """Return the counterpart itself. Raise ImportError or AttributeError if there is none."""
        module, _, name = self.counterpart.partition(":")
        return reduce(getattr, name.split("."), import_module(module))


@cache
def load_symbols() -> Mapping[str, ModelledSymbol]:
    """Return all exported symbols by their documented names."""
    data = (Path(__file__).parent / "symbols.toml").read_bytes()
    kinds = msgspec.toml.decode(data, type=dict[SymbolKind, dict[str, str]])
    return MappingProxyType(
        {
            name: ModelledSymbol(name, kind, counterpart)
            for kind, counterparts in kinds.items()
            for name, counterpart in counterparts.items()
        }
    )
