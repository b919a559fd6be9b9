"""Profiles of Hypothesis: how many examples, how long, and whether they are random.

`dev` is quick and random, `ci` runs the same examples each time, and `nightly` is random and long and keeps failures in
the example database. Choose one with ``pytest --hypothesis-profile=NAME`` or with the environment variable `VARIABLE`;
without either, it is `ci` where the variable ``CI`` is set, else `DEFAULT`. `SIZES` are those of state machines; other
tests keep Hypothesis's own number of examples.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

VARIABLE = "HSMSPEC_HYPOTHESIS_PROFILE"
DEFAULT = "dev"
SIZES = {"dev": (20, 30), "ci": (200, 50), "nightly": (2_000, 100)}
"""Examples of a state machine and the most steps of each, by profile."""


def register_profiles() -> None:
    """Register the profiles with Hypothesis, and load the one that the environment names."""
    # The first example imports and builds things, so it takes longer than the others.
    slow = [HealthCheck.too_slow]
    # Where the variable CI is set, Hypothesis's own default is not random.
    settings.register_profile("dev", deadline=None, derandomize=False)
    settings.register_profile(
        "ci", deadline=None, derandomize=True, database=None, print_blob=True, suppress_health_check=slow
    )
    database = DirectoryBasedExampleDatabase(".hypothesis/examples")
    settings.register_profile(
        "nightly", deadline=None, derandomize=False, database=database, print_blob=True, suppress_health_check=slow
    )
    settings.load_profile(os.environ.get(VARIABLE) or ("ci" if os.environ.get("CI") else DEFAULT))


def machine_settings() -> settings:
    """Return the settings of a state machine in the present profile."""
    examples, steps = SIZES.get(settings.get_current_profile_name(), SIZES[DEFAULT])
    return settings(max_examples=examples, stateful_step_count=steps, report_multiple_bugs=False)
