"""The bundled implementation stands alone, and is short."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "adapters" / "python" / "plain_hsm"
MODULES = sorted(PACKAGE.glob("*.py"))


def imported(module: Path) -> set[str]:
    """The top-level packages that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {name.name.split(".")[0] for name in names}
            case ast.ImportFrom(module=str(name)):
                found.add(name.split(".")[0])
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_imports_the_standard_library_and_its_siblings_alone(module: Path) -> None:
    assert imported(module) <= {*sys.stdlib_module_names, "plain_hsm"}


def test_the_implementation_and_its_adapter_have_fewer_than_500_lines() -> None:
    assert MODULES
    assert sum(len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES) < 500
