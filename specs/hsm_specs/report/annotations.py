"""Annotations: each departure, problem and remark with its place, for workflows of GitHub and as SARIF."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

from hsm_specs.report.reporter import MachineRemarked, ProblemFound, ReportEvent, TraceJudged
from hsm_specs.report.result import SummaryReporter
from hsm_specs.report.summary import Found, Summary, finding_text, trouble_lines
from hsm_specs.report.traces import place_of, remark_lines, trace_lines
from hsm_specs.results.findings import Finding
from hsm_specs.traces.format.remarks import Position, Remark
from hsm_specs.traces.judging.result import Departure, Problem, TraceJudgement

Level = Literal["error", "warning", "notice"]
TOOL: Final = "hsmspec"
"""The title of what is about no requirement and no rule."""
MOST: Final = 1000
"""Departures, problems and remarks that are kept. All are in the log and in the JSON file."""


class Annotation(NamedTuple):
    """An annotation. Its title is a requirement, a rule or the tool. ``file`` is empty and ``line`` 0 if unknown."""

    level: Level
    title: str
    message: str
    file: str = ""
    line: int = 0


class AnnotationReporter(SummaryReporter):
    """A reporter that collects what becomes an annotation."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__()
        self._environment = environment
        self._first: dict[str, tuple[TraceJudgement, Departure]] = {}
        self._more: list[tuple[TraceJudgement, Departure]] = []
        self._problems: list[Problem] = []
        self._remarks: dict[tuple[str, ...], Remark] = {}

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        match event:
            case TraceJudged(judgement):
                self._judged(judgement)
                return
            case ProblemFound(problem):
                if len(self._problems) < MOST:
                    self._problems.append(problem)
            case MachineRemarked(remark):
                if len(self._remarks) < MOST:
                    self._remarks.setdefault((remark.rule, remark.type, remark.what, place_of(remark)), remark)
            case _:
                pass
        super().__call__(event)

    def annotations(self, summary: Summary) -> Iterator[Annotation]:
        """Yield what was found, all but the conclusion."""
        if summary.kind == "check":
            return self._of_checks(summary)
        return self._of_traces(summary) if summary.kind == "traces" else _of_run(summary)

    def _of_checks(self, summary: Summary) -> Iterator[Annotation]:
        """Yield each finding, at the file of the machine if it has one."""
        for remark in summary.remarks:
            file = self._path(remark.file) if remark.file else ""
            yield Annotation("error", remark.rule, f"{remark.type}: {remark.what}", file, 1 if file else 0)

    def _judged(self, judgement: TraceJudgement) -> None:
        departure = judgement.departure
        if departure is None:
            return
        if departure.requirement not in self._first:
            self._first[departure.requirement] = judgement, departure
        elif len(self._first) + len(self._more) < MOST:
            self._more.append((judgement, departure))

    def _of_traces(self, summary: Summary) -> Iterator[Annotation]:
        """Yield each departure, those of different requirements first, each problem and each remark."""
        findings = {found.finding.requirement: found.finding for found in summary.findings}
        for requirement, (judgement, departure) in self._first.items():
            yield self._departure(judgement, departure, findings.get(requirement))
        for judgement, departure in self._more:
            yield self._departure(judgement, departure)
        for problem in self._problems:
            yield Annotation("error", TOOL, problem.message, self._path(problem.file), problem.line)
        for remark in self._remarks.values():
            file, line = self._place(remark.at, remark.file, remark.line)
            text = "\n".join(line.text for line in remark_lines(remark))
            level: Level = "error" if summary.fails_on_remarks else "warning"
            yield Annotation(level, remark.rule, text, file, line)

    def _departure(self, judgement: TraceJudgement, departure: Departure, finding: Finding | None = None) -> Annotation:
        if finding is None:
            text = "\n".join(line.text for line in trace_lines(judgement))
        else:
            text = finding_text(Found(finding.id, "", finding))
        level: Level = "error" if departure.documented else "notice"
        file, line = self._place(departure.at, judgement.file, departure.line)
        return Annotation(level, departure.requirement, text, file, line)

    def _place(self, at: Position | None, file: str, line: int) -> tuple[str, int]:
        """Return the place in the program if its file is here, else the place in the file of traces."""
        source = None if at is None else source_file(at, self._environment)
        return (self._path(file), line) if at is None or source is None else (self._path(source), at.line)

    def _path(self, file: str) -> str:
        return "" if file == "stdin" else in_repository(file, self._environment)


def source_file(at: Position, environment: Mapping[str, str]) -> str | None:
    """Return the path of a file of the program, None if it is not below the current folder or the workspace."""
    roots = (Path.cwd(), Path.cwd() / environment.get("GITHUB_WORKSPACE", ""))
    return next((str(root / at.file) for root in roots if (root / at.file).is_file()), None)


def in_repository(file: str, environment: Mapping[str, str]) -> str:
    """Return a path as annotations need it: from the repository's root, or absolute if it is elsewhere.

    The root is the workspace of the runner's environment, or the current folder without one.
    """
    path = Path(os.path.normpath(Path.cwd() / file))
    root = Path(os.path.normpath(Path.cwd() / environment.get("GITHUB_WORKSPACE", "")))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _of_run(summary: Summary) -> Iterator[Annotation]:
    """Yield each finding, and each failing requirement without one."""
    for found in summary.findings:
        finding = found.finding
        level: Level = "error" if finding.documented or finding.outdated else "notice"
        yield Annotation(level, finding.requirement, finding_text(found))
    shown = {found.finding.requirement for found in summary.findings}
    for judgement in summary.requirements:
        if judgement.fails and judgement.requirement not in shown and not summary.partial:
            note = f" ({judgement.note})" if judgement.note else ""
            said = f"{judgement.verdict}{note}: {judgement.statement}"
            yield Annotation("error", judgement.requirement, said)


def conclusion(summary: Summary) -> Iterator[Annotation]:
    """Yield an annotation that says why a run is partial, or why the implementation does not conform."""
    if summary.partial:
        lines = (f"The run is partial: {summary.partial}.", *trouble_lines(summary.trouble))
        yield Annotation("error" if summary.exit_code else "warning", TOOL, "\n".join(lines))
    elif summary.exit_code and summary.problems:
        yield Annotation("error", TOOL, "\n".join(summary.problems))
