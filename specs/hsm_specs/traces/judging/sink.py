"""Whom the judging of a file tells what it finds."""

from __future__ import annotations

from typing import Protocol

from hsm_specs.traces.judging.prefix_cache import Kind
from hsm_specs.traces.judging.result import FileResult, Problem, TraceJudgement
from hsm_specs.traces.judging.trace import Trace


class Sink(Protocol):
    """What is told about a file."""

    def problem(self, found: Problem, last: bool = False, /) -> None:
        """Something could not be understood; ``last`` if it is about the end of the file."""

    def judged(self, judgement: TraceJudgement, line: int, /) -> None:
        """What came of a trace, at the line where it ended."""

    def departs(self, trace: Trace, made: tuple[str, str], /) -> None:
        """A trace departs, and all is known of it still. ``made`` is what was recorded, and its version."""

    def agreed(self, counts: dict[Kind, int], /) -> None:
        """How many operations were answered as they had to be."""

    def read(self, file: FileResult, /) -> None:
        """The file was read."""
