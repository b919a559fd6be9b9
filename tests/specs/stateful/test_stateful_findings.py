"""Findings of the rule-based state machines: each broken rule, with a small program and a text that explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.stateful import (
    Model,
    NonConformance,
    Trial,
    clearing_machine,
    lockstep_machine,
    registration_machine,
    rollback_machine,
)

from ..broken import BROKEN

Maker = Callable[..., type[Trial]]


def finding(
    make: Maker, implementation: Semantics, *phases: Phase, held_to: Semantics = SPECIFICATION
) -> NonConformance:
    """Return the finding of a machine in the model with a broken rule."""
    repeatable = settings(
        max_examples=1_000,
        stateful_step_count=30,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(NonConformance) as found:
        run_state_machine_as_test(make(Model(implementation), semantics=held_to), settings=repeatable)
    return found.value


SMALL: list[tuple[Maker, str, str, int]] = [
    (rollback_machine, "nothing rolled back", "MT-ROLLBACK", 5),
    (rollback_machine, "failed-transition-keeps-nested-effects", "MT-ROLLBACK", 6),
    (rollback_machine, "data not rolled back", "MT-ROLLBACK", 5),
    (rollback_machine, "failure makes dirty", "MT-ROLLBACK", 5),
    (registration_machine, "duplicates are not refused", "REG-", 4),
    (clearing_machine, "nothing cleared", "CLEAR-TREE-1", 6),
    (clearing_machine, "cleared alone", "CLEAR-TREE-1", 7),
    (clearing_machine, "everything cleared", "CLEAR-TREE-3", 7),
    (clearing_machine, "clear-empties-whole-log", "CLEAR-TREE-3", 7),
    (clearing_machine, "outputs cleared but dirty", "CLEAR-TREE-2", 6),
    (clearing_machine, "cleared with counts", "CLEAR-TREE-4", 6),
]
"""Machine, what is broken, how the requirement's ID begins, and how many operations the program has at most."""


@pytest.mark.parametrize(("make", "name", "requirement", "most"), SMALL, ids=[row[1] for row in SMALL])
def test_a_machine_finds_its_own_broken_rule_with_a_small_program(
    make: Maker, name: str, requirement: str, most: int
) -> None:
    found = finding(make, BROKEN[name], Phase.generate)
    assert found.requirement.startswith(requirement)
    assert len(found.program) <= most
    assert len(msgspec.json.encode(found.program)) < 600


@pytest.mark.parametrize(
    ("make", "name", "most"),
    [
        (rollback_machine, "nothing rolled back", 2),
        (registration_machine, "duplicates are not refused", 3),
        (clearing_machine, "nothing cleared", 3),
    ],
)
def test_a_machine_finds_its_own_broken_rule_in_few_steps(make: Maker, name: str, most: int) -> None:
    steps = [line for line in finding(make, BROKEN[name], Phase.generate, Phase.shrink).__notes__ if "state." in line]
    rules = [step for step in steps if not any(part in step for part in ("answers_as_predicted", "teardown"))]
    assert 1 <= len(rules) <= most


EACH_RULE = {
    "refuse_duplicate": "duplicates are not refused",
    "require_registered": "what is not registered is not found",
    "root_made": "root with a count",
    "refuse_existing": "existing children are replaced",
    "child_added": "child without data",
    "child_found": "child not found is not registered",
    "unregistered_sought": "what is not registered is looked up",
    "keys_of_type": "children of all types",
    "cast": "wrong casts succeed",
    "transition_begun": "begun counting twice",
    "transition_committed": "committed without dirt",
    "transition_rolled_back": "nothing rolled back",
    "apply_failed": "failed-apply-keeps-destination",
    "possible": "always possible",
    "refuse_impossible": "impossible transitions are made",
    "dirty_below": "never dirty",
    "outputs_below": "outputs with tasks only",
    "cleared_below": "nothing cleared",
}
"""For each rule a wrong one."""


def test_there_is_a_wrong_one_for_each_rule() -> None:
    assert [field.name for field in fields(Semantics)] == list(EACH_RULE)
    for rule, name in EACH_RULE.items():
        changed = [
            f.name for f in fields(Semantics) if getattr(BROKEN[name], f.name) is not getattr(SPECIFICATION, f.name)
        ]
        assert [rule] == changed


@pytest.mark.parametrize("name", EACH_RULE.values(), ids=EACH_RULE)
def test_lockstep_finds_each_rule_broken(name: str) -> None:
    finding(lockstep_machine, BROKEN[name], Phase.generate)


def test_the_specification_is_wrong_where_the_semantics_is_amended() -> None:
    finding(lockstep_machine, SPECIFICATION, Phase.generate, held_to=BROKEN["add-child-dirties"])


# --- what is said of it ---


def test_a_finding_holds_what_shows_it() -> None:
    found = finding(clearing_machine, BROKEN["nothing cleared"], Phase.generate, Phase.shrink)
    assert predict(found.program) == found.expected
    assert predict(found.program, BROKEN["nothing cleared"]) == found.observed
    assert found.difference == first_difference(found.program, found.expected, found.observed)
    assert len(found.program) - 1 == found.difference.where[0]


def test_a_finding_is_told_with_its_requirement_its_program_and_both_answers() -> None:
    told = str(finding(clearing_machine, BROKEN["nothing cleared"], Phase.generate, Phase.shrink)).splitlines()
    assert told[0].startswith("CLEAR-TREE-1: ")
    assert "ClearTransactionState()" in told[-4]
    assert "Outputs()" in told[-3]
    assert "expected: no outputs" == told[-2].strip()
    assert "observed: the root: no tasks" == told[-1].strip()
