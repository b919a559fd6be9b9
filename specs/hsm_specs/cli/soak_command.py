"""``hsmspec soak``: random programs for as long as you like."""

from __future__ import annotations

import math
import os
import re
import secrets
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from hsm_specs.adapter import Timeouts
from hsm_specs.cli.common import (
    adapter_command,
    command_argument,
    command_in,
    existing_file,
    findings_option,
    redact_option,
    say,
    scheduler_option,
    timeout_option,
    yes_option,
)
from hsm_specs.cli.reports import Reports, report_options
from hsm_specs.engine.journal import JournalHeader, read_header, repair
from hsm_specs.engine.soak import SIZE, SoakOptions, soak
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations, deviations_in
from hsm_specs.parallel.cluster import cluster
from hsm_specs.parallel.processes import local
from hsm_specs.report.result import JOURNAL
from hsm_specs.results.redaction import Redaction, is_redacted

HELP = """Run random programs against the implementation behind COMMAND for as long as you like.

COMMAND is an adapter, as in `hsmspec run`. The programs come in shards. A shard is generated from the seed, its index
and its size, and has its own adapter process: on this machine or, with --scheduler, on an existing Dask cluster (extra
`dask`), where COMMAND and the same hsmspec must be installed. Failures are investigated in the order of the shards, so
a seed gives the same findings with any workers. The shard of a lost worker runs again; a failing adapter ends the soak.

Findings are shrunk, attributed and saved as in `hsmspec run`. Coverage counts steps: an operation with its outcome,
followed by another with its outcome, in every eighth batch of programs.

No shard starts that would probably exceed --time. Investigating findings may take longer.

Each finished shard is written to the journal at once. Ctrl-C and SIGTERM end the soak with a report; --resume continues
it, also after a kill or a power cut, with the command in the journal; hsmspec asks before it runs that of a --journal
of another name. A new soak renames an existing journal to FILE.old, FILE.old.2 and so on.

\b
Examples:
  hsmspec soak --time 10m -- ./adapter
  hsmspec soak --time 8h --workers 16 --pin --json result.json -- ./adapter
  hsmspec soak --resume --time 8h
  hsmspec soak --scheduler tcp://10.0.0.1:8786 --time 1h -- /opt/adapter
  hsmspec soak --seed 7 --shards 100 -- ./adapter
  hsmspec soak --seed 7 --shards 4711-4711 -- ./adapter

Exit code 0: no non-conformance was found, even if the soak was interrupted. 1: some was found. 2: no shard was done, or
the adapter or its environment failed before anything was found.
"""
DEFAULT_TIME = 600.0
"""Seconds of a soak without --time and --shards."""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


class Range(NamedTuple):
    """The first and the last index of a range of shards."""

    first: int
    last: int


def duration(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """Return the seconds of a duration: 90, 10m, 1h30m."""
    if text is None:
        return None
    parts = _PART.findall(text)
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in parts)
    if "".join(amount + unit for amount, unit in parts) != text or not 0 < seconds < math.inf:
        raise click.BadParameter(f"`{text}` is not a duration: use 90 (seconds), 10m or 1h30m.")
    return seconds


def shard_range(context: click.Context, parameter: click.Parameter, text: str | None) -> Range | None:
    """Return a range of shards from a count or from both ends."""
    if text is None:
        return None
    match = re.fullmatch(r"(?:(\d{1,9})-)?(\d{1,9})", text)
    if match is not None:
        last = int(match[2])
        found = Range(0, last - 1) if match[1] is None else Range(int(match[1]), last)
        if found.first <= found.last:
            return found
    raise click.BadParameter(f"`{text}` is not a range of shards: use 100 (the first 100) or 40-49.")


@click.command("soak", help=HELP)
@click.option(
    "--time",
    "seconds",
    callback=duration,
    metavar="TIME",
    help="Time limit for starting shards: 90, 10m, 1h30m.  [default: 10m]",
)
@click.option("--shards", callback=shard_range, metavar="N|FROM-TO", help="Run only these shards.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes on this machine.  [default: one per processor]")
@click.option("--pin", is_flag=True, help="Bind each process and its adapter to one processor.")
@scheduler_option
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Generate the same programs again.  [default: random]")
@click.option("--size", type=click.IntRange(1, 10**9), help=f"Operations per shard.  [default: {SIZE}]")
@existing_file(
    "--deviations",
    metavar="FILE",
    help="Known deviations (TOML); programs are held to the specification as amended by them.",
)
@click.option(
    "--journal",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(JOURNAL),
    show_default=True,
    help="The file that finished shards are written to.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue after the last shard of the journal, with its seed, size, known deviations and COMMAND.",
)
@click.option(
    "--repair",
    "repair_journal",
    is_flag=True,
    help="With --resume: leave damaged lines out of the journal, and say which shards are run again.",
)
@yes_option
@redact_option
@report_options(html=False)
@timeout_option
@findings_option
@command_argument
def command(
    seconds: float | None,
    shards: Range | None,
    workers: int | None,
    pin: bool,
    scheduler: str | None,
    seed: int | None,
    size: int | None,
    deviations: Path | None,
    journal: Path,
    resume: bool,
    repair_journal: bool,
    yes: bool,
    redact: bool,
    timeout: float | None,
    findings: Path,
    command: tuple[str, ...],
    reports: Reports,
) -> int:
    """Run a soak and return the exit code."""
    if scheduler is not None and (workers is not None or pin):
        raise click.UsageError("A cluster has its own workers: use `--scheduler` without `--workers` and `--pin`.")
    if repair_journal and not resume:
        raise click.UsageError("Only a journal that is resumed can be repaired: use `--repair` with `--resume`.")
    reports.check([deviations], journal=journal)
    earlier = read_header(journal) if resume else None
    argv = _command(command, earlier, journal, yes)
    if repair_journal:
        _repair(journal)
    if seconds is None and shards is None:
        seconds = DEFAULT_TIME
    known, known_file = _known(deviations, earlier)
    options = SoakOptions(
        command=argv,
        pool=partial(local, workers or _processors(), pin=pin) if scheduler is None else partial(cluster, scheduler),
        journal=journal,
        seed=_given(seed, None if earlier is None else earlier.seed, secrets.randbelow(2**32)),
        size=_given(size, None if earlier is None else earlier.size, SIZE),
        first=_given(None if shards is None else shards.first, None if earlier is None else earlier.first, 0),
        last=None if shards is None else shards.last,
        seconds=seconds,
        resume=resume,
        timeouts=Timeouts.of(timeout) if timeout is not None or earlier is None else earlier.timeouts,
        deviations=known,
        deviations_file=known_file,
        findings=findings,
        redact=redact or (earlier is not None and is_redacted(earlier.command)),
    )
    if not options.redact:
        return soak(options, reports.reporter(known))
    redaction = Redaction(argv)
    with redaction.errors():
        return soak(options, redaction.consumer(reports.reporter(known)))


def _command(given: tuple[str, ...], earlier: JournalHeader | None, journal: Path, yes: bool) -> tuple[str, ...]:
    """Return the command to run: the given one, else that of the journal, else the reference model."""
    if given or earlier is None:
        return adapter_command(given)
    return command_in(journal, earlier.command, Path(JOURNAL), yes)


def _repair(journal: Path) -> None:
    """Leave the damaged lines out of a journal, and say what is run again."""
    repaired = repair(journal)
    if repaired is None:
        say(f"{journal} has no damaged line")
        return
    lines = ", ".join(map(str, repaired.damaged))
    say(f"{journal}: left out damaged lines ({lines}); the journal as it was is {repaired.kept}")
    shards = ", ".join(map(str, repaired.again))
    say(f"shards that are run again: {shards}" if shards else "no shard is run again, only findings are shrunk again")


def _known(given: Path | None, earlier: JournalHeader | None) -> tuple[Deviations, str]:
    """Return the known deviations and the name of their file: the given ones, else those of the journal, else none."""
    if given is not None:
        return deviations_in(given), str(given)
    if earlier is None:
        return NONE_KNOWN, ""
    if earlier.deviations_file:
        say(f"known deviations of the journal, from {earlier.deviations_file}")
    return earlier.known, earlier.deviations_file


def _given(given: int | None, earlier: int | None, default: int) -> int:
    return given if given is not None else default if earlier is None else earlier


def _processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
