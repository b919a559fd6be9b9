"""``hsmspec smoke``: the first thing to try with an adapter in the making."""

from __future__ import annotations

from textwrap import fill

import click

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.cli.common import Color, adapter_command, color_option, command_argument, show, timeout_option
from hsm_specs.doctor.smoke import DIALECT, SMOKE, Smoke
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.report.finding_text import WIDTH, program_lines

HELP = """Try the adapter behind COMMAND on small programs, from the simplest on.

Stops at the first one that is answered otherwise than expected, shows both answers and says what to look at.

\b
Examples:
  hsmspec smoke -- ./adapter
  hsmspec smoke -- python my_adapter.py
"""


@click.command("smoke", help=HELP)
@timeout_option
@color_option
@command_argument
def command(timeout: float | None, color: Color, command: tuple[str, ...]) -> int:
    """Runs the smoke programs and answers the exit code."""
    with Adapter.start(adapter_command(command), Timeouts.of(timeout)) as adapter:
        greeting = adapter.greeting
        click.echo(f"ok    introduces itself: {greeting.name} {greeting.version} ({greeting.language})")
        offered = frozenset(greeting.capabilities)
        for smoke in SMOKE:
            missing = capabilities_of(smoke.program) - offered
            if missing:
                click.echo(f"--    {smoke.title} (not offered: {', '.join(sorted(missing))})")
            elif not passes(adapter, smoke, color):
                return 1
        status = adapter.finish()
    if status != 0:
        click.echo("FAIL  ends with its input")
        click.echo(fill("An adapter exits with status 0 at the end of its input.", WIDTH))
        return 1
    click.echo("ok    ends with its input")
    click.echo("The adapter speaks the protocol. Next: hsmspec run -- COMMAND")
    return 0


def passes(adapter: Adapter, smoke: Smoke, color: Color) -> bool:
    """Runs one program and says what came of it."""
    expected = predict(smoke.program, dialect=adapter.greeting.dialect or DIALECT)
    observed = adapter.run([smoke.program])[0]
    difference = first_difference(smoke.program, expected, observed)
    if difference is None:
        click.echo(f"ok    {smoke.title}")
        return True
    click.echo(f"FAIL  {smoke.title}")
    click.echo()
    show(program_lines(smoke.program, expected, observed, difference.where), color)
    click.echo()
    click.echo(fill(smoke.advice, WIDTH))
    return False
