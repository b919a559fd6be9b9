"""``hsmspec run``: judge an implementation."""

from __future__ import annotations

import secrets
import shlex
from contextlib import ExitStack
from pathlib import Path

import click
from msgspec.structs import replace

from hsm_specs.adapter import Timeouts
from hsm_specs.catalogue.requirements import Requirement, select
from hsm_specs.cli.common import (
    adapter_command,
    command_argument,
    complete_ids,
    existing_file,
    findings_option,
    redact_option,
    timeout_option,
)
from hsm_specs.cli.reports import Reports, report_options
from hsm_specs.engine import RunOptions, run
from hsm_specs.engine.budget import budget as budget_of
from hsm_specs.engine.reference import Against
from hsm_specs.errors import InputError
from hsm_specs.oracle.deviations import NONE_KNOWN, deviations_in
from hsm_specs.report.pins import PinReporter
from hsm_specs.report.reporter import Broadcast
from hsm_specs.report.text import Detail
from hsm_specs.results.events import Consumer
from hsm_specs.results.redaction import Redaction

HELP = """Run the implementation behind COMMAND against the specification and judge every requirement.

COMMAND is an adapter: a program that speaks the adapter protocol on stdin and stdout (PROTOCOL.md). Without COMMAND
the reference model runs.

First the saved findings of earlier runs run again, then the property of each requirement, then, unless -k selects
requirements, tours of the model and random programs. Tours and random programs are held to the specification as amended
by the known deviations. Failing programs are shrunk, attributed to the requirement that they break, and saved.

The report has a line for each area. At its end are the finding to look at first, what fails, and the command to run
next.

-k takes IDs, prefixes of IDs (MT-ROLLBACK), areas (rollback) or patterns ('*-LIST-?'), separated by commas.

\b
Examples:
  hsmspec run -- ./adapter
  hsmspec run --budget quick --fail-fast -- python adapter.py
  hsmspec run -k NODE-ADD,COLL-ADD -- ./adapter
  hsmspec run --seed 7 --workers 4 --budget thorough -- ./adapter
  hsmspec run --against ./reference -- ./adapter
  hsmspec run --budget 60 --json result.json --junit result.xml -- ./adapter

Exit code 0: conforms, known deviations included. 1: does not conform. 2: undecided.
"""


@click.command("run", help=HELP)
@click.option(
    "-k",
    "selection",
    metavar="IDS",
    multiple=True,
    shell_complete=complete_ids,
    help="Judge only these requirements, without tours and random programs.",
)
@existing_file("--deviations", metavar="FILE", help="Known deviations (TOML); each must show as stated.")
@click.option("--strict", is_flag=True, help="Fail at any difference, also where the documentation is silent.")
@click.option(
    "--pin",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what the implementation does where the documentation is silent to its file of known deviations.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Reproduce the run with this seed.  [default: random]")
@click.option("--budget", default="default", metavar="quick|default|thorough|SECONDS", help="How much is run.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first finding.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Processes for random programs."
)
@click.option("-v", "--verbose", is_flag=True, help="List every requirement, and show every finding as it is made.")
@click.option("-q", "--quiet", is_flag=True, help="Print the result alone.")
@report_options()
@timeout_option
@findings_option
@click.option("--against", metavar="COMMAND", help="A reference adapter (in quotes) to compare findings with.")
@redact_option
@click.option("--replay/--no-replay", default=True, show_default=True, help="Run saved findings again first.")
@command_argument
def command(
    selection: tuple[str, ...],
    deviations: Path | None,
    strict: bool,
    pin: Path | None,
    seed: int | None,
    budget: str,
    fail_fast: bool,
    workers: int,
    timeout: float | None,
    findings: Path,
    against: str | None,
    redact: bool,
    verbose: bool,
    quiet: bool,
    replay: bool,
    command: tuple[str, ...],
    reports: Reports,
) -> int:
    """Run an implementation and return the exit code."""
    reports.check([deviations], pin=None if pin == deviations else pin)
    if pin is not None and selection:
        raise InputError("`--pin` writes what all requirements show:", remedy="leave `-k` out.")
    if verbose and quiet:
        raise click.UsageError("`--verbose` and `--quiet` exclude each other.")
    detail: Detail = "requirements" if verbose else "quiet" if quiet else "areas"
    requirements = selected(selection)
    known = NONE_KNOWN if deviations is None else deviations_in(deviations)
    options = RunOptions(
        command=adapter_command(command),
        requirements=requirements,
        seed=secrets.randbelow(2**32) if seed is None else seed,
        budget=budget_of(budget),
        timeouts=Timeouts.of(timeout),
        workers=workers,
        selection=selection,
        deviations=known if pin is None else replace(known, readings=(), pinned=None),
        deviations_file="" if deviations is None else str(deviations),
        findings=findings,
        fail_fast=fail_fast,
        replay=replay,
        strict=strict,
        redact=redact,
    )
    reference = [] if against is None else split(against)
    reporter = reports.reporter(options.deviations, detail=detail)
    if pin is not None:
        reporter = Broadcast((reporter, PinReporter(pin, deviations)))
    emit: Consumer = reporter
    with ExitStack() as stack:
        if redact:
            redaction = Redaction(options.command, reference)
            stack.enter_context(redaction.errors())
            emit = redaction.consumer(emit)
        if reference:
            emit = stack.enter_context(Against(reference, options.timeouts, emit))
        return run(options, emit)


def split(command: str) -> list[str]:
    """Return the words of a command. No shell is involved."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"`{command}` is not a valid command ({error}).") from None
    if not words:
        raise InputError("The command of the reference is empty.")
    return words


def selected(selection: tuple[str, ...]) -> tuple[Requirement, ...]:
    """Return the requirements to judge, and the obligations to list beside them.

    Raise `InputError` if there is nothing to judge among those selected.
    """
    chosen = select(",".join(selection) if selection else None)
    if not any(requirement.judged for requirement in chosen):
        classes = " or ".join(sorted({f"{requirement.classification}" for requirement in chosen}))
        raise InputError(f"{', '.join(r.id for r in chosen)}: {classes}, so there is nothing to run.")
    return tuple(requirement for requirement in chosen if requirement.classification != "unspecified")
