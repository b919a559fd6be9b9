"""``hsmspec machine``: machines declared as data, converted between formats."""

from __future__ import annotations

from pathlib import Path

import click

from hsm_specs.cli.suggestions import NearGroup
from hsm_specs.errors import InputError
from hsm_specs.files import write_atomically
from hsm_specs.machines.exports import FORMATS, SUFFIXES
from hsm_specs.machines.names import find_declaration

HELP = """Work with machines that are declared as data: convert them.

\b
Examples:
  hsmspec machine convert order.json --to plantuml
  hsmspec machine convert my_package.machines:ORDER --output order.json
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
