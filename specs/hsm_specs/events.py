"""What a run tells while it goes on. The engine emits events; terminal, files and whatever else only consume them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from hsm_specs.findings import Finding
from hsm_specs.harness import Trouble
from hsm_specs.messages import Greeting
from hsm_specs.verdicts import Judgement

Phase = Literal["directed", "tours", "soak"]


class RunStarted(Struct, frozen=True):
    """The run begins; nothing was started yet. These values make it again."""

    command: tuple[str, ...]
    seed: int
    budget: str
    workers: int
    requirements: int
    selection: tuple[str, ...] = ()
    deviations: str = ""


class Greeted(Struct, frozen=True):
    """The implementation has introduced itself."""

    greeting: Greeting
    amendments: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class PhaseStarted(Struct, frozen=True):
    """A phase begins. ``total`` is the amount of its steps, None where only the time ends it."""

    phase: Phase
    total: int | None


class Progress(Struct, frozen=True):
    """So many steps of the phase are done, and so many operations of the run."""

    phase: Phase
    done: int
    operations: int


class Toured(Struct, frozen=True):
    """A tour of a scope is over: it was to try so many pairs of a state and an action, and tried so many."""

    scope: str
    pairs: int
    tried: int


class FindingMade(Struct, frozen=True):
    """A failing program was shrunk, named and, if ``path`` is given, saved."""

    finding: Finding
    path: str = ""


class FindingCounted(Struct, frozen=True):
    """How many failing programs a finding stands for, now that all are known."""

    id: str
    count: int


class RequirementJudged(Struct, frozen=True):
    """The verdict on a requirement. These come once all evidence is there, in the order of the catalogue."""

    judgement: Judgement


class RunEnded(Struct, frozen=True):
    """The run is over.

    ``exit_code`` is 0 if the implementation conforms, 1 if it does not, 2 if that could not be found out;
    ``problems`` say why it is 1. ``partial`` says why the run ended before its time; ``trouble`` is the harness error,
    if it was one.
    """

    exit_code: int
    programs: int
    operations: int
    seconds: float
    problems: tuple[str, ...] = ()
    partial: str = ""
    trouble: Trouble | None = None


Event = (
    RunStarted
    | Greeted
    | PhaseStarted
    | Progress
    | Toured
    | FindingMade
    | FindingCounted
    | RequirementJudged
    | RunEnded
)
Consumer = Callable[[Event], None]
