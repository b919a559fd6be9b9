"""``hsmspec diagram diff``: what is different between two machines, or two semantics."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_model.amendments import AMENDMENTS
from hsm_model.machines import MACHINES
from hsm_specs.explore.scope import scope_names
from hsm_specs.optional_dependencies import load

HELP = """Draw what is different between FIRST and SECOND: what only one of them has, and what they have in common.

Either both are machines, named as for `hsmspec diagram machine`, or each is one of

\b
- specification: what the documentation says;
- a file of known deviations: the specification as amended by it;
- the name of an amendment.

These are compared by executing the same operations in all states of a scope that both come into (--scope, --part), and
what is different is drawn; or, with --life, by the life of a node under both.

\b
Examples:
  hsmspec diagram diff specification adapters/temporal/v1.25.1/deviations.toml
  hsmspec diagram diff specification add-child-dirties --scope quick --part types
  hsmspec diagram diff specification add-child-dirties --life
  hsmspec diagram diff nexus-operation nexus-cancelation
  hsmspec diagram diff door:Door door:BetterDoor
"""


def complete_side(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What can be compared and begins like what was typed."""
    names = ["specification", *AMENDMENTS, *MACHINES]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command("diff", help=HELP)
@click.argument("first", shell_complete=complete_side)
@click.argument("second", shell_complete=complete_side)
@click.option("--scope", default="quick", show_default=True, help=f"One of {', '.join(scope_names())}, or a TOML file.")
@click.option("--part", default="", metavar="NAME", help="The part of the scope.  [default: nested, or the first one]")
@click.option("--life", is_flag=True, help="Compare specifications by the life of a node.")
@drawing_options
def command(first: str, second: str, scope: str, part: str, life: bool, **options: Any) -> None:
    """Draws differences."""
    picture = load("hsm_diagrams.difference.picture").difference_picture(first, second, scope, part, life=life)
    deliver(picture, Wanted(**options))
