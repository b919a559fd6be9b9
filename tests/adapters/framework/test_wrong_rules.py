"""Each rule of the framework matters: the model with a wrong one shows something else."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from hsm_model.framework import FRAMEWORK_SPECIFICATION, FrameworkSemantics

from ...model.framework.broken import BROKEN, broken, nothing
from .differential import expectation, observed
from .model_player import ModelPlayer
from .programs import Op

UNOWNED = replace(FRAMEWORK_SPECIFICATION, refuse_lost_ownership=nothing)
"""Where every cell may write, only the record of a workflow protects it."""
BESIDE = {"refuse_other_record": UNOWNED}


def test_there_is_a_wrong_rule_for_each() -> None:
    assert [field.name for field in fields(FRAMEWORK_SPECIFICATION)] == list(BROKEN)


@pytest.mark.parametrize("rule", BROKEN)
def test_a_wrong_rule_is_noticed(rule: str) -> None:
    right = BESIDE.get(rule, FRAMEWORK_SPECIFICATION)
    wrong = replace(right, **{rule: getattr(broken(rule), rule)})
    assert any(differ(right, wrong, expectation(number).program) for number in range(500))


def differ(one: FrameworkSemantics, other: FrameworkSemantics, program: list[Op]) -> bool:
    """Return whether two semantics show something different of a program."""
    players = ModelPlayer(one), ModelPlayer(other)
    return any(observed(players[0], op) != observed(players[1], op) for op in program)
