"""Each rule of the framework matters: the model with a wrong one shows something else."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from hsm_model.framework import FRAMEWORK_SPECIFICATION

from ...model.framework.broken import BROKEN, broken, nothing
from .differential import observed, programs
from .model_player import ModelPlayer

UNOWNED = replace(FRAMEWORK_SPECIFICATION, refuse_lost_ownership=nothing)
"""Where every cell may write, only the record of a workflow protects it."""
BESIDE = {"refuse_other_record": UNOWNED}


def test_there_is_a_wrong_rule_for_each() -> None:
    assert [field.name for field in fields(FRAMEWORK_SPECIFICATION)] == list(BROKEN)


@pytest.mark.parametrize("rule", BROKEN)
def test_a_wrong_rule_is_noticed(rule: str) -> None:
    right = BESIDE.get(rule, FRAMEWORK_SPECIFICATION)
    wrong = replace(right, **{rule: getattr(broken(rule), rule)})
    for program in programs(range(1000)):
        one, other = ModelPlayer(right), ModelPlayer(wrong)
        if any(observed(one, op) != observed(other, op) for op in program):
            return
    pytest.fail("no program shows it")
