"""``hsmspec book``: the specification as a folder of pages."""

from __future__ import annotations

from pathlib import Path

import click

from hsm_specs.optional_dependencies import load
from hsm_specs.oracle.deviations import deviations_in

HELP = """Write the specification as pages for a browser to the folder --output.

It opens with chapters to read: what trees, transitions, outputs, tasks and transactions are, how to read the pictures,
and a story from an event to an executed task; a glossary follows. Then there is a page for each area, with every
requirement, its source, an example drawn step by step, and the state of implementations; an index with a search; and a
table of requirements by implementation. The pages need no server and no network: open index.html from disk.

The state of implementations is read from lists of known deviations (--deviations) and from the results of runs
(`hsmspec run --json`, --results). Both can be given several times.

With --mutants each requirement lists the wrong implementations that it kills, from a score (`hsmspec mutants --json`),
or those that break it, from a manifest of which nothing was run.

\b
Examples:
  hsmspec book --output book
  hsmspec book --output book --deviations adapters/temporal/v1.25.1/deviations.toml --results result.json
  hsmspec book --output book --gallery diagrams/gallery
  hsmspec mutants --json score.json manifest.json; hsmspec book --output book --mutants score.json
"""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("book", help=HELP)
@click.option("--output", metavar="DIR", type=FOLDER, required=True, help="The folder to write.")
@click.option("--deviations", "lists", metavar="FILE", type=FILE, multiple=True, help="Known deviations (TOML).")
@click.option("--results", metavar="RUN.json", type=FILE, multiple=True, help="The JSON report on a run.")
@click.option("--mutants", metavar="FILE", type=FILE, multiple=True, help="A score of mutants, or a manifest.")
@click.option("--gallery", metavar="DIR", type=FOLDER, help="A folder of pictures to show (SVG).")
def command(
    output: Path,
    lists: tuple[Path, ...],
    results: tuple[Path, ...],
    mutants: tuple[Path, ...],
    gallery: Path | None,
) -> None:
    """Write the book."""
    book = load("hsm_diagrams.book.book")
    implementations = load("hsm_diagrams.book.implementations")
    found = implementations.implementations(map(deviations_in, lists), map(implementations.load_result, results))
    pictures = load("hsm_diagrams.book.pictures")
    shown = pictures.NO_GALLERY if gallery is None else pictures.load_gallery(gallery)
    pages = book.write(output, found, shown, load("hsm_diagrams.book.mutants").load_mutants(mutants))
    click.echo(f"{output / 'index.html'} ({pages} pages)")
