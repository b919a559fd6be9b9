"""Reliance: a table of requirements without circles, in which everything that is named exists."""

from __future__ import annotations

import pytest

from hsm_specs.attribution import foundations
from hsm_specs.attribution.requirement_dependencies import RELIES, relied_on
from hsm_specs.catalogue.requirements import load_catalogue


def named(part: str) -> list[str]:
    return [name for name in load_catalogue() if name == part or name.startswith(part + "-")]


def test_no_requirement_relies_on_itself() -> None:
    assert [] == [requirement for requirement, relied in relied_on().items() if requirement in relied]


@pytest.mark.parametrize("part", sorted({part for row in RELIES for text in row for part in text.split()}))
def test_each_part_of_the_table_names_requirements(part: str) -> None:
    assert named(part)


def test_nothing_specified_relies_on_what_is_unspecified() -> None:
    unspecified = {r.id for r in load_catalogue().values() if not r.judged}
    assert [] == [r for r, relied in relied_on().items() if r not in unspecified and relied & unspecified]


def test_what_others_rely_on_is_a_foundation() -> None:
    assert {"MT-ROLLBACK-1"} == foundations(["MT-ROLLBACK-8", "MT-ROLLBACK-1", "MT-ROLLBACK-11"])


def test_requirements_apart_from_each_other_are_foundations_all() -> None:
    assert {"REG-MACHINE-2", "CLEAR-TREE-1"} == foundations(["REG-MACHINE-2", "CLEAR-TREE-1"])


def test_reliance_is_handed_on() -> None:
    assert "ROOT-NEW-1" in relied_on()["COLL-ADD-2"]
