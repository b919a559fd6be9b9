"""Tours of workflows: the plain framework answers as expected throughout, and most of its mutants do not."""

from __future__ import annotations

from functools import cache

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.explore.tour import Leg, tour
from plain_hsm.framework.adapter import FrameworkWorld
from plain_mutants.framework.served import SERVED

from .test_adapter import difference

EVERY = 10
"""One of so many mutants is tried."""
TWO_CELLS = "COMMIT-OWNER-"
"""The requirements about several cells of a cluster. Tours have one cell."""
TWO_CLUSTERS = {"failover", "replication"}
"""The capabilities that requirements about several clusters need."""


@cache
def legs(scope: str) -> tuple[Leg, ...]:
    parts = [part for part in load_scopes(scope) if part.workflow is not None]
    return tuple(leg for part in parts for leg in tour(explore(part)).legs)


def is_caught(scope: str, world: type[FrameworkWorld]) -> bool:
    return any(difference(leg.program, leg.expected, world) is not None for leg in legs(scope))


def in_one_cell(requirement: str) -> bool:
    needed = TWO_CLUSTERS.intersection(load_catalogue()[requirement].capabilities)
    return not needed and not requirement.startswith(TWO_CELLS)


@pytest.mark.parametrize("scope", ["quick", "default"])
def test_the_plain_framework_answers_tours_as_expected(scope: str) -> None:
    assert not is_caught(scope, FrameworkWorld)


def test_tours_alone_catch_most_mutants() -> None:
    tried = [mutant for mutant in SERVED.values() if in_one_cell(mutant.requirement)][::EVERY]
    missed = [mutant.name for mutant in tried if not is_caught("default", mutant.world)]
    assert len(missed) <= len(tried) // 5, missed
