"""``hsmspec replay``: a saved finding once more."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
from msgspec.structs import replace

from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.semantics import SPECIFICATION
from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.cli.common import Color, color_option, command_argument, show, timeout_option
from hsm_specs.errors import InputError, ToolError
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.report.finding_text import finding_lines
from hsm_specs.results.findings import Finding, load

FIXED, FAILED, ERROR = 0, 1, 2

HELP = """Run the finding in FILE again, against COMMAND or the command that it was found with.

\b
FIXED   (exit 0)  the program is answered as it should be
FAILED  (exit 1)  it is not
ERROR   (exit 2)  that could not be found out

\b
Examples:
  hsmspec replay .hsmspec/findings/NODE-ADD-2-0a1b2c3d.json
  hsmspec replay finding.json -- ./another-adapter
"""


@click.command("replay", help=HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@timeout_option
@color_option
@command_argument
def command(file: Path, timeout: float | None, color: Color, command: tuple[str, ...]) -> int:
    """Runs a finding and answers the exit code."""
    finding = load(file)
    argv = command or finding.command
    if not command:
        click.echo(f"running {shlex.join(argv)}")
    try:
        again = replayed(finding, argv, Timeouts.of(timeout))
    except ToolError:
        click.echo("ERROR")
        raise
    if again is None:
        click.echo(f"FIXED: {finding.requirement} is kept here now")
        return FIXED
    show(finding_lines(again), color)
    click.echo()
    click.echo(f"FAILED: {finding.requirement} is still broken")
    return FAILED


def replayed(finding: Finding, argv: tuple[str, ...], timeouts: Timeouts) -> Finding | None:
    """The finding as it shows now, None if it does not."""
    unknown = [name for name in finding.amendments if name not in AMENDMENTS]
    if unknown:
        raise InputError(f"The finding names amendments that this hsmspec does not have: {', '.join(unknown)}.")
    dialect = finding.dialect or "v1.25"
    expected = predict(finding.program, amend(SPECIFICATION, finding.amendments), dialect=dialect)
    with Adapter.start(argv, timeouts) as adapter:
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
