"""``hsmspec diagram finding``: a finding as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_specs.optional_dependencies import load

HELP = """Draw a saved finding: the trees before and after the operation that was answered otherwise.

Each node is drawn with the state of its own machine, what the operation is expected to change is highlighted, and the
expected and the observed answer stand beside each other.

\b
Examples:
  hsmspec diagram finding .hsmspec/findings/NODE-ADD-2-0a1b2c3d.json
  hsmspec diagram finding FILE --output finding.png
"""


@click.command("finding", help=HELP)
@click.argument("file", type=click.Path(path_type=Path))
@drawing_options
def command(file: Path, **options: Any) -> None:
    """Draws a finding."""
    deliver(load("hsm_diagrams.finding.picture").finding_picture(file), Wanted(**options))
