"""Differences of two semantics in the states of a scope: the same action in the same state, executed on both."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap

import pytest

from hsm_diagrams.difference.explored import SAME, compare, difference_graph, look
from hsm_diagrams.difference.picture import PART, SCOPE, difference_picture
from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.drawing.pictures import node_link
from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.semantics import SPECIFICATION
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import Scope

pytestmark = pytest.mark.xdist_group("gallery")
RELEASES = sorted((Path(__file__).parents[3] / "adapters" / "temporal").glob("v*/deviations.toml"))
ACTIONS = ("add", "transition", "failing-transition", "nested-transition", "nested-add", "nested-clear", "clear")
SMALL = Scope(name="small", places=((), ((1, "a"),)), counts=1, outputs=1, actions=ACTIONS)
DIRTIES = (SPECIFICATION, amend(names=["add-child-dirties"]))
KEEPS = (SPECIFICATION, amend(names=["failed-transition-keeps-nested-effects"]))
VISIBLE = sorted(set(AMENDMENTS) - {"failed-apply-keeps-destination", "missing-before-unregistered"})


def edges(graph, change):
    return {(a, b, data["words"]): data for a, b, data in graph.edges(data=True) if data["change"] == change}


def test_what_is_compared_with_itself_is_the_same():
    found = compare(SMALL, (SPECIFICATION, SPECIFICATION))
    assert () == found.kinds
    assert (0, len([each for each in found.before.inside if each])) == (found.differing, found.states)
    drawing = difference_picture("specification", "specification").drawing
    assert "Both sides behave the same in all of them." in drawing.caption[-1]
    assert {Role.START, Role.SAME} == {part.role for part in (*drawing.boxes, *drawing.arrows)}


def test_a_new_child_that_is_dirty_leads_elsewhere():
    graph = difference_graph(compare(SMALL, DIRTIES), DIRTIES)
    removed, added = edges(graph, "removed"), edges(graph, "added")
    assert {("root clean", "root clean, 1:a clean", "AddChild")} == removed.keys()
    assert {("root clean", "root dirty below, 1:a dirty without output", "AddChild")} == added.keys()
    assert ["DIRTY-TREE-3"] == next(iter(added.values()))["requirements"]


def test_what_stays_after_a_failure_is_said_to_come_instead_of_no_change():
    graph = difference_graph(compare(SMALL, KEEPS), KEEPS)
    added = edges(graph, "added")["root clean", "root clean, 1:a clean", "MachineTransition with AddChild inside"]
    assert (True, "root clean") == (added["failed"], added["instead"])
    assert "MT-ROLLBACK-5" in added["requirements"]
    drawing = difference_picture("specification", "failed-transition-keeps-nested-effects").drawing
    said = [" ".join(line.text for line in arrow.lines) for arrow in drawing.arrows if arrow.role is Role.ADDED]
    assert all("which fails should change nothing" in each for each in said)


def test_what_looks_alike_and_is_different_is_named():
    graph = difference_graph(compare(SMALL, KEEPS), KEEPS)
    [changed] = edges(graph, "changed").values()
    assert {"TransitionCount()", "Outputs()"} <= set(changed["differing"])


@pytest.mark.parametrize("semantics", [DIRTIES, KEEPS])
def test_all_that_differs_is_counted_and_nothing_else(semantics):
    """Counted again without folding: by executing every action in every state that both sides come into."""
    before, after = (explore(SMALL, each) for each in semantics)
    second = {
        (after.states[edge.source], edge.action): (after.states[edge.target], edge.observations) for edge in after.edges
    }
    pairs = [
        (second[before.states[edge.source], edge.action], (before.states[edge.target], edge.observations))
        for edge in before.edges
        if (before.states[edge.source], edge.action) in second
    ]
    found = compare(SMALL, semantics)
    assert (len(pairs), sum(one != other for one, other in pairs)) == (found.executions, found.differing)
    assert 0 < found.differing < found.executions


def test_turned_around_what_was_added_is_removed():
    there = difference_graph(compare(SMALL, KEEPS), KEEPS)
    back = difference_graph(compare(SMALL, KEEPS[::-1]), KEEPS[::-1])
    assert edges(there, "added").keys() == edges(back, "removed").keys()
    assert edges(there, "removed").keys() == edges(back, "added").keys()


def test_what_differs_by_itself_is_not_drawn_again_inside_of_functions():
    found = compare(SMALL, DIRTIES)
    assert {"AddChild", "MachineTransition with AddChild inside"} == {each.kind.words for each in found.kinds}
    graph = difference_graph(found, DIRTIES)
    assert {"AddChild"} == {data["words"] for *_, data in graph.edges(data=True)}


def test_grey_are_only_executions_that_are_the_same_on_both_sides():
    semantics = SPECIFICATION, amend(names=["clear-empties-whole-log"])
    found = compare(SMALL, semantics)
    before = {
        (look(found.before, found.before.states[e.source]), look(found.before, found.before.states[e.target]))
        for e in found.before.edges
    }
    ways = edges(difference_graph(found, semantics), SAME)
    assert ways
    assert {(source, target) for source, target, _ in ways} <= before


@pytest.mark.parametrize("amendment", VISIBLE)
def test_every_amendment_of_the_tree_shows_with_its_requirements(amendment):
    picture = difference_picture("specification", amendment)
    shown = {name for *_, data in picture.graph.edges(data=True) for name in data["requirements"]}
    assert set(AMENDMENTS[amendment].changes) <= shown <= load_catalogue().keys()
    assert f"How the specification with {amendment} differs from the specification" == picture.drawing.title


def test_an_amendment_that_no_action_of_the_scope_shows_is_named():
    picture = difference_picture("specification", "failed-apply-keeps-destination")
    assert 0 == picture.graph.size()
    assert "Not triggered: failed-apply-keeps-destination." in picture.drawing.caption


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.parent.name)
def test_releases_are_few_boxes_and_arrows(path):
    drawing = difference_picture("specification", str(path)).drawing
    assert f"diff-specification-temporal-hsm-{path.parent.name}" == drawing.name
    assert 1 < len(drawing.boxes) <= 12
    assert {Role.ADDED, Role.REMOVED, Role.CHANGED} <= {arrow.role for arrow in drawing.arrows}
    assert "Deviates, not drawn" in " ".join(drawing.caption)


def test_releases_that_deviate_alike_share_a_picture_and_others_do_not():
    first, *same = sorted(map(str, RELEASES))
    drawing = difference_picture("specification", same[0], others=same[1:]).drawing
    assert "How temporal-hsm v1.27.3, v1.30.4 and v1.32.2 differ from the specification" == drawing.title
    assert difference_picture("specification", same[0]).drawing.arrows == drawing.arrows
    with pytest.raises(InputError, match="do not deviate alike"):
        difference_picture("specification", first, others=same)


def test_captions_have_three_lines_at_most():
    first, second, *_ = sorted(map(str, RELEASES))
    sides = [("specification", first), ("specification", second), (first, second)]
    for one, other in sides:
        for life in (False, True):
            drawing = difference_picture(one, other, life=life).drawing
            assert 3 >= sum(len(wrap(line, drawing.caption_width, break_on_hyphens=False)) for line in drawing.caption)


def test_between_two_releases_only_that_is_drawn_which_became_different():
    first, second = (next(path for path in RELEASES if path.parent.name == name) for name in ("v1.25.1", "v1.27.3"))
    graph = difference_picture(str(first), str(second)).graph
    changed = {data["words"] for *_, data in graph.edges(data=True) if data["change"] != SAME}
    assert {"ClearTransactionState"} == changed


def test_the_same_sides_give_the_same_graph():
    compare.cache_clear()
    one = node_link(difference_graph(compare(SMALL, KEEPS), KEEPS))
    compare.cache_clear()
    assert one == node_link(difference_graph(compare(SMALL, KEEPS), KEEPS))


def test_the_command_takes_a_scope_and_a_part(cli):
    said = cli("diagram", "diff", "specification", "add-child-dirties", "--part", "types", "--format", "json")
    assert (0, "") == (said.code, said.err)
    assert "types" == json.loads(said.out)["graph"]["scope"]
    assert PART in cli("diagram", "diff", "specification", "add-child-dirties", "--format", "dot").out
    assert "quick" == SCOPE


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--part", "nestd"), "Did you mean nested?"),
        (("--scope", "quik"), "Did you mean quick?"),
        (("--scope", "gone.toml"), "There is no scope"),
    ],
)
def test_a_scope_that_is_none_is_a_sentence(cli, options, words):
    said = cli("diagram", "diff", "specification", "add-child-dirties", *options)
    assert (2, "") == (said.code, said.out)
    assert 1 == said.err.count("\n")
    assert words in said.err
