"""Runs of the engine against implementations that are wrong in known ways."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.catalogue.requirements import select
from hsm_specs.engine import RunOptions, run
from hsm_specs.engine.budget import Budget
from hsm_specs.engine.soak import SoakOptions, soak
from hsm_specs.parallel.cancellation import Cancellation
from hsm_specs.results.events import Event, FindingMade, RequirementJudged, RunEnded
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement

from . import embedded
from .embedded import IMPLEMENTATIONS
from .soaks import SIZE, Told, inline

TINY = str(Path(__file__).parents[1] / "tiny.toml")
SMALL = Budget("small", cases=4, shards=2, operations=1_500, scope=TINY, walks=3_000)


class Outcome(NamedTuple):
    """The events and the exit code of a run."""

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
    """Return the command of a program in the folder of implementations."""
    return (sys.executable, str(IMPLEMENTATIONS / f"{name}.py"), *arguments)


@pytest.fixture
def embed() -> Iterator[None]:
    """Have this process run the implementations of which nothing but the answers matters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Adapter, "start", embedded.start)
        yield


@pytest.fixture
def engine(tmp_path: Path, embed: None) -> Callable[..., Outcome]:
    """Run the engine with small budgets; its options may be given by name, requirements as a selection."""

    def start(command: tuple[str, ...], only: str | None = None, **options: Any) -> Outcome:
        events: list[Event] = []
        requirements = tuple(r for r in select(only) if r.judged)
        given = {
            "seed": 1,
            "budget": SMALL,
            "timeouts": Timeouts.of(2.0),
            "findings": tmp_path,
            "selection": () if only is None else (only,),
            **options,
        }
        return Outcome(run(RunOptions(command=command, requirements=requirements, **given), events.append), events)

    return start


def soaking(folder: Path, command: tuple[str, ...], cancellation: Cancellation | None = None, **options: Any) -> Told:
    """Return the outcome of a soak of three shards, or of others if options say so, with its journal in the folder."""
    told = Told()
    given = {
        "pool": inline,
        "journal": folder / "journal.jsonl",
        "seed": 3,
        "size": SIZE,
        "last": 2,
        "timeouts": Timeouts.of(20.0),
        "findings": folder / "findings",
        **options,
    }
    told.code = soak(SoakOptions(command=command, **given), told.append, cancellation)
    return told


@pytest.fixture
def soaked(tmp_path: Path, embed: None) -> Callable[..., Told]:
    """Run a soak of three shards; its options may be given by name."""
    return lambda command, cancellation=None, **options: soaking(tmp_path, command, cancellation, **options)


class Whole(NamedTuple):
    """The outcome of a soak, and the lines of its journal."""

    told: Told
    journal: list[bytes]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Whole]:
    """Return a soak of a command to its last shard with which nothing happens; each is run once."""

    @cache
    def run(command: tuple[str, ...], last: int = 2) -> Whole:
        folder = tmp_path_factory.mktemp("undisturbed")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Adapter, "start", embedded.start)
            told = soaking(folder, command, last=last)
        return Whole(told, (folder / "journal.jsonl").read_bytes().splitlines(keepends=True))

    return run


@pytest.fixture
def of() -> Callable[..., tuple[str, ...]]:
    """Return the command of a program in the folder of implementations."""
    return implementation


@pytest.fixture
def hanging() -> tuple[str, ...]:
    """Return the command of an adapter that responds to a few requests and then no more."""
    return (sys.executable, "-S", str(IMPLEMENTATIONS.parents[1] / "adapter" / "hostile" / "hangs_mid_batch.py"), "8")
