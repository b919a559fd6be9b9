"""``hsmspec diagram conformance``: how far implementations conform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_specs.optional_dependencies import load

AREAS = "areas"

HELP = """Draw how far implementations conform, from the results of their runs.

Every area of requirements is a box with the verdicts of all runs; requirements that do not agree are named.

--on draws it on another graph instead: `node`, the life of a node, or a machine, named as for `hsmspec diagram
machine`. Each arrow then says whether the implementations agree, deviate as known, or deviate: by the verdicts of runs
on the requirements that it shows, or of a machine by a probe (`build/temporal-probe >probe.json`), trial by trial.

\b
Examples:
  hsmspec run --json run.json -- ./adapter
  hsmspec diagram conformance run.json
  hsmspec diagram conformance v1.25.1.json v1.27.3.json --format png
  hsmspec diagram conformance v1.25.1.json v1.27.3.json --on node
  hsmspec diagram conformance probe.json --on callback
"""


@click.command("conformance", help=HELP)
@click.argument("runs", metavar="FILE ...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--on", metavar="NAME", default=AREAS, show_default=True, help="What they are drawn on.")
@drawing_options
def command(runs: tuple[Path, ...], on: str, **options: Any) -> None:
    """Draws verdicts."""
    if on == AREAS:
        picture = load("hsm_diagrams.run.picture").conformance_picture(runs)
    else:
        picture = load("hsm_diagrams.overlay.picture").overlay_picture(runs, on)
    deliver(picture, Wanted(**options))
