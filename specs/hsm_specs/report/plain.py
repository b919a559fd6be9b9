"""Plain lines, for logs and pipes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from hsm_specs.catalogue.requirements import load_areas
from hsm_specs.language.messages import Greeting
from hsm_specs.report import summary
from hsm_specs.report.finding_text import finding_lines
from hsm_specs.results.events import (
    Event,
    FindingCounted,
    FindingLocated,
    FindingMade,
    FindingReplayed,
    Greeted,
    PhaseStarted,
    Progress,
    ReferenceGreeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    ShardsDone,
    Side,
    Soaked,
    SoakEnding,
    SoakStarted,
    Toured,
    WorkersLost,
)
from hsm_specs.results.verdicts import Judgement

PHASES = {
    "saved": "saved findings",
    "directed": "directed properties",
    "tours": "tours of the model",
    "soak": "random soak",
}


class Plain:
    """Writes each event as lines of text."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._greeting: Greeting | None = None
        self._judgements: list[Judgement] = []
        self._sides: list[Side] = []

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        match event:
            case RunStarted():
                self._write(summary.opening(event))
            case Greeted(greeting):
                self._greeting = greeting
                for line in summary.introduction(event):
                    self._write(line)
            case PhaseStarted(phase):
                self._write(f"{PHASES[phase]} ...")
            case FindingMade(finding, path):
                self._write("")
                for styled in finding_lines(finding, path):
                    self._write(styled.text)
                self._write("")
            case RequirementJudged(judgement):
                self._judgements.append(judgement)
            case RunEnded():
                self._end(event)
            case FindingCounted(name, count):
                self._write(f"{name}: {count} programs in all")
            case FindingReplayed():
                self._write(summary.replayed(event))
            case ReferenceGreeted():
                self._write(summary.reference(event))
            case FindingLocated(side=side):
                self._sides.append(side)
                self._write(summary.located(event))
                self._write("")
            case Toured():
                self._write(summary.coverage(event))
            case Progress() | SoakStarted() | ShardsDone() | WorkersLost() | SoakEnding() | Soaked():
                pass

    def _table(self, judgements: Iterable[Judgement]) -> None:
        for area, group in groupby(judgements, lambda judgement: judgement.area):
            self._write("")
            self._write(load_areas()[area].title)
            for judgement in group:
                said = summary.SHORT[judgement.verdict]
                self._write(f"  {judgement.requirement:<16} {said:<16} {judgement.cases:>6}  {judgement.statement}")
                if judgement.note:
                    self._write(f"  {'':<16} {judgement.note}")

    def _end(self, event: RunEnded) -> None:
        shown = summary.shown(event, self._judgements)
        self._table(shown)
        self._write("")
        if shown:
            self._write(summary.counts(shown))
        self._write(summary.amount(event))
        for line in summary.closing(event, self._greeting, self._judgements):
            self._write(line)
        for line in summary.sides(self._sides):
            self._write(line)
        for line in event.trouble.stderr if event.trouble is not None else ():
            self._write(f"  stderr: {line}")
