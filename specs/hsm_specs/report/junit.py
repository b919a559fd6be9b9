"""A summary as JUnit XML: a test case for each requirement, in the class of its area."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from hsm_specs.files import write_atomically
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.printable import xml_text
from hsm_specs.report.rendering import counted
from hsm_specs.report.result import SummaryReporter
from hsm_specs.report.summary import Summary, finding_text, trouble_lines
from hsm_specs.report.traces import place_of
from hsm_specs.results.verdicts import Judgement, Verdict
from hsm_specs.traces.format.remarks import MachineRule

CaseOutcome = Failure | Error | Skipped
SUITE = "hsmspec"
FIXTURES = "fixtures"
"""The class of the cases that judge the adapter's own machines, tasks and environment."""
MOST_REMARKS = 20
"""The largest number of remarks that a case shows."""
RUN = "run"
"""The name of the case for the run itself, present if something is wrong with it."""
SOAK = "soak"
"""The name of the case for a soak, whose other cases are only the requirements that it found broken."""


class JUnitReporter(SummaryReporter):
    """Write the file at the end."""

    def __init__(self, path: Path, deviations: Deviations) -> None:
        super().__init__()
        self._path = path
        self._deviations = deviations

    def report(self, summary: Summary) -> None:
        """Write the summary."""
        write_atomically(self._path, encode(summary, self._deviations))


def encode(summary: Summary, deviations: Deviations) -> bytes:
    """Return the content of the file."""
    suite = TestSuite(SUITE)
    for name, value in _properties(summary):
        suite.add_property(name, xml_text(value))
    cases = [_case(judgement, summary, deviations) for judgement in summary.requirements]
    cases += [_machine(rule, summary) for rule in summary.machine]
    blamed = any(case.is_failure or case.is_error for case in cases)
    suite.add_testcases(cases + _run(summary, blamed))
    document = JUnitXml(SUITE)
    document.add_testsuite(suite)
    document.update_statistics()
    document.time = suite.time = summary.seconds
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + bytes(document.tostring()) + b"\n"


def _properties(summary: Summary) -> Iterator[tuple[str, str]]:
    greeting = summary.implementation
    yield "implementation", "" if greeting is None else greeting.name
    yield "version", "" if greeting is None else greeting.version
    if summary.seed is not None:
        yield "seed", str(summary.seed)
        yield "budget", summary.budget
    yield "operations", str(summary.operations)
    if summary.partial:
        yield "partial", summary.partial


def _case(judgement: Judgement, summary: Summary, deviations: Deviations) -> TestCase:
    case = TestCase(judgement.requirement, FIXTURES if judgement.judges == "fixtures" else judgement.area)
    outcome = _outcome(judgement, summary, deviations)
    if outcome is not None:
        case.result = [outcome]
    return case


def _machine(rule: MachineRule, summary: Summary) -> TestCase:
    """Return the case of a rule about machines, which fails if the exit code says so. It may have been kept."""
    case = TestCase(xml_text(rule.rule), rule.classification)
    if not rule.remarks:
        return case
    message = xml_text(f"{counted(rule.remarks, 'remark')}: {rule.statement}")
    outcome = Failure(message, "remark") if summary.fails_on_remarks else Skipped(message, "remark")
    remarks = [remark for remark in summary.remarks if remark.rule == rule.rule][:MOST_REMARKS]
    outcome.text = xml_text("\n".join(f"{place_of(remark)}: {remark.type}: {remark.what}" for remark in remarks))
    case.result = [outcome]
    return case


def _outcome(judgement: Judgement, summary: Summary, deviations: Deviations) -> CaseOutcome | None:
    """Return the outcome of the case, None if the requirement is kept."""
    said, note = judgement.verdict, f" ({judgement.note})" if judgement.note else ""
    entries = {entry.requirement: entry for entry in deviations.deviation}
    match said:
        case Verdict.CONFORMS | Verdict.AGREES:
            return None
        case Verdict.KNOWN | Verdict.DIFFERS_KNOWN:
            entry = entries.get(judgement.requirement)
            known = "" if entry is None else f": {entry.observed} {entry.reason}"
            return Skipped(xml_text(f"known deviation{known}"), said.name.lower())
        case Verdict.NOT_OFFERED if judgement.requirement not in entries:
            return Skipped(xml_text(f"not offered{note}"), said.name.lower())
        case Verdict.OWED:
            return Skipped(xml_text(judgement.note), said.name.lower())
        case Verdict.NOT_EXERCISED if summary.partial:
            return Error("not exercised, since the run is partial", said.name.lower())
        case Verdict.NOT_EXERCISED if judgement.documented:
            return Error(xml_text(f"not exercised{note}"), said.name.lower())
        case Verdict.NOT_EXERCISED:
            return Skipped(xml_text(f"not exercised{note}"), said.name.lower())
        case Verdict.DIFFERS if not judgement.fails:
            outcome: CaseOutcome = Skipped(
                xml_text(f"differs where the documentation is silent{note}"), said.name.lower()
            )
        case _:
            outcome = Failure(xml_text(f"{judgement.statement}{note}"), said.name.lower())
    outcome.text = xml_text(_findings(judgement, summary))
    return outcome


def _findings(judgement: Judgement, summary: Summary) -> str:
    """Return the text of the findings that a verdict names."""
    found = (entry for entry in summary.findings if entry.id in judgement.findings)
    return "\n\n".join(map(finding_text, found))


def _run(summary: Summary, blamed: bool) -> list[TestCase]:
    """Return a case for a run that is partial, or that has a problem which belongs to no requirement.

    A soak always has one, so that a soak without findings is not an empty suite.
    """
    if summary.partial:
        lines = [*summary.problems, *trouble_lines(summary.trouble)]
        outcome: CaseOutcome = Error(xml_text(f"the run is partial: {summary.partial}"), "partial")
    elif summary.problems and not blamed:
        lines = [*summary.problems]
        outcome = Failure(xml_text(summary.problems[0]), "problem")
    else:
        return [] if summary.kind != "soak" else [TestCase(SOAK, SUITE)]
    outcome.text = xml_text("\n".join(lines))
    case = TestCase(RUN, SUITE)
    case.result = [outcome]
    return [case]
