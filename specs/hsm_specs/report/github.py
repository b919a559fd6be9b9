"""A summary for workflows of GitHub: annotations on stdout, and a job summary.

An annotation is a command in a line of output, and so is any line of the adapter that looks like one. Commands are
therefore stopped while the run goes on.
"""

from __future__ import annotations

import html
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from hsm_specs.errors import InputError
from hsm_specs.printable import printable, printable_lines
from hsm_specs.report import sentences
from hsm_specs.report.reporter import JudgingStarted, ProblemFound, ReportEvent, TraceJudged
from hsm_specs.report.result import SummaryReporter
from hsm_specs.report.summary import Found, Summary, finding_text, trouble_lines
from hsm_specs.report.traces import trace_lines
from hsm_specs.results.events import RunStarted
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Verdict
from hsm_specs.traces.judging.result import Departure, Problem, TraceJudgement

Level = Literal["error", "warning", "notice"]
SUMMARY_VARIABLE: Final = "GITHUB_STEP_SUMMARY"
LONGEST: Final = 2**19
"""Characters of a job summary. GitHub takes a mebibyte of UTF-8."""
MOST: Final = 50
"""Departures, and problems, that become annotations. GitHub shows ten for a step; the log has all."""
_UNUSUAL: Final = (Verdict.DEVIATES, Verdict.OUTDATED, Verdict.NOT_EXERCISED, Verdict.DIFFERS, Verdict.CHANGED)


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

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        match event:
            case TraceJudged(judgement):
                self._judged(judgement)
                return
            case ProblemFound(problem):
                if len(self._problems) < MOST:
                    self._problems.append(problem)
            case RunStarted() | JudgingStarted():
                self._write(f"::stop-commands::{self._token}")
            case _:
                pass
        super().__call__(event)

    def report(self, summary: Summary) -> None:
        """Write the annotations and the job summary."""
        self._write(f"::{self._token}::")
        commands = self._trace_commands(summary) if summary.kind == "traces" else _commands(summary)
        for line in commands:
            self._write(line)
        for line in _ending(summary):
            self._write(line)
        if self._summary:
            _append(Path(self._summary), markdown(summary))

    def _judged(self, judgement: TraceJudgement) -> None:
        departure = judgement.departure
        if departure is None:
            return
        if departure.requirement not in self._first:
            self._first[departure.requirement] = judgement, departure
        elif len(self._first) + len(self._more) < MOST:
            self._more.append((judgement, departure))

    def _trace_commands(self, summary: Summary) -> Iterator[str]:
        """Yield a command for each departure, those of different requirements first, and for each problem."""
        findings = {found.finding.requirement: found.finding for found in summary.findings}
        for requirement, (judgement, departure) in self._first.items():
            yield self._departure(judgement, departure, findings.get(requirement))
        for judgement, departure in self._more:
            yield self._departure(judgement, departure)
        for problem in self._problems:
            yield annotation("error", "hsmspec", problem.message, file=self._path(problem.file), line=problem.line)

    def _departure(self, judgement: TraceJudgement, departure: Departure, finding: Finding | None = None) -> str:
        if finding is None:
            text = "\n".join(line.text for line in trace_lines(judgement))
        else:
            text = finding_text(Found(finding.id, "", finding))
        level: Level = "error" if departure.documented else "notice"
        return annotation(level, departure.requirement, text, file=self._path(judgement.file), line=departure.line)

    def _path(self, file: str) -> str:
        return "" if file == "stdin" else in_repository(file, self._environment)


def _commands(summary: Summary) -> Iterator[str]:
    """Yield a command for each finding, and for each failing requirement without one."""
    for found in summary.findings:
        finding = found.finding
        level: Level = "error" if finding.documented or finding.outdated else "notice"
        yield annotation(level, finding.requirement, finding_text(found))
    shown = {found.finding.requirement for found in summary.findings}
    for judgement in summary.requirements:
        if judgement.fails and judgement.requirement not in shown and not summary.partial:
            note = f" ({judgement.note})" if judgement.note else ""
            said = f"{judgement.verdict}{note}: {judgement.statement}"
            yield annotation("error", judgement.requirement, said)


def _ending(summary: Summary) -> Iterator[str]:
    """Yield a command that says why a run is partial, or why the implementation does not conform."""
    if summary.partial:
        lines = (f"The run is partial: {summary.partial}.", *trouble_lines(summary.trouble))
        yield annotation("error" if summary.exit_code else "warning", "hsmspec", "\n".join(lines))
    elif summary.exit_code and summary.problems:
        yield annotation("error", "hsmspec", "\n".join(summary.problems))


# --- the job summary ------------------------------------------------------------------------------------------------


def markdown(summary: Summary) -> str:
    """Return the job summary: the verdict in a sentence, unusual requirements as a table, the findings folded."""
    text = "\n".join((*_head(summary), *_table(summary)))
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


def _folded(found: Found) -> str:
    text = finding_text(found)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    title = html.escape(printable(f"{found.finding.requirement}: {found.finding.statement}"), quote=False)
    return f"\n\n<details><summary>{title}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>"


def _inline(text: str) -> str:
    """Return a text for a line of Markdown or a cell of a table."""
    return re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", printable(" ".join(text.split())))


# --- annotations ----------------------------------------------------------------------------------------------------


def annotation(level: Level, title: str, message: str, *, file: str = "", line: int = 0) -> str:
    """Return the command for an annotation, with a file and a line in it if they are given."""
    properties = {"file": file, "line": str(line) if file and line else "", "title": title}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {said}::{_data(message)}"


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
