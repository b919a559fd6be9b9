"""The style sheet: enough contrast in both themes, whether asked for by the system or by the reader."""

from __future__ import annotations

import re

import pytest

from hsm_specs.report.html.templates import static

ENOUGH = 4.5
"""The contrast that WCAG 2 demands of text at level AA."""
LINES = 3
"""The contrast that it demands of what is no text."""
PAPERS = {
    "paper": ("ink", "faint", "link", "good", "bad", "known"),
    "field": ("ink", "faint"),
    "box": ("ink", "faint", "link"),
    "good-paper": ("good", "ink"),
    "bad-paper": ("bad", "ink"),
    "known-paper": ("known", "ink"),
    "quiet-paper": ("ink",),
}
TEXTS = [(text, paper) for paper, texts in PAPERS.items() for text in texts]
STROKES = [
    ("edge", "box"),
    ("edge", "paper"),
    ("good", "paper"),
    ("bad", "paper"),
    ("known", "paper"),
    ("faint", "paper"),
]


def themes() -> list[dict[str, str]]:
    blocks = re.findall(r":root[^{]*\{([^}]*--paper[^}]*)\}", static("style.css"))
    return [dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in blocks]


LIGHT, DARK, ASKED = themes()


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_contrast_that_the_formula_says():
    assert pytest.approx(21) == contrast("#000", "#ffffff")


def test_dark_is_the_same_for_the_system_and_for_the_reader():
    assert DARK == ASKED
    assert LIGHT.keys() == DARK.keys()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "paper"), TEXTS)
def test_text_is_legible(theme, text, paper):
    assert contrast(theme[text], theme[paper]) >= ENOUGH


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "paper"), STROKES)
def test_lines_are_visible(theme, line, paper):
    assert contrast(theme[line], theme[paper]) >= LINES
