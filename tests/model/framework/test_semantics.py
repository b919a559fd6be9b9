"""The rules of the framework and the requirements that they state."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

import hsm_model.framework
from hsm_model.framework import FRAMEWORK_SPECIFICATION
from hsm_model.framework.requirements import FRAMEWORK_REQUIREMENTS, FrameworkRequirement
from hsm_model.semantics import requirements_of
from hsm_specs.catalogue.requirements import REQUIREMENT_ID, load_catalogue, load_sentences

RULES = [field.name for field in fields(FRAMEWORK_SPECIFICATION)]
SOURCES = [path for path in Path(hsm_model.framework.__file__).parent.glob("*.py") if path.name != "requirements.py"]
TESTS = Path(__file__).parent
EVERY = pytest.mark.parametrize("requirement", FRAMEWORK_REQUIREMENTS.values(), ids=lambda requirement: requirement.id)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_states_requirements_of_the_framework(rule: str) -> None:
    stated = requirements_of(getattr(FRAMEWORK_SPECIFICATION, rule))
    assert stated
    assert set() == set(stated) - set(FRAMEWORK_REQUIREMENTS) - set(load_catalogue())


@EVERY
def test_a_requirement_has_an_id_of_its_own_and_a_sentence(requirement: FrameworkRequirement) -> None:
    assert REQUIREMENT_ID.fullmatch(requirement.id)
    assert requirement.id not in load_catalogue()
    assert re.fullmatch(r"[A-Z].*[a-z]\.", requirement.statement)


@EVERY
def test_a_requirement_has_sources_exactly_if_the_documentation_speaks(requirement: FrameworkRequirement) -> None:
    assert (requirement.classification != "characterization") == bool(requirement.sources)
    assert set() == set(requirement.sources) - set(load_sentences())


@EVERY
def test_a_requirement_is_named_where_it_is_modelled(requirement: FrameworkRequirement) -> None:
    rules = [requirements_of(getattr(FRAMEWORK_SPECIFICATION, rule)) for rule in RULES]
    named = any(requirement.id in stated for stated in rules)
    assert named or any(requirement.id in path.read_text(encoding="utf-8") for path in SOURCES)


def test_the_documentation_is_silent_on_what_the_catalogue_does_not_have() -> None:
    areas = Counter(requirement.area for requirement in FRAMEWORK_REQUIREMENTS.values())
    assert ["environment", "commit"] == list(areas)
    classes = Counter(requirement.classification for requirement in FRAMEWORK_REQUIREMENTS.values())
    assert {"characterization"} == set(classes)
