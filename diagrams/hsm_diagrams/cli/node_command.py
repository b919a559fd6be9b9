"""``hsmspec diagram node``: the life of a node."""

from __future__ import annotations

from typing import Any

import click

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_specs.optional_dependencies import load

HELP = """Draw what a node goes through: absent, added, in transition, dirty, cleared, rehydrated.

Every operation is executed in every state of a root with one child, and the states are folded by what the child is. A
red arrow is there because an execution failed and led back.

\b
Examples:
  hsmspec diagram node
  hsmspec diagram node --format png --theme dark
"""


@click.command("node", help=HELP)
@drawing_options
def command(**options: Any) -> None:
    """Draws the life of a node."""
    deliver(load("hsm_diagrams.life.picture").life_picture(), Wanted(**options))
