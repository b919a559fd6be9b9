"""``hsmspec smoke``: try an unfinished adapter on small programs."""

from __future__ import annotations

from textwrap import wrap

import click

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.cli.common import Color, adapter_command, color_option, command_argument, say, show, timeout_option
from hsm_specs.doctor.smoke import DIALECT, SMOKE, Smoke
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.report.rendering import WIDTH, program_lines
from hsm_specs.results.failures import hint

HELP = """Try the adapter behind COMMAND on small programs, the simplest first.

Stops at the first program with an unexpected observation, shows it beside the expected one and gives advice.

\b
Examples:
  hsmspec smoke -- ./adapter
  hsmspec smoke -- python my_adapter.py
  hsmspec smoke -- node build/my-adapter.js

Section 19 of PROTOCOL.md describes the first hour. There are adapters to copy from in TypeScript (adapters/typescript),
Rust (adapters/rust), Python (adapters/python) and Go (adapters/temporal).
"""


@click.command("smoke", help=HELP)
@timeout_option
@color_option
@command_argument
def command(timeout: float | None, color: Color, command: tuple[str, ...]) -> int:
    """Run the smoke programs and return the exit code."""
    with Adapter.start(adapter_command(command), Timeouts.of(timeout)) as adapter:
        greeting = adapter.greeting
        say(f"ok    introduces itself: {greeting.name} {greeting.version} ({greeting.language})")
        offered = frozenset(greeting.capabilities)
        for smoke in SMOKE:
            missing = capabilities_of(smoke.program) - offered
            if missing:
                say(f"--    {smoke.title} (not offered: {', '.join(sorted(missing))})")
            elif not passes(adapter, smoke, color):
                return 1
        status = adapter.finish()
    if status != 0:
        say("FAIL  ends with its input")
        say("An adapter exits with status 0 at the end of its input.")
        return 1
    say("ok    ends with its input")
    say("The adapter speaks the protocol. Next: hsmspec run -- COMMAND")
    return 0


def passes(adapter: Adapter, smoke: Smoke, color: Color) -> bool:
    """Run a program, print the outcome and return whether it passed."""
    expected = predict(smoke.program, dialect=adapter.greeting.dialect or DIALECT)
    observed = adapter.run([smoke.program])[0]
    difference = first_difference(smoke.program, expected, observed)
    if difference is None:
        say(f"ok    {smoke.title}")
        return True
    say(f"FAIL  {smoke.title}")
    say()
    show(program_lines(smoke.program, expected, observed, difference.where), color)
    say()
    looks = hint(difference)
    for line in wrap(f"{looks} {smoke.advice}".strip(), WIDTH):
        say(line)
    return False
