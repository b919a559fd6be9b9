"""Budgets."""

from __future__ import annotations

import pytest

from hsm_specs.engine.budget import BUDGETS, budget
from hsm_specs.errors import InputError


def test_named_budgets_are_amounts_and_no_times():
    assert list(BUDGETS) == ["quick", "default", "thorough"]
    assert all(entry.seconds is None for entry in BUDGETS.values())


def test_the_default_is_at_least_half_a_million_operations():
    assert BUDGETS["default"].shards * BUDGETS["default"].operations >= 500_000


@pytest.mark.parametrize(("text", "seconds"), [("60", 60), ("0.5", 0.5), ("1e3", 1000)])
def test_a_number_is_a_budget_in_seconds(text, seconds):
    assert budget(text).seconds == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "quickly"])
def test_anything_else_is_none(text):
    with pytest.raises(InputError, match="is no budget"):
        budget(text)
