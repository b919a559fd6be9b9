"""Findings as pictures: trees before and after the operation whose results differ."""

from __future__ import annotations

import json

import pytest

from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.drawing.renderers import render
from hsm_diagrams.finding.drawing import EXPECTED, LINES, NOTHING, OBSERVED, OPERATION, picture_of
from hsm_diagrams.finding.graph import AFTER, BEFORE
from hsm_model.amendments import amend
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.findings import save

from ...findings import made

TREE = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.RegisterMachine(2),
    ops.NewRoot(1, (0, 0), bind=0),
    ops.AddChild(0, (1, "a"), (0, 0), bind=1),
    ops.AddChild(0, (2, "b"), (1, 5), bind=2),
)
INSIDE = (ops.SetState(0, 2), ops.AddChild(2, (1, "new"), (0, 0), bind=3), ops.TransitionCount(2))
TRANSITION = (*TREE, ops.MachineTransition(2, ops.Script(INSIDE, ((1, 7, 1000),)), machine=0))


def finding(program, where, observed, amendments=(), requirement="MT-COMMIT-2"):
    expected = predict(program, amend(names=amendments))
    cut = (*expected[: where[0]], observed)
    return made(requirement, program, where=where, expected=expected, observed=cut, amendments=amendments)


@pytest.fixture
def transition():
    answered = Observation(ok=None, inner=(Observation(ok=None), Observation(ok=None), Observation(ok=0)))
    return picture_of(finding(TRANSITION, (6, 2), answered))


def box(picture, key):
    [found] = [box for box in picture.drawing.boxes if box.key == key]
    return found


def lines(picture, key):
    return [line.text for line in box(picture, key).lines]


def test_there_are_a_tree_before_and_one_after(transition):
    nodes = transition.graph.nodes(data=True)
    assert ["before n0", "before n0 1:a", "before n0 2:b"] == [k for k, data in nodes if data["moment"] == BEFORE]
    assert "after n0 2:b/1:new" in [key for key, data in nodes if data["moment"] == AFTER]
    assert ("after n0 2:b", "after n0 2:b/1:new") in transition.graph.edges()
    assert {"before operation 7", "after operation 7, as expected", ""} == {b.group for b in transition.drawing.boxes}


def test_each_node_has_the_state_of_its_machine_among_all_that_were_seen(transition):
    assert ["0", "1", "2"] == transition.graph.graph["states"]
    assert "state 1 of 0, 1, 2" in lines(transition, "before n0 2:b")
    assert "state 2 of 0, 1, 2" in lines(transition, "after n0 2:b")
    assert "state 0 of 0, 1, 2" in lines(transition, "after n0 1:a")


def test_what_changed_is_highlighted_and_said(transition):
    assert Role.CHANGED is box(transition, "after n0 2:b").role
    assert "\N{PLUS-MINUS SIGN} 2:b (n2)" == lines(transition, "after n0 2:b")[0]
    for said in ("was in 1", "count 1, was 0", "dirty, was clean", "1 output, was 0"):
        assert said in lines(transition, "after n0 2:b")
    assert Role.ADDED is box(transition, "after n0 2:b/1:new").role
    assert Role.STATE is box(transition, "after n0 1:a").role


def test_the_program_is_there_with_the_place_of_the_difference(transition):
    assert ["n2.TransitionCount()"] == [line.text.strip() for line in box(transition, OPERATION).lines if line.strong]
    assert '6  n2 = n0.AddChild(2/"b", state 1 value 5)' in [text.strip() for text in lines(transition, OPERATION)]


def test_expected_and_observed_stand_beside_each_other(transition):
    assert [["expected", "1"], ["observed", "0"]] == [lines(transition, key) for key in (EXPECTED, OBSERVED)]
    assert (Role.AGREES, Role.DEVIATES) == tuple(box(transition, key).role for key in (EXPECTED, OBSERVED))


def test_the_operation_is_drawn_from_the_node_that_it_is_of(transition):
    drawn = [arrow for arrow in transition.drawing.arrows if arrow.lines]
    assert [("before n0 2:b", OPERATION)] == [(arrow.source, arrow.target) for arrow in drawn]


def test_an_operation_that_only_looks_changes_nothing():
    picture = picture_of(finding((*TREE, ops.Dirty(0)), (6,), Observation(ok=True)))
    assert {"same"} == {data["change"] for _, data in picture.graph.nodes(data=True)}
    assert "The operation is expected to change nothing." in picture.drawing.caption[-1]


def test_trees_are_those_of_the_semantics_that_the_program_was_held_to():
    program = (*TREE, ops.Dirty(0))
    amended = picture_of(finding(program, (6,), Observation(ok=False), ("add-child-dirties",)))
    assert amended.graph.nodes["before n0"]["dirty"]
    assert "as amended by add-child-dirties" in amended.drawing.caption[1]


def test_several_trees_are_told_apart():
    again = (*TREE, ops.Child(0, (), bind=9), ops.Rehydrate(0, 1, (0, 0), bind=0), ops.Dirty(0))
    graph = picture_of(finding(again, (8,), Observation(ok=True))).graph
    assert 2 == len({data["tree"] for _, data in graph.nodes(data=True)})
    assert 12 == len(graph)


def test_what_is_not_specified_of_afterwards_is_not_made_up():
    program = (*TREE, ops.MachineTransition(2, ops.Script((ops.RegisterMachine(5),))))
    picture = picture_of(finding(program, (6,), Observation(ok=None)))
    assert {BEFORE} == {data["moment"] for _, data in picture.graph.nodes(data=True)}
    assert ["the specification leaves it open"] == lines(picture, NOTHING)


def test_a_long_program_is_cut_at_its_beginning():
    program = (*TREE, *[ops.Dirty(0)] * 40)
    said = lines(picture_of(finding(program, (45,), Observation(ok=True))), OPERATION)
    assert LINES == len(said)
    assert "lines before" in said[0]
    assert said[-1].strip().startswith("46")


@pytest.mark.parametrize("requirement", PROPERTIES)
def test_any_difference_can_be_drawn(requirement):
    [case] = PROPERTIES[requirement].cases(1, 1)
    expected = predict(case.program)
    where = min(index for index in case.evidence if index < len(expected))
    picture = picture_of(finding(case.program, (where,), Observation(error="other"), requirement=requirement))
    assert picture.drawing.name.startswith(requirement)
    assert picture.dot().startswith("digraph")


def test_the_command_draws_a_saved_finding(cli, tmp_path):
    path = save(finding((*TREE, ops.Dirty(0)), (6,), Observation(ok=True)), tmp_path)
    said = cli("diagram", "finding", path.name, "--format", "json")
    assert (0, "") == (said.code, said.err)
    assert "finding" == json.loads(said.out)["graph"]["kind"]


def test_a_tree_that_no_picture_bears_is_a_sentence(cli, tmp_path):
    children = tuple(ops.AddChild(0, (1, f"{number}"), (0, 0)) for number in range(600))
    path = save(finding((*TREE, *children, ops.Dirty(0)), (len(TREE) + 600,), Observation(ok=True)), tmp_path)
    said = cli("diagram", "finding", path.name, "--format", "dot")
    assert (2, "") == (said.code, said.out)
    assert (
        "The trees of this finding have more than 500 nodes, which no picture bears: `hsmspec replay` shows" in said.err
    )


def test_a_finding_is_rendered(transition):
    assert b"<svg" in render(transition.dot(), "svg")


def test_a_file_that_is_no_finding_is_a_sentence(cli, tmp_path):
    (tmp_path / "a.json").write_text("{}", "utf-8")
    said = cli("diagram", "finding", "a.json")
    assert 2 == said.code
    assert "is not a saved finding" in said.err
