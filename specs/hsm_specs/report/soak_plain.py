"""A soak in plain lines, for logs and pipes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from hsm_specs.events import (
    Event,
    FindingCounted,
    FindingMade,
    Greeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    ShardsDone,
    Soaked,
    SoakEnding,
    SoakStarted,
    WorkersLost,
)
from hsm_specs.messages import Greeting
from hsm_specs.report import soak_text, summary
from hsm_specs.report.finding_text import finding_lines
from hsm_specs.verdicts import Judgement

INTERVAL = 10.0
"""Seconds between two lines about how far it is."""


class SoakPlain:
    """Writes each event as lines of text, those about how far it is at intervals."""

    def __init__(self, write: Callable[[str], None], interval: float = INTERVAL) -> None:
        self._write = write
        self._interval = interval
        self._told = -interval
        self._greeting: Greeting | None = None
        self._judgements: list[Judgement] = []
        self._soaked: Soaked | None = None

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        match event:
            case RunStarted():
                self._write(soak_text.opening(event))
            case Greeted(greeting):
                self._greeting = greeting
                self._lines(soak_text.introduction(event))
            case SoakStarted():
                self._lines(soak_text.started(event))
            case ShardsDone():
                if time.monotonic() - self._told >= self._interval:
                    self._told = time.monotonic()
                    self._write(soak_text.progress(event))
            case WorkersLost():
                self._write(soak_text.lost(event))
            case SoakEnding():
                self._write(soak_text.INTERRUPTED)
            case FindingMade(finding, path):
                self._lines(["", *(line.text for line in finding_lines(finding, path)), ""])
            case FindingCounted(name, count):
                self._write(f"{name}: {count} programs in all")
            case RequirementJudged(judgement):
                self._judgements.append(judgement)
            case Soaked():
                self._soaked = event
            case RunEnded():
                self._end(event)
            case _:
                pass

    def _end(self, event: RunEnded) -> None:
        for judgement in self._judgements:
            said = summary.SHORT[judgement.verdict]
            self._write(f"  {judgement.requirement:<16} {said:<16} {judgement.cases:>6}  {judgement.statement}")
        if self._soaked is not None:
            self._lines(["", *soak_text.amount(self._soaked, event)])
            self._lines(soak_text.closing(self._soaked, event, self._greeting, self._judgements))
        for line in event.trouble.stderr if event.trouble is not None else ():
            self._write(f"  stderr: {line}")

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._write(line)
