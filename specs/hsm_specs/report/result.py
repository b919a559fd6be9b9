"""The result of a run as one value, gathered from its events, for those that write it to files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter

import msgspec
from msgspec import Struct

from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.results.events import (
    Event,
    FindingCounted,
    FindingLocated,
    FindingMade,
    FindingReplayed,
    Greeted,
    ReferenceGreeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    Side,
    Soaked,
    Toured,
)
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement

FORMAT = 1


class Found(Struct, frozen=True):
    """A finding with its ID and the file that it was saved to, empty if it was not.

    ``located`` is what the reference makes of it, null where there is no reference.
    """

    id: str
    file: str
    finding: Finding
    located: FindingLocated | None = None


class Result(Struct, frozen=True):
    """A run and what came of it.

    ``exit_code`` is 0 if the implementation conforms, 1 if it does not, 2 if that could not be found out. ``partial``
    is empty for a complete run and else says why it is none. ``implementation`` is null if none introduced itself.
    Of the ``scope`` the tours were to try ``pairs`` of a state and an action, and tried so many as expected.
    ``replayed`` are saved findings that were run again; those still failing are among the ``findings`` too, unless a
    known deviation explains them. With a ``reference``, ``sides`` counts the findings by who is alone with an answer.
    ``soak`` is null unless it was a soak of its own: its ``requirements`` are only those that it found broken.
    ``primary`` is the ID of the finding to look at first, empty if there is none.
    """

    format: int
    exit_code: int
    partial: str
    problems: tuple[str, ...]
    trouble: Trouble | None
    command: tuple[str, ...]
    seed: int
    budget: str
    selection: tuple[str, ...]
    deviations: str
    implementation: Greeting | None
    amendments: tuple[str, ...]
    without: tuple[str, ...]
    programs: int
    operations: int
    seconds: float
    scope: str
    pairs: int
    tried: int
    requirements: tuple[Judgement, ...]
    findings: tuple[Found, ...]
    replayed: tuple[FindingReplayed, ...]
    reference: ReferenceGreeted | None
    sides: dict[Side, int]
    soak: Soaked | None = None
    primary: str = ""


class ResultCollector(ABC):
    """Gathers the events and hands the result over at the end."""

    def __init__(self) -> None:
        self._started: RunStarted | None = None
        self._greeted: Greeted | None = None
        self._toured = Toured("", 0, 0)
        self._judgements: list[Judgement] = []
        self._findings: dict[str, Found] = {}
        self._reference: ReferenceGreeted | None = None
        self._replayed: list[FindingReplayed] = []
        self._soaked: Soaked | None = None

    @abstractmethod
    def finish(self, result: Result) -> None:
        """Writes the result."""

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        match event:
            case RunStarted():
                self._started = event
            case Greeted():
                self._greeted = event
            case FindingReplayed():
                self._replayed.append(event)
            case Toured():
                self._toured = event
            case FindingMade(finding, path):
                self._findings[finding.id] = Found(finding.id, path, finding)
            case ReferenceGreeted():
                self._reference = event
            case FindingLocated(name):
                self._findings[name] = msgspec.structs.replace(self._findings[name], located=event)
            case FindingCounted(name, count):
                found = self._findings[name]
                finding = msgspec.structs.replace(found.finding, count=count)
                self._findings[name] = msgspec.structs.replace(found, finding=finding)
            case RequirementJudged(judgement):
                self._judgements.append(judgement)
            case Soaked():
                self._soaked = event
            case RunEnded():
                self.finish(self._result(event))
            case _:
                pass

    def _result(self, ended: RunEnded) -> Result:
        started, greeted = self._started or RunStarted((), 0, "", 1, 0), self._greeted
        return Result(
            format=FORMAT,
            exit_code=ended.exit_code,
            partial=ended.partial,
            problems=ended.problems,
            trouble=ended.trouble,
            command=started.command,
            seed=started.seed,
            budget=started.budget,
            selection=started.selection,
            deviations=started.deviations,
            implementation=None if greeted is None else greeted.greeting,
            amendments=() if greeted is None else greeted.amendments,
            without=() if greeted is None else greeted.without,
            programs=ended.programs,
            operations=ended.operations,
            seconds=round(ended.seconds, 3),
            scope=self._toured.scope,
            pairs=self._toured.pairs,
            tried=self._toured.tried,
            requirements=tuple(self._judgements),
            findings=tuple(self._findings.values()),
            replayed=tuple(self._replayed),
            reference=self._reference,
            primary=ended.primary,
            sides=dict(Counter(found.located.side for found in self._findings.values() if found.located is not None)),
            soak=self._soaked,
        )
