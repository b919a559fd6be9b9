"""``hsmspec machine``: machines declared as data, begun and converted between formats."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path

import click

from hsm_model.machines.declared import MachineDeclaration, Move, Outbound, State, Timer
from hsm_specs.cli.common import say
from hsm_specs.cli.suggestions import NearGroup
from hsm_specs.errors import InputError
from hsm_specs.files import write_atomically
from hsm_specs.machines.exports import FORMATS, SUFFIXES
from hsm_specs.machines.names import find_declaration
from hsm_specs.machines.xstate import machine_to_xstate

HELP = """Work with machines that are declared as data: begin one, convert one.

\b
Examples:
  hsmspec machine new order
  hsmspec machine convert order.json --to plantuml
  hsmspec machine convert my_package.machines:ORDER --output order.json
"""
NEW = """Write a machine to begin with to the file NAME.json.

It calls a service (an outbound task), backs off after a failure (a timer) and ends in success or failure. Edit it, and
draw it after each change.

\b
Examples:
  hsmspec machine new order
  hsmspec diagram machine order.json
"""
CONVERT = """Convert the machine NAME to XState v5 machine JSON, SCXML, Mermaid, PlantUML or a table in Markdown.

NAME is a file of XState JSON, or module:attribute of a hsm_model.machines.MachineDeclaration. What XState JSON declares
survives the way there and back; the other formats are only written.

\b
Examples:
  hsmspec machine convert order.json --to scxml
  hsmspec machine convert order.json --output order.md
  hsmspec machine convert my_package.machines:ORDER --output order.json
"""


@click.group("machine", cls=NearGroup, help=HELP)
def command() -> None:
    """Collect the commands."""


def beginning(name: str) -> MachineDeclaration:
    """Return the machine that `hsmspec machine new` writes."""
    return MachineDeclaration(
        name=name,
        description="Calls a service until it succeeds or no attempt is left.",
        initial="Scheduled",
        states={
            "Scheduled": State(
                on={"Succeed": "Succeeded", "Fail": (Move("BackingOff", "attemptsLeft"), Move("Failed"))},
                tasks=(Outbound("Call", "service", sends=("Succeed", "Fail")),),
                description="The call is in the outbound queue.",
            ),
            "BackingOff": State(
                on={"Reschedule": "Scheduled"},
                tasks=(Timer("Backoff", timedelta(minutes=1), sends=("Reschedule",)),),
                description="The next attempt waits for a timer.",
            ),
            "Succeeded": State(final=True),
            "Failed": State(final=True),
        },
    )


@command.command("new", help=NEW, short_help="Write a machine to begin with.")
@click.argument("name")
def new(name: str) -> None:
    """Write a machine to begin with."""
    file = Path(name if name.endswith(".json") else f"{name}.json")
    if file.exists():
        raise InputError(f"{file} exists already.", remedy="Choose another name, or remove it first.")
    if not file.parent.is_dir():
        raise InputError(f"{file} cannot be written: there is no folder {file.parent}.")
    write_atomically(file, machine_to_xstate(beginning(file.stem)).encode("utf-8", "backslashreplace"))
    say(str(file))
    say(f"Draw it: hsmspec diagram machine {shlex.quote(str(file))}")


@command.command("convert", help=CONVERT, short_help="Convert a machine to another format.")
@click.argument("name")
@click.option(
    "--to",
    "wanted",
    type=click.Choice(list(FORMATS)),
    help="Format.  [default: that of the output file's name, else xstate]",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Where to write.  [default: stdout]",
)
def convert(name: str, wanted: str | None, output: Path | None) -> None:
    """Convert a machine."""
    to_stdout = output is None or output == Path("-")
    if wanted is None:
        suffix = ".json" if to_stdout or output is None else output.suffix.lower()
        if suffix not in SUFFIXES:
            known = ", ".join(SUFFIXES)
            raise InputError(f"The name {output} does not say which format is wanted.", remedy=f"Use --to, or {known}.")
        wanted = SUFFIXES[suffix]
    # JSON escapes lone surrogates, which UTF-8 cannot hold; the other formats have none.
    text = FORMATS[wanted](find_declaration(name)).encode("utf-8", "backslashreplace")
    if output is None or to_stdout:
        click.echo(text, nl=False)
        return
    write_atomically(output, text)
    click.echo(str(output))
