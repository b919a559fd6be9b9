"""The plain framework and the model make the same observations of every program."""

from __future__ import annotations

import json

from hsm_model.framework import errors
from plain_mutants.framework import FRAMEWORK_MUTANTS

from .differential import expectation, search
from .programs import PROLOGUE

INSIDE = {"no_destination", "stale_state"}
"""The codes of errors that no operation ends with: they stay inside, or are those of releases that deviate."""
CODES = {
    str(error.code)
    for error in vars(errors).values()
    if isinstance(error, type) and isinstance(getattr(error, "code", None), str)
} - INSIDE


def test_the_plain_framework_does_what_the_model_does() -> None:
    assert search(300) is None


def test_a_difference_is_shown_by_a_small_program() -> None:
    found = search(300, FRAMEWORK_MUTANTS["tasks-are-lost"].player)
    assert found is not None
    assert len(PROLOGUE) == len(found.program)
    assert found.expected != found.observed


def test_the_random_programs_do_everything() -> None:
    shown = [json.dumps(entry) for number in range(300) for entry in expectation(number).expected]
    missing = [code for code in CODES if not any(f'"{code}"' in entry for entry in shown)]
    assert [] == missing
