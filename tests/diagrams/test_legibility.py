"""Pictures are legible: texts, boxes and arrows of every kind keep off each other; contrast, title and description."""

from __future__ import annotations

import json
import subprocess
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.drawing.renderers import find_renderer
from hsm_diagrams.drawing.themes import DARK, LIGHT, THEMES
from hsm_diagrams.finding.drawing import picture_of
from hsm_diagrams.gallery import entries
from hsm_diagrams.machine.drawing import machine_picture
from hsm_diagrams.overlay.drawing import overlay_picture
from hsm_diagrams.run.drawing import conformance_picture, coverage_picture
from hsm_model.machines import MACHINES
from hsm_specs.language.observations import Observation
from hsm_specs.machines.names import find_machine
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.verdicts import Verdict

from ..findings import made

pytestmark = pytest.mark.xdist_group("gallery")
SVG = "{http://www.w3.org/2000/svg}"
each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
GALLERY = Path(__file__).parents[2] / "diagrams" / "gallery"
DRAWN = {path.name.removesuffix("-light.dot") for path in GALLERY.glob("*-light.dot")}
OTHERS = sorted(DRAWN - {*MACHINES, "Door"})
"""The pictures of the gallery that are not of machines. Other tests say that these are all of them."""
REJECTED = [f"{name} with what is rejected" for name in MACHINES]
OF_RUNS = ["conformance", "conformance of one", "coverage", "conformance on node", "conformance on callback"]
FINDINGS = [f"finding of {name}" for name in ("REG-MACHINE-2", "NODE-ADD-2", "MT-ROLLBACK-5", "COLL-LIST-1")]
LABELLED = [*MACHINES, *OTHERS, *OF_RUNS, *FINDINGS]
each_picture = pytest.mark.parametrize("name", [*LABELLED, *REJECTED])


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


def picture(name: str):
    if name in OTHERS:
        return next(entry.picture for entry in entries() if entry.picture.drawing.name == name)
    machine, _, rejected = name.partition(" with ")
    return machine_picture(find_machine(machine), rejected=bool(rejected))


@pytest.fixture
def drawn(run, probe):
    """Make any of the pictures; those of runs, probes and findings have every kind of part."""

    def deviate(probed):
        for trial in probed["trials"]:
            if (trial["transition"], trial["state"]) == ("TransitionFailed", "Scheduled"):
                trial["after"] = "Succeeded"
            if (trial["transition"], trial["state"]) == ("TransitionSucceeded", "Standby"):
                trial.update(after="Succeeded", error="", possible=True)
        probed["regenerated"][3]["tasks"] = []

    def make(name):
        known = {"DIRTY_TREE_3": Verdict.KNOWN, "MT_ROLLBACK_5": Verdict.KNOWN, "TASK_KIND_1": Verdict.NOT_OFFERED}
        wrong = known | {
            "CLEAR_TREE_3": Verdict.DEVIATES,
            "MT_ROLLBACK_6": Verdict.DEVIATES,
            "WIRE_READ_1": Verdict.DIFFERS,
        }
        match name:
            case "conformance":
                return conformance_picture([run("a.json", "v1.25.1", **known), run("b.json", "v1.27.3", **wrong)])
            case "conformance of one":
                return conformance_picture([run("a.json", "v1.25.1", **wrong)])
            case "coverage":
                return coverage_picture(
                    run("a.json", "v1.25.1", cases=120, **wrong, DIRTY_TREE_1=Verdict.NOT_EXERCISED)
                )
            case "conformance on node":
                return overlay_picture([run("a.json", "v1.25.1", **known), run("b.json", "v1.27.3", **wrong)], "node")
            case "conformance on callback":
                return overlay_picture([probe("a.json"), probe("b.json", "v2", change=deviate)], "callback")
        kind, _, requirement = name.partition(" of ")
        return finding_picture_of(requirement) if kind == "finding" else picture(name)

    return make


def finding_picture_of(requirement):
    """Return a finding of the requirement's property, whose evidence differs."""
    case = max(PROPERTIES[requirement].cases(0, 6), key=lambda case: len(case.program))
    got = Observation(error="other", message="something else")
    return picture_of(made(requirement, case.program, got, (max(case.evidence),)))


def layout(dot: str):
    """Return where graphviz puts everything, with the widths of all texts."""
    done = subprocess.run(
        [find_renderer("pure"), "-Tjson"], input=dot, capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    return json.loads(done.stdout)


def texts(thing):
    """Yield the texts of a box or a label, each with the rectangle that it takes."""
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


def placed(laid_out):
    """Return the boxes by name, and for each arrow its ends, its curve and its texts."""
    boxes = {node["name"]: rectangle(node) for node in laid_out["objects"] if "pos" in node}
    names = {node["_gvid"]: node["name"] for node in laid_out["objects"]}
    arrows = [
        ({names[edge["tail"]], names[edge["head"]]}, curve(edge), list(texts(edge.get("_ldraw_", []))))
        for edge in laid_out.get("edges", [])
    ]
    return boxes, arrows


def curve(edge):
    points = [point for operation in edge.get("_draw_", []) if operation["op"] == "b" for point in operation["points"]]
    return [bezier(points[at : at + 4], step / 20) for at in range(0, len(points) - 3, 3) for step in range(21)]


def goes_through(points, place: Rectangle) -> bool:
    return any(place.left < x < place.right and place.bottom < y < place.top for x, y in points)


@each_picture
def test_no_text_is_on_another(drawn, name):
    laid_out = layout(drawn(name).dot())
    labels = [*laid_out["objects"], *laid_out.get("edges", []), laid_out]
    written = [text for label in labels for text in texts(label.get("_ldraw_", []))]
    assert [] == [(one, other) for (one, at), (other, there) in combinations(written, 2) if at.meets(there)]


@each_picture
def test_no_box_is_on_another(drawn, name):
    boxes, _ = placed(layout(drawn(name).dot()))
    assert [] == [(one, other) for (one, at), (other, there) in combinations(boxes.items(), 2) if at.meets(there)]


@each_picture
def test_texts_of_boxes_are_inside_and_other_texts_outside_of_boxes(drawn, name):
    laid_out = layout(drawn(name).dot())
    boxes, arrows = placed(laid_out)
    for node in laid_out["objects"]:
        for text, place in texts(node.get("_ldraw_", [])) if "pos" in node else ():
            assert place.within(boxes[node["name"]]), text
    heading = list(texts(laid_out.get("_ldraw_", [])))
    for text, place in [*heading, *(text for _, _, written in arrows for text in written)]:
        assert [] == [box for box, at in boxes.items() if place.meets(at)], text


@each_picture
def test_no_arrow_goes_through_a_box_that_it_does_not_belong_to(drawn, name):
    boxes, arrows = placed(layout(drawn(name).dot()))
    for ends, points, _ in arrows:
        assert [] == [box for box, at in boxes.items() if box not in ends and goes_through(points, at)], ends


@each_picture
def test_no_arrow_goes_through_a_text_of_its_own(drawn, name):
    """A text that began on the very line that it belongs to would be hard to read."""
    _, arrows = placed(layout(drawn(name).dot()))
    for _, points, written in arrows:
        assert [] == [text for text, place in written if goes_through(points, place)]


@pytest.mark.parametrize("name", LABELLED)
def test_no_arrow_goes_through_a_text_of_another(drawn, name):
    """Rejected transitions are left out here: with so many boxes, some arrows touch a text."""
    _, arrows = placed(layout(drawn(name).dot()))
    for ends, points, _ in arrows:
        others = [text for other, _, written in arrows if other != ends for text in written]
        assert [] == [text for text, place in others if goes_through(points, place)], ends


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
