"""The events of a run or a soak. The engine emits them; reporters consume them."""

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

Phase = Literal["saved", "directed", "tours", "walks", "soak"]
ReplayOutcome = Literal["still failing", "fixed", "not reproducible"]
Ending = Literal["time", "shards", "interrupted", "trouble"]
SummaryKind = Literal["run", "soak", "traces", "mutants", "check"]
"""The commands that end with a verdict: `run`, `soak`, `judge`, `mutants` and `check`."""
RECENT = 10
"""The number of latest shards that coverage growth is reported for."""


class Side(StrEnum):
    """Which of model, implementation and reference disagrees with the other two.

    ``implementation``: the model and the reference agree. ``shared``: the implementation and the reference agree, so
    both are wrong, or the model is. ``all differ``: no two agree. ``not compared``: the reference could not be run.
    """

    IMPLEMENTATION = "implementation"
    SHARED = "shared"
    ALL_DIFFER = "all differ"
    UNKNOWN = "not compared"


class RunStarted(Struct, frozen=True):
    """The run begins; no process is started yet. These values reproduce the run."""

    command: tuple[str, ...]
    seed: int
    budget: str
    workers: int
    requirements: int
    selection: tuple[str, ...] = ()
    deviations: str = ""
    kind: SummaryKind = "run"


class Greeted(Struct, frozen=True):
    """The handshake with the implementation, and which amendments and excluded features apply to it.

    ``readings`` are those that it follows instead of the specification's.
    """

    greeting: Greeting
    amendments: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


class PhaseStarted(Struct, frozen=True):
    """A phase begins. ``total`` is its number of steps, None if only a time limit ends it."""

    phase: Phase
    total: int | None


class Progress(Struct, frozen=True):
    """``done`` steps of the phase and ``operations`` of the whole run are complete."""

    phase: Phase
    done: int
    operations: int


class Toured(Struct, frozen=True):
    """Tours and walks of a scope are over. Tours covered ``tried`` of its ``pairs`` of a state and an action.

    ``switches`` and ``double_switches`` are the n-switch coverage of the walks, from 0 to 1: the estimated shares of
    the pairs, and of the triples, of consecutive actions.
    """

    scope: str
    pairs: int
    tried: int
    switches: float = 0.0
    double_switches: float = 0.0


class SoakStarted(Struct, frozen=True):
    """A soak begins, or continues after the ``resumed`` shards in its journal.

    A shard has ``size`` operations; ``where`` names the workers. ``shards`` is the number of shards and ``seconds`` the
    time in which shards may start; None means no such limit. Findings of the journal are investigated after this event.
    """

    size: int
    where: str
    shards: int | None
    seconds: float | None
    journal: str = ""
    resumed: int = 0


class ShardsDone(Struct, frozen=True):
    """Another shard of the soak is done. All counts include the shards of a resumed journal.

    ``rate`` is the recent number of checked operations per second. ``steps`` were covered so far, ``new_steps`` of them
    in the last `RECENT` shards. ``failing`` is the number of failing programs, ``findings`` the number of findings.
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
    """``lost`` workers have been lost so far. Their shards run again."""

    lost: int


class SoakEnding(Struct, frozen=True):
    """The soak was interrupted and now finishes the shards under way."""


class Soaked(Struct, frozen=True):
    """The soak is over. ``done`` has the first and last index of each range of shards; ``ended`` is the reason.

    Members shared with `ShardsDone` mean the same, but ``rate`` is the mean over the whole soak. ``switches`` and
    ``double_switches`` are the n-switch coverage of its walks, as in `Toured`.
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
    switches: float = 0.0
    double_switches: float = 0.0


class FindingReplayed(Struct, frozen=True):
    """A saved finding was run again. ``note`` explains the outcome where needed.

    The ``id`` is empty if the file at ``path`` could not be read.
    """

    id: str
    path: str
    outcome: ReplayOutcome
    note: str = ""


class FindingMade(Struct, frozen=True):
    """A failing program was shrunk, attributed to a requirement and, if ``path`` is not empty, saved."""

    finding: Finding
    path: str = ""


class ReferenceGreeted(Struct, frozen=True):
    """The handshake with the reference that findings are compared with."""

    command: tuple[str, ...]
    greeting: Greeting


class FindingLocated(Struct, frozen=True):
    """The comparison of the latest finding with the reference.

    ``observed`` is the reference's observation at the difference, None if there is none; ``note`` says why not.
    """

    id: str
    side: Side
    observed: Observation | None = None
    note: str = ""


class FindingCounted(Struct, frozen=True):
    """The final number of failing programs that a finding stands for."""

    id: str
    count: int


class RequirementJudged(Struct, frozen=True):
    """The verdict on a requirement. These follow all evidence, in catalogue order."""

    judgement: Judgement


class RunEnded(Struct, frozen=True):
    """The run is over.

    ``exit_code`` is 0 if the implementation conforms, 1 if it does not, 2 if that is undecided; ``problems`` are the
    reasons for 1. ``partial`` says why the run ended early; ``trouble`` is the error behind it, if any. ``primary`` is
    the ID of the finding to look at first, empty if there is none.
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
