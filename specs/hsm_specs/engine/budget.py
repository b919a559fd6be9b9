"""Budgets: how much a run does.

The named budgets are amounts and no times, so that a seed makes the same run on every machine. Only a budget in seconds
depends on the machine, and only in how long its soak is.
"""

from __future__ import annotations

import math

from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.errors import InputError
from hsm_specs.properties.sizes import CHEAP, QUICK


class Budget(Struct, frozen=True):
    """An amount of work: cases of a requirement, a scope to tour, operations of walks over it, and shards of random
    programs with their operations; or seconds.

    ``hostile`` are the cases of each property with values that are easily confused; without any, there are none of
    whole alphabets either. ``largest`` is the largest size, 0 for no sizes.
    """

    name: str
    cases: int
    shards: int
    operations: int
    scope: str
    walks: int = 0
    hostile: int = 0
    largest: int = 0
    seconds: float | None = None


BUDGETS = {
    budget.name: budget
    for budget in (
        Budget(
            "quick",
            cases=8,
            shards=2,
            operations=20_000,
            scope="quick",
            walks=120_000,
            hostile=12,
            largest=QUICK,
        ),
        Budget(
            "default",
            cases=40,
            shards=10,
            operations=50_000,
            scope="default",
            walks=2_200_000,
            hostile=40,
            largest=CHEAP,
        ),
        Budget(
            "thorough",
            cases=400,
            shards=120,
            operations=100_000,
            scope="thorough",
            walks=20_000_000,
            hostile=200,
            largest=CHEAP,
        ),
    )
}


def budget(text: str) -> Budget:
    """Return the budget of a name or of a number of seconds."""
    if text in BUDGETS:
        return BUDGETS[text]
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"`{text}` is no budget: use {', '.join(BUDGETS)} or a number of seconds.")
    return replace(BUDGETS["quick"], name=f"{seconds:g} s", shards=2**20, seconds=seconds)
