"""A summary for workflows of GitHub: annotations on stdout, and a job summary.

An annotation is a command in a line of output, and so is any line of the adapter that looks like one. Commands are
therefore stopped while the run goes on.
"""

from __future__ import annotations

import html
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

from hsm_specs.errors import InputError
from hsm_specs.printable import printable, printable_lines
from hsm_specs.report import sentences
from hsm_specs.report.reporter import JudgingStarted, MachineRemarked, ProblemFound, ReportEvent, TraceJudged
from hsm_specs.report.result import SummaryReporter
from hsm_specs.report.summary import Found, Summary, finding_text, trouble_lines
from hsm_specs.report.traces import place_of, remark_lines, trace_lines
from hsm_specs.results.events import RunStarted
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Verdict
from hsm_specs.traces.format.remarks import MachineRemark, Position
from hsm_specs.traces.judging.result import Departure, Problem, TraceJudgement

Level = Literal["error", "warning", "notice"]
SUMMARY_VARIABLE: Final = "GITHUB_STEP_SUMMARY"
LONGEST: Final = 2**19
"""Characters of a job summary. GitHub takes a mebibyte of UTF-8."""
SHOWN: Final = 10
"""Annotations of each level. GitHub shows as many for a step; the rest is in the summary."""
MOST: Final = 1000
"""Departures, problems and remarks that are kept. All are in the log and in the JSON file."""
BRIEF: Final = 200
"""Characters of an annotation in the summary."""
_UNUSUAL: Final = (Verdict.DEVIATES, Verdict.OUTDATED, Verdict.NOT_EXERCISED, Verdict.DIFFERS)


class GitHubReporter(SummaryReporter):
    """Write annotations, and append to the file of job summaries that the environment names."""

    def __init__(self, write: Callable[[str], None], environment: Mapping[str, str]) -> None:
        super().__init__()
        self._write = write
        self._environment = environment
        self._summary = environment.get(SUMMARY_VARIABLE, "")
        self._token = f"hsmspec-{secrets.token_hex(8)}"
        self._first: dict[str, tuple[TraceJudgement, Departure]] = {}
        self._more: list[tuple[TraceJudgement, Departure]] = []
        self._problems: list[Problem] = []
        self._remarks: dict[tuple[str, ...], MachineRemark] = {}

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
            case RunStarted() | JudgingStarted():
                self._write(f"::stop-commands::{self._token}")
            case _:
                pass
        super().__call__(event)

    def report(self, summary: Summary) -> None:
        """Write the annotations and the job summary."""
        self._write(f"::{self._token}::")
        found = self._of_traces(summary) if summary.kind == "traces" else _of_run(summary)
        shown, rest = divided([*found], [*_ending(summary)])
        for annotation in shown:
            self._write(annotation.command())
        if self._summary:
            _append(Path(self._summary), markdown(summary, rest))

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
            yield Annotation("error", "hsmspec", problem.message, self._path(problem.file), problem.line)
        for remark in self._remarks.values():
            file, line = self._place(remark.at, remark.file, remark.line)
            text = "\n".join(line.text for line in remark_lines(remark))
            yield Annotation("warning", remark.rule, text, file, line)

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


def divided(found: Sequence[Annotation], ending: Sequence[Annotation]) -> tuple[list[Annotation], list[Annotation]]:
    """Return the annotations to show, those of the end among them, and the rest."""
    left = Counter(dict.fromkeys(get_args(Level), SHOWN))
    left.subtract(annotation.level for annotation in ending)
    shown: list[Annotation] = []
    rest: list[Annotation] = []
    for annotation in found:
        left[annotation.level] -= 1
        (shown if left[annotation.level] >= 0 else rest).append(annotation)
    return [*shown, *ending], rest


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


def _ending(summary: Summary) -> Iterator[Annotation]:
    """Yield an annotation that says why a run is partial, or why the implementation does not conform."""
    if summary.partial:
        lines = (f"The run is partial: {summary.partial}.", *trouble_lines(summary.trouble))
        yield Annotation("error" if summary.exit_code else "warning", "hsmspec", "\n".join(lines))
    elif summary.exit_code and summary.problems:
        yield Annotation("error", "hsmspec", "\n".join(summary.problems))


# --- the job summary ------------------------------------------------------------------------------------------------


def markdown(summary: Summary, rest: Sequence[Annotation] = ()) -> str:
    """Return the job summary: the verdict in a sentence, unusual requirements as a table, the findings folded.

    ``rest`` are annotations beyond those that GitHub shows.
    """
    text = "\n".join((*_head(summary), *_table(summary), *_machines(summary), *_rest(rest)))
    for number, found in enumerate(summary.findings):
        part = _folded(found)
        if len(text) + len(part) > LONGEST:
            return f"{text}\n\n{len(summary.findings) - number} more findings are left out here.\n"
        text += part
    return text + "\n"


def _append(path: Path, text: str) -> None:
    """Append a text to a file in one write."""
    try:
        with path.open("ab", buffering=0) as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(f"{path}, which {SUMMARY_VARIABLE} names, cannot be written ({error.strerror}).") from None


def _head(summary: Summary) -> Iterator[str]:
    yield f"## hsmspec: {_inline(summary.name)} {summary.conclusion}"
    yield ""
    if summary.partial:
        yield f"**The run is partial**: {_inline(summary.partial)}."
        yield ""
    for problem in (*summary.problems, *trouble_lines(summary.trouble)):
        yield f"- {_inline(problem)}"
    yield ""
    amount = f"{summary.operations:,} operations in {summary.programs:,}"
    made = "traces" if summary.seed is None else f"programs, seed {summary.seed}, budget {_inline(summary.budget)}"
    counts = f"{sentences.verdict_counts(summary.requirements)}. " if summary.requirements else ""
    yield f"{counts}{amount} {made}."


def _table(summary: Summary) -> Iterator[str]:
    rows = [judgement for judgement in summary.requirements if judgement.verdict in _UNUSUAL]
    if not rows or summary.partial:
        return
    yield ""
    yield "| Requirement | Verdict | Statement |"
    yield "| --- | --- | --- |"
    for row in rows:
        note = f" ({_inline(row.note)})" if row.note else ""
        yield f"| {row.requirement} | {row.verdict}{note} | {_inline(row.statement)} |"


def _machines(summary: Summary) -> Iterator[str]:
    if summary.machine:
        yield ""
        yield "| Rule about machines | Remarks | Statement |"
        yield "| --- | --- | --- |"
        for rule in summary.machine:
            yield f"| {_inline(rule.rule)} | {rule.remarks:,} | {_inline(rule.statement)} |"


def _rest(rest: Sequence[Annotation]) -> Iterator[str]:
    if rest:
        yield ""
        yield f"{len(rest):,} more annotations:"
        yield ""
        for annotation in rest[:MOST]:
            place = f"{annotation.file}:{annotation.line}" if annotation.file else ""
            message = annotation.message.partition("\n")[0]
            yield f"- {annotation.level} {_inline(annotation.title)} {_inline(place)}: {_inline(message[:BRIEF])}"


def _folded(found: Found) -> str:
    text = finding_text(found)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    title = html.escape(printable(f"{found.finding.requirement}: {found.finding.statement}"), quote=False)
    return f"\n\n<details><summary>{title}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>"


def _inline(text: str) -> str:
    """Return a text for a line of Markdown or a cell of a table."""
    return re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", printable(" ".join(text.split())))


# --- annotations ----------------------------------------------------------------------------------------------------


class Annotation(NamedTuple):
    """An annotation. ``file`` is empty and ``line`` 0 where there is none."""

    level: Level
    title: str
    message: str
    file: str = ""
    line: int = 0

    def command(self) -> str:
        """Return the command of a workflow."""
        line = str(self.line) if self.file and self.line else ""
        properties = {"file": self.file, "line": line, "title": self.title}
        said = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
        return f"::{self.level} {said}::{_data(self.message)}"


def in_repository(file: str, environment: Mapping[str, str]) -> str:
    """Return a path as annotations need it: from the repository's root, or absolute if it is elsewhere.

    The root is the workspace of the runner's environment, or the current folder without one.
    """
    path = Path(os.path.normpath(Path.cwd() / file))
    root = Path(os.path.normpath(Path.cwd() / environment.get("GITHUB_WORKSPACE", "")))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    return printable_lines(text).replace("%", "%25").replace("\n", "%0A")
