"""Options that several commands have."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import click
from click.shell_completion import CompletionItem
from rich.console import Console
from rich.text import Text

from hsm_specs.catalogue.requirements import AREAS, load_catalogue
from hsm_specs.report.finding_text import Styled
from hsm_specs.report.terminal import print_lines

Color = Literal["auto", "always", "never"]
EMBEDDED = (sys.executable, "-m", "hsm_specs.adapter.serve")
"""What runs where no command is given: the reference model as an adapter."""

color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours: where there is a terminal and NO_COLOR is not set, always, or never.",
)
timeout_option = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="Time for each answer of the adapter and for its start.  [default: 5 and 10]",
)
findings_option = click.option(
    "--findings",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".hsmspec/findings"),
    show_default=True,
    help="Where findings are saved for `hsmspec replay` and the next run.",
)
scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="The scheduler of a cluster of Dask, tcp://host:port."
)
command_argument = click.argument("command", nargs=-1, type=click.UNPROCESSED)


def console_of(color: Color) -> Console:
    """The console that stdout is, in colours or not."""
    match color:
        case "always":
            return Console(force_terminal=True, force_interactive=sys.stdout.isatty(), no_color=False, highlight=False)
        case "never":
            return Console(no_color=True, color_system=None, highlight=False)
        case "auto":
            return Console(no_color="NO_COLOR" in os.environ or None, highlight=False)


def plain_lines(color: Color) -> bool:
    """Whether plain lines are to be written: no terminal, and colours not insisted on."""
    return color != "always" and not sys.stdout.isatty()


def show(lines: Iterable[Styled], color: Color) -> None:
    """Prints lines, in colours where that is wanted."""
    if plain_lines(color):
        for line in lines:
            click.echo(line.text)
    else:
        print_lines(console_of(color), list(lines))


def complete_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The requirement IDs and areas that begin like what was typed; after a comma, the next one."""
    before, comma, last = incomplete.rpartition(",")
    entries = [(requirement.id, requirement.statement) for requirement in load_catalogue().values()]
    entries += [(area, "all requirements of the area") for area in AREAS]
    return [
        CompletionItem(f"{before}{comma}{name}", help=text)
        for name, text in entries
        if name.upper().startswith(last.upper())
    ]


def existing_file(*names: str, **more: Any) -> Callable[[Any], Any]:
    """An option that takes a file."""
    return click.option(*names, type=click.Path(exists=True, dir_okay=False, path_type=Path), **more)


def written_file(*names: str, **more: Any) -> Callable[[Any], Any]:
    """An option that takes the path of a file to write."""
    return click.option(*names, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), **more)


def adapter_command(command: Sequence[str]) -> tuple[str, ...]:
    """The command to run, which is the embedded default if none is given, and says so."""
    if command:
        return tuple(command)
    click.echo(
        "no command given: running the embedded default, the reference model (python -m hsm_specs.adapter.serve)"
    )
    return EMBEDDED


def heading(text: str) -> Styled:
    """A line that stands out."""
    return Styled(text, "title")


def print_table(console: Console, rows: Iterable[Sequence[Text | str]]) -> None:
    """Prints rows of texts one after another, unwrapped."""
    for row in rows:
        console.print(Text.assemble(*row), soft_wrap=True)
