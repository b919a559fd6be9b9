"""The result of a run for GitHub's workflows: annotations on stdout, and a summary of the job.

An annotation is a command in a line of output, and so could be a line that an adapter wrote. While the run goes on, the
runner is told to take no line for a command.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hsm_specs.errors import InputError
from hsm_specs.report import summary
from hsm_specs.report.annotation import Level, annotation
from hsm_specs.report.result import Found, Result, ResultCollector
from hsm_specs.results.events import Event, RunStarted
from hsm_specs.results.verdicts import Verdict

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
LONGEST = 2**19
"""Characters of a summary, of which GitHub takes a mebibyte in UTF-8."""
_UNUSUAL = (Verdict.DEVIATES, Verdict.OUTDATED, Verdict.NOT_EXERCISED, Verdict.DIFFERS)


class GitHubReport(ResultCollector):
    """Writes annotations, and appends to the file that the environment names."""

    def __init__(self, write: Callable[[str], None], environment: Mapping[str, str]) -> None:
        super().__init__()
        self._write = write
        self._summary = environment.get(SUMMARY_VARIABLE, "")
        self._token = f"hsmspec-{secrets.token_hex(8)}"

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        super().__call__(event)
        if isinstance(event, RunStarted):
            self._write(f"::stop-commands::{self._token}")

    def finish(self, result: Result) -> None:
        """Writes the result."""
        self._write(f"::{self._token}::")
        for line in self.commands(result):
            self._write(line)
        if self._summary:
            append(Path(self._summary), markdown(result))

    def commands(self, result: Result) -> Iterator[str]:
        """A command for each finding, for what has none, and for the end of the run."""
        for found in result.findings:
            finding = found.finding
            level: Level = "error" if finding.documented or finding.outdated else "notice"
            yield annotation(level, finding.requirement, summary.whole_text(found))
        shown = {found.finding.requirement for found in result.findings}
        for judgement in result.requirements:
            if judgement.fails and judgement.requirement not in shown and not result.partial:
                note = f" ({judgement.note})" if judgement.note else ""
                said = f"{judgement.verdict}{note}: {judgement.statement}"
                yield annotation("error", judgement.requirement, said)
        yield from ending(result)


def ending(result: Result) -> Iterator[str]:
    """A command for why a run is partial, or why the implementation does not conform."""
    if result.partial:
        lines = (f"The run is partial: {result.partial}.", *summary.trouble_lines(result.trouble))
        yield annotation("error" if result.exit_code else "warning", "hsmspec", "\n".join(lines))
    elif result.exit_code and result.problems:
        yield annotation("error", "hsmspec", "\n".join(result.problems))


def markdown(result: Result) -> str:
    """The summary: the result in a sentence, what is unusual as a table, the findings folded."""
    text = "\n".join((*_head(result), *_table(result)))
    for number, found in enumerate(result.findings):
        part = _folded(found)
        if len(text) + len(part) > LONGEST:
            return f"{text}\n\n{len(result.findings) - number} more findings are left out here.\n"
        text += part
    return text + "\n"


def append(path: Path, text: str) -> None:
    """Adds a text to a file in one write."""
    try:
        with path.open("ab", buffering=0) as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(f"{path}, which {SUMMARY_VARIABLE} names, cannot be written ({error.strerror}).") from None


def _head(result: Result) -> Iterator[str]:
    conforms = "conforms" if result.soak is None else "passed the soak"
    word = {0: conforms, 1: "does not conform"}.get(result.exit_code, "could not be judged")
    yield f"## hsmspec: {_inline(summary.name(result.implementation))} {word}"
    yield ""
    if result.partial:
        yield f"**The run is partial**: {_inline(result.partial)}."
        yield ""
    for problem in (*result.problems, *summary.trouble_lines(result.trouble)):
        yield f"- {_inline(problem)}"
    yield ""
    amount = f"{result.operations:,} operations in {result.programs:,}"
    made = f"programs, seed {result.seed}, budget {_inline(result.budget)}" if result.budget else "traces"
    counts = f"{summary.counts(result.requirements)}. " if result.requirements else ""
    yield f"{counts}{amount} {made}."


def _table(result: Result) -> Iterator[str]:
    rows = [judgement for judgement in result.requirements if judgement.verdict in _UNUSUAL]
    if not rows or result.partial:
        return
    yield ""
    yield "| Requirement | Verdict | Statement |"
    yield "| --- | --- | --- |"
    for row in rows:
        note = f" ({_inline(row.note)})" if row.note else ""
        yield f"| {row.requirement} | {row.verdict}{note} | {_inline(row.statement)} |"


def _folded(found: Found) -> str:
    text = summary.whole_text(found)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    title = html.escape(f"{found.finding.requirement}: {found.finding.statement}", quote=False)
    return f"\n\n<details><summary>{title}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>"


def _inline(text: str) -> str:
    """A text as Markdown shows it, in a line and in a table's cell."""
    return re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", " ".join(text.split()))
