"""``hsmspec vectors``: write programs with the expected observations as files."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from hsm_specs.cli.common import existing_file
from hsm_specs.errors import InputError
from hsm_specs.explore.scope import scope_names
from hsm_specs.oracle.deviations import deviations_in
from hsm_specs.vectors import CASES, MOST_CASES, SEED, Manifest, check, write
from hsm_specs.vectors.known import FOLDER

HELP = """Write vectors: for each requirement a file of programs with the observations that the model expects.

They check implementations where there is no Python: a test reads a file, runs the program of each line in a fresh world
and compares the observations. The folder has one JSON Lines file per requirement, a manifest and a JSON Schema. The
same seed gives the same bytes.

With --scope the tours of that scope follow the directed programs. Together they try every action in every state of the
scope. Each program is in the file of a requirement that it shows. The scope quick takes about 10 MB.

With --deviations, once for each implementation with a list of known deviations, another file says which vectors deviate
and from which operation on.

An existing folder of vectors is overwritten, and obsolete files of its manifest are removed. A folder with other files
and no manifest is refused.

With --check nothing is written: the folder is compared with what would be written for its seed, cases and scope. Give
the same files of known deviations.

\b
Examples:
  hsmspec vectors --output vectors
  hsmspec vectors --output vectors --scope quick
  hsmspec vectors --check vectors
  hsmspec vectors --output vectors --deviations known.toml

Exit code 0: written, or up to date. 1: stale. 2: failed.
"""


@click.command("vectors", help=HELP)
@click.option("--output", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="The folder.")
@click.option(
    "--check",
    "checked",
    metavar="[DIR]",
    is_flag=False,
    flag_value="",
    help="Only compare this folder, or that of --output.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help=f"The seed of the variations.  [default: {SEED}]")
@click.option("--cases", type=click.IntRange(1, MOST_CASES), help=f"Programs per requirement.  [default: {CASES}]")
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
    """Write or check a folder of vectors and return the exit code."""
    if checked and output is not None:
        raise click.UsageError("Give the folder either to --check or to --output.")
    for option, value in (("seed", seed), ("cases", cases), ("scope", scope)):
        if checked is not None and value is not None:
            raise click.UsageError(f"A folder is compared for the {option} it was written with: leave out --{option}.")
    folder = Path(checked) if checked else output
    if folder is None:
        raise click.UsageError("Which folder? Give --output DIR or --check DIR.")
    known = [deviations_in(path) for path in deviations]
    if checked is None:
        manifest = write(folder, SEED if seed is None else seed, CASES if cases is None else cases, known, scope)
        click.echo(f"{folder}: {manifest.programs} programs with {manifest.operations:,} operations written")
        if manifest.scope is not None:
            pairs = sum(part.pairs for part in manifest.scope.parts.values())
            click.echo(f"they try all {pairs:,} pairs of a state and an action of the scope {manifest.scope.name}")
        return 0
    manifest, staleness = check(folder, known)
    unnamed = [name for name in staleness.leftover if name.startswith(f"{FOLDER}/")]
    if unnamed:
        raise InputError(
            f"{folder} has {', '.join(unnamed)}: give `--deviations FILE` for each, with the file of known deviations"
            " that it was written with.",
            remedy=f"`{_rewriting(folder, manifest, deviations)}` writes the folder without them.",
        )
    if staleness:
        click.echo(f"{folder} is stale: {staleness}. `{_rewriting(folder, manifest, deviations)}` writes it again.")
        return 1
    click.echo(f"{folder}: {manifest.programs} programs of {len(manifest.requirements)} requirements, up to date")
    return 0


def _rewriting(folder: Path, manifest: Manifest, deviations: tuple[Path, ...]) -> str:
    """Return the command that writes a folder again with its own options."""
    words = ["hsmspec", "vectors", "--output", str(folder)]
    words += ["--seed", str(manifest.seed)] if manifest.seed != SEED else []
    words += ["--cases", str(manifest.cases)] if manifest.cases != CASES else []
    words += ["--scope", manifest.scope.name] if manifest.scope is not None else []
    for path in deviations:
        words += ["--deviations", str(path)]
    return shlex.join(words)
