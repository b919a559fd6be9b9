"""Pictures of differences: of a node's life under two semantics, of machines; and what cannot be compared."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hsm_diagrams.difference.differences import compared, differing
from hsm_diagrams.difference.picture import LIFE, difference_picture
from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.drawing.pictures import node_link
from hsm_diagrams.life.actions import TWO
from hsm_diagrams.life.graph import life_graph
from hsm_model.amendments import AMENDMENTS, amend
from hsm_specs.catalogue.requirements import load_catalogue

pytestmark = pytest.mark.xdist_group("gallery")
UNSEEN = {"failed-apply-keeps-destination", "missing-before-unregistered", "outputs-of-whole-tree"}
"""Amendments of what a node's life does not show."""
RELEASES = sorted((Path(__file__).parents[3] / "adapters" / "temporal").glob("v*/deviations.toml"))
DOORS = """
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition

def nothing(door, event):
    return TransitionOutput()

def jammed(door, event):
    raise RuntimeError("jammed")

class Door:
    def __init__(self): self.now = "closed"
    def state(self): return self.now
    def set_state(self, state): self.now = state
    def regenerate_tasks(self): return []
    OPEN = Transition(("closed",), "open", nothing)
    CLOSE = Transition(("open",), "closed", nothing)

class Better(Door):
    CLOSE = Transition(("open",), "closed", jammed)
    LOCK = Transition(("closed",), "locked", nothing)
"""


@pytest.fixture
def doors(tmp_path, monkeypatch):
    (tmp_path / "doors.py").write_text(DOORS, "utf-8")
    monkeypatch.delitem(sys.modules, "doors", raising=False)
    return "doors:Door", "doors:Better"


def changes(picture, change):
    return {
        (source, target, data["words"])
        for source, target, data in picture.graph.edges(data=True)
        if data["change"] == change
    }


def test_what_is_compared_with_itself_is_the_same():
    picture = difference_picture("specification", "specification", life=True)
    assert {} == differing(picture.graph)
    assert "Both sides are the same." in picture.drawing.caption[-1]
    assert {Role.SAME} == {part.role for part in (*picture.drawing.boxes, *picture.drawing.arrows)}


@pytest.mark.parametrize(
    ("amendment", "source", "target", "words", "instead"),
    [
        ("add-child-dirties", "absent", "dirty without output", "AddChild", ["added"]),
        (
            "failed-transition-keeps-nested-effects",
            "absent",
            "added",
            "AddChild inside a function that fails",
            ["absent"],
        ),
        (
            "failed-transition-keeps-nested-effects",
            "cleared",
            "dirty",
            "MachineTransition inside one that fails",
            ["cleared"],
        ),
        (
            "failed-transition-keeps-nested-effects",
            "dirty",
            "cleared",
            "ClearTransactionState inside a function that fails",
            ["dirty"],
        ),
        (
            "clear-empties-whole-log",
            "dirty",
            "dirty without output",
            "ClearTransactionState of a sibling",
            ["dirty"],
        ),
    ],
)
def test_an_amendment_shows_as_an_edge_that_leads_elsewhere(amendment, source, target, words, instead):
    picture = difference_picture("specification", amendment, life=True)
    assert (source, target, words) in changes(picture, "added")
    found = [
        data["instead"]
        for start, end, data in picture.graph.edges(data=True)
        if (start, end, data["words"], data["change"]) == (source, target, words, "added")
    ]
    assert [instead] == found


def test_an_amendment_that_is_not_of_a_nodes_life_is_named_and_changes_nothing():
    picture = difference_picture("specification", "failed-apply-keeps-destination", life=True)
    assert {} == differing(picture.graph)
    assert "Not part of a node's life: failed-apply-keeps-destination." in picture.drawing.caption


@pytest.mark.parametrize("amendment", sorted(set(AMENDMENTS) - UNSEEN))
def test_every_other_amendment_shows(amendment):
    assert differing(difference_picture("specification", amendment, life=True).graph)


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.parent.name)
def test_releases_are_compared_by_their_known_deviations(path):
    drawing = difference_picture("specification", str(path), life=True).drawing
    assert f"life-diff-specification-temporal-hsm-{path.parent.name}" == drawing.name
    caption = " ".join(drawing.caption)
    assert "add-child-dirties" in caption
    assert "Deviates, not drawn: MT-ROLLBACK-8, -9; NODE-ADD-9." in caption


def test_turned_around_what_was_added_is_removed():
    forth = difference_picture("specification", "add-child-dirties", life=True)
    back = difference_picture("add-child-dirties", "specification", life=True)
    assert changes(forth, "added") == changes(back, "removed")
    assert changes(forth, "removed") == changes(back, "added")


def test_both_sides_are_in_the_graph_and_nothing_else():
    before, after = life_graph(scope=TWO), life_graph(amend(names=["add-child-dirties"]), TWO)
    graph = compared(before, after, LIFE)
    assert set(graph) == {*before, *after}
    kept = {(*edge[:2], edge[2]["words"]) for edge in graph.edges(data=True) if edge[2]["change"] != "added"}
    assert kept == {(*edge[:2], edge[2]["words"]) for edge in before.edges(data=True)}


def test_signs_say_what_colours_say():
    drawing = difference_picture("specification", "add-child-dirties", life=True).drawing
    for arrow in drawing.arrows:
        sign = {Role.ADDED: "+ ", Role.REMOVED: "\N{MINUS SIGN} "}.get(arrow.role)
        assert not arrow.lines or (sign is not None and arrow.lines[0].text.startswith(sign))


def test_what_is_the_same_has_no_label_and_what_a_missing_node_leads_to_neither():
    drawing = difference_picture("specification", "add-child-dirties", life=True).drawing
    assert [("absent", "added"), ("absent", "dirty without output")] == sorted(
        (arrow.source, arrow.target) for arrow in drawing.arrows if arrow.lines
    )


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.parent.name)
def test_of_what_is_the_same_only_ways_to_what_is_different_are_drawn(path):
    """Every box is reached from the first one, and without any grey arrow some would not be."""
    drawing = difference_picture("specification", str(path), life=True).drawing
    told = {end for arrow in drawing.arrows if arrow.lines for end in (arrow.source, arrow.target)}
    assert told <= {box.key for box in drawing.boxes}
    everything = reached(drawing.arrows)
    assert {box.key for box in drawing.boxes} == everything
    for grey in [arrow for arrow in drawing.arrows if arrow.role is Role.SAME]:
        assert everything != reached([arrow for arrow in drawing.arrows if arrow is not grey])


def reached(arrows):
    there = {"absent"}
    for _ in arrows:
        there |= {arrow.target for arrow in arrows if arrow.source in there}
    return there


def test_requirements_are_in_the_catalogue():
    graph = difference_picture("specification", str(RELEASES[-1]), life=True).graph
    assert {name for *_, data in graph.edges(data=True) for name in data["requirements"]} <= load_catalogue().keys()


def test_the_same_sides_give_the_same_graph():
    one, other = (difference_picture("specification", str(RELEASES[0]), life=True).graph for _ in range(2))
    assert node_link(one) == node_link(other)


def test_machines_of_anybodys_are_compared(cli, doors):
    said = cli("diagram", "diff", *doors, "--format", "json")
    assert (0, "") == (said.code, said.err)
    graph = json.loads(said.out)
    edges = {(edge["source"], edge["target"], edge["words"], edge["outcome"]): edge for edge in graph["edges"]}
    assert "added" == edges["closed", "locked", "LOCK", "success"]["change"]
    assert "removed" == edges["open", "closed", "CLOSE", "success"]["change"]
    assert ["closed"] == edges["open", "open", "CLOSE", "failed"]["instead"]
    assert "same" == edges["closed", "open", "OPEN", "success"]["change"]
    assert {"locked": "added", "open": "changed"}.items() <= {n["id"]: n["change"] for n in graph["nodes"]}.items()


def test_what_is_different_about_a_state_is_named(cli, doors):
    drawing = cli("diagram", "diff", *doors, "--format", "mermaid").out
    assert "is now terminal" in drawing


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("specificaton", "callback"), ["nothing called `specificaton`", "did you mean specification"]),
        (("specification", "add-child-dirty"), ["did you mean add-child-dirties"]),
        (("specification", "zzz"), ["nothing called `zzz` to compare.", "module:attribute"]),
        (("specification", "callback"), ["cannot be compared", "one is a machine"]),
        (("specification", "gone.toml"), ["gone.toml cannot be read"]),
        (("callback", "doors:Dor"), ["`doors` has no `Dor`", "did you mean Door"]),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(cli, doors, names, words):
    said = cli("diagram", "diff", *names)
    assert (2, "") == (said.code, said.out)
    assert 1 == said.err.count("\n")
    for each in words:
        assert each in said.err
