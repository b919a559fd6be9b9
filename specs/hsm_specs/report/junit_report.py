"""The result of a run as JUnit XML: a test case for each requirement, in the class of its area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from hsm_specs.files import write_atomically
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.report import summary
from hsm_specs.report.result import Result, ResultCollector
from hsm_specs.results.verdicts import Judgement, Verdict

Outcome = Failure | Error | Skipped
SUITE = "hsmspec"
RUN = "run"
"""The name of the case that stands for the run itself, where something is wrong with that."""
SOAK = "soak"
"""The name of the case that stands for a soak: of the requirements it has only those that are broken."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitReport(ResultCollector):
    """Writes the file at the end."""

    def __init__(self, path: Path, deviations: Deviations) -> None:
        super().__init__()
        self._path = path
        self._deviations = deviations

    def finish(self, result: Result) -> None:
        """Writes the result."""
        write_atomically(self._path, encode(result, self._deviations))


def encode(result: Result, deviations: Deviations) -> bytes:
    """The result's file."""
    suite = TestSuite(SUITE)
    for name, value in _properties(result):
        suite.add_property(name, _xml(value))
    cases = [_case(judgement, result, deviations) for judgement in result.requirements]
    blamed = any(case.is_failure or case.is_error for case in cases)
    suite.add_testcases(cases + _run(result, blamed))
    document = JUnitXml(SUITE)
    document.add_testsuite(suite)
    document.update_statistics()
    document.time = suite.time = result.seconds
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + bytes(document.tostring()) + b"\n"


def _properties(result: Result) -> Iterator[tuple[str, str]]:
    greeting = result.implementation
    yield "implementation", "" if greeting is None else greeting.name
    yield "version", "" if greeting is None else greeting.version
    if result.budget:
        yield "seed", str(result.seed)
        yield "budget", result.budget
    yield "operations", str(result.operations)
    if result.partial:
        yield "partial", result.partial


def _case(judgement: Judgement, result: Result, deviations: Deviations) -> TestCase:
    case = TestCase(judgement.requirement, judgement.area)
    outcome = _outcome(judgement, result, deviations)
    if outcome is not None:
        case.result = [outcome]
    return case


def _outcome(judgement: Judgement, result: Result, deviations: Deviations) -> Outcome | None:
    """What stands in the case; nothing for a requirement that is kept."""
    said, note = judgement.verdict, f" ({judgement.note})" if judgement.note else ""
    entries = {entry.requirement: entry for entry in deviations.deviation}
    match said:
        case Verdict.CONFORMS | Verdict.AGREES:
            return None
        case Verdict.KNOWN | Verdict.DIFFERS_KNOWN:
            entry = entries.get(judgement.requirement)
            known = "" if entry is None else f": {entry.observed} {entry.reason}"
            return Skipped(_xml(f"known deviation{known}"), said.name.lower())
        case Verdict.NOT_OFFERED if judgement.requirement not in entries:
            return Skipped(_xml(f"not offered{note}"), said.name.lower())
        case Verdict.NOT_EXERCISED if result.partial:
            return Error("not exercised, since the run is partial", said.name.lower())
        case Verdict.NOT_EXERCISED if judgement.documented:
            return Error(_xml(f"not exercised{note}"), said.name.lower())
        case Verdict.NOT_EXERCISED:
            return Skipped(_xml(f"not exercised{note}"), said.name.lower())
        case Verdict.DIFFERS:
            outcome: Outcome = Skipped(_xml(f"differs where the documentation is silent{note}"), said.name.lower())
        case _:
            outcome = Failure(_xml(f"{judgement.statement}{note}"), said.name.lower())
    outcome.text = _xml(_findings(judgement, result))
    return outcome


def _findings(judgement: Judgement, result: Result) -> str:
    """The texts of the findings that a verdict names."""
    found = (entry for entry in result.findings if entry.id in judgement.findings)
    return "\n\n".join(map(summary.whole_text, found))


def _run(result: Result, blamed: bool) -> list[TestCase]:
    """A case for what is wrong with the run itself: that it is partial, or a problem of no requirement.

    A soak has one in any case, so that one which finds nothing is seen to have been there.
    """
    if result.partial:
        lines = [*result.problems, *summary.trouble_lines(result.trouble)]
        outcome: Outcome = Error(_xml(f"the run is partial: {result.partial}"), "partial")
    elif result.problems and not blamed:
        lines = [*result.problems]
        outcome = Failure(_xml(result.problems[0]), "problem")
    else:
        return [] if result.soak is None else [TestCase(SOAK, SUITE)]
    outcome.text = _xml("\n".join(lines))
    case = TestCase(RUN, SUITE)
    case.result = [outcome]
    return [case]


def _xml(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
