"""The specification as a book: a folder of pages that a browser reads from disk."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from hsm_diagrams.book.chapters import entry
from hsm_diagrams.book.implementations import Cell, JudgedImplementation
from hsm_diagrams.book.mutants import NO_MUTANTS, Mutants
from hsm_diagrams.book.opening import GLOSSARY, OPENINGS, load_glossary, values
from hsm_diagrams.book.pictures import FOLDER, NO_GALLERY, Gallery, own_pictures
from hsm_diagrams.book.setups import shared_setups
from hsm_specs.catalogue.requirements import AREAS, Requirement, load_areas, load_catalogue
from hsm_specs.files import write_below
from hsm_specs.installed import installed_version
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html.templates import rendered, static
from hsm_specs.report.html.views import Pool

INDEX, BOOK, MATRIX, GALLERY, SEARCH = "index.html", "book.html", "matrix.html", "gallery.html", "search.js"
HERE = Path(__file__).parent
TEMPLATES, STATIC = HERE / "templates", ("book.css", "book.js")
INTRODUCED = {
    "trees.html": ("registry", "root", "node", "data", "collection", "types", "wire"),
    "transitions.html": ("transition", "machine", "machine_transition", "rollback"),
    "outputs-and-tasks.html": ("outputs", "dirty", "clear", "tasks"),
    "transactions.html": ("environment", "access", "commit", "staleness"),
    "story.html": ("executor", "ref"),
}
"""The areas that an opening chapter prepares for, by its page."""


class Chapter(NamedTuple):
    """An area: its page, its title, its requirements, and their number by class."""

    area: str
    page: str
    title: str
    requirements: tuple[Requirement, ...]
    classes: Mapping[str, int]


class MatrixRow(NamedTuple):
    """A requirement with the state of each implementation."""

    requirement: Requirement
    page: str
    cells: tuple[Cell, ...]

    @property
    def kind(self) -> str:
        """Return the value that the matrix is filtered by."""
        return "deviates" if any(cell.tone in {"known", "bad"} for cell in self.cells) else "other"


class SearchEntry(NamedTuple):
    """A place that the search finds: its heading, its text, its address, and more words by which it is found."""

    kind: str
    heading: str
    text: str
    address: str
    more: str = ""


def write(
    folder: Path,
    found: Sequence[JudgedImplementation] = (),
    gallery: Gallery = NO_GALLERY,
    mutants: Mutants = NO_MUTANTS,
) -> int:
    """Write the book. Return the number of its pages."""
    pages = 0
    for name, content in files(found, gallery, mutants):
        write_below(folder, name, content)
        pages += name.endswith(".html")
    return pages


def files(
    found: Sequence[JudgedImplementation] = (), gallery: Gallery = NO_GALLERY, mutants: Mutants = NO_MUTANTS
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the book: name and content."""
    chapters = tuple(_chapters())
    shelf = _Shelf(chapters, matrix=bool(found), gallery=bool(gallery.pictures))
    pictures = gallery.with_missing(own_pictures())
    search = [*map(_area_entry, chapters)]
    counts = Counter(r.classification for r in load_catalogue().values())
    yield (
        INDEX,
        shelf.page(INDEX, "", counts=counts, found=found, properties=len(PROPERTIES), mutants=mutants.sources),
    )
    for opening in OPENINGS:
        page = shelf.page(opening.template, opening.title, opening.page, drawings=pictures.by_name, **values(opening))
        search += _section_entries(opening.page, opening.title, opening.about, page.decode())
        yield opening.page, page
    yield GLOSSARY, shelf.page(GLOSSARY, "Glossary", glossary=list(load_glossary().values()))
    yield BOOK, shelf.page("requirements.html", "All requirements")
    for chapter in chapters:
        pool = Pool()
        entries = [entry(requirement, found, pool, mutants) for requirement in chapter.requirements]
        setups = shared_setups({each.requirement.id: each.example for each in entries if each.example})
        yield (
            chapter.page,
            shelf.page(
                "chapter.html",
                chapter.title,
                chapter.page,
                chapter=chapter,
                entries=entries,
                setups=setups,
                setup_of={name: setup for setup in setups for name in setup.examples},
                introduced=next((each for each in OPENINGS if chapter.area in INTRODUCED.get(each.page, ())), None),
                shown=pictures.of(chapter.area),
                pictures=pool.pictures,
            ),
        )
    if found:
        rows = [
            MatrixRow(requirement, chapter.page, tuple(one.cell(requirement) for one in found))
            for chapter in chapters
            for requirement in chapter.requirements
        ]
        names = [(name, len(list(own))) for name, own in groupby(found, key=lambda one: one.name)]
        yield MATRIX, shelf.page(MATRIX, "Conformance", rows=rows, found=found, names=names)
    if gallery.pictures:
        parts = [(part, list(own)) for part, own in groupby(gallery.pictures, key=lambda picture: picture.part)]
        yield GALLERY, shelf.page(GALLERY, "Gallery", parts=parts)
    yield from ((f"{FOLDER}/{name}", content) for name, content in pictures.files.items())
    yield "style.css", static("style.css").encode("utf-8")
    yield "page.js", static("page.js").encode("utf-8")
    yield from ((name, (HERE / "static" / name).read_bytes()) for name in STATIC)
    yield SEARCH, _search([*search, *_term_entries(), *_requirement_entries(chapters)])


class _Shelf:
    """The values that all pages of a book share."""

    def __init__(self, chapters: tuple[Chapter, ...], *, matrix: bool, gallery: bool) -> None:
        self._order = [
            *((opening.page, opening.title) for opening in OPENINGS),
            *((chapter.page, chapter.title) for chapter in chapters),
        ]
        self._common = {
            "openings": OPENINGS,
            "chapters": chapters,
            "titles": {INDEX: "Contents", **dict(self._order)},
            "version": installed_version(),
            "book": BOOK,
            "folder": FOLDER,
            "nav": [
                (INDEX, "Contents"),
                (BOOK, "All requirements"),
                *([(MATRIX, "Conformance")] if matrix else []),
                *([(GALLERY, "Gallery")] if gallery else []),
                (GLOSSARY, "Glossary"),
            ],
        }

    def page(self, template: str, title: str, page: str = "", **values: object) -> bytes:
        """Return a page. One that has a place in the order of reading leads to its neighbors."""
        places = [at for at, (name, _) in enumerate(self._order) if name == page]
        place = places[0] if places else None
        neighbors = {
            "former": self._order[place - 1] if place else None,
            "following": self._order[place + 1] if place is not None and place + 1 < len(self._order) else None,
        }
        return rendered(template, TEMPLATES, title=title, **self._common, **neighbors, **values).encode("utf-8")


def _chapters() -> Iterator[Chapter]:
    titles = load_areas()
    for area in AREAS:
        own = tuple(r for r in load_catalogue().values() if r.area == area)
        yield Chapter(area, f"{area}.html", titles[area].title, own, Counter(r.classification for r in own))


# --- the search -------------------------------------------------------------------------------------------------------


def _search(entries: Sequence[SearchEntry]) -> bytes:
    """Return the search index as a script: pages opened from disk may not read files."""
    return f"const SEARCH_INDEX = {json.dumps(entries, separators=(',', ':'))};\n".encode()


def _area_entry(chapter: Chapter) -> SearchEntry:
    return SearchEntry("chapter", chapter.title, f"{len(chapter.requirements)} requirements", chapter.page)


def _section_entries(page: str, title: str, about: str, html: str) -> Iterator[SearchEntry]:
    """Yield a chapter and its sections."""
    yield SearchEntry("chapter", title, about, page)
    for anchor, heading in re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', html):
        yield SearchEntry("section", unescape(heading), title, f"{page}#{anchor}")


def _term_entries() -> Iterator[SearchEntry]:
    for term in load_glossary().values():
        yield SearchEntry("word", term.name, term.text, f"{GLOSSARY}#{term.anchor}")


def _requirement_entries(chapters: Sequence[Chapter]) -> Iterator[SearchEntry]:
    for chapter in chapters:
        for requirement in chapter.requirements:
            more = [
                chapter.title,
                requirement.classification,
                requirement.reason or "",
                *(source.symbol for source in requirement.sources),
                PROPERTIES[requirement.id].title if requirement.id in PROPERTIES else "",
            ]
            yield SearchEntry(
                "requirement",
                requirement.id,
                requirement.statement,
                f"{chapter.page}#{requirement.id}",
                " ".join(more),
            )
