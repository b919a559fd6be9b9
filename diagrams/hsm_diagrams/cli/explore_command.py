"""``hsmspec diagram explore``: the explored states of a scope."""

from __future__ import annotations

from typing import Any

import click

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_specs.explore.scope import scope_names
from hsm_specs.optional_dependencies import load

FOLDS = ("auto", "counts", "dirty", "presence", "none")
HELP = """Draw all states that the model reaches within a scope, folded by what their nodes look like.

Folding by *counts* tells apart presence, dirtiness and class of count of each place, by *dirty* the first two, by
*presence* the first; *none* draws every state. More than 200 boxes are laid out by forces.

\b
Examples:
  hsmspec diagram explore
  hsmspec diagram explore --scope quick --part order
  hsmspec diagram explore --scope mine.toml --fold dirty
"""


@click.command("explore", help=HELP)
@click.option("--scope", default="quick", show_default=True, help=f"One of {', '.join(scope_names())}, or a TOML file.")
@click.option("--part", default="", metavar="NAME", help="The part of the scope.  [default: the first one]")
@click.option("--fold", type=click.Choice(FOLDS), default="auto", show_default=True, help="What is told apart.")
@drawing_options
def command(scope: str, part: str, fold: str, **options: Any) -> None:
    """Draws an exploration."""
    deliver(load("hsm_diagrams.explored.picture").explored_picture(scope, part, fold), Wanted(**options))
