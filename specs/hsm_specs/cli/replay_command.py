"""``hsmspec replay``: run a saved finding again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
from msgspec.structs import replace

from hsm_model.framework.amendments import ALL_AMENDMENTS, amend_world
from hsm_model.semantics import SPECIFICATION
from hsm_specs.adapter import Adapter, RecoveringAdapter, SameImplementation, Timeouts
from hsm_specs.cli.common import (
    Color,
    color_option,
    command_argument,
    command_in,
    findings_option,
    say,
    show,
    timeout_option,
    yes_option,
)
from hsm_specs.errors import InputError, ToolError
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.report.rendering import finding_lines
from hsm_specs.results.findings import Finding, load

FIXED, FAILED, ERROR = 0, 1, 2

HELP = """Run the finding in FILE again, against COMMAND or the command that it was found with.

That command is in FILE. If FILE is not in your own folder of findings, --findings, hsmspec asks before it runs it.

\b
FIXED   (exit 0)  all observations are as expected
FAILED  (exit 1)  they are not
ERROR   (exit 2)  the program could not be run

\b
Examples:
  hsmspec replay .hsmspec/findings/NODE-ADD-2-0a1b2c3d.json
  hsmspec replay finding.json -- ./another-adapter
  hsmspec replay --yes downloaded.json
"""


@click.command("replay", help=HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@timeout_option
@findings_option
@yes_option
@color_option
@command_argument
def command(
    file: Path, timeout: float | None, findings: Path, yes: bool, color: Color, command: tuple[str, ...]
) -> int:
    """Run a finding and return the exit code."""
    finding = load(file)
    argv = command or command_in(file, finding.command, findings, yes)
    try:
        again = replayed(finding, argv, Timeouts.of(timeout))
    except ToolError:
        say("ERROR")
        raise
    if again is None:
        say(f"FIXED: {finding.requirement} holds for this program now")
        return FIXED
    show(finding_lines(again), color)
    say()
    say(f"FAILED: {finding.requirement} is still violated")
    return FAILED


def replayed(finding: Finding, argv: tuple[str, ...], timeouts: Timeouts) -> Finding | None:
    """Return the finding with the observations of now, None if it is fixed."""
    unknown = [name for name in finding.amendments if name not in ALL_AMENDMENTS]
    if unknown:
        raise InputError(f"The finding names amendments that this hsmspec does not have: {', '.join(unknown)}.")
    dialect = finding.dialect or "v1.25"
    expected = predict(finding.program, amend_world(SPECIFICATION, finding.amendments), dialect=dialect)
    with RecoveringAdapter(SameImplementation(partial(Adapter.start, argv, timeouts))) as adapter:
        observed = adapter.run([finding.program])[0]
        difference = first_difference(finding.program, expected, observed, dialect)
        if difference is None:
            return None
        greeting = adapter.greeting
    return replace(
        finding,
        expected=expected,
        observed=observed,
        where=difference.where,
        command=argv,
        implementation=greeting.name,
        version=greeting.version,
    )
