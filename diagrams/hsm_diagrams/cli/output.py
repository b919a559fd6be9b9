"""The options that all drawing commands share, and the output of their pictures."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click

from hsm_diagrams.difference.changes import changes_as_markdown, changes_as_text
from hsm_diagrams.drawing.drawing import Direction
from hsm_diagrams.drawing.pictures import IMAGES, SUFFIXES, Format, Picture
from hsm_diagrams.drawing.renderers import Engine, NoRenderer, RenderingFailed
from hsm_diagrams.drawing.themes import THEMES, ThemeName
from hsm_specs.cli.common import complain
from hsm_specs.errors import InputError
from hsm_specs.files import write_atomically
from hsm_specs.machines.names import source_file
from hsm_specs.optional_dependencies import load
from hsm_specs.printable import printable_lines

STDOUT = Path("-")
POLLED = 0.3
"""Seconds between two looks at a watched file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values of the shared options."""

    output_format: Format | None
    output: Path | None
    theme: ThemeName
    engine: Engine
    book: str
    ids: bool
    direction: Direction | None


OPTIONS = (
    click.option(
        "--format",
        "output_format",
        type=click.Choice(list(SUFFIXES)),
        help="Format.  [default: that of the output file's name, else svg]",
    ),
    click.option(
        "--output",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Where to write; - is stdout.  [default: for images NAME.FORMAT here, for text stdout]",
    ),
    click.option("--theme", type=click.Choice(list(THEMES)), default="light", show_default=True, help="Colors."),
    click.option(
        "--engine",
        type=click.Choice(get_args(Engine)),
        default="auto",
        show_default=True,
        help="What makes images: graphviz-pure (the same everywhere), the system's dot, or the first there is.",
    ),
    click.option(
        "--book",
        metavar="URL",
        default="",
        help="The page of a published book, whose anchors requirements are linked to.  [default: no links]",
    ),
    click.option(
        "--ids", is_flag=True, help="Write the IDs of requirements on arrows, not only in tooltips and links."
    ),
    click.option(
        "--direction",
        type=click.Choice(get_args(Direction)),
        help="Where arrows lead.  [default: what suits the picture]",
    ),
)


def draws(function: Callable[..., Picture]) -> Callable[..., Picture]:
    """Decorate a function that returns a picture: add the shared options, and write the picture as they say."""

    @wraps(function)
    def command(
        *,
        output_format: Format | None,
        output: Path | None,
        theme: ThemeName,
        engine: Engine,
        book: str,
        ids: bool,
        direction: Direction | None,
        **arguments: Any,
    ) -> Picture:
        picture = function(**arguments)
        deliver(picture, Wanted(output_format, output, theme, engine, book, ids, direction))
        return picture

    for option in reversed(OPTIONS):
        command = option(command)
    return command


def narrows(draw: Callable[..., Picture]) -> Callable[..., Picture]:
    """Decorate a function that returns a picture.

    With ``--around`` only the neighborhood of a box is drawn; with ``--at`` its page opens at a box.
    """

    @wraps(draw)
    def command(*, around: str, steps: int, at: str, **arguments: Any) -> Picture:
        picture = draw(**arguments)
        neighborhood = load("hsm_diagrams.drawing.neighborhood")
        if around:
            picture = neighborhood.around(picture, around, steps)
        if at:
            picture = neighborhood.at(picture, at)
        return picture

    for option in (
        click.option("--at", default="", metavar="STATE", help="With --format html: open the page at this state."),
        click.option(
            "--steps", type=click.IntRange(1), default=1, show_default=True, help="How many arrows --around reaches."
        ),
        click.option("--around", default="", metavar="STATE", help="Draw only this state and its neighbors."),
    ):
        command = option(command)
    return command


def reports_mistakes(draw: Callable[..., Picture]) -> Callable[..., int]:
    """Decorate a drawing command: print the mistakes after the picture; with ``--strict`` they fail the command."""

    @wraps(draw)
    def command(*, strict: bool, **arguments: Any) -> int:
        found = draw(**arguments).mistakes
        for mistake in found:
            complain(mistake)
        return 1 if strict and found else 0

    return click.option("--strict", is_flag=True, help="Fail if the machine has mistakes.")(command)


def watches(draw: Callable[..., int]) -> Callable[..., int]:
    """Decorate a command that draws the machine ``name``: with ``--watch`` it is drawn again when its file changes."""

    @wraps(draw)
    def command(*, watch: bool, name: str, **arguments: Any) -> int:
        if not watch:
            return draw(name=name, **arguments)
        source = source_file(name)
        again = [sys.executable, "-m", "hsm_specs.cli", *(word for word in sys.argv[1:] if word != "--watch")]
        while True:
            seen = _stamp(source)
            # Another process: a module is imported once only.
            subprocess.run(again, check=False)  # noqa: S603  # the command that the user gave
            while _stamp(source) == seen:
                time.sleep(POLLED)

    return click.option("--watch", is_flag=True, help="Draw again whenever the machine's file changes.")(command)


def _stamp(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def lists_changes(draw: Callable[..., Picture]) -> Callable[..., int]:
    """Decorate a command that draws differences: print the changes of a machine, unless stdout has the picture.

    ``--changes FILE`` writes them, as Markdown to a file with that suffix.
    """

    @wraps(draw)
    def command(*, changes_file: Path | None, **arguments: Any) -> int:
        picture = draw(**arguments)
        if picture.changes is None:
            if changes_file is not None:
                raise InputError("Only the changes between machines can be listed.", remedy="Leave `--changes` out.")
            return 0
        text = changes_as_text(picture.changes)
        if changes_file is not None:
            if changes_file.suffix.lower() == ".md":
                text = changes_as_markdown(picture.drawing.title, picture.changes)
            _write(changes_file, text.encode("utf-8", "replace"))
        elif _goes_to_file(arguments["output_format"], arguments["output"]):
            click.echo(printable_lines(text), nl=False)
        return 0

    return click.option(
        "--changes",
        "changes_file",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the changes between machines to this file, as Markdown (.md) or text, and do not print them.",
    )(command)


def _goes_to_file(output_format: Format | None, output: Path | None) -> bool:
    """Return whether a picture is written to a file, so that stdout is free."""
    return output != STDOUT if output is not None else (output_format or "svg") in IMAGES


def deliver(picture: Picture, wanted: Wanted) -> None:
    """Write a picture. If rendering fails, write its DOT text and raise the error."""
    if not wanted.ids:
        picture = picture.without_ids()
    if wanted.direction is not None:
        picture = picture.towards(wanted.direction)
    output_format = wanted.output_format or _format_of(wanted.output)
    if picture.at and output_format != "html":
        raise InputError("Only a page opens at a state.", remedy="Use `--at` with --format html.")
    theme = THEMES[wanted.theme]
    output = wanted.output or (
        Path(picture.drawing.name + SUFFIXES[output_format]) if output_format in IMAGES else STDOUT
    )
    try:
        encoded = picture.encode(output_format, theme, wanted.engine, wanted.book)
    except (NoRenderer, RenderingFailed) as error:
        instead = STDOUT if output == STDOUT else output.with_suffix(SUFFIXES["dot"])
        _write(instead, picture.dot(theme, wanted.book).encode())
        place = "on stdout" if instead == STDOUT else f"in {instead}"
        raise type(error)(error.what, remedy=f"The DOT text is {place}. {error.remedy}".rstrip()) from error
    _write(output, encoded)


def _format_of(output: Path | None) -> Format:
    if output is None or output == STDOUT:
        return "svg"
    for output_format, suffix in SUFFIXES.items():
        if output.suffix.lower() == suffix:
            return output_format
    known = ", ".join(SUFFIXES.values())
    raise InputError(
        f"The name {output} does not say which format is wanted.", remedy=f"Use --format, or one of {known}."
    )


def _write(output: Path, content: bytes) -> None:
    if output == STDOUT:
        click.echo(content, nl=False)
        return
    if not output.parent.is_dir():
        raise InputError(f"{output} cannot be written: there is no folder {output.parent}.")
    write_atomically(output, content)
    click.echo(str(output))
