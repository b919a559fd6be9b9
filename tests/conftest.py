"""What all tests have in common."""

from __future__ import annotations

import gc

from hypothesis import settings

# The first example imports and builds things, so it takes longer than the others.
settings.register_profile("tests", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("tests")


def pytest_collection_finish() -> None:
    """Keeps the collector away from the tests themselves: a million objects, which stay, to look through each time."""
    gc.collect()
    gc.freeze()
