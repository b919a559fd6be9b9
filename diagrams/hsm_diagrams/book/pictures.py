"""Pictures of the book: those of a gallery, and those that the opening chapters draw themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import NamedTuple

import msgspec

from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.drawing.renderers import NoRenderer
from hsm_diagrams.drawing.themes import DARK as DARK_THEME
from hsm_diagrams.drawing.themes import LIGHT as LIGHT_THEME
from hsm_diagrams.life.drawing import life_picture
from hsm_diagrams.machine.drawing import machine_picture
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.files import read
from hsm_specs.machines.names import find_machine

LIGHT, DARK = "-light.svg", "-dark.svg"
"""The suffixes of pictures for light and for dark pages."""
FOLDER = "gallery"
"""The folder of pictures in a book."""
INDEX = "gallery.json"
"""The file of a folder of pictures that has their order, their captions and their areas."""
PAYMENT = "hsm_diagrams.book.example.payment:DESCRIPTION"
"""The machine of the opening chapters."""


class Shown(msgspec.Struct, frozen=True):
    """The entry of a picture in the index of a gallery: its part, its caption and its areas."""

    name: str
    part: str = ""
    shows: str = ""
    areas: tuple[str, ...] = ()


class GalleryPicture(NamedTuple):
    """A picture: its name, title and description, the names of its light and its dark file, and its size in pixels."""

    name: str
    title: str
    description: str
    light: str
    dark: str
    width: int
    height: int
    part: str = ""
    caption: str = ""
    areas: tuple[str, ...] = ()


class Gallery(NamedTuple):
    """The pictures, and the contents of their files by name."""

    pictures: tuple[GalleryPicture, ...]
    files: Mapping[str, bytes]

    @property
    def by_name(self) -> dict[str, GalleryPicture]:
        """Return the pictures by name."""
        return {picture.name: picture for picture in self.pictures}

    def with_missing(self, other: Gallery) -> Gallery:
        """Return the pictures with those of another gallery that are not among them."""
        missing = tuple(picture for picture in other.pictures if picture.name not in self.by_name)
        wanted = {name for picture in missing for name in (picture.light, picture.dark)}
        files = {name: content for name, content in other.files.items() if name in wanted}
        return Gallery((*self.pictures, *missing), {**files, **self.files})

    def of(self, area: str) -> list[GalleryPicture]:
        """Return the pictures of an area."""
        return [picture for picture in self.pictures if area in picture.areas]


NO_GALLERY = Gallery((), {})


def load_gallery(folder: Path) -> Gallery:
    """Read the pictures of a folder, in the order of its index if it has one, else by name.

    Raise `InputError` if there is no such folder, or if its index is none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of pictures.")
    files = {path.name: read(path).decode("utf-8", "replace") for path in sorted(folder.glob("*.svg"))}
    return _gallery(files, _index(folder / INDEX))


def _index(path: Path) -> list[Shown]:
    if not path.is_file():
        return []
    try:
        return msgspec.json.decode(read(path), type=list[Shown])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{path} is no index of pictures: {error}") from None


def _gallery(files: Mapping[str, str], index: list[Shown]) -> Gallery:
    known = {shown.name: (place, shown) for place, shown in enumerate(index)}
    pictures: list[GalleryPicture] = []
    for name, svg in files.items():
        if name.endswith(DARK) and name.removesuffix(DARK) + LIGHT in files:
            continue
        dark = name.removesuffix(LIGHT) + DARK
        stem = name.removesuffix(LIGHT).removesuffix(".svg")
        shown = known[stem][1] if stem in known else Shown(stem)
        pictures.append(
            GalleryPicture(
                stem,
                _text(svg, "title") or stem,
                _text(svg, "desc"),
                name,
                dark if dark in files else name,
                *_size(svg),
                shown.part,
                shown.shows,
                shown.areas,
            )
        )
    pictures.sort(key=lambda picture: known[picture.name][0] if picture.name in known else len(known))
    return Gallery(tuple(pictures), {name: _linked(svg).encode() for name, svg in files.items()})


def _text(svg: str, element: str) -> str:
    found = re.search(rf"<{element}\b[^>]*>(.*?)</{element}>", svg, re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""


def _size(svg: str) -> tuple[int, int]:
    """Return width and height in pixels, of which there are four to three points."""
    head = svg.partition("<svg")[2].partition(">")[0]
    sides: list[int] = []
    for side in ("width", "height"):
        found = re.search(rf'\b{side}="([0-9.]+)(pt|px)?"', head)
        if found is None:
            return 300, 150  # what browsers take for a picture without a size
        sides.append(round(float(found[1]) * (4 / 3 if found[2] == "pt" else 1)))
    return sides[0], sides[1]


def _linked(svg: str) -> str:
    """Make what shows requirements lead to the first of them. Other links to places in a book are left out."""
    areas = {requirement.id: requirement.area for requirement in load_catalogue().values()}

    def lead(link: re.Match[str]) -> str:
        attributes = re.sub(r'\s(?:xlink:)?href="[^"]*#[^"]*"', "", link[1])
        shown = re.search(r"\bshows ([A-Z]+(?:-[A-Z]+)+-[0-9]+)", unescape(attributes))
        if shown is None or shown[1] not in areas:
            return f"<a{attributes}>"
        return f'<a xlink:href="../{areas[shown[1]]}.html#{shown[1]}"{attributes}>'

    return re.sub(r"<a(\s[^>]*)>", lead, svg)


@cache
def own_pictures() -> Gallery:
    """Draw the pictures of the opening chapters. Without a renderer there are none."""
    drawn = {
        "payment": machine_picture(find_machine(PAYMENT)),
        "node-life": life_picture(),
    }
    index = [
        Shown("payment", areas=("tasks",)),
        Shown("node-life", areas=("node",)),
    ]
    try:
        files = {name: svg for picture in drawn.values() for name, svg in _images(picture.without_ids())}
    except NoRenderer:
        return NO_GALLERY
    return _gallery(files, index)


def _images(picture: Picture) -> Iterator[tuple[str, str]]:
    for theme, suffix in ((LIGHT_THEME, LIGHT), (DARK_THEME, DARK)):
        yield picture.drawing.name + suffix, picture.encode("svg", theme).decode()
