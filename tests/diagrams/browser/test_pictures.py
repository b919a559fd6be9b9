"""Text stays in its box, in whatever font a browser has."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("browser")
GALLERY = Path(__file__).parents[3] / "diagrams" / "gallery"
LEAVING = """(font) => {
    for (const text of document.querySelectorAll('text')) text.setAttribute('font-family', font);
    const leaving = [];
    for (const node of document.querySelectorAll('g.node')) {
        const shape = node.querySelector('path, polygon, ellipse');
        if (!shape) continue;
        const box = shape.getBBox();
        for (const text of node.querySelectorAll('text')) {
            const seen = text.getBBox();
            const out = Math.max(box.x - seen.x, seen.x + seen.width - box.x - box.width);
            if (out > 1) leaving.push(`${text.textContent} by ${out.toFixed(1)}`);
        }
    }
    for (const text of document.querySelectorAll('g.graph > g.edge text, g.graph > text')) {
        const wide = text.getBBox().width - Number(text.getAttribute('textLength'));
        if (Math.abs(wide) > 1) leaving.push(`${text.textContent} by ${wide.toFixed(1)}`);
    }
    return leaving;
}"""


@pytest.mark.parametrize("font", ["DejaVu Sans", "DejaVu Serif", "Liberation Sans"])
def test_no_text_of_the_gallery_leaves_its_box(visit, font):
    page = visit(GALLERY / "callback-light.svg")
    for path in sorted(GALLERY.glob("*.svg")):
        page.goto(path.as_uri())
        assert [] == page.evaluate(LEAVING, font), path.name


def test_without_their_widths_texts_would_leave(visit):
    page = visit(GALLERY / "callback-light.svg")
    page.evaluate("document.querySelectorAll('text').forEach((text) => text.removeAttribute('textLength'))")
    assert page.evaluate(LEAVING, "DejaVu Sans")
