"""Plain lines, for logs and pipes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from hsm_specs.catalogue.requirements import load_areas
from hsm_specs.printable import printable
from hsm_specs.report.rendering import Styled
from hsm_specs.report.sentences import PHASES, SHORT, progress
from hsm_specs.report.text import Detail, TextReporter
from hsm_specs.results.events import PhaseStarted, Progress, ShardsDone, SoakStarted
from hsm_specs.results.verdicts import Judgement

INTERVAL = 10.0
"""Seconds between two lines about the progress of a soak."""


class PlainReporter(TextReporter):
    """Print each event as lines of text; ``interval`` is in seconds."""

    def __init__(
        self,
        write: Callable[[str], None],
        complain: Callable[[str], None] = lambda _: None,
        interval: float = INTERVAL,
        detail: Detail = "requirements",
    ) -> None:
        super().__init__(detail)
        self._write = write
        self._complain = complain
        self._interval = interval
        self._last_progress = -interval

    def write(self, lines: Iterable[Styled]) -> None:
        """Print lines."""
        for line in lines:
            self._write(printable(line.text))

    def complain(self, text: str) -> None:
        """Print a line to stderr."""
        self._complain(printable(text))

    def phase_started(self, event: PhaseStarted) -> None:
        """Print that a phase begins."""
        self._write(f"{PHASES[event.phase]} ...")

    def phase_progress(self, event: Progress) -> None:
        """Print nothing: progress does not belong in a log."""

    def soak_started(self, event: SoakStarted) -> None:
        """Print nothing more."""

    def soak_progress(self, event: ShardsDone) -> None:
        """Print the progress, unless the interval has not passed."""
        if time.monotonic() - self._last_progress >= self._interval:
            self._last_progress = time.monotonic()
            self._write(progress(event))

    def finding(self, lines: Sequence[Styled]) -> None:
        """Print a finding."""
        self.write([Styled(""), *lines, Styled("")])

    def verdicts(self, judgements: Sequence[Judgement]) -> None:
        """Print a table of verdicts; those of a run by area."""
        of_run = self._started.kind == "run"
        for area, group in groupby(judgements, lambda judgement: judgement.area):
            if of_run:
                self.write([Styled(""), Styled(load_areas()[area].title)])
            for judgement in group:
                said = SHORT[judgement.verdict]
                row = f"  {judgement.requirement:<16} {said:<16} {judgement.cases:>6}  {judgement.statement}"
                self.write([Styled(row)])
                if judgement.note and of_run:
                    self.write([Styled(f"  {'':<16} {judgement.note}")])

    def stderr(self, lines: Sequence[str]) -> None:
        """Print the last lines of the adapter's stderr."""
        self.write(Styled(f"  stderr: {line}") for line in lines)
