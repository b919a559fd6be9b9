"""Pictures of the book: in the order of their index, with their sizes, in the chapters of their areas."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hsm_diagrams.book import book, pictures
from hsm_diagrams.book.pictures import INDEX, Gallery, load_gallery, own_pictures
from hsm_diagrams.drawing.renderers import NoRenderer
from hsm_diagrams.gallery import entries
from hsm_specs.catalogue.requirements import AREAS
from hsm_specs.errors import InputError

pytestmark = pytest.mark.xdist_group("gallery")
GALLERY = Path(__file__).parents[3] / "diagrams" / "gallery"
PICTURE = '<svg width="300pt" height="75pt"><title>{0}</title><a xlink:title="it; shows NODE-ADD-2">x</a></svg>'


@pytest.fixture
def folder(tmp_path):
    """Write pictures with these names, and an index if one is given."""

    def write(*names, index=None):
        for name in names:
            (tmp_path / f"{name}.svg").write_text(PICTURE.format(name), "utf-8")
        if index is not None:
            (tmp_path / INDEX).write_text(index if isinstance(index, str) else json.dumps(index), "utf-8")
        return load_gallery(tmp_path)

    return write


@pytest.fixture(scope="module")
def pages():
    return {name: content.decode() for name, content in book.files(gallery=load_gallery(GALLERY))}


def test_the_gallery_is_in_the_order_of_its_story(pages):
    shown = re.findall(r'<h3 id="([^"]+)">', pages["gallery.html"])
    assert [entry.picture.drawing.name for entry in entries()] == shown
    parts = re.findall(r"<h2>([^<]+)</h2>", pages["gallery.html"])
    assert list(dict.fromkeys(entry.part for entry in entries())) == [part.replace("&#39;", "'") for part in parts]


def test_every_picture_has_its_caption(pages):
    for picture in load_gallery(GALLERY).pictures:
        assert picture.caption
        assert "](" not in picture.caption


def test_pictures_stand_in_the_chapters_of_their_areas(pages):
    standing = {area: re.findall(r'<h2 id="picture-([^"]+)">', pages[f"{area}.html"]) for area in AREAS}
    assert standing == {area: [picture.name for picture in load_gallery(GALLERY).of(area)] for area in AREAS}
    placed = {name for names in standing.values() for name in names}
    assert {"node-life", "callback", "payment", "Door", "explored-types"} <= placed


def test_every_image_has_the_size_of_its_picture(pages):
    sizes = 0
    for html in pages.values():
        for name, width, height in re.findall(r'<img [^>]*src="([^"]+)"[^>]* width="(\d+)" height="(\d+)"', html):
            size = r'<svg [^>]*?width="([\d.]+)(pt|)" height="([\d.]+)(?:pt|)"'
            [(wide, unit, high)] = re.findall(size, pages[name])
            pixels = 4 / 3 if unit else 1
            assert (round(float(wide) * pixels), round(float(high) * pixels)) == (int(width), int(height))
            sizes += 1
    assert sum(html.count("<img ") for name, html in pages.items() if name.endswith(".html")) == sizes > 40


def test_pictures_have_links_in_the_book_and_nowhere_else(pages):
    for path in GALLERY.glob("*.svg"):
        assert "href=" not in path.read_text("utf-8")
    assert 'xlink:href="../machine.html#MACH-STATE-1"' in pages["gallery/callback-light.svg"]


def test_a_folder_without_an_index_is_in_the_order_of_names(folder):
    assert ["a", "b", "c"] == [picture.name for picture in folder("b", "c", "a").pictures]


def test_pictures_that_the_index_does_not_name_come_last(folder):
    found = folder("a", "b", "c", index=[{"name": "c", "areas": ["node"]}, {"name": "gone"}])
    assert ["c", "a", "b"] == [picture.name for picture in found.pictures]
    assert ["c"] == [picture.name for picture in found.of("node")]


@pytest.mark.parametrize("index", ["{}", "no json", '[{"part": "a"}]', "[" * 100_000])
def test_an_index_that_is_none_is_a_sentence(folder, index):
    with pytest.raises(InputError, match="no index of pictures"):
        folder("a", index=index)


@pytest.mark.parametrize(
    ("head", "size"),
    [
        ('width="300pt" height="75pt"', (400, 100)),
        ('width="300px" height="75"', (300, 75)),
        ('viewBox="0 0 1 1"', (300, 150)),
        ('width="100%" height="75"', (300, 150)),
    ],
)
def test_sizes_are_in_pixels(tmp_path, head, size):
    (tmp_path / "a.svg").write_text(f"<svg {head}><title>a</title></svg>", "utf-8")
    [picture] = load_gallery(tmp_path).pictures
    assert size == (picture.width, picture.height)


def test_a_link_to_another_book_leads_to_the_chapter_and_others_stay(tmp_path):
    (tmp_path / "a.svg").write_text(
        "<svg><title>a</title>"
        '<a xlink:href="https://b.example/book.html#NODE-ADD-2" xlink:title="shows NODE-ADD-2">x</a>'
        '<a href="book.html#GONE-1" title="nothing">y</a><a href="https://b.example/">z</a></svg>',
        "utf-8",
    )
    [svg] = load_gallery(tmp_path).files.values()
    assert re.findall(r'href="([^"]*)"', svg.decode()) == ["../node.html#NODE-ADD-2", "https://b.example/"]


def test_the_opening_chapters_draw_what_a_gallery_does_not_have(folder):
    own = own_pictures()
    assert {"payment", "node-life"} == own.by_name.keys()
    merged = folder("payment", "other").with_missing(own)
    assert ["other", "payment", "node-life"] == [picture.name for picture in merged.pictures]
    assert {"payment.svg", "other.svg", "node-life-light.svg", "node-life-dark.svg"} == merged.files.keys()


def test_without_a_renderer_the_book_has_no_drawings_of_its_own(monkeypatch):
    def fail(picture):
        raise NoRenderer("there is none")
        yield

    own_pictures.cache_clear()
    monkeypatch.setattr(pictures, "_images", fail)
    try:
        assert Gallery((), {}) == own_pictures()
        html = dict(book.files())["transitions.html"]
        assert b"<img" not in html
    finally:
        own_pictures.cache_clear()
