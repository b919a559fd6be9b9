"""Fixtures of the tests of the catalogue: the documentation, where it is at hand."""

from __future__ import annotations

import pytest

from hsm_specs.catalogue.documentation import (
    DOCUMENTATION_VARIABLE,
    Documentation,
    find_documentation,
    load_documentation,
)


@pytest.fixture(scope="session")
def documentation() -> Documentation:
    """Return the parsed documentation. A test that asks for it is skipped if there is none."""
    path = find_documentation()
    if path is None:
        pytest.skip(f"no documentation: neither {DOCUMENTATION_VARIABLE} nor a shared/seed next to the repository")
    return load_documentation(path)
