"""``hsmspec doctor``: check an adapter and its environment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from textwrap import wrap

import click
import msgspec
from msgspec.structs import replace

from hsm_specs.adapter import Timeouts
from hsm_specs.cli.common import (
    Color,
    adapter_command,
    color_option,
    command_argument,
    redact_option,
    show,
    timeout_option,
    written_file,
)
from hsm_specs.cli.reports import check_paths
from hsm_specs.doctor import Check, adapter_checks, environment_checks, exit_code
from hsm_specs.doctor.check import FORMAT, Status
from hsm_specs.files import write_atomically
from hsm_specs.report.rendering import WIDTH, Style, Styled
from hsm_specs.results.redaction import Redaction, redacted

HELP = """Check the adapter behind COMMAND and its environment, and say how to fix what is wrong.

Checks Python and the extras, the folder of findings and the command, then the handshake, a small program for the core
and for each claimed capability, batches, requests in flight, invalid lines, the end of input, stderr and speed. Each
check is ok, a warning or a fault; warnings and faults come with a remedy. Unlike smoke, doctor does not stop at the
first fault.

\b
Examples:
  hsmspec doctor -- ./adapter
  hsmspec doctor --timeout 20 --json doctor.json -- python my_adapter.py

Exit code 0: no fault, warnings allowed. 1: the adapter is at fault. 2: its environment is, or the checks could not
run.
"""
_STYLES: dict[Status, Style] = {"ok": "", "warning": "note", "fault": "observed"}


@click.command("doctor", help=HELP)
@written_file("--json", "json_file", help="Write the checks as JSON.")
@click.option(
    "--findings",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=Path(".hsmspec/findings"),
    show_default=True,
    help="The folder in which `hsmspec run` will save findings.",
)
@timeout_option
@redact_option
@color_option
@command_argument
def command(
    json_file: Path | None,
    findings: Path,
    timeout: float | None,
    redact: bool,
    color: Color,
    command: tuple[str, ...],
) -> int:
    """Check an adapter and return the exit code."""
    check_paths({"--json": json_file})
    words = adapter_command(command)
    redaction = Redaction(words) if redact else None
    checks: list[Check] = []
    for check in chain(environment_checks(words, findings), _of_adapter(checks, words, Timeouts.of(timeout))):
        if redaction is not None:
            check = replace(check, text=redaction.text(check.text), remedy=redaction.text(check.remedy))  # noqa: PLW2901
        checks.append(check)
        show(_lines(check), color)
    code = exit_code(checks)
    show([_summary(checks)], color)
    if json_file is not None:
        result = {
            "format": FORMAT,
            "command": redacted(words) if redact else words,
            "exit_code": code,
            "checks": checks,
        }
        write_atomically(json_file, msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    return code


def _of_adapter(so_far: list[Check], command: tuple[str, ...], timeouts: Timeouts) -> Iterator[Check]:
    """Yield the checks of the adapter, none if its command cannot be started."""
    if not any(check.name == "command" and check.status == "fault" for check in so_far):
        yield from adapter_checks(command, timeouts)


def _lines(check: Check) -> Iterator[Styled]:
    label = "FAULT" if check.status == "fault" else check.status
    yield Styled(f"{label:<8} {check.name}: {check.text}", _STYLES[check.status])
    if check.remedy:
        for line in wrap(check.remedy, WIDTH - 9):
            yield Styled(f"{'':9}{line}")


def _summary(checks: list[Check]) -> Styled:
    faults = sum(check.status == "fault" for check in checks)
    warnings = sum(check.status == "warning" for check in checks)
    if not faults and not warnings:
        return Styled(f"{len(checks)} checks: no faults, no warnings.", "title")
    return Styled(f"{len(checks)} checks: {_counted(faults, 'fault')}, {_counted(warnings, 'warning')}.", "title")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
