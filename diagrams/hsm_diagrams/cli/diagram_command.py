"""``hsmspec diagram``: the kinds of pictures."""

from __future__ import annotations

from importlib import import_module

import click

from hsm_specs.cli.suggestions import NearGroup

COMMANDS = {
    "machine": "Draw the states and transitions of a machine, found by trying them.",
    "node": "Draw what a node goes through, found by executing every operation.",
    "explore": "Draw the states that the model reaches within a scope.",
    "diff": "Draw what is different between two machines, or the specification and a release.",
    "conformance": "Draw how far implementations conform, from the results of their runs.",
    "coverage": "Draw how often a run tried the requirements.",
    "finding": "Draw a saved finding: trees before and after, expected and observed.",
}

HELP = """Draw pictures of the executed model: SVG, PNG, DOT, Mermaid or JSON.

Images need `pip install 'hsmspec[diagrams]'`.

\b
Examples:
  hsmspec diagram machine callback
  hsmspec diagram machine my_package.machines:Door --output door.png
  hsmspec diagram node
  hsmspec diagram diff specification adapters/temporal/v1.25.1/deviations.toml
  hsmspec diagram conformance run.json
"""


class Commands(NearGroup):
    """The kinds of pictures by name. Listing them loads none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, from its file."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"hsm_diagrams.cli.{cmd_name}_command").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands with their sentences."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command("diagram", cls=Commands, help=HELP)
def command() -> None:
    """The group of all kinds of pictures."""
