"""A soak in plain lines, for logs and pipes."""

from __future__ import annotations

import time
from collections.abc import Callable

from hsm_specs.report import soak_text, summary
from hsm_specs.report.finding_text import finding_lines
from hsm_specs.report.soak_telling import SoakTelling
from hsm_specs.results.events import FindingMade, RunEnded, ShardsDone, SoakStarted

INTERVAL = 10.0
"""Seconds between two lines about how far it is."""


class SoakPlain(SoakTelling):
    """Writes each event as lines of text, those about how far it is at intervals."""

    def __init__(self, write: Callable[[str], None], interval: float = INTERVAL) -> None:
        super().__init__()
        self._write = write
        self._interval = interval
        self._told = -interval

    def aside(self, *lines: str) -> None:
        """Writes lines."""
        for line in lines:
            self._write(line)

    def warn(self, line: str) -> None:
        """Writes a line."""
        self._write(line)

    def begin(self, event: SoakStarted) -> None:
        """There is nothing to prepare."""

    def progress(self, event: ShardsDone) -> None:
        """Writes how far it is, if that was not written just before."""
        if time.monotonic() - self._told >= self._interval:
            self._told = time.monotonic()
            self._write(soak_text.progress(event))

    def finding(self, event: FindingMade) -> None:
        """Writes a finding."""
        self.aside("", *(line.text for line in finding_lines(event.finding, event.path)), "")

    def end(self, event: RunEnded) -> None:
        """Writes what is broken, how much was run, and the verdict."""
        for judgement in self.judgements:
            said = summary.SHORT[judgement.verdict]
            self._write(f"  {judgement.requirement:<16} {said:<16} {judgement.cases:>6}  {judgement.statement}")
        if self.soaked is not None:
            self.aside("", *soak_text.amount(self.soaked, event))
            self.aside(*soak_text.closing(self.soaked, event, self.greeting, self.judgements))
        for line in event.trouble.stderr if event.trouble is not None else ():
            self._write(f"  stderr: {line}")
