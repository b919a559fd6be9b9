"""Explored graphs are folded from all states of a scope."""

from __future__ import annotations

import json

import pytest

from hsm_diagrams.drawing import renderers
from hsm_diagrams.drawing.drawing import MANY, Role
from hsm_diagrams.explored.drawing import LABELLED, START, explored_drawing, explored_picture
from hsm_diagrams.explored.graph import FEW, FOLDS, explored_graph, fitting_fold
from hsm_model.amendments import amend
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import Scope, load_scopes

SCOPE = """
title = "small"
[[part]]
name = "one"
places = [[], [[1, "a"]]]
counts = 1
outputs = 1
actions = ["add", "transition", "failing-transition", "clear", "nested-add", "rehydrate"]
[[part]]
name = "two"
places = [[]]
counts = 1
outputs = 1
actions = ["transition"]
"""


@pytest.fixture(scope="module")
def explored():
    actions = ("add", "transition", "failing-transition", "nested-add", "clear", "rehydrate")
    return explore(Scope(name="one", places=((), ((1, "a"),)), counts=1, outputs=1, actions=actions))


@pytest.fixture(scope="module")
def graph(explored):
    return explored_graph(explored, "counts")


@pytest.mark.parametrize("fold", FOLDS)
def test_every_state_and_every_move_is_counted_once(explored, fold):
    graph = explored_graph(explored, fold)
    assert len(explored.states) == sum(data["count"] for _, data in graph.nodes(data=True))
    moving = [edge for edge in explored.edges if edge.source != edge.target]
    assert len(moving) == sum(data["count"] for *_, data in graph.edges(data=True))


def test_places_are_absent_clean_or_dirty_with_a_class_of_count(graph):
    seen = {tuple(place.values()) for _, data in graph.nodes(data=True) for place in data["places"]}
    assert {("absent", ""), ("clean", "0"), ("clean", "1+"), ("dirty", "1+"), ("dirty below", "0")} < seen


def test_each_fold_tells_less_apart_than_the_one_before(explored):
    sizes = [len(explored_graph(explored, fold)) for fold in ("none", "counts", "dirty", "presence")]
    assert sorted(sizes, reverse=True) == sizes
    assert len(explored.states) == sizes[0]


@pytest.mark.parametrize(
    "part", [part for part in load_scopes("quick") if part.workflow is None], ids=lambda part: part.name
)
def test_what_is_drawn_of_a_named_scope_is_legible(part):
    graph = explore(part)
    drawing = explored_drawing(explored_graph(graph, fitting_fold(graph)), "the tests")
    assert len(drawing.boxes) <= FEW + 1
    assert len(drawing.arrows) <= LABELLED + 1


def test_operations_are_named_by_the_requirements_of_the_rules_that_they_applied(graph):
    by_words = {data["words"]: set(data["requirements"]) for *_, data in graph.edges(data=True)}
    assert {"NODE-ADD-1", "DIRTY-TREE-3"} <= by_words["AddChild"]
    assert "MT-COMMIT-3" in by_words["MachineTransition"]
    assert "CLEAR-TREE-1" in by_words["ClearTransactionState"]
    assert "ROOT-LOAD-1" in by_words["saved and loaded again"]
    assert set.union(*by_words.values()) <= load_catalogue().keys()


def test_the_specification_has_no_failure_that_changes_anything(graph):
    assert {"success"} == {data["outcome"] for *_, data in graph.edges(data=True)}


def test_a_failure_that_changes_something_is_red(explored):
    semantics = amend(names=["failed-transition-keeps-nested-effects"])
    graph = explored_graph(explore(explored.scope, semantics), "counts", semantics)
    drawing = explored_drawing(graph, "the tests")
    assert Role.FAILED in {arrow.role for arrow in drawing.arrows}
    assert "Red" in drawing.caption[1]


def test_the_dot_leads_to_the_new_root(graph):
    drawing = explored_drawing(graph, "the tests")
    assert ["root clean 0"] == [arrow.target for arrow in drawing.arrows if arrow.source == START]


def test_the_caption_says_what_was_folded_and_how(explored, graph):
    caption = explored_drawing(graph, "the tests").caption[0]
    for words in (f"{len(explored.states)} states", f"{len(graph)} boxes", "class of TransitionCount()"):
        assert words in caption


def test_what_most_arrows_are_is_said_once(graph):
    drawing = explored_drawing(graph, "the tests")
    assert "Arrows without label: MachineTransition." in drawing.caption[1]
    assert "MachineTransition" not in {line.text for arrow in drawing.arrows for line in arrow.lines}


def test_shortcuts_that_are_left_out_are_named():
    drawing = explored_picture("quick", "nested").drawing
    assert "Left out: MachineTransition with nested operations; saved and loaded again." in drawing.caption[1]


def test_a_scope_of_ones_own_is_drawn(cli, tmp_path):
    (tmp_path / "mine.toml").write_text(SCOPE, "utf-8")
    said = cli("diagram", "explore", "--scope", "mine.toml", "--part", "two", "--format", "json")
    assert (0, "") == (said.code, said.err)
    assert "explored-two" == json.loads(said.out)["graph"]["name"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scope", "quik"], ["There is no scope 'quik'", "Did you mean quick?"]),
        (["--part", "ordr"], ["has no part 'ordr'", "nested, types, order, deep", "Did you mean order?"]),
    ],
)
def test_a_wrong_name_lists_near_ones(cli, arguments, words):
    said = cli("diagram", "explore", *arguments)
    assert (2, "") == (said.code, said.out)
    for each in words:
        assert each in said.err


def test_many_states_are_laid_out_by_forces_with_a_note(cli):
    said = cli("diagram", "explore", "--part", "types", "--fold", "none", "--format", "dot")
    assert 0 == said.code
    assert 'layout="sfdp"' in said.out
    assert f"More than {MANY} nodes: laid out by forces." in said.out


def test_a_layout_that_takes_too_long_is_a_sentence_and_the_text_is_written(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(renderers.render_svg, "__defaults__", ("auto", 0.001))
    said = cli("diagram", "explore", "--part", "order", "--output", "a.svg")
    assert 2 == said.code
    assert "has not drawn the picture in 0.001 s" in said.err
    assert (tmp_path / "a.dot").read_text("utf-8").startswith("digraph")
