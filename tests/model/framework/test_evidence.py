"""Every requirement is shown by a test, and a wrong rule fails a test of a requirement that it states."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from hsm_model.framework import FRAMEWORK_SPECIFICATION
from hsm_model.framework.requirements import FRAMEWORK_REQUIREMENTS
from hsm_model.semantics import requirements_of
from hsm_specs.catalogue.requirements import load_catalogue

from . import test_commit, test_environment, test_outbound, test_references, test_refresh, test_replication, test_timers
from .broken import BROKEN, broken
from .samples import SHOWN_BY, Bench

MODULES = [
    test_commit,
    test_environment,
    test_outbound,
    test_references,
    test_refresh,
    test_replication,
    test_timers,
]
"""They fill `SHOWN_BY` when they are imported."""


def test_every_requirement_is_shown() -> None:
    judged = {entry.id for entry in load_catalogue().values() if entry.judged and "transactions" in entry.capabilities}
    assert {*FRAMEWORK_REQUIREMENTS, *judged} == set(SHOWN_BY)


def arguments(test: Any) -> Iterator[dict[str, Any]]:
    """Yield the parameters of each run of a test."""
    tables = [mark.args for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    for row in product(*(values for _, values in tables)):
        found: dict[str, Any] = {}
        for (names, _), value in zip(tables, row, strict=True):
            found |= {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))
        yield found


def fails(test: Any, rule: str) -> bool:
    """Return whether a test fails with a wrong rule."""
    for parameters in arguments(test):
        bench = Bench(broken(rule))
        if "pair" in test.__code__.co_varnames[: test.__code__.co_argcount]:
            bench.framework.replicate_events(bench.east, bench.west, bench.workflow)
            parameters |= {"pair": bench}
        else:
            parameters |= {"bench": bench}
        try:
            test(**parameters)
        except BaseException as failure:
            if isinstance(failure, KeyboardInterrupt):
                raise
            return True
    return False


@pytest.mark.parametrize("rule", BROKEN)
def test_a_wrong_rule_fails_a_test_of_its_requirements(rule: str) -> None:
    stated = requirements_of(getattr(FRAMEWORK_SPECIFICATION, rule))
    assert any(fails(test, rule) for requirement in stated for test in SHOWN_BY[requirement])
