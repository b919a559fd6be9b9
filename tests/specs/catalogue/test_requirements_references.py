"""Requirement IDs that the source files name exist in the catalogue."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from hsm_model.framework.requirements import FRAMEWORK_REQUIREMENTS
from hsm_model.semantics import SPECIFICATION, requirements_of
from hsm_specs.catalogue.documentation import repository
from hsm_specs.catalogue.requirements import REQUIREMENT_ID, load_catalogue

NAMED = re.compile(rf"(?<![\w-]){REQUIREMENT_ID.pattern}(?![\w-])")
SOURCES = frozenset({".py", ".go", ".toml", ".md", ".mod"})
FOLDERS = ("model", "specs", "diagrams", "adapters")


def named_in(text: str) -> set[str]:
    return {match[0] for match in NAMED.finditer(text)}


def sources() -> list[Path]:
    root = repository()
    inside = (path for folder in FOLDERS for path in (root / folder).rglob("*"))
    return [path for path in (*inside, *root.glob("*.md")) if path.suffix in SOURCES and path.is_file()]


def test_every_requirement_that_a_source_file_names_exists() -> None:
    wrong = {
        f"{path.relative_to(repository())}: {name}"
        for path in sources()
        for name in named_in(path.read_text("utf-8"))
        if name not in load_catalogue() and name not in FRAMEWORK_REQUIREMENTS
    }
    assert set() == wrong


def test_the_source_files_name_requirements() -> None:
    named = {name for path in sources() if path.suffix == ".py" for name in named_in(path.read_text("utf-8"))}
    assert len(named) > 50


@pytest.mark.parametrize("rule", [field.name for field in fields(SPECIFICATION)])
def test_a_rule_of_the_semantics_states_requirements_of_the_catalogue(rule: str) -> None:
    stated = requirements_of(getattr(SPECIFICATION, rule))
    assert stated
    assert set() == set(stated) - set(load_catalogue())


def test_an_id_is_told_from_what_only_looks_like_one() -> None:
    text = "NODE-ADD-3, (MT-ROLLBACK-12) UTF-8 SHA-256 x-NODE-ADD-1 REG-EXEC-1-old"
    assert {"NODE-ADD-3", "MT-ROLLBACK-12"} == named_in(text)
