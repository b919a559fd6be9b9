"""The bundled implementation stands alone, and is short."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .imports import imported

PACKAGE = Path(__file__).parents[2] / "adapters" / "python" / "plain_hsm"
MODULES = sorted(PACKAGE.glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_imports_the_standard_library_and_its_siblings_alone(module: Path) -> None:
    assert imported(module) <= {*sys.stdlib_module_names, "plain_hsm"}


def test_the_implementation_and_its_adapter_have_fewer_than_550_lines() -> None:
    assert MODULES
    assert sum(len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES) < 550
