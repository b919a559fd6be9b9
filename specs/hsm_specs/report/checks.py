"""Checked machines as text, and their result as a summary."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from hsm_specs.machines.check.following import Followed
from hsm_specs.machines.check.rules import RULES, CheckFinding, CheckResult, MachineCheck
from hsm_specs.printable import printable
from hsm_specs.report.rendering import WIDTH, Style, Styled, counted
from hsm_specs.report.summary import Summary
from hsm_specs.traces.format.remarks import MachineRule, Remark


def check_lines(checked: MachineCheck, found: Sequence[CheckFinding]) -> Iterator[Styled]:
    """Yield what was explored of a machine, its findings and the way that was asked for, made printable."""
    for line in _check_lines(checked, found):
        yield Styled(printable(line.text), line.style)


def _check_lines(checked: MachineCheck, found: Sequence[CheckFinding]) -> Iterator[Styled]:
    yield Styled(f"{checked.machine}: {explored(checked)}", "title")
    for finding in found:
        yield Styled(f"  {finding.rule}", "observed")
        yield from _wrapped("    ", finding.what)
        yield from _steps(finding.steps)
    if checked.path is not None:
        yield Styled(f"  {checked.reached} is reached like this:", "good")
        yield from _steps(checked.path or ("it is the initial state",))


def followed_lines(number: int, place: Followed) -> Iterator[Styled]:
    """Yield a step and where the machine is after it, made printable."""
    for line in _followed_lines(number, place):
        yield Styled(printable(line.text), line.style)


def _followed_lines(number: int, place: Followed) -> Iterator[Styled]:
    yield from _wrapped(f"{number:>3}. ", place.step, "title")
    if place.error:
        yield from _wrapped("     ", f"fails: {place.error}", "observed")
    if place.state:
        yield from _wrapped("     ", ", ".join(filter(None, (place.state, place.data))))
        yield from _wrapped("     ", f"pending: {', '.join(place.pending) or 'nothing'}", "faint")


def _steps(steps: Sequence[str]) -> Iterator[Styled]:
    for number, step in enumerate(steps, 1):
        yield from _wrapped(f"    {number:>3}. ", step, "faint")


def _wrapped(prefix: str, text: str, style: Style = "") -> Iterator[Styled]:
    indent = " " * len(prefix)
    for piece in textwrap.wrap(text, WIDTH, initial_indent=prefix, subsequent_indent=indent, break_on_hyphens=False):
        yield Styled(piece, style)


def explored(checked: MachineCheck) -> str:
    """Return how much of a machine was explored."""
    bound = f"; {checked.bound}" if checked.bound else ", which is all"
    return f"{counted(checked.configurations, 'configuration')}, {counted(checked.steps, 'step')}{bound}"


def summary_of_checks(result: CheckResult) -> Summary:
    """Return the result of checking machines in the form that all reporters share."""
    broken = Counter(finding.rule for finding in result.findings)
    names = ", ".join(checked.machine for checked in result.machines)
    said = f"{counted(len(result.findings), 'finding')} in {counted(len(result.machines), 'machine')}"
    count = sum(checked.configurations for checked in result.machines)
    return Summary(
        kind="check",
        exit_code=result.exit_code,
        sentences=(f"{said}." if result.findings else f"No finding in {counted(len(result.machines), 'machine')}.",),
        amount=(f"{counted(count, 'configuration')} explored, {result.seconds:.1f} s",),
        programs=len(result.machines),
        operations=sum(checked.steps for checked in result.machines),
        seconds=result.seconds,
        facts=tuple((checked.machine, explored(checked)) for checked in result.machines),
        machine=tuple(MachineRule(rule=rule, statement=text, remarks=broken[rule]) for rule, text in RULES.items()),
        remarks=tuple(map(_remark, result.findings)),
        fails_on_remarks=True,
        subject=names,
    )


def _remark(finding: CheckFinding) -> Remark:
    steps = "".join(f"\n{number:>3}. {step}" for number, step in enumerate(finding.steps, 1))
    what = f"{finding.what}{steps}"
    return Remark(file=finding.file, trace="", rule=finding.rule, type=finding.machine, what=what, at=None)
