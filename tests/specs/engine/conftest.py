"""Runs of the engine against implementations that are wrong in known ways."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hsm_specs.adapter import Timeouts
from hsm_specs.budget import Budget
from hsm_specs.engine import Options, run
from hsm_specs.events import Event, FindingMade, RequirementJudged, RunEnded
from hsm_specs.findings import Finding
from hsm_specs.requirements import select
from hsm_specs.verdicts import Judgement

IMPLEMENTATIONS = Path(__file__).parent / "implementations"
TINY = str(Path(__file__).parents[1] / "tiny.toml")
SMALL = Budget("small", cases=4, shards=2, operations=1_500, scope=TINY)


class Outcome(NamedTuple):
    """What a run told."""

    code: int
    events: list[Event]

    @property
    def judgements(self) -> dict[str, Judgement]:
        return {event.judgement.requirement: event.judgement for event in self.of(RequirementJudged)}

    @property
    def findings(self) -> list[Finding]:
        return [event.finding for event in self.of(FindingMade)]

    @property
    def end(self) -> RunEnded:
        (ended,) = self.of(RunEnded)
        return ended

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def implementation(name: str, *arguments: str) -> tuple[str, ...]:
    """The command of a program in the folder of implementations."""
    return (sys.executable, str(IMPLEMENTATIONS / f"{name}.py"), *arguments)


@pytest.fixture
def engine(tmp_path: Path) -> Callable[..., Outcome]:
    """Runs the engine with small budgets; its options may be given by name, requirements as a selection."""

    def start(command: tuple[str, ...], only: str | None = None, **options: Any) -> Outcome:
        events: list[Event] = []
        requirements = tuple(r for r in select(only) if r.classification != "unspecified")
        given = {
            "seed": 1,
            "budget": SMALL,
            "timeouts": Timeouts.of(2.0),
            "findings": tmp_path,
            "selection": () if only is None else (only,),
            **options,
        }
        return Outcome(run(Options(command, requirements, **given), events.append), events)

    return start


@pytest.fixture
def of() -> Callable[..., tuple[str, ...]]:
    """The command of a program in the folder of implementations."""
    return implementation


@pytest.fixture
def hanging() -> tuple[str, ...]:
    """The command of an adapter that answers one request and then no more."""
    return (sys.executable, "-S", str(IMPLEMENTATIONS.parents[1] / "adapter" / "hostile" / "hangs_mid_batch.py"))
