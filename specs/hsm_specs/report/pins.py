"""Pins: what an implementation does where the documentation is silent, written to its file of known deviations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hsm_specs.errors import InputError
from hsm_specs.files import read, write_atomically
from hsm_specs.language.operations import tag
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.report.result import Result, ResultCollector
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement, Verdict

HEADING: Final = "# What it does where the documentation is silent, as `hsmspec run --pin` has found it."
_READINGS = re.compile(r"^readings = .*\n", re.MULTILINE)
_PINNED = re.compile(
    rf"\n*(?:{re.escape(HEADING)}\n+)?^\[pinned\]\n.*?(?=^\[\[deviation\]\]|\Z)", re.MULTILINE | re.DOTALL
)


class PinReporter(ResultCollector):
    """Write the file at the end of a run that was complete.

    What the file ``source``, if there is one, says of known deviations is kept as it is, comments included.
    """

    def __init__(self, path: Path, source: Path | None) -> None:
        super().__init__()
        self._path = path
        self._text = "" if source is None else read(source).decode("utf-8")

    def finish(self, result: Result) -> None:
        """Write the file. Raise `InputError` if the run was partial, so that nothing can be pinned."""
        if result.partial or result.implementation is None:
            raise InputError("Nothing was pinned, since the run is partial.")
        write_atomically(self._path, pinned(self._text, result).encode("utf-8"))


def pinned(text: str, result: Result) -> str:
    """Return the text of a file of known deviations with what a run has found pinned."""
    if not text and result.implementation is not None:
        greeting = result.implementation
        text = f'implementation = "{greeting.name}"\nversion = "{greeting.version}"\n'
    text = _PINNED.sub("", text)
    readings = f"readings = {_names(result.readings)}\n" if result.readings else ""
    if _READINGS.search(text):
        text = _READINGS.sub(readings, text, count=1)
    elif readings:
        tables = re.search(r"^\[", text, re.MULTILINE)
        at = len(text) if tables is None else tables.start()
        text = f"{text[:at]}{readings}\n{text[at:]}"
    pins = "\n".join(_pins(result))
    return f"{text.rstrip()}\n\n{HEADING}\n\n{pins}\n"


def _pins(result: Result) -> Iterator[str]:
    silent = [judgement for judgement in result.requirements if judgement.classification == "characterization"]
    yield "[pinned]"
    yield f"agrees = {_names(tuple(each.requirement for each in silent if each.verdict is Verdict.AGREES))}"
    for judgement in silent:
        if judgement.verdict is Verdict.DIFFERS:
            answers = dict.fromkeys(answer for finding in _findings(judgement, result) for answer in _answer(finding))
            yield f'\n[[pinned.differs]]\nrequirement = "{judgement.requirement}"'
            yield f"observations = [{', '.join(answers)}]"


def _findings(judgement: Judgement, result: Result) -> Iterator[Finding]:
    return (found.finding for found in result.findings if found.id in judgement.findings)


def _answer(finding: Finding) -> Iterator[str]:
    """Yield the answer in which a finding differs, as a list of known deviations states it."""
    difference = first_difference(finding.program, finding.expected, finding.observed, finding.dialect or "v1.25")
    if difference is None or difference.operation is None:
        return
    observed = difference.observed
    if isinstance(observed.error, str):
        said = f'error = "{observed.error}"'
    elif isinstance(observed.panic, str):
        said = 'panic = ""'
    else:
        said = "unbound = true" if observed.unbound is True else "another = true"
    yield f'{{ op = "{tag(type(difference.operation))}", {said} }}'


def _names(names: tuple[str, ...]) -> str:
    """Return names as a TOML array, with a line for each few of them."""
    lines, line = list[str](), ""
    for name in names:
        item = f'"{name}", '
        if len(line) + len(item) > 110:
            lines.append(line.rstrip())
            line = ""
        line += item
    if not lines:
        return f"[{line.rstrip(', ')}]"
    return "\n    ".join(("[", *lines, line.rstrip())) + "\n]"
