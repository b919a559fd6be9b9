"""``hsmspec soak``: random programs for as long as one likes."""

from __future__ import annotations

import math
import os
import re
import secrets
import shlex
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from hsm_specs.adapter import Timeouts
from hsm_specs.cli.common import (
    Color,
    adapter_command,
    color_option,
    command_argument,
    console_of,
    existing_file,
    findings_option,
    plain_lines,
    scheduler_option,
    timeout_option,
)
from hsm_specs.cli.consumers import emitting, gathering, github_option, json_option, junit_option
from hsm_specs.cli.outputs import check_paths
from hsm_specs.engine.journal import Soaking, head
from hsm_specs.engine.soak import SIZE, SoakOptions, soak
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.oracle.known_deviations import deviations_in
from hsm_specs.parallel.worker_pool import cluster, local
from hsm_specs.report.soak_plain import SoakPlain
from hsm_specs.report.soak_terminal import SoakTerminal
from hsm_specs.report.soak_text import JOURNAL

HELP = """Run random programs against the implementation behind COMMAND for as long as you like.

COMMAND is an adapter, as in `hsmspec run`. The programs come in shards, each made from the seed, its index and its
size, and run by an adapter of its own: on processes of this machine or, with --scheduler, on an existing cluster of
Dask (extra `dask`), where COMMAND and this hsmspec must be installed as they are here. Shards are looked into in their
order, so the same seed gives the same findings whoever runs them. What a lost worker ran is run again; an adapter that
fails is never excused and ends the soak.

Findings are shrunk, named and saved as in `hsmspec run`. Coverage is told in steps: an operation with its outcome after
another with its, noted for every eighth batch of programs.

--time is the time in which shards begin, as far as they will be done in it. Findings are looked into to their end,
which may take longer.

Each shard that is done is written to the journal at once. Ctrl-C and SIGTERM end the soak with a report; --resume goes
on after that, and after a kill or a power cut too. A new soak puts an earlier journal aside, as FILE.old, FILE.old.2
and so on.

\b
Examples:
  hsmspec soak --time 10m -- ./adapter
  hsmspec soak --time 8h --workers 16 --pin --json result.json -- ./adapter
  hsmspec soak --resume --time 8h
  hsmspec soak --scheduler tcp://10.0.0.1:8786 --time 1h -- /opt/adapter
  hsmspec soak --seed 7 --shards 100 -- ./adapter
  hsmspec soak --seed 7 --shards 4711-4711 -- ./adapter

Exit code 0: nothing that does not conform was found, also if the soak was interrupted. 1: something was. 2: no shard
was done, or the adapter or something else around it failed before anything was found.
"""
DEFAULT_TIME = 600.0
"""Seconds, where neither a time nor a number of shards is given."""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


class Range(NamedTuple):
    """The first and the last of some shards."""

    first: int
    last: int


def duration(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """The seconds of a time: 90, 10m, 1h30m."""
    if text is None:
        return None
    parts = _PART.findall(text)
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in parts)
    if "".join(amount + unit for amount, unit in parts) != text or not 0 < seconds < math.inf:
        raise click.BadParameter(f"`{text}` is no time: say 90 (seconds), 10m or 1h30m.")
    return seconds


def shard_range(context: click.Context, parameter: click.Parameter, text: str | None) -> Range | None:
    """So many shards, or those from one to another."""
    if text is None:
        return None
    match = re.fullmatch(r"(?:(\d{1,9})-)?(\d{1,9})", text)
    if match is not None:
        last = int(match[2])
        found = Range(0, last - 1) if match[1] is None else Range(int(match[1]), last)
        if found.first <= found.last:
            return found
    raise click.BadParameter(f"`{text}` names no shards: say 100 (the first ones) or 40-49.")


@click.command("soak", help=HELP)
@click.option(
    "--time",
    "seconds",
    callback=duration,
    metavar="TIME",
    help="No shard begins after it: 90, 10m, 1h30m.  [default: 10m]",
)
@click.option("--shards", callback=shard_range, metavar="N|FROM-TO", help="Ends with the last of these shards.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes here.  [default: one for each processor]")
@click.option("--pin", is_flag=True, help="Keeps each process here, with its adapter, to one processor.")
@scheduler_option
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Makes the same programs again.  [default: random]")
@click.option("--size", type=click.IntRange(1, 10**9), help=f"Operations of a shard.  [default: {SIZE}]")
@existing_file("--deviations", metavar="FILE", help="Known deviations (TOML): what they amend is held to as amended.")
@click.option(
    "--journal",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(JOURNAL),
    show_default=True,
    help="Where each shard that is done is noted.",
)
@click.option(
    "--resume", is_flag=True, help="Goes on where the journal ends, with its seed, size, known deviations and COMMAND."
)
@json_option
@junit_option
@github_option
@timeout_option
@findings_option
@color_option
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
    json_file: Path | None,
    junit_file: Path | None,
    github: bool,
    timeout: float | None,
    findings: Path,
    color: Color,
    command: tuple[str, ...],
) -> int:
    """Soaks and answers the exit code."""
    if scheduler is not None and (workers is not None or pin):
        raise click.UsageError("A cluster has its own workers: `--scheduler` goes without `--workers` and `--pin`.")
    check_paths({"--json": json_file, "--junit": junit_file, "--journal": journal}, [deviations])
    earlier = head(journal) if resume else None
    if seconds is None and shards is None:
        seconds = DEFAULT_TIME
    known, known_file = _known(deviations, earlier)
    options = SoakOptions(
        command=_command(command, earlier),
        crew=partial(local, workers or _processors(), pin=pin) if scheduler is None else partial(cluster, scheduler),
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
    )
    files = gathering(options.deviations, json_file=json_file, junit_file=junit_file, github=github)
    here = SoakPlain(click.echo) if plain_lines(color) else SoakTerminal(console_of(color))
    return soak(options, emitting([here, *files]))


def _command(given: tuple[str, ...], earlier: Soaking | None) -> tuple[str, ...]:
    """The command to run: the one given, else the journal's, else the embedded default."""
    if given or earlier is None:
        return adapter_command(given)
    click.echo(f"running {shlex.join(earlier.command)}, the command of the journal")
    return earlier.command


def _known(given: Path | None, earlier: Soaking | None) -> tuple[Deviations, str]:
    """The known deviations and the name of their file: those given, else the journal's, else none."""
    if given is not None:
        return deviations_in(given), str(given)
    if earlier is None:
        return NONE_KNOWN, ""
    if earlier.deviations_file:
        click.echo(f"known deviations of the journal, from {earlier.deviations_file}")
    return earlier.known, earlier.deviations_file


def _given(given: int | None, earlier: int | None, default: int) -> int:
    return given if given is not None else default if earlier is None else earlier


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
