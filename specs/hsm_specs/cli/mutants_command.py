"""``hsmspec mutants``: how many wrong implementations the suite detects."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from hsm_specs.adapter import Timeouts
from hsm_specs.cli.common import Color, color_option, show, timeout_option
from hsm_specs.cli.reports import check_paths
from hsm_specs.engine.budget import budget as budget_of
from hsm_specs.errors import keeping_verdict
from hsm_specs.files import write_atomically
from hsm_specs.mutants import Report, load_manifest, report_lines, scores
from hsm_specs.mutants.report import heading, row
from hsm_specs.mutants.scoring import Score, not_run

HELP = """Run the suite against each mutant of MANIFEST and report which ones it detects, how, and as which requirement.

A mutant is an implementation that is wrong on purpose. MANIFEST, a file or - for stdin, is a JSON list of objects with
name, requirement (the ID of the requirement that it breaks), sentence, command (the words of the adapter's command)
and, optionally, deviations (the known deviations of the implementation that it was made from). All directed properties
run for each mutant, then the other phases of a run until it is detected.

In the table, "found by" is the property or phase that detected the mutant first, "after" the operations until then,
"program" the shrunk program of the primary finding (operations beyond its set-up, of all), and "named" the requirement
of that finding, = if it is the one that the mutant breaks.

\b
Examples:
  python -m plain_mutants --manifest | hsmspec mutants -
  hsmspec mutants build/mutants/temporal.json --require score --budget default

Exit code 0: all mutants are detected, at least 95 % of them as the requirement that they break, the shrunk programs are
short, and each documented requirement has a mutant that shows it to be checked. With --require score the first of these
is enough. 1: otherwise. 2: a mutant could not be run.
"""


@click.command("mutants", help=HELP)
@click.argument("manifest")
@click.option(
    "--require",
    type=click.Choice(["all", "score"]),
    default="all",
    show_default=True,
    help="The conditions for exit code 0.",
)
@click.option(
    "--budget", default="quick", show_default=True, metavar="quick|default|thorough|SECONDS", help="How much is run."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="The seed of each run.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Mutants that run in parallel."
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the result as JSON.",
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
    """Score the mutants of a manifest and return the exit code."""
    check_paths({"--json": json_file}, [manifest])
    mutants = load_manifest(manifest)
    made: list[Score] = []
    show([heading(mutants)], color)
    try:
        for score in scores(mutants, budget_of(budget), seed, workers, Timeouts.of(timeout)):
            made.append(score)
            show([row(score, mutants)], color)
    except KeyboardInterrupt:
        left = [not_run(mutant) for mutant in mutants[len(made) :]]
        made += left
        show([row(score, mutants) for score in left], color)
    report = Report.of(made)
    summary = report.summary(report.escaped if require == "score" else report.problems)
    show(report_lines(report, summary), color)
    if json_file is not None:
        with keeping_verdict(summary.exit_code):
            write_atomically(json_file, msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    return summary.exit_code
