"""The tours of a run: what they promise, what they tried, and what that depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hsm_specs.results.events import PhaseStarted, Toured


def toured(outcome: Any) -> Toured:
    (event,) = outcome.of(Toured)
    assert isinstance(event, Toured)
    return event


def test_a_run_tries_every_pair_that_its_tours_promise(engine: Callable[..., Any], of: Callable[..., Any]) -> None:
    event = toured(engine(of("amended")))
    assert 0 < event.pairs == event.tried


def test_tours_lead_the_soak(engine: Callable[..., Any], of: Callable[..., Any]) -> None:
    phases = [event.phase for event in engine(of("amended")).of(PhaseStarted)]
    assert phases == ["directed", "tours", "soak"]


def test_what_is_not_offered_is_not_promised(engine: Callable[..., Any], of: Callable[..., Any]) -> None:
    all_offered, core = toured(engine(of("amended"))), toured(engine(of("core_only")))
    assert 0 < core.pairs < all_offered.pairs
    assert core.pairs == core.tried


@pytest.mark.parametrize("rule", ["add-child-dirties"])
def test_programs_with_a_failure_are_not_counted_as_tried(
    engine: Callable[..., Any], of: Callable[..., Any], rule: str
) -> None:
    event = toured(engine(of("amended", rule)))
    assert event.tried < event.pairs


def test_what_the_tours_try_does_not_depend_on_the_number_of_workers(
    engine: Callable[..., Any], of: Callable[..., Any]
) -> None:
    assert toured(engine(of("amended"), workers=1)) == toured(engine(of("amended"), workers=2))


def test_a_selection_of_requirements_runs_no_tours(engine: Callable[..., Any], of: Callable[..., Any]) -> None:
    assert [] == engine(of("amended"), "NODE-ADD-1").of(Toured)
