"""The life of a node is what came of executing every operation in every state."""

from __future__ import annotations

import json

import pytest

from hsm_diagrams.drawing.dot import to_dot
from hsm_diagrams.drawing.drawing import Role, in_short
from hsm_diagrams.drawing.pictures import node_link
from hsm_diagrams.drawing.themes import LIGHT
from hsm_diagrams.life.drawing import EVERYWHERE, REST, life_drawing
from hsm_diagrams.life.graph import ABSENT, ADDED, CLEARED, DIRTY, INSIDE, REHYDRATED, WITHOUT_OUTPUT, life_graph
from hsm_model.amendments import amend
from hsm_specs.catalogue.requirements import load_catalogue


@pytest.fixture(scope="module")
def graph():
    return life_graph()


@pytest.fixture(scope="module")
def drawing(graph):
    return life_drawing(graph, "the tests")


def edges(graph, source, target, outcome="success"):
    return [data for a, b, data in graph.edges(data=True) if (a, b, data["outcome"]) == (source, target, outcome)]


def words(graph, source, target, outcome="success"):
    return {data["words"] for data in edges(graph, source, target, outcome)}


def test_a_node_is_absent_added_in_transition_dirty_cleared_and_rehydrated(graph):
    assert [ABSENT, ADDED, INSIDE, DIRTY, CLEARED, REHYDRATED] == list(graph)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (ABSENT, ADDED, "AddChild"),
        (ADDED, INSIDE, "MachineTransition"),
        (INSIDE, DIRTY, "the transition function succeeds"),
        (DIRTY, CLEARED, "ClearTransactionState"),
        (CLEARED, INSIDE, "MachineTransition"),
        (DIRTY, REHYDRATED, "saved and loaded again"),
        (REHYDRATED, INSIDE, "MachineTransition"),
    ],
)
def test_operations_lead_on(graph, source, target, said):
    assert {said} == words(graph, source, target)


@pytest.mark.parametrize("phase", [ADDED, DIRTY, CLEARED, REHYDRATED])
def test_a_function_that_fails_leads_back_to_where_the_node_was(graph, phase):
    failed = edges(graph, INSIDE, phase, "failed")
    ways = {"the transition function returns an error", "the transition function panics", "its data does not serialize"}
    assert ways == {data["words"] for data in failed}
    assert {phase} == {data["origin"] for data in failed}


def test_nothing_else_leads_out_of_a_transition_than_success_and_going_back(graph):
    successes = [target for _, target, data in graph.out_edges(INSIDE, data=True) if data["outcome"] == "success"]
    assert {DIRTY} == set(successes)


def test_a_function_sees_its_count_one_higher_and_the_node_as_dirty_as_before(graph):
    assert ["TransitionCount() +1", "Dirty() as before"] == graph.nodes[INSIDE]["saw"]


def test_boxes_have_what_was_answered_in_all_states_that_were_folded(graph):
    assert ([0], [False], [0]) == tuple(graph.nodes[ADDED][fact] for fact in ("counts", "dirty", "outputs"))
    assert [True] == graph.nodes[DIRTY]["dirty"]
    assert 0 not in graph.nodes[DIRTY]["outputs"]
    assert 0 not in graph.nodes[CLEARED]["counts"]


def test_every_execution_is_counted_once(graph):
    outcomes = sum(data["count"] for source, _, data in graph.edges(data=True) if source != INSIDE)
    assert graph.graph["executions"] == outcomes


def test_requirements_are_those_of_the_rules_that_had_a_part(graph):
    [adding] = edges(graph, ABSENT, ADDED)
    assert {"NODE-ADD-1", "DIRTY-TREE-3"} <= set(adding["requirements"])
    [clearing] = edges(graph, DIRTY, CLEARED)
    assert {name.rpartition("-")[0] for name in clearing["requirements"]} == {"CLEAR-TREE"}
    [again] = [data for data in edges(graph, ADDED, ADDED, "failed") if data["words"] == "AddChild again"]
    assert (["NODE-ADD-2", "COLL-ADD-2", "NODE-ADD-7"], ["ErrStateMachineAlreadyExists"]) == (
        again["requirements"],
        again["answers"],
    )


def test_all_requirements_are_in_the_catalogue(graph):
    named = {name for *_, data in graph.edges(data=True) for name in data["requirements"]}
    assert named <= load_catalogue().keys()


def test_an_amendment_shows_in_the_graph_that_is_made_with_it():
    amended = life_graph(amend(names=["add-child-dirties"]))
    assert {"AddChild"} == words(amended, ABSENT, WITHOUT_OUTPUT)
    assert ADDED not in amended


def test_the_graph_is_the_same_each_time(graph):
    assert node_link(graph) == node_link(life_graph())


def test_red_arrows_are_those_that_failed_and_nothing_else_is_red(graph, drawing):
    shown = [arrow for arrow in drawing.arrows if arrow.role is not Role.HIDDEN]
    for arrow in shown:
        outcome = "failed" if arrow.role is Role.FAILED else "success"
        assert edges(graph, arrow.source, arrow.target, outcome)
    assert [False, True] == sorted(arrow.to_group for arrow in shown if arrow.role is Role.FAILED)


def test_one_arrow_leads_from_all_phases_at_rest_into_a_transition_and_one_back(graph, drawing):
    resting = {box.key for box in drawing.boxes if box.group == REST}
    assert resting == {phase for phase in graph if edges(graph, INSIDE, phase, "failed")}
    assert resting == {phase for phase in graph if edges(graph, phase, INSIDE)}
    ends = [(arrow.from_group, arrow.to_group) for arrow in drawing.arrows if INSIDE in (arrow.source, arrow.target)]
    assert [(False, False), (False, True), (True, False)] == sorted(ends)


def test_ids_of_requirements_are_in_tooltips_and_on_arrows_if_that_is_asked_for(drawing):
    brief = drawing.without_ids()
    assert not [line for arrow in brief.arrows for line in arrow.lines if "-ADD-" in line.text]
    assert "NODE-ADD-1" in to_dot(brief, LIGHT)


def test_labels_have_the_operation_and_its_requirements(drawing):
    [adding] = [arrow for arrow in drawing.arrows if (arrow.source, arrow.target) == (ABSENT, ADDED)]
    assert "AddChild" == adding.lines[0].text
    assert "NODE-ADD-1" in " ".join(line.text for line in adding.lines)


def test_what_fails_whatever_the_node_is_is_said_once(drawing):
    [box] = [box for box in drawing.boxes if box.key == EVERYWHERE]
    said = " ".join(line.text for line in box.lines)
    assert "AddChild again" in said
    assert "MachineTransition inside one that fails" in said
    assert ["AddChild inside a function that fails"] == [
        arrow.hint.removesuffix(" fails and changes nothing")
        for arrow in drawing.arrows
        if arrow.source == arrow.target
    ]


def test_the_caption_says_from_what_it_was_made(graph, drawing):
    assert drawing.caption[0] == (
        f"Made from the model by the tests: {graph.graph['executions']} executions of 14 operations in all"
        " 20 states of one child under a root."
    )


def test_the_command_draws_it(cli):
    said = cli("diagram", "node", "--format", "json")
    assert 0 == said.code
    assert "life" == json.loads(said.out)["graph"]["kind"]


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["MT-COMMIT-3", "MT-COMMIT-1"], "MT-COMMIT-1, -3"),
        (
            [f"MT-ROLLBACK-{number}" for number in range(1, 13)],
            "MT-ROLLBACK-1\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}-12",
        ),
        (["NODE-ADD-2", "COLL-ADD-2"], "COLL-ADD-2; NODE-ADD-2"),
        (["A-B-1", "A-B-2", "A-B-5"], "A-B-1, -2, -5"),
        ([], ""),
    ],
)
def test_requirements_in_short_say_once_what_they_begin_with(names, short):
    assert short == in_short(names)
