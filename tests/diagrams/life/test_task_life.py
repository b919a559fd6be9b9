"""The life of a task is what came of trying everything that can happen to it."""

from __future__ import annotations

import pytest

from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.life.task import (
    ABSENT,
    ASKED,
    DONE,
    DROPPED,
    DUE,
    ORDER,
    REGENERATED,
    RUNNING,
    STALE,
    STORED,
    STUCK,
    WAITING,
    task_graph,
    task_steps,
)
from hsm_diagrams.life.task_drawing import task_drawing, task_picture
from hsm_diagrams.life.task_trials import Kind, Move, Outcome
from hsm_model.framework.amendments import FRAMEWORK_AMENDMENTS, V1_25_1, amend_framework
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError


@pytest.fixture(scope="module")
def graph():
    return task_graph()


@pytest.fixture(scope="module")
def amended():
    return task_graph(amend_framework(names=V1_25_1))


def words(graph, source, target, outcome="success"):
    found = [(a, b, data) for a, b, data in graph.edges(data=True) if data["outcome"] == outcome]
    return {data["words"] for a, b, data in found if (a, b) == (source, target)}


def test_its_phases_are_all_but_stuck_in_their_order(graph):
    assert [phase for phase in ORDER if phase != STUCK] == list(graph)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (ABSENT, ASKED, {"a transition function puts it out"}),
        (ASKED, STORED, {"the access is committed"}),
        (ASKED, WAITING, {"the access is committed"}),
        (ASKED, DROPPED, {"superseded in the same access"}),
        (WAITING, DUE, {"its time comes"}),
        (DUE, RUNNING, {"delivered"}),
        (STORED, RUNNING, {"delivered"}),
        (RUNNING, DONE, {"the executor succeeds", "the executor returns NotFound"}),
        (STORED, REGENERATED, {"refresh"}),
        (REGENERATED, STORED, {"stored in its place"}),
        (WAITING, WAITING, {"delivered early", "the cell restarts"}),
        (STALE, DROPPED, {"delivered", "refresh"}),
    ],
)
def test_what_happens_leads_on(graph, source, target, said):
    assert said == words(graph, source, target)


def test_what_fails_before_the_write_leaves_no_task(graph):
    failed = {"the transition function fails", "the accessor fails", "the store refuses the write", "the write is lost"}
    assert failed == words(graph, ASKED, ABSENT, "failed")


def test_a_task_is_stored_where_only_the_answer_of_the_store_is_lost(graph):
    assert {"only the answer is lost"} == words(graph, ASKED, STORED, "failed")


def test_an_executor_that_committed_before_it_failed_leaves_a_stale_outbound_task(graph):
    assert {Outcome.FAILS_LATER.value} == words(graph, RUNNING, STALE, "failed")
    assert Outcome.FAILS_LATER.value in words(graph, RUNNING, DUE, "failed")


def test_no_executor_is_called_for_a_stale_a_finished_or_an_early_task(graph):
    assert {STORED, DUE} == {source for source, _ in graph.in_edges(RUNNING)}


def test_what_is_done_is_never_done_again(graph):
    assert {DONE} == set(graph.successors(DONE))
    assert set() == set(graph.successors(DROPPED))


@pytest.mark.parametrize("kind", Kind)
def test_every_stored_task_ends_done_or_dropped_if_it_is_delivered_in_time(kind):
    after = {}
    for step in task_steps(kind):
        if step.trial in (Outcome.SUCCEEDS, Move.TIME):
            after.setdefault(step.source.phase, set()).update(target.phase for target in step.targets)
    reached = {STORED} if kind is Kind.OUTBOUND else {WAITING}
    for _ in range(3):
        reached |= {target for phase in reached for target in after.get(phase, ())}
    assert {DONE} == {phase for phase in reached if phase not in (STORED, WAITING, DUE)}


def test_timers_of_v1_25_1_can_be_stuck(amended):
    assert STUCK in amended
    assert {"delivered: no executor"} == words(amended, DUE, STUCK, "failed")


def test_requirements_are_those_of_the_rules_that_had_a_part(graph):
    named = {name for *_, data in graph.edges(data=True) for name in data["requirements"]}
    assert {"COMMIT-ATOMIC-1", "REF-COUNT-1", "TIMER-ONCE-1", "REFRESH-TASKS-1"} <= named
    assert named <= {entry.id for entry in load_catalogue().values()}
    [stored] = [data for *_, data in graph.out_edges(ASKED, data=True) if data["words"] == "the access is committed"][
        :1
    ]
    assert "COMMIT-ATOMIC-1" in stored["requirements"]


def test_red_arrows_are_those_of_failures_and_captions_say_what_changes_nothing(graph):
    drawing = task_drawing(graph, "the tests", "")
    red = {(arrow.source, arrow.target) for arrow in drawing.arrows if arrow.role is Role.FAILED}
    assert {(ASKED, ABSENT), (RUNNING, STORED), (RUNNING, DUE), (STORED, DROPPED)} <= red
    assert (STALE, DROPPED) not in red
    assert "the cell restarts" in drawing.caption[1]


def test_the_picture_names_what_it_is_drawn_under():
    assert "The life of a task" == task_picture().drawing.title
    amendment = next(iter(FRAMEWORK_AMENDMENTS))
    assert amendment in task_picture(amendment).drawing.title


def test_a_machine_is_no_rules_to_draw_under():
    with pytest.raises(InputError, match="`callback` is a machine"):
        task_picture("callback")
