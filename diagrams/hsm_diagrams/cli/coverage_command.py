"""``hsmspec diagram coverage``: how often a run tried what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_specs.optional_dependencies import load

HELP = """Draw how often a run tried the requirements, from its result.

Every area of requirements is a box, coloured and labelled by its least tried requirement. What was never tried and
what the implementation does not offer is named.

\b
Examples:
  hsmspec run --json run.json -- ./adapter
  hsmspec diagram coverage run.json
"""


@click.command("coverage", help=HELP)
@click.argument("run", metavar="RUN.json", type=click.Path(path_type=Path))
@drawing_options
def command(run: Path, **options: Any) -> None:
    """Draws counts of cases."""
    deliver(load("hsm_diagrams.run.picture").coverage_picture(run), Wanted(**options))
