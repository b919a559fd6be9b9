from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from hsm_model import semantics
from hsm_model.node import Node
from hsm_model.semantics import SPECIFICATION, Semantics, requirements_of
from hsm_model.state import Path, TreeState
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language.palette import MachineA

from .samples import root, transition

RULES: dict[str, Callable[..., Any]] = {rule.name: getattr(SPECIFICATION, rule.name) for rule in fields(Semantics)}
each_rule = pytest.mark.parametrize("name", RULES)


def nothing(machine: MachineA, event: object) -> TransitionOutput:
    return TransitionOutput()


@each_rule
def test_a_rule_states_requirements_of_the_catalogue(name: str) -> None:
    stated = requirements_of(RULES[name])
    assert stated
    assert set(stated) <= set(load_catalogue())


@each_rule
def test_a_rule_is_the_function_of_its_name_and_says_what_it_demands(name: str) -> None:
    assert RULES[name] is getattr(semantics, name)
    assert RULES[name].__doc__


@each_rule
def test_a_rule_states_nothing_that_is_unspecified(name: str) -> None:
    catalogue = load_catalogue()
    assert all(catalogue[requirement].judged for requirement in requirements_of(RULES[name]))


def test_every_requirement_of_rollback_and_clearing_is_stated_by_a_rule() -> None:
    stated = {requirement for rule in RULES.values() for requirement in requirements_of(rule)}
    judged = [entry for entry in load_catalogue().values() if entry.judged]
    assert {entry.id for entry in judged if entry.area in ("rollback", "clear", "dirty")} <= stated


def test_a_semantics_is_a_value() -> None:
    assert Semantics() == SPECIFICATION
    assert hash(Semantics()) == hash(SPECIFICATION)
    with pytest.raises(FrozenInstanceError):
        SPECIFICATION.cast = semantics.cast  # type: ignore[misc]  # what must not be possible


def test_a_tree_follows_the_semantics_of_its_registry() -> None:
    asked: list[Path] = []

    def clean(state: TreeState, path: Path) -> bool:
        asked.append(path)
        return False

    node: Node = root(replace(SPECIFICATION, dirty_below=clean))
    transition(node)
    assert not node.dirty()
    assert [()] == asked


def test_a_transition_follows_a_semantics_of_its_own() -> None:
    amended = replace(SPECIFICATION, possible=lambda sources, state: True)
    assert Transition((), 1, nothing, amended).possible(MachineA(0, 0))
    assert not Transition((), 1, nothing).possible(MachineA(0, 0))
