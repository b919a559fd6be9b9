"""Tests that are skipped: elsewhere for a reason that is shown, in CI for hardly any."""

from __future__ import annotations

import pytest

from ..conftest import judged


def report(reason: str, outcome: str = "skipped") -> pytest.TestReport:
    where = ("tests/test_something.py", 3, f"Skipped: {reason}")
    return pytest.TestReport("tests/test_something.py::test_it", where, {}, outcome, where, "setup")  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", ["no browser tests: there is no chromium", "cargo is not installed"])
def test_what_is_missing_in_ci_is_a_failure_that_names_it(reason: str) -> None:
    assert "skipped" == judged(report(reason), {}).outcome
    failed = judged(report(reason), {"CI": "true"})
    assert "failed" == failed.outcome
    assert f"tests/test_something.py::test_it is to run in CI, and was skipped: {reason}" == failed.longrepr


@pytest.mark.parametrize("reason", ["no documentation: neither", "the system has no dot"])
def test_what_may_be_missing_in_ci_is_none(reason: str) -> None:
    assert "skipped" == judged(report(reason), {"CI": "true"}).outcome


def test_other_outcomes_stay_as_they_are() -> None:
    assert "passed" == judged(report("", "passed"), {"CI": "true"}).outcome
    expected = report("it is known")
    expected.wasxfail = "it is known"
    assert "skipped" == judged(expected, {"CI": "true"}).outcome
