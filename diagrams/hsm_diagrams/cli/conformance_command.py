"""``hsmspec diagram conformance``: how far implementations conform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_diagrams.extra import load

HELP = """Draw how far implementations conform, from the results of their runs.

Every area of requirements is a box with the verdicts of all runs; requirements that do not agree are named.

\b
Examples:
  hsmspec run --json run.json -- ./adapter
  hsmspec diagram conformance run.json
  hsmspec diagram conformance v1.25.1.json v1.27.3.json --format png
"""


@click.command("conformance", help=HELP)
@click.argument("runs", metavar="RUN.json ...", nargs=-1, required=True, type=click.Path(path_type=Path))
@drawing_options
def command(runs: tuple[Path, ...], **options: Any) -> None:
    """Draws verdicts."""
    deliver(load("hsm_diagrams.run_picture").conformance_picture(runs), Wanted(**options))
