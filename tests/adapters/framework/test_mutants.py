"""The mutants of the plain framework: each differs from the model, on a program that shows how."""

from __future__ import annotations

from collections import Counter

import pytest

from hsm_model.framework.requirements import FRAMEWORK_REQUIREMENTS, FrameworkRequirement
from hsm_specs.catalogue.requirements import load_catalogue
from plain_hsm.framework.player import Player
from plain_mutants.framework import FRAMEWORK_MUTANTS, FrameworkMutant

from .differential import difference, expectation

AREAS = {
    entry.id: entry.area
    for entry in (*FRAMEWORK_REQUIREMENTS.values(), *load_catalogue().values())
    if isinstance(entry, FrameworkRequirement) or (entry.judged and "transactions" in entry.capabilities)
}
"""The areas of the requirements of the framework."""


def test_there_are_at_least_150() -> None:
    assert len(FRAMEWORK_MUTANTS) >= 150


def test_every_area_has_mutants_and_every_mutant_breaks_a_requirement() -> None:
    broken = Counter(AREAS[mutant.requirement] for mutant in FRAMEWORK_MUTANTS.values())
    assert set(AREAS.values()) == set(broken)
    assert min(broken.values()) >= 3


def test_every_requirement_has_a_mutant() -> None:
    assert set(AREAS) == {mutant.requirement for mutant in FRAMEWORK_MUTANTS.values()}


@pytest.mark.parametrize("mutant", FRAMEWORK_MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_a_mutant_is_found(mutant: FrameworkMutant) -> None:
    assert mutant.sentence.endswith(".")
    assert issubclass(mutant.player, Player)
    assert any(difference(expectation(number), mutant.player) for number in range(2000))
