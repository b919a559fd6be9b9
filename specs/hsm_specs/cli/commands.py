"""The command line's group of commands: one file per command, loaded when the command runs."""

from __future__ import annotations

from importlib import import_module

import click

from hsm_specs.cli.suggestions import NearGroup
from hsm_specs.installed import installed_version, is_compiled

COMMANDS = {
    "run": "Run an implementation against the specification and judge every requirement.",
    "soak": "Run random programs for as long as you like, here or on a cluster.",
    "judge": "Judge recorded traces: does the specification allow them?",
    "smoke": "Try an unfinished adapter on small programs, with advice.",
    "doctor": "Check an adapter and its environment, and say how to fix faults.",
    "list": "List the requirements.",
    "explain": "Explain a requirement: statement, source, property, example.",
    "explore": "Explore the model within a scope and check its invariants.",
    "mutants": "Score the suite with implementations that are wrong on purpose.",
    "vectors": "Write programs with the expected observations, for use without Python.",
    "replay": "Run a saved finding again: FIXED, FAILED or ERROR.",
    "machine": "Begin and convert machines that are declared as data.",
    "check": "Check machines: all that can happen to them, with their data and faults.",
    "diagram": "Draw pictures of the executed model.",
    "book": "Write the specification as pages for a browser.",
}
PACKAGES = {"diagram": "hsm_diagrams.cli", "book": "hsm_diagrams.cli"}
"""The packages of commands that are not in this one. They depend on this package, so they are named, not imported."""

HELP = """hsmspec is the executable specification of Temporal's hsm package. It runs an implementation in any language
through an adapter and reports for each requirement whether the implementation conforms.

\b
Examples:
  hsmspec smoke -- ./adapter              does my adapter speak the protocol?
  hsmspec doctor -- ./adapter             what is wrong with my adapter?
  hsmspec run -- ./adapter                the verdict on every requirement
  hsmspec run -k MT-ROLLBACK -- ./adapter only the requirements of rollback
  hsmspec run --deviations known.toml --json result.json -- ./adapter
  hsmspec run                             the reference model itself
  hsmspec explain NODE-ADD-2              what does this requirement say?
  hsmspec replay .hsmspec/findings/NODE-ADD-2-0a1b2c3d.json
  hsmspec machine new order; hsmspec diagram machine order.json
  hsmspec check order.json                can it get stuck?
  hsmspec diagram machine callback        how does Temporal's callback move?

\b
Exit codes: 0 conforms (known deviations included), 1 does not conform,
2 undecided.

\b
Shell completion, for bash (zsh and fish likewise):
  eval "$(_HSMSPEC_COMPLETE=bash_source hsmspec)"
"""


class Commands(NearGroup):
    """The commands by name. Listing them does not load them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command with a name."""
        if cmd_name not in COMMANDS:
            return None
        package = PACKAGES.get(cmd_name, "hsm_specs.cli")
        command: click.Command = import_module(f"{package}.{cmd_name}_command").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their summaries."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Print the version and exit. Reading metadata is slow, so it happens only here."""
    if wanted and not context.resilient_parsing:
        click.echo(f"hsmspec {installed_version()}{' (compiled)' if is_compiled() else ''}")
        context.exit()


@click.command("hsmspec", cls=Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_version,
    help="Show the version and exit.",
)
def hsmspec() -> None:
    """Group all commands."""
