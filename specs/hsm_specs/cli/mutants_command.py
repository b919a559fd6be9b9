"""``hsmspec mutants``: how good the suite is at finding wrong implementations out."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from hsm_specs.adapter import Timeouts
from hsm_specs.cli.common import Color, color_option, show, timeout_option
from hsm_specs.cli.outputs import check_paths
from hsm_specs.engine import COULD_NOT_RUN
from hsm_specs.engine.budget import budget as budget_of
from hsm_specs.files import write_atomically
from hsm_specs.mutants import Report, load_manifest, report_lines, scores
from hsm_specs.mutants.report import heading, row
from hsm_specs.mutants.scoring import Score

HELP = """Run the suite against each mutant of MANIFEST and say which it finds out, how, and what it names.

A mutant is an implementation that is wrong on purpose. MANIFEST, a file or - for stdin, is a JSON list of objects with
name, requirement (the ID of what it breaks), sentence, command (the adapter's words) and, optionally, deviations (the
known deviations of what it is made of). Each mutant gets all directed properties, and what else a run does until it is
found out.

In the table "found by" is the property or the phase that found the mutant out first, "after" the operations until
then, "program" the shrunk program of the primary finding (operations beyond its set-up, of all), and "named" the
requirement that it names, = if it is the one that the mutant breaks.

\b
Examples:
  python -m plain_mutants --manifest | hsmspec mutants -
  hsmspec mutants build/mutants/temporal.json --require score --budget default

Exit code 0: all mutants are found out, at least 95 % of them are named by the requirement that they break, the shrunk
programs are short, and each documented requirement has a mutant that shows it to be checked. With --require score the
first of these is enough. 1: not so. 2: a mutant could not be run.
"""


@click.command("mutants", help=HELP)
@click.argument("manifest")
@click.option(
    "--require", type=click.Choice(["all", "score"]), default="all", show_default=True, help="What must hold."
)
@click.option(
    "--budget", default="quick", show_default=True, metavar="quick|default|thorough|SECONDS", help="How much."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="The seed of each run.")
@click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Mutants at a time.")
@click.option(
    "--json", "json_file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Result file."
)
@timeout_option
@color_option
def command(
    manifest: str,
    require: str,
    budget: str,
    seed: int,
    workers: int,
    json_file: Path | None,
    timeout: float | None,
    color: Color,
) -> int:
    """Scores the mutants of a manifest and answers the exit code."""
    check_paths({"--json": json_file}, [manifest])
    mutants = load_manifest(manifest)
    made: list[Score] = []
    show([heading(mutants)], color)
    for score in scores(mutants, budget_of(budget), seed, workers, Timeouts.of(timeout)):
        made.append(score)
        show([row(score, mutants)], color)
    report = Report.of(made)
    problems = report.escaped if require == "score" else report.problems
    show(report_lines(report, problems), color)
    if json_file is not None:
        write_atomically(json_file, msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    if any(score.trouble and not score.killed for score in made):
        return COULD_NOT_RUN
    return int(bool(problems))
