"""``hsmspec vectors``: programs with the model's observations as files."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from hsm_specs.cli.common import existing_file
from hsm_specs.errors import InputError
from hsm_specs.explore.scope import scope_names
from hsm_specs.oracle.known_deviations import deviations_in
from hsm_specs.vectors import CASES, MOST_CASES, SEED, Manifest, check, write
from hsm_specs.vectors.known import FOLDER

HELP = """Write vectors: for each requirement a file of programs with the observations that the model makes of them.

They are for implementations that are to be checked where there is no Python: a program reads a file, runs each line's
program in a fresh world and compares the observations. The folder has, beside one JSON Lines file a requirement, a
manifest and a JSON Schema. The same seed gives the same bytes.

With --scope the programs of the tours of that scope follow the directed ones: between them they try every action in
every state of it. Each stands in the file of a requirement that it shows. The scope quick makes about 10 MB.

With --deviations, once for each implementation that has a list of known deviations, another file says which vectors it
answers otherwise, and from which operation on.

A folder that was written before is written over, and loses what its manifest lists and is no more. One that has other
files and no manifest is refused.

With --check nothing is written: the folder is compared with what would be, by the seed, the cases and the scope that
it was made with. Give the same files of known deviations.

\b
Examples:
  hsmspec vectors --output vectors
  hsmspec vectors --output vectors --scope quick
  hsmspec vectors --check vectors
  hsmspec vectors --output vectors --deviations known.toml

Exit code 0: written, or as it should be. 1: stale. 2: could not be done.
"""


@click.command("vectors", help=HELP)
@click.option("--output", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="The folder.")
@click.option(
    "--check",
    "checked",
    metavar="[DIR]",
    is_flag=False,
    flag_value="",
    help="Only compare: this folder, or that of --output.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help=f"Makes the variations.  [default: {SEED}]")
@click.option("--cases", type=click.IntRange(1, MOST_CASES), help=f"Programs a requirement.  [default: {CASES}]")
@click.option("--scope", metavar="SCOPE", help=f"Add tours of {', '.join(scope_names())}, or of a TOML file.")
@existing_file("--deviations", metavar="FILE", multiple=True, help="Known deviations (TOML) of an implementation.")
def command(
    output: Path | None,
    checked: str | None,
    seed: int | None,
    cases: int | None,
    scope: str | None,
    deviations: tuple[Path, ...],
) -> int:
    """Writes or checks a folder of vectors and answers the exit code."""
    if checked and output is not None:
        raise click.UsageError("One folder is enough: give it to --check or to --output.")
    for option, value in (("seed", seed), ("cases", cases), ("scope", scope)):
        if checked is not None and value is not None:
            raise click.UsageError(f"A folder is compared with the {option} it was made with: leave --{option} out.")
    folder = Path(checked) if checked else output
    if folder is None:
        raise click.UsageError("Which folder? Give --output DIR or --check DIR.")
    known = [deviations_in(path) for path in deviations]
    if checked is None:
        manifest = write(folder, SEED if seed is None else seed, CASES if cases is None else cases, known, scope)
        click.echo(f"{folder}: {manifest.programs} programs of {manifest.operations:,} operations are written")
        if manifest.scope is not None:
            pairs = sum(part.pairs for part in manifest.scope.parts.values())
            click.echo(f"they try all {pairs:,} pairs of a state and an action of the scope {manifest.scope.name}")
        return 0
    manifest, staleness = check(folder, known)
    unnamed = [name for name in staleness.leftover if name.startswith(f"{FOLDER}/")]
    if unnamed:
        raise InputError(
            f"{folder} has {', '.join(unnamed)}: give `--deviations FILE` for each, with the file of known deviations"
            " that it was made from.",
            mend=f"`{_mend(folder, manifest, deviations)}` writes the folder without.",
        )
    if staleness:
        click.echo(f"{folder} is stale: {staleness}. `{_mend(folder, manifest, deviations)}` writes it anew.")
        return 1
    click.echo(
        f"{folder}: {manifest.programs} programs of {len(manifest.requirements)} requirements,"
        " answered as the model answers them"
    )
    return 0


def _mend(folder: Path, manifest: Manifest, deviations: tuple[Path, ...]) -> str:
    """The command that writes a folder as it was made."""
    words = ["hsmspec", "vectors", "--output", str(folder)]
    words += ["--seed", str(manifest.seed)] if manifest.seed != SEED else []
    words += ["--cases", str(manifest.cases)] if manifest.cases != CASES else []
    words += ["--scope", manifest.scope.name] if manifest.scope is not None else []
    for path in deviations:
        words += ["--deviations", str(path)]
    return shlex.join(words)
