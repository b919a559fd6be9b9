"""``hsmspec run``: the verdict on an implementation."""

from __future__ import annotations

import secrets
import shlex
from pathlib import Path

import click

from hsm_specs.adapter import Timeouts
from hsm_specs.catalogue.requirements import Requirement, select
from hsm_specs.cli.common import (
    Color,
    adapter_command,
    color_option,
    command_argument,
    complete_ids,
    console_of,
    existing_file,
    findings_option,
    plain_lines,
    timeout_option,
)
from hsm_specs.cli.consumers import emitting, gathering, github_option, html_option, json_option, junit_option
from hsm_specs.cli.outputs import check_paths
from hsm_specs.engine import Options, run
from hsm_specs.engine.budget import budget as budget_of
from hsm_specs.engine.reference import Against
from hsm_specs.errors import InputError
from hsm_specs.oracle.deviations import NONE_KNOWN
from hsm_specs.oracle.known_deviations import deviations_in
from hsm_specs.report.plain import Plain
from hsm_specs.report.terminal import Terminal

HELP = """Run the implementation behind COMMAND against the specification and judge every requirement.

COMMAND is an adapter: a program that speaks the adapter protocol on stdin and stdout (PROTOCOL.md). Without one
the reference model itself is run.

First the findings that earlier runs saved are run again, then each requirement's own property, then, unless -k
selects some, tours of the model and a random soak over everything, held to the specification as the known deviations
amend it. Failing programs are shrunk, named by the requirement that they break, and saved.

-k takes IDs, beginnings of IDs (MT-ROLLBACK), areas (rollback) or patterns ('*-LIST-?'), several with commas.

\b
Examples:
  hsmspec run -- ./adapter
  hsmspec run --budget quick --fail-fast -- python adapter.py
  hsmspec run -k NODE-ADD,COLL-ADD -- ./adapter
  hsmspec run --seed 7 --workers 4 --budget thorough -- ./adapter
  hsmspec run --against ./reference -- ./adapter
  hsmspec run --budget 60 --json result.json --junit result.xml -- ./adapter

Exit code 0: conforms, known deviations included. 1: does not. 2: could not be found out.
"""


@click.command("run", help=HELP)
@click.option(
    "-k",
    "selection",
    metavar="IDS",
    multiple=True,
    shell_complete=complete_ids,
    help="Only these requirements, without the soak.",
)
@existing_file("--deviations", metavar="FILE", help="Known deviations (TOML), which must show as stated.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Makes the run of that seed again.  [default: random]")
@click.option("--budget", default="default", metavar="quick|default|thorough|SECONDS", help="How much is run.")
@click.option("--fail-fast", is_flag=True, help="End with the first finding.")
@click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Processes for the soak.")
@json_option
@junit_option
@html_option
@github_option
@timeout_option
@findings_option
@click.option("--against", metavar="COMMAND", help="A reference (an adapter, in quotes) that findings are run on too.")
@click.option("--replay/--no-replay", default=True, show_default=True, help="Run saved findings again first.")
@color_option
@command_argument
def command(
    selection: tuple[str, ...],
    deviations: Path | None,
    seed: int | None,
    budget: str,
    fail_fast: bool,
    workers: int,
    json_file: Path | None,
    junit_file: Path | None,
    html_file: Path | None,
    github: bool,
    timeout: float | None,
    findings: Path,
    against: str | None,
    replay: bool,
    color: Color,
    command: tuple[str, ...],
) -> int:
    """Runs an implementation and answers the exit code."""
    check_paths({"--json": json_file, "--junit": junit_file, "--html": html_file}, [deviations])
    requirements = selected(selection)
    options = Options(
        command=adapter_command(command),
        requirements=requirements,
        seed=secrets.randbelow(2**32) if seed is None else seed,
        budget=budget_of(budget),
        timeouts=Timeouts.of(timeout),
        workers=workers,
        selection=selection,
        deviations=NONE_KNOWN if deviations is None else deviations_in(deviations),
        deviations_file="" if deviations is None else str(deviations),
        findings=findings,
        fail_fast=fail_fast,
        replay=replay,
    )
    known = options.deviations
    files = gathering(known, json_file=json_file, junit_file=junit_file, html_file=html_file, github=github)
    emit = emitting([Plain(click.echo) if plain_lines(color) else Terminal(console_of(color)), *files])
    if against is None:
        return run(options, emit)
    with Against(split(against), options.timeouts, emit) as compare:
        return run(options, compare)


def split(command: str) -> list[str]:
    """The words of a command. It is given to no shell."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"`{command}` is no command ({error}).") from None
    if not words:
        raise InputError("The command of the reference is empty.")
    return words


def selected(selection: tuple[str, ...]) -> tuple[Requirement, ...]:
    """The requirements to judge. Refuses a selection of nothing but unspecified ones."""
    chosen = select(",".join(selection) if selection else None)
    judged = tuple(requirement for requirement in chosen if requirement.classification != "unspecified")
    if not judged:
        raise InputError(f"{', '.join(r.id for r in chosen)}: unspecified, so there is nothing to run.")
    return judged
