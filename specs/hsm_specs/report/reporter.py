"""Reporters: consumers of the events of a run, a soak or the judging of traces."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from hsm_specs.errors import InputError, ToolError
from hsm_specs.files import discard
from hsm_specs.machines.check.rules import CheckFinding, CheckResult, MachineCheck
from hsm_specs.results.events import Event
from hsm_specs.traces.format.remarks import Remark
from hsm_specs.traces.judging.result import JudgingResult, Problem, TraceJudgement


class JudgingStarted(Struct, frozen=True):
    """Judging begins; no file is open yet."""


class TraceDeparted(Struct, frozen=True, gc=False):
    """A trace under way departs from the specification. Its judgement so far; `TraceJudged` follows at its end."""

    judgement: TraceJudgement


class TraceJudged(Struct, frozen=True, gc=False):
    """The judgement of a trace."""

    judgement: TraceJudgement


class MachineRemarked(Struct, frozen=True):
    """The recorder made a remark about a machine of the program."""

    remark: Remark


class ProblemFound(Struct, frozen=True):
    """A line or a file was not understood."""

    problem: Problem


class JudgingEnded(Struct, frozen=True):
    """Judging is over. ``without`` are the features that the known deviations exclude."""

    result: JudgingResult
    without: tuple[str, ...] = ()


class CheckingStarted(Struct, frozen=True):
    """Checking machines begins."""


class MachineChecked(Struct, frozen=True):
    """A machine was checked."""

    checked: MachineCheck
    findings: tuple[CheckFinding, ...]


class CheckingEnded(Struct, frozen=True):
    """Checking machines is over."""

    result: CheckResult


ReportEvent = (
    Event
    | JudgingStarted
    | TraceDeparted
    | TraceJudged
    | MachineRemarked
    | ProblemFound
    | JudgingEnded
    | CheckingStarted
    | MachineChecked
    | CheckingEnded
)


class Reporter(Protocol):
    """A consumer of events: a terminal, plain lines, a file, or annotations of a workflow."""

    def __call__(self, event: ReportEvent, /) -> None:
        """Consume an event. Raise `ToolError` if the report cannot be written."""


class Broadcast:
    """A reporter that passes each event to several others.

    If some of them fail, the others still get the event. The errors are raised afterwards as one. When the reader of
    stdout is gone, the other reports are still written; without any, `BrokenPipeError` ends the command.
    """

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters: Sequence[Reporter] = tuple(reporters)

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        errors: list[ToolError] = []
        for reporter in self._reporters:
            try:
                reporter(event)
            except ToolError as error:
                errors.append(error)
            except BrokenPipeError:
                # Nobody reads what is printed any more.
                if len(self._reporters) == 1:
                    raise
                discard(sys.stdout)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise InputError(" ".join(map(str, errors)))
