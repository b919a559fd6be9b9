"""The reporter that prints: it selects the lines of each event; plain lines and the terminal style them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec.structs import replace

from hsm_specs.report import sentences
from hsm_specs.report.brief import area_lines, next_lines, shortened
from hsm_specs.report.checks import check_lines, summary_of_checks
from hsm_specs.report.rendering import WIDTH, Style, Styled, finding_lines
from hsm_specs.report.reporter import (
    CheckingEnded,
    JudgingEnded,
    JudgingStarted,
    MachineChecked,
    MachineRemarked,
    ProblemFound,
    ReportEvent,
    TraceDeparted,
    TraceJudged,
)
from hsm_specs.report.result import Result, ResultCollector
from hsm_specs.report.summary import Summary
from hsm_specs.report.traces import SHOWN, more_problems, remark_lines, result_lines, trace_lines
from hsm_specs.results.events import (
    FindingCounted,
    FindingLocated,
    FindingMade,
    FindingReplayed,
    Greeted,
    PhaseStarted,
    Progress,
    ReferenceGreeted,
    ReplayOutcome,
    RunStarted,
    ShardsDone,
    SoakEnding,
    SoakStarted,
    Toured,
    WorkersLost,
)
from hsm_specs.results.verdicts import Judgement
from hsm_specs.traces.format.remarks import Remark
from hsm_specs.traces.judging.result import JudgingResult, TraceJudgement

Detail = Literal["quiet", "areas", "requirements"]
"""How much of a run is printed: its result, a line for each area, or a line for each requirement."""
LONGEST_FINDING: Final = 14
"""Lines of the finding that a brief report shows."""
MOST_NEXT: Final = 3
"""The most commands to run next, and the most saved findings, that a brief report shows."""
OUTCOMES: Final[dict[ReplayOutcome, Style]] = {
    "still failing": "observed",
    "fixed": "expected",
    "not reproducible": "warning",
}


class TextReporter(ResultCollector):
    """Print events as lines of text."""

    def __init__(self, detail: Detail = "requirements") -> None:
        super().__init__()
        self._detail = detail
        self._judging = False
        self._differing = self._silent = self._problems = self._remarked = self._replayed_so_far = 0

    @abstractmethod
    def write(self, lines: Iterable[Styled]) -> None:
        """Print lines."""

    @abstractmethod
    def complain(self, text: str) -> None:
        """Print a line to stderr."""

    @abstractmethod
    def phase_started(self, event: PhaseStarted) -> None:
        """Show that a phase begins."""

    @abstractmethod
    def phase_progress(self, event: Progress) -> None:
        """Show the progress of a phase."""

    @abstractmethod
    def soak_started(self, event: SoakStarted) -> None:
        """Prepare for the progress of a soak."""

    @abstractmethod
    def soak_progress(self, event: ShardsDone) -> None:
        """Show the progress of a soak."""

    @abstractmethod
    def finding(self, lines: Sequence[Styled]) -> None:
        """Print a finding."""

    @abstractmethod
    def verdicts(self, judgements: Sequence[Judgement]) -> None:
        """Print a table of verdicts."""

    @abstractmethod
    def stderr(self, lines: Sequence[str]) -> None:
        """Print the last lines of the adapter's stderr."""

    @property
    def width(self) -> int:
        """The columns that a finding may take."""
        return WIDTH

    @property
    def brief(self) -> bool:
        """Whether a run is summed up by area, and its findings are shown at the end."""
        return self._detail != "requirements" and self._started.kind == "run" and not self._judging

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        match event:
            case TraceDeparted(judgement):
                self._departed(judgement)
            case TraceJudged(judgement):
                self._trace(judgement)
            case _:
                if not (self.brief and self._left_out(event)):
                    self._show(event)
                super().__call__(event)

    def _show(self, event: ReportEvent) -> None:
        match event:
            case RunStarted():
                self._faint(sentences.opening(event))
            case Greeted():
                self._faint(*sentences.greeted(event, self._started.kind))
            case PhaseStarted():
                self.phase_started(event)
            case Progress():
                self.phase_progress(event)
            case Toured():
                self._faint(sentences.coverage(event), sentences.switches(event.switches, event.double_switches))
            case SoakStarted():
                self._faint(*sentences.soak_started(event))
                self.soak_started(event)
            case ShardsDone():
                self.soak_progress(event)
            case WorkersLost() if self._judging:
                self.complain(sentences.lost(event))
            case WorkersLost():
                self.write([Styled(sentences.lost(event), "warning")])
            case SoakEnding():
                self.write([Styled(sentences.INTERRUPTED, "warning")])
            case FindingReplayed(outcome=outcome):
                self.write([Styled(sentences.replayed(event), OUTCOMES[outcome])])
            case FindingMade(finding, path):
                self.finding(list(finding_lines(finding, path, self.width)))
            case ReferenceGreeted():
                self._faint(sentences.reference(event))
            case FindingLocated():
                self.write([Styled(sentences.located(event), "note"), Styled("")])
            case FindingCounted(name, count):
                self._faint(f"{name}: {count} programs in total")
            case JudgingStarted():
                self._judging = True
            case MachineRemarked(remark):
                self._machine(remark)
            case ProblemFound(problem):
                self._problems += 1
                if self._problems <= SHOWN:
                    self.complain(problem.message)
            case JudgingEnded() | MachineChecked() | CheckingEnded():
                self._machines_or_traces(event)
            case _:
                pass

    def finish(self, result: Result) -> None:
        """Print the verdicts, how much was run, and the result in sentences."""
        summary = result.summary()
        if self.brief:
            self._finish_briefly(summary)
            return
        self.verdicts(summary.shown)
        self.write([Styled("")])
        if summary.kind == "run" and summary.shown:
            self.write([Styled(sentences.verdict_counts(summary.shown))])
        self.end(summary)

    def end(self, summary: Summary) -> None:
        """Print how much was run, and the result in sentences."""
        self._faint(*summary.amount)
        self.write(summary.closing())
        self.write(Styled(line) for line in sentences.sides(summary.sides))
        if summary.trouble is not None and summary.trouble.stderr:
            self.stderr(summary.trouble.stderr)

    def _left_out(self, event: ReportEvent) -> bool:
        """Return whether a brief report leaves an event out."""
        match event:
            case FindingMade() | FindingLocated() | FindingCounted():
                return True
            case FindingReplayed():
                self._replayed_so_far += 1
                return self._detail == "quiet" or self._replayed_so_far > MOST_NEXT
            case RunStarted() | Greeted() | PhaseStarted() | Toured() | ReferenceGreeted():
                return self._detail == "quiet"
            case _:
                return False

    def _finish_briefly(self, summary: Summary) -> None:
        """Print a line for each area, the finding to look at first, the result, and what to run next."""
        if self._detail == "areas":
            self.write([Styled(""), *area_lines(summary.shown), Styled("")])
            if summary.shown:
                self._faint(sentences.verdict_counts(summary.shown))
            first = next((found for found in summary.findings if found.id == summary.primary), None)
            if first is not None:
                # The command to replay it is the first of those to run next.
                self.finding(shortened(list(finding_lines(first.finding, width=self.width)), LONGEST_FINDING))
                if first.located is not None:
                    self.write([Styled(sentences.located(first.located), "note"), Styled("")])
        self.end(summary)
        self.write(next_lines(summary, MOST_NEXT))

    def _faint(self, *lines: str) -> None:
        self.write(Styled(line, "faint") for line in lines)

    def _machines_or_traces(self, event: JudgingEnded | MachineChecked | CheckingEnded) -> None:
        match event:
            case JudgingEnded(result):
                self._traces(result)
            case MachineChecked(checked, found):
                self.write(check_lines(checked, found))
            case CheckingEnded(checks):
                self.write([Styled("")])
                self.end(summary_of_checks(checks))

    def _departed(self, judgement: TraceJudgement) -> None:
        self._differing += 1
        if self._differing <= SHOWN:
            self.write(trace_lines(judgement))

    def _machine(self, remark: Remark) -> None:
        self._remarked += 1
        if self._remarked <= SHOWN:
            self.write(remark_lines(remark))

    def _trace(self, judgement: TraceJudgement) -> None:
        if judgement.departure is not None:
            # It was shown when the trace departed.
            shown = judgement.noted and self._differing <= SHOWN
            judgement = replace(judgement, departure=None, known=None)
        elif judgement.verdict != "conforms":
            self._differing += 1
            shown = self._differing <= SHOWN
        elif judgement.noted:
            # Counted apart, so that these never take the place of a departure.
            self._silent += 1
            shown = self._silent <= SHOWN
        else:
            shown = False
        if shown:
            self.write(trace_lines(judgement))

    def _traces(self, result: JudgingResult) -> None:
        if more := more_problems(result):
            self.complain(more)
        shown = min(self._differing, SHOWN) + min(self._silent, SHOWN)
        self.write(result_lines(result, shown, self._silent))
