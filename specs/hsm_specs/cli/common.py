"""Options and printing that commands share."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import click
from click.shell_completion import CompletionItem
from rich.console import Console
from rich.text import Text

from hsm_specs.catalogue.requirements import AREAS, load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.printable import printable
from hsm_specs.report.rendering import Styled
from hsm_specs.report.terminal import print_lines
from hsm_specs.results.redaction import is_redacted

Color = Literal["auto", "always", "never"]
EMBEDDED = (sys.executable, "-m", "hsm_specs.adapter.serve")
"""The default adapter: the reference model."""

color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Use color: if stdout is a terminal and NO_COLOR is not set, always, or never.",
)
timeout_option = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="Time limit for each answer of the adapter and for its start.  [default: 5 and 10]",
)
findings_option = click.option(
    "--findings",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".hsmspec/findings"),
    show_default=True,
    help="The folder of saved findings, for `hsmspec replay` and the next run.",
)
scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="The scheduler of a Dask cluster, tcp://host:port."
)
command_argument = click.argument("command", nargs=-1, type=click.UNPROCESSED)


def console_of(color: Color) -> Console:
    """Return a console for stdout."""
    match color:
        case "always":
            return Console(force_terminal=True, force_interactive=sys.stdout.isatty(), no_color=False, highlight=False)
        case "never":
            return Console(no_color=True, color_system=None, highlight=False)
        case "auto":
            return Console(no_color="NO_COLOR" in os.environ or None, highlight=False)


def plain_lines(color: Color) -> bool:
    """Return whether to print plain lines: stdout is no terminal, and color is not forced."""
    return color != "always" and not sys.stdout.isatty()


def say(text: str = "") -> None:
    """Print a line to stdout, made printable."""
    click.echo(printable(text))


def complain(text: str) -> None:
    """Print a line about a problem to stderr, made printable."""
    click.echo(printable(f"hsmspec: {text}"), err=True)


def show(lines: Iterable[Styled], color: Color) -> None:
    """Print lines, in color if that is wanted."""
    if plain_lines(color):
        for line in lines:
            say(line.text)
    else:
        print_lines(console_of(color), list(lines))


def complete_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the requirement IDs and areas that complete the last of some words with commas."""
    before, comma, last = incomplete.rpartition(",")
    entries = [(requirement.id, requirement.statement) for requirement in load_catalogue().values()]
    entries += [(area, "all requirements of the area") for area in AREAS]
    return [
        CompletionItem(f"{before}{comma}{name}", help=text)
        for name, text in entries
        if name.upper().startswith(last.upper())
    ]


def existing_file(*names: str, **more: Any) -> Callable[[Any], Any]:
    """Return an option that takes an existing file."""
    return click.option(*names, type=click.Path(exists=True, dir_okay=False, path_type=Path), **more)


def written_file(*names: str, **more: Any) -> Callable[[Any], Any]:
    """Return an option that takes the path of a file to write."""
    return click.option(*names, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), **more)


def adapter_command(command: Sequence[str]) -> tuple[str, ...]:
    """Return the command to run. Without one it is the reference model, which is then printed."""
    if command:
        return tuple(command)
    click.echo(
        "no command given: running the embedded default, the reference model (python -m hsm_specs.adapter.serve)"
    )
    return EMBEDDED


redact_option = click.option(
    "--redact", is_flag=True, help="Leave the command's arguments out of what is printed, reported and saved."
)
yes_option = click.option("--yes", is_flag=True, help="Run the command that is in FILE without asking.")


def command_in(file: Path, command: tuple[str, ...], own: Path, yes: bool) -> tuple[str, ...]:
    """Return the command that a file brings along, if it may run: it is one's ``own``, or a person says so.

    Raise `InputError` if nobody can be asked, or the arguments were not saved.
    """
    if is_redacted(command):
        what = f"{file} has no arguments of {command[0]}, since it was saved with `--redact`:"
        raise InputError(what, remedy="give COMMAND.")
    say(f"running {shlex.join(command)}, the command in {file}")
    if yes or _is_within(file, own):
        return command
    if sys.stdin is None or not sys.stdin.isatty():
        what = f"{file} is none of your own files ({own}), and nobody can be asked whether its command may run:"
        raise InputError(what, remedy="read it, then give `--yes`, or COMMAND.")
    click.confirm(f"{printable(str(file))} is none of your own files. Run its command?", abort=True)
    return command


def _is_within(file: Path, own: Path) -> bool:
    """Return whether a file is ``own`` or in that folder, and belongs to this user, through no symbolic link."""
    try:
        real, there = file.resolve(strict=True), own.absolute()
        return (real == there or there in real.parents) and real.stat().st_uid == os.getuid()
    except OSError:
        return False


def heading(text: str) -> Styled:
    """Return a line in bold."""
    return Styled(text, "title")


def print_table(console: Console, rows: Iterable[Sequence[Text | str]]) -> None:
    """Print rows of texts, unwrapped."""
    for row in rows:
        console.print(Text.assemble(*row), soft_wrap=True)
