"""The options that all drawing commands share, and the output of their pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click

from hsm_diagrams.drawing.pictures import BOOK, IMAGES, SUFFIXES, Format, Picture
from hsm_diagrams.drawing.renderers import Engine, NoRenderer, RenderingFailed
from hsm_diagrams.drawing.themes import THEMES, ThemeName
from hsm_specs.cli.common import complain
from hsm_specs.errors import InputError
from hsm_specs.files import write_atomically

STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values of the shared options."""

    output_format: Format | None
    output: Path | None
    theme: ThemeName
    engine: Engine
    book: str
    ids: bool


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
        default=BOOK,
        show_default=True,
        help="The page whose anchors requirements are linked to; empty for no links.",
    ),
    click.option(
        "--ids", is_flag=True, help="Write the IDs of requirements on arrows, not only in tooltips and links."
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
        **arguments: Any,
    ) -> Picture:
        picture = function(**arguments)
        deliver(picture, Wanted(output_format, output, theme, engine, book, ids))
        return picture

    for option in reversed(OPTIONS):
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


def deliver(picture: Picture, wanted: Wanted) -> None:
    """Write a picture. If rendering fails, write its DOT text and raise the error."""
    if not wanted.ids:
        picture = picture.without_ids()
    output_format = wanted.output_format or _format_of(wanted.output)
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
