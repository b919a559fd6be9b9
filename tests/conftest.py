"""What all tests have in common."""

from __future__ import annotations

from hypothesis import settings

# The first example imports and builds things, so it takes longer than the others.
settings.register_profile("tests", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("tests")
