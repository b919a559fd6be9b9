"""What the tests of the catalogue share: the seed, where it is at hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hsm_specs.catalogue.documentation import (
    DOCUMENTATION_VARIABLE,
    Documentation,
    find_documentation,
    load_documentation,
)


@pytest.fixture(scope="session")
def seed() -> Documentation:
    """The parsed seed. A test that asks for it is skipped where there is none."""
    path = find_documentation()
    if path is None:
        pytest.skip(f"no documentation: neither {DOCUMENTATION_VARIABLE} nor a shared/seed beside the repository")
    return load_documentation(path)


@pytest.fixture
def mutant_command() -> Callable[[str], tuple[str, ...]]:
    """The command of a mutant of the bundled implementation in Python."""
    folder = Path(__file__).parents[2] / "adapters" / "python"
    return lambda name: ("env", f"PYTHONPATH={folder}", sys.executable, "-m", "plain_mutants", name)
