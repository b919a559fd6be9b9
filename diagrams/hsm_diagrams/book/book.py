"""The specification as a book: a folder of pages that a browser reads from disk."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hsm_diagrams.book.chapters import entry
from hsm_diagrams.book.gallery_pictures import EMPTY, Gallery
from hsm_diagrams.book.implementations import Cell, Implementation
from hsm_diagrams.book.mutants import NO_MUTANTS, Mutants
from hsm_diagrams.drawing.pictures import BOOK
from hsm_diagrams.versions import own_version
from hsm_specs.catalogue.requirements import AREAS, Requirement, load_areas, load_catalogue
from hsm_specs.files import write_atomically
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html.templates import rendered, static
from hsm_specs.report.html.views import Pool

INDEX, MATRIX, GALLERY, SEARCH = "index.html", "matrix.html", "gallery.html", "search.js"
TEMPLATES = Path(__file__).parent / "templates"
PICTURES = "gallery"
"""The folder of the gallery's pictures."""


class Chapter(NamedTuple):
    """An area: its page, its heading, its requirements, and how many there are of each class."""

    area: str
    page: str
    title: str
    requirements: tuple[Requirement, ...]
    classes: Mapping[str, int]


class MatrixRow(NamedTuple):
    """A requirement with what is known of each implementation."""

    requirement: Requirement
    page: str
    cells: tuple[Cell, ...]

    @property
    def kind(self) -> str:
        """What the matrix is filtered by."""
        return "deviates" if any(cell.tone in {"known", "bad"} for cell in self.cells) else "other"


def write(
    folder: Path, found: Sequence[Implementation] = (), gallery: Gallery = EMPTY, mutants: Mutants = NO_MUTANTS
) -> int:
    """Writes the book, and answers how many pages it has."""
    pages = 0
    for name, content in files(found, gallery, mutants):
        write_atomically(folder / name, content)
        pages += name.endswith(".html")
    return pages


def files(
    found: Sequence[Implementation] = (), gallery: Gallery = EMPTY, mutants: Mutants = NO_MUTANTS
) -> Iterator[tuple[str, bytes]]:
    """The files of the book by name."""
    chapters = tuple(_chapters())
    shelf = _Shelf(chapters, bool(found), bool(gallery.pictures))
    counts = Counter(r.classification for r in load_catalogue().values())
    yield (
        INDEX,
        shelf.page("index.html", "", counts=counts, found=found, properties=len(PROPERTIES), mutants=mutants.sources),
    )
    yield BOOK, shelf.page("requirements.html", "All requirements")
    for number, chapter in enumerate(chapters):
        pool = Pool()
        entries = [entry(requirement, found, pool, mutants) for requirement in chapter.requirements]
        yield (
            chapter.page,
            shelf.page(
                "chapter.html",
                chapter.title,
                chapter=chapter,
                entries=entries,
                former=chapters[number - 1] if number else None,
                following=chapters[number + 1] if number + 1 < len(chapters) else None,
                pictures=pool.pictures,
            ),
        )
    if found:
        rows = [
            MatrixRow(requirement, chapter.page, tuple(one.cell(requirement) for one in found))
            for chapter in chapters
            for requirement in chapter.requirements
        ]
        yield MATRIX, shelf.page("matrix.html", "Conformance", rows=rows, found=found)
    if gallery.pictures:
        yield GALLERY, shelf.page("gallery.html", "Gallery", shown=gallery.pictures, folder=PICTURES)
        yield from ((f"{PICTURES}/{name}", content) for name, content in gallery.files.items())
    yield "style.css", static("style.css").encode("utf-8")
    yield "page.js", static("page.js").encode("utf-8")
    yield SEARCH, _search(chapters)


class _Shelf:
    """What all pages of one book have in common."""

    def __init__(self, chapters: tuple[Chapter, ...], matrix: bool, gallery: bool) -> None:
        self._common = {
            "chapters": chapters,
            "version": own_version(),
            "book": BOOK,
            "nav": [
                (INDEX, "Contents"),
                (BOOK, "All requirements"),
                *([(MATRIX, "Conformance")] if matrix else []),
                *([(GALLERY, "Gallery")] if gallery else []),
            ],
        }

    def page(self, template: str, title: str, **values: object) -> bytes:
        """A page."""
        return rendered(template, TEMPLATES, title=title, **self._common, **values).encode("utf-8")


def _chapters() -> Iterator[Chapter]:
    titles = load_areas()
    for area in AREAS:
        own = tuple(r for r in load_catalogue().values() if r.area == area)
        yield Chapter(area, f"{area}.html", titles[area].title, own, Counter(r.classification for r in own))


def _search(chapters: Sequence[Chapter]) -> bytes:
    """The index of the search as a script, for pages from disk may not read files."""
    entries = [
        [
            requirement.id,
            requirement.statement,
            f"{chapter.page}#{requirement.id}",
            " ".join(
                [
                    chapter.title,
                    requirement.classification,
                    requirement.reason or "",
                    *(source.symbol for source in requirement.sources),
                    PROPERTIES[requirement.id].title if requirement.id in PROPERTIES else "",
                ]
            ),
        ]
        for chapter in chapters
        for requirement in chapter.requirements
    ]
    return f"const SEARCH_INDEX = {json.dumps(entries, separators=(',', ':'))};\n".encode()
