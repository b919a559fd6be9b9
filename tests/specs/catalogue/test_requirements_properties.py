"""The catalogue held against the directed properties: what is documented is shown, with the capabilities it says."""

from __future__ import annotations

import pytest

from hsm_specs.catalogue.requirements import load_catalogue, requirement
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.properties import PROPERTIES, Property


def test_every_documented_requirement_has_a_property() -> None:
    documented = [entry.id for entry in load_catalogue().values() if entry.classification == "documented"]
    assert [] == [name for name in documented if name not in PROPERTIES]


def test_every_property_shows_a_requirement_that_is_specified() -> None:
    assert [] == [name for name in PROPERTIES if not requirement(name).judged]


@pytest.mark.parametrize("shown", PROPERTIES.values(), ids=lambda shown: shown.requirement)
def test_a_requirement_names_the_capabilities_that_its_programs_need(shown: Property) -> None:
    needed = frozenset().union(*(capabilities_of(case.program) for case in shown.cases(seed=1, count=10)))
    assert needed == set(requirement(shown.requirement).capabilities)
