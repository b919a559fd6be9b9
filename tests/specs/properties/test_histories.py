"""Cases that read in one way after other operations: they say something to their end, and find what is remembered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hsm_specs.adapter import Adapter
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.properties.property import HISTORIES, case_of


@pytest.mark.parametrize("requirement", HISTORIES)
def test_nothing_in_a_history_is_evidence_and_all_of_it_is_specified(requirement: str) -> None:
    for write in HISTORIES[requirement]:
        case = case_of(write)
        assert not case.evidence
        expected = predict(case.program)
        assert len(case.program) == len(expected)
        assert not any(observation.unbound is True for observation in expected)


@pytest.mark.parametrize(
    ("mutant", "requirement"),
    [
        ("list-of-a-function-is-remembered", "COLL-LIST-1"),
        ("data-is-remembered-by-count", "COLL-DATA-1"),
        ("transition-of-the-node-found-first", "COLL-TRANS-1"),
        ("cleared-outputs-come-back-at-the-commit", "OUT-LIST-1"),
    ],
)
def test_what_is_remembered_shows_in_the_way_to_read_it(
    mutant_command: Callable[[str], tuple[str, ...]], mutant: str, requirement: str
) -> None:
    with Adapter.start(mutant_command(mutant)) as adapter:
        for name in ("NODE-COUNT-1", requirement):
            programs = [case_of(write).program for write in HISTORIES[name]]
            observed = adapter.run(programs)
            pairs = zip(programs, map(predict, programs), observed, strict=True)
            assert (name == requirement) is any(first_difference(*each) is not None for each in pairs)
