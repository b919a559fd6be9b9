"""The chapters that open the book: what the words mean, how to read the pictures, and a story with its code."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import msgspec
from markupsafe import Markup

from hsm_diagrams.book.example import payment, shop, tree
from hsm_diagrams.book.moments import Album, Moment
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html.views import FilmView, Pool, example_view

GLOSSARY = "glossary.html"
Scenes = Mapping[str, tuple[Moment, ...]]
SHOWN_AS_FILM = "MT-ROLLBACK-5"
"""The requirement whose example shows how to read a film."""


class Opening(NamedTuple):
    """A chapter that opens the book: its page, its title and what it is about."""

    page: str
    title: str
    about: str
    scenes: Callable[[Album], Iterator[tuple[str, tuple[Moment, ...]]]]

    @property
    def template(self) -> str:
        """Return the name of its template."""
        return f"opening/{self.page}"


class Term(msgspec.Struct, frozen=True):
    """A word of the glossary, its explanation, and the page that has more."""

    name: str
    text: str
    see: str

    @property
    def anchor(self) -> str:
        """Return the ID of its place in the glossary."""
        return f"term-{self.name.replace(' ', '-')}"


@cache
def load_glossary() -> Mapping[str, Term]:
    """Return the words of the glossary by name."""
    text = (Path(__file__).parent / "glossary.toml").read_text("utf-8")
    terms = msgspec.convert(tomllib.loads(text)["term"], list[Term])
    return {term.name: term for term in terms}


def term(name: str, shown: str = "") -> Markup:
    """Return a link to a word of the glossary. Raise KeyError if it is none."""
    return Markup('<a class="term" href="{}#{}">{}</a>').format(GLOSSARY, load_glossary()[name].anchor, shown or name)


def _trees(album: Album) -> Iterator[tuple[str, tuple[Moment, ...]]]:
    root = tree.plant(album)
    yield "plant", album.scene()
    tree.find_again(root)


def _transitions(album: Album) -> Iterator[tuple[str, tuple[Moment, ...]]]:
    root = tree.plant(album)
    album.scene()
    tree.start(root, album)
    yield "start", album.scene()
    tree.fail(root, album)
    yield "fail", album.scene()


def _outputs(album: Album) -> Iterator[tuple[str, tuple[Moment, ...]]]:
    root = tree.plant(album)
    album.scene()
    tree.start(root, album)
    yield "start", album.scene()
    tree.clear(root, album)
    yield "clear", album.scene()


def _transactions(album: Album) -> Iterator[tuple[str, tuple[Moment, ...]]]:
    cell = shop.open_shop(shop.Bank())
    album.cell = cell
    workflow = cell.start("order-1")
    shop.write(cell, workflow, album)
    yield "write", album.scene()
    shop.write_and_fail(cell, workflow, album)
    yield "write_and_fail", album.scene()


def _story(album: Album) -> Iterator[tuple[str, tuple[Moment, ...]]]:
    cell = album.cell = shop.open_shop(shop.Bank())
    shop.place_order(cell, album)
    yield "place_order", album.scene()
    first = shop.run_queue(cell, album)
    yield "run_queue", album.scene()
    shop.pass_time(cell, album)
    yield "pass_time", album.scene()
    shop.deliver_late(cell, first)
    album("Delivered late: nothing has changed")
    yield "deliver_late", album.scene()
    shop.finish(cell, album)
    yield "finish", album.scene()


def _reading(album: Album) -> Iterator[tuple[str, tuple[Moment, ...]]]:
    yield from _transitions(album)


OPENINGS = (
    Opening("trees.html", "Trees and nodes", "What is persisted: a tree of small machines.", _trees),
    Opening(
        "transitions.html", "Machines and transitions", "How a machine moves, and what a failure undoes.", _transitions
    ),
    Opening("outputs-and-tasks.html", "Outputs and tasks", "What a transition asks for, and who must do it.", _outputs),
    Opening(
        "transactions.html", "Transactions", "How state and tasks are stored together, or not at all.", _transactions
    ),
    Opening("reading.html", "How to read the pictures", "Trees, films, machines and differences.", _reading),
    Opening(
        "story.html", "From event to executed task", "A payment from its order to the bank's answer, in code.", _story
    ),
)


def values(opening: Opening) -> dict[str, Any]:
    """Return what the template of a chapter needs: scenes, the source of their code, and a film."""
    pool = Pool()
    scenes = dict(opening.scenes(Album(pool)))
    return {
        "opening": opening,
        "scenes": scenes,
        "code": code,
        "term": term,
        "film_shown": SHOWN_AS_FILM,
        "example": _film(pool) if opening.page == "reading.html" else None,
        "pool": pool,
    }


def code(*names: str) -> str:
    """Return the source of functions, classes and values of the example, which `values` runs."""
    shown = ""
    for source in map(_source, names):
        # Short definitions stand close together.
        between = "\n" if "\n" not in source and "\n" not in shown.rpartition("\n\n")[2] else "\n\n"
        shown += source if not shown else between + source
    return shown


def _source(name: str) -> str:
    for module in (payment, tree, shop):
        found = getattr(module, name, None)
        if found is None:
            continue
        if inspect.isfunction(found) or inspect.isclass(found):
            return _without_remarks(dedent(inspect.getsource(found)))
        defined = re.compile(rf"(?:\w+, )*{name}(?:, \w+)* = ")
        return next(line for line in inspect.getsource(module).splitlines() if defined.match(line))
    raise KeyError(name)


def _without_remarks(source: str) -> str:
    """Return code without the remarks that only linters need."""
    return "\n".join(line.partition("  # noqa")[0] for line in source.splitlines())


def _film(pool: Pool) -> FilmView:
    case = next(PROPERTIES[SHOWN_AS_FILM].cases(0, 1))
    return example_view(case.program, predict(case.program), case.evidence, pool)
