"""What the tests of the catalogue share: the seed, where it is at hand."""

from __future__ import annotations

import pytest

from hsm_specs.seed import SEED_VARIABLE, Seed, find_seed, load_seed


@pytest.fixture(scope="session")
def seed() -> Seed:
    """The parsed seed. A test that asks for it is skipped where there is none."""
    path = find_seed()
    if path is None:
        pytest.skip(f"no seed: neither {SEED_VARIABLE} is set nor is there a shared/seed beside the repository")
    return load_seed(path)
