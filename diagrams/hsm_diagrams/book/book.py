"""The specification as a book: a folder of pages that a browser reads from disk."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import NamedTuple

from hsm_diagrams.book.chapters import entry
from hsm_diagrams.book.implementations import Cell, JudgedImplementation
from hsm_diagrams.book.mutants import NO_MUTANTS, Mutants
from hsm_diagrams.drawing.pictures import BOOK
from hsm_specs.catalogue.requirements import AREAS, Requirement, load_areas, load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.files import read, write_below
from hsm_specs.installed import installed_version
from hsm_specs.properties import PROPERTIES
from hsm_specs.report.html.templates import rendered, static
from hsm_specs.report.html.views import Pool

INDEX, MATRIX, GALLERY, SEARCH = "index.html", "matrix.html", "gallery.html", "search.js"
TEMPLATES = Path(__file__).parent / "templates"
LIGHT, DARK = "-light.svg", "-dark.svg"
"""The suffixes of pictures for light and for dark pages."""
PICTURES = "gallery"
"""The folder of the gallery's pictures."""


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


class GalleryPicture(NamedTuple):
    """A picture: its name, title and description, and the names of its light and its dark file."""

    name: str
    title: str
    description: str
    light: str
    dark: str


class Gallery(NamedTuple):
    """The pictures, and the contents of their files by name."""

    pictures: tuple[GalleryPicture, ...]
    files: dict[str, bytes]


NO_GALLERY = Gallery((), {})


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
    """The values that all pages of a book share."""

    def __init__(self, chapters: tuple[Chapter, ...], matrix: bool, gallery: bool) -> None:
        self._common = {
            "chapters": chapters,
            "version": installed_version(),
            "book": BOOK,
            "nav": [
                (INDEX, "Contents"),
                (BOOK, "All requirements"),
                *([(MATRIX, "Conformance")] if matrix else []),
                *([(GALLERY, "Gallery")] if gallery else []),
            ],
        }

    def page(self, template: str, title: str, **values: object) -> bytes:
        """Return a page."""
        return rendered(template, TEMPLATES, title=title, **self._common, **values).encode("utf-8")


def load_gallery(folder: Path, book: str) -> Gallery:
    """Read the pictures of a folder and make their links lead to the page ``book``."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of pictures.")
    files = {path.name: read(path).decode("utf-8", "replace") for path in sorted(folder.glob("*.svg"))}
    pictures: list[GalleryPicture] = []
    for name, svg in files.items():
        if name.endswith(DARK) and name.removesuffix(DARK) + LIGHT in files:
            continue
        dark = name.removesuffix(LIGHT) + DARK
        stem = name.removesuffix(LIGHT).removesuffix(".svg")
        pictures.append(
            GalleryPicture(stem, _text(svg, "title") or stem, _text(svg, "desc"), name, dark if dark in files else name)
        )
    linked = {name: re.sub(r'href="[^"#]*#', f'href="{book}#', svg).encode() for name, svg in files.items()}
    return Gallery(tuple(pictures), linked)


def _text(svg: str, element: str) -> str:
    found = re.search(rf"<{element}\b[^>]*>(.*?)</{element}>", svg, re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""


def _chapters() -> Iterator[Chapter]:
    titles = load_areas()
    for area in AREAS:
        own = tuple(r for r in load_catalogue().values() if r.area == area)
        yield Chapter(area, f"{area}.html", titles[area].title, own, Counter(r.classification for r in own))


def _search(chapters: Sequence[Chapter]) -> bytes:
    """Return the search index as a script: pages opened from disk may not read files."""
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
