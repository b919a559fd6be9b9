"""Pictures are legible: no text on another, none outside of its box, contrast, title and description."""

from __future__ import annotations

import json
import subprocess
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from hsm_diagrams.drawing import Role
from hsm_diagrams.gallery import entries
from hsm_diagrams.machine_names import find_machine
from hsm_diagrams.machine_picture import machine_picture
from hsm_diagrams.renderers import find_renderer
from hsm_diagrams.themes import DARK, LIGHT, THEMES
from hsm_model.machines import MACHINES

SVG = "{http://www.w3.org/2000/svg}"
each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
OTHERS = {entry.picture.drawing.name: entry.picture for entry in entries() if entry.command.split()[2] != "machine"}
"""The pictures of the gallery that are not of machines."""
each_picture = pytest.mark.parametrize(
    ("name", "rejected"),
    [*((name, rejected) for name in MACHINES for rejected in (False, True)), *((name, False) for name in OTHERS)],
)


class Rectangle(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Rectangle) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    def within(self, other: Rectangle) -> bool:
        across = other.left <= self.left and self.right <= other.right
        return across and other.bottom <= self.bottom and self.top <= other.top


def picture(name: str, rejected: bool = False):
    if name in OTHERS:
        return OTHERS[name]
    return machine_picture(find_machine(name), rejected=rejected)


def layout(dot: str):
    """Where graphviz puts everything, with the widths of all texts."""
    done = subprocess.run(
        [find_renderer("pure"), "-Tjson"], input=dot, capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    return json.loads(done.stdout)


def texts(thing):
    """The texts of a box or a label, each with the rectangle that it takes."""
    size = 0.0
    for operation in thing:
        if operation["op"] == "F":
            size = operation["size"]
        elif operation["op"] == "T":
            x, y = operation["pt"]
            width = operation["width"]
            left = x - width * {"l": 0, "c": 0.5, "r": 1}[operation["align"]]
            yield operation["text"], Rectangle(left, y - 0.2 * size, left + width, y + 0.7 * size)


def rectangle(node) -> Rectangle:
    x, y = map(float, node["pos"].split(","))
    width, height = 36 * float(node["width"]), 36 * float(node["height"])
    return Rectangle(x - width, y - height, x + width, y + height)


@each_picture
def test_no_text_is_on_another(name, rejected):
    laid_out = layout(picture(name, rejected).dot())
    labels = [*laid_out["objects"], *laid_out["edges"], laid_out]
    placed = [text for label in labels for text in texts(label.get("_ldraw_", []))]
    assert [] == [(one, other) for (one, at), (other, there) in combinations(placed, 2) if at.meets(there)]


@each_picture
def test_texts_of_states_are_inside_and_other_texts_outside_of_boxes(name, rejected):
    laid_out = layout(picture(name, rejected).dot())
    boxes = {node["name"]: rectangle(node) for node in laid_out["objects"]}
    for node in laid_out["objects"]:
        for text, place in texts(node.get("_ldraw_", [])):
            assert place.within(boxes[node["name"]]), text
    for edge in [*laid_out["edges"], laid_out]:
        for text, place in texts(edge.get("_ldraw_", [])):
            assert [] == [box for box, at in boxes.items() if place.meets(at)], text


@each_picture
def test_no_arrow_goes_through_a_text_of_its_own(name, rejected):
    """A text that began on the very line that it belongs to would be hard to read."""
    laid_out = layout(picture(name, rejected).dot())
    for edge in laid_out["edges"]:
        points = [point for operation in edge["_draw_"] if operation["op"] == "b" for point in operation["points"]]
        curve = [bezier(points[at : at + 4], step / 20) for at in range(0, len(points) - 3, 3) for step in range(21)]
        for text, place in texts(edge.get("_ldraw_", [])):
            assert not any(place.left < x < place.right and place.bottom < y < place.top for x, y in curve), text


def bezier(points, t):
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    return tuple(sum(weight * point[axis] for weight, point in zip(weights, points, strict=True)) for axis in (0, 1))


@each_theme
def test_every_role_has_a_look(theme):
    assert set(Role) == theme.looks.keys()


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@each_theme
def test_text_has_the_contrast_that_wcag_aa_asks_for(theme):
    assert contrast(theme.ink, theme.background) >= 4.5
    assert contrast(theme.faint, theme.background) >= 4.5
    for role, look in theme.looks.items():
        if role is not Role.START:
            behind = theme.background if look.fill == "transparent" else look.fill
            assert contrast(look.ink, behind) >= 4.5, role


@each_theme
def test_lines_have_the_contrast_that_wcag_aa_asks_for(theme):
    for role, look in theme.looks.items():
        assert contrast(look.line, theme.background) >= 3, role


@each_theme
def test_what_a_colour_says_is_also_said_without_colour(theme):
    looks = theme.looks
    for roles in (
        (Role.STATE, Role.TERMINAL, Role.UNREACHABLE),
        (Role.SAME, Role.ADDED, Role.REMOVED, Role.CHANGED),
        (Role.AGREES, Role.KNOWN, Role.DEVIATES, Role.UNSEEN),
        (Role.SELDOM, Role.SOMETIMES, Role.OFTEN, Role.UNSEEN),
    ):
        shapes = [(looks[role].stroke, looks[role].borders, looks[role].width) for role in roles]
        assert len(shapes) == len(set(shapes))
    assert looks[Role.FAILED].width > looks[Role.SUCCESS].width


@each_theme
@pytest.mark.parametrize("name", [*MACHINES, *OTHERS])
def test_an_svg_has_a_title_and_a_description_that_its_root_names(name, theme):
    drawn = picture(name)
    root = ElementTree.fromstring(drawn.encode("svg", theme))  # noqa: S314  # made just now
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert drawn.drawing.title == title.text
    assert drawn.drawing.description == description.text
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == (title.get("id"), description.get("id"))


def test_ids_differ_between_pictures_on_one_page():
    ids = []
    for name in [*MACHINES, *OTHERS]:
        for theme in (LIGHT, DARK):
            root = ElementTree.fromstring(picture(name).encode("svg", theme))  # noqa: S314  # made just now
            ids += [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_an_svg_can_be_put_into_a_page():
    svg = picture("scheduler").encode("svg").decode()
    assert svg.startswith("<svg ")
    assert svg.rstrip().endswith("</svg>")
    assert "<!" not in svg
    assert "graphviz version" not in svg


def test_an_svg_names_typefaces_that_every_system_has():
    svg = picture("scheduler").encode("svg").decode()
    assert svg.count("font-family=") == svg.count('sans-serif"')
