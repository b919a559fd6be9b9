"""The imports of modules, from their text."""

from __future__ import annotations

import ast
from pathlib import Path


def imported(module: Path) -> set[str]:
    """Return the top-level packages that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {name.name.split(".")[0] for name in names}
            case ast.ImportFrom(module=str(name)):
                found.add(name.split(".")[0])
    return found
