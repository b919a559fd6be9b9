"""What a run tells while it goes on. The engine emits events; terminal, files and whatever else only consume them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.language.observations import Observation
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement

Phase = Literal["saved", "directed", "tours", "soak"]
Outcome = Literal["still failing", "fixed", "not reproducible"]
Ending = Literal["time", "shards", "interrupted", "trouble"]
RECENT = 10
"""Shards over which the growth of coverage is told."""


class Side(StrEnum):
    """Who is alone with an answer, where a reference was asked too.

    ``implementation``: the model and the reference agree. ``shared``: the implementation and the reference agree, so it
    is a weakness of both, or of the model. ``all differ``: nobody agrees. ``not compared``: the reference could not be
    asked.
    """

    IMPLEMENTATION = "implementation"
    SHARED = "shared"
    ALL_DIFFER = "all differ"
    UNKNOWN = "not compared"


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


class SoakStarted(Struct, frozen=True):
    """A soak begins, or goes on with the ``resumed`` shards that its journal has.

    A shard has ``size`` operations; ``where`` says who runs them. ``shards`` is the amount of them and ``seconds`` the
    time in which they are begun, each None where only the other or an interrupt ends the soak. What the journal has is
    looked into after this.
    """

    size: int
    where: str
    shards: int | None
    seconds: float | None
    journal: str = ""
    resumed: int = 0


class ShardsDone(Struct, frozen=True):
    """One more shard of the soak is done, which are so many with those that its journal had.

    ``rate`` is that of checked operations a second, lately. ``steps`` were seen so far, ``new_steps`` of them in the
    last shards, `RECENT` ones. ``failing`` is the number of failing programs, ``findings`` that of what came of them.
    """

    shards: int
    programs: int
    operations: int
    seconds: float
    rate: float
    steps: int
    new_steps: int
    failing: int
    findings: int


class WorkersLost(Struct, frozen=True):
    """So many workers were lost so far; what they ran is run again."""

    lost: int


class SoakEnding(Struct, frozen=True):
    """The soak was asked to end, and now ends what is under way."""


class Soaked(Struct, frozen=True):
    """The soak is over. ``done`` are the shards, first and last of each row; ``ended`` says what ended it.

    The members in common with `ShardsDone` are the same, ``rate`` that of the whole time.
    """

    ended: Ending
    size: int
    done: tuple[tuple[int, int], ...]
    shards: int
    rate: float
    steps: int
    new_steps: int
    lost: int
    journal: str = ""


class FindingReplayed(Struct, frozen=True):
    """A saved finding was run again; ``note`` says why it is what it is, where that needs saying.

    The ``id`` is empty where the file at the ``path`` could not be read.
    """

    id: str
    path: str
    outcome: Outcome
    note: str = ""


class FindingMade(Struct, frozen=True):
    """A failing program was shrunk, named and, if ``path`` is given, saved."""

    finding: Finding
    path: str = ""


class ReferenceGreeted(Struct, frozen=True):
    """The reference that findings are compared with has introduced itself."""

    command: tuple[str, ...]
    greeting: Greeting


class FindingLocated(Struct, frozen=True):
    """What the reference makes of the finding that was made last.

    ``observed`` is its answer at the place of the difference, None where it has none; ``note`` says why it could not be
    asked.
    """

    id: str
    side: Side
    observed: Observation | None = None
    note: str = ""


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
    if it was one. ``primary`` is the ID of the finding to look at first, empty if there is none.
    """

    exit_code: int
    programs: int
    operations: int
    seconds: float
    problems: tuple[str, ...] = ()
    partial: str = ""
    trouble: Trouble | None = None
    primary: str = ""


Event = (
    RunStarted
    | Greeted
    | PhaseStarted
    | Progress
    | Toured
    | SoakStarted
    | ShardsDone
    | WorkersLost
    | SoakEnding
    | Soaked
    | FindingReplayed
    | FindingMade
    | ReferenceGreeted
    | FindingLocated
    | FindingCounted
    | RequirementJudged
    | RunEnded
)
Consumer = Callable[[Event], None]
