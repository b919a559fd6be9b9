"""The pictures of a gallery's folder, for the book: whatever SVG files are there, with the titles that they have."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import NamedTuple

from hsm_specs.errors import InputError
from hsm_specs.files import read

LIGHT, DARK = "-light.svg", "-dark.svg"


class GalleryPicture(NamedTuple):
    """A picture: its name, title and description, and the names of its files in light and in dark colours."""

    name: str
    title: str
    description: str
    light: str
    dark: str


class Gallery(NamedTuple):
    """The pictures, and the files that they are in."""

    pictures: tuple[GalleryPicture, ...]
    files: dict[str, bytes]


EMPTY = Gallery((), {})


def load_gallery(folder: Path, book: str) -> Gallery:
    """The pictures of a folder, with links that lead to the page ``book``."""
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
