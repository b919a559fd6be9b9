"""``hsmspec diagram diff``: what is different between two machines, or two semantics."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from hsm_diagrams.cli.common import Wanted, deliver, drawing_options
from hsm_diagrams.extra import load
from hsm_model.amendments import AMENDMENTS
from hsm_model.machines import MACHINES

HELP = """Draw what is different between FIRST and SECOND: what only one of them has, and what they have in common.

Either both are machines, named as for `hsmspec diagram machine`, or each is one of

\b
- specification: what the documentation says;
- a file of known deviations: the specification as amended by it;
- the name of an amendment.

These are compared by the life of a node, all operations executed in all states of two children under a root.

\b
Examples:
  hsmspec diagram diff specification adapters/temporal/v1.25.1/deviations.toml
  hsmspec diagram diff specification add-child-dirties
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
@drawing_options
def command(first: str, second: str, **options: Any) -> None:
    """Draws differences."""
    deliver(load("hsm_diagrams.difference_picture").difference_picture(first, second), Wanted(**options))
