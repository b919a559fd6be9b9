"""A summary for workflows of GitHub: annotations on stdout, and a job summary.

An annotation is a command in a line of output, and so is any line of the adapter that looks like one. Commands are
therefore stopped while the run goes on.
"""

from __future__ import annotations

import html
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

from hsm_specs.errors import InputError
from hsm_specs.printable import printable, printable_lines
from hsm_specs.report import sentences
from hsm_specs.report.annotations import MOST, Annotation, AnnotationReporter, Level, conclusion
from hsm_specs.report.reporter import CheckingStarted, JudgingStarted, ReportEvent
from hsm_specs.report.summary import Found, Summary, finding_text, trouble_lines
from hsm_specs.results.events import RunStarted
from hsm_specs.results.verdicts import Verdict

SUMMARY_VARIABLE: Final = "GITHUB_STEP_SUMMARY"
LONGEST: Final = 2**19
"""Characters of a job summary. GitHub takes a mebibyte of UTF-8."""
SHOWN: Final = 10
"""Annotations of each level. GitHub shows as many for a step; the rest is in the summary."""
BRIEF: Final = 200
"""Characters of an annotation in the summary."""
_UNUSUAL: Final = (Verdict.DEVIATES, Verdict.OUTDATED, Verdict.NOT_EXERCISED, Verdict.DIFFERS, Verdict.CHANGED)


class GitHubReporter(AnnotationReporter):
    """Write annotations, and append to the file of job summaries that the environment names."""

    def __init__(self, write: Callable[[str], None], environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._write = write
        self._summary = environment.get(SUMMARY_VARIABLE, "")
        self._token = f"hsmspec-{secrets.token_hex(8)}"

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        if isinstance(event, RunStarted | JudgingStarted | CheckingStarted):
            self._write(f"::stop-commands::{self._token}")
        super().__call__(event)

    def report(self, summary: Summary) -> None:
        """Write the annotations and the job summary."""
        self._write(f"::{self._token}::")
        shown, rest = divided([*self.annotations(summary)], [*conclusion(summary)])
        for annotation in shown:
            self._write(command(annotation))
        if self._summary:
            _append(Path(self._summary), markdown(summary, rest))


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
    if summary.kind == "check":
        yield f"{summary.sentences[0]} {summary.amount[0]}."
        return
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
    broken = [rule for rule in summary.machine if rule.remarks]
    if broken:
        yield ""
        yield "| Rule about machines | Remarks | Statement |"
        yield "| --- | --- | --- |"
        for rule in broken:
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


def command(annotation: Annotation) -> str:
    """Return the command of a workflow for an annotation."""
    line = str(annotation.line) if annotation.file and annotation.line else ""
    properties = {"file": annotation.file, "line": line, "title": annotation.title}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{annotation.level} {said}::{_data(annotation.message)}"


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    return printable_lines(text).replace("%", "%25").replace("\n", "%0A")
