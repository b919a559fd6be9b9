"""Executors and their environment."""

from __future__ import annotations

from typing import Any

import pytest

REF = {"path": [[1, "a"]], "workflow": ["ns", "wf", "run"], "version": 3, "count": 4}
SEEN = {"ok": [31, 500, [1, 7, 1000], [["ns", "wf", "run"], [[1, "a"]], 3, 4]]}
EXECUTE = {"task": [1, 7, 1000], "ref": REF, "node": 0, "now": 500}


@pytest.fixture
def child(tree: Any) -> Any:
    """Return a tree with the child that the ref names, node 1."""
    tree("add_child", node=0, key=[1, "a"], data=[1, 1], bind=1)
    return tree


def test_an_executor_is_called_once_with_environment_ref_and_task(child: Any) -> None:
    child("register_executor", type=1, tag=31)
    assert {"ok": None, "inner": [SEEN]} == child("execute", **EXECUTE)


def test_what_a_program_leaves_out_has_its_default(child: Any) -> None:
    child("register_executor", type=1)
    observed = child("execute", task=[1, 7, 1000], ref={"path": []}, node=0)
    assert [{"ok": [0, 0, [1, 7, 1000], [["n", "w", "r"], [], 0, 0]]}] == observed["inner"]


def test_without_an_executor_for_the_type_of_the_task_nothing_runs(child: Any) -> None:
    child("register_executor", type=2)
    assert {"error": "not_registered"} == child("execute", **EXECUTE)


def test_of_two_executors_for_a_type_the_second_is_refused_and_the_first_stays(child: Any) -> None:
    child("register_executor", type=1, tag=31)
    assert {"error": "duplicate_registration"} == child("register_executor", type=1, tag=32)
    assert [SEEN] == child("execute", **EXECUTE)["inner"]


@pytest.mark.parametrize(("fail", "outcome"), [("user_1", {"error": "user_1"}), ("panic", {"panic": "panic"})])
def test_how_an_executor_ends_is_how_execute_ends(child: Any, fail: str, outcome: dict[str, str]) -> None:
    child("register_executor", type=1, tag=31, script={"ops": [child.op("clear", node=0)], "fail": fail})
    assert {**outcome, "inner": [SEEN]} == child("execute", **EXECUTE)


@pytest.mark.parametrize("access", ["read", "write"])
def test_an_accessor_is_given_the_node_that_the_ref_names(child: Any, access: str) -> None:
    script = {"ops": [child.op("same", node=1, other=9), child.op("machine_transition", node=9, script={})]}
    child("register_executor", type=1, tag=31, access=access, bind=9, script=script)
    observed = child("execute", **EXECUTE)
    assert {"ok": None, "inner": [SEEN, {"ok": access}, {"ok": True}, {"ok": None}]} == observed
    assert {"ok": 1} == child("transition_count", node=1)


def test_an_accessors_error_comes_back_and_undoes_nothing(child: Any) -> None:
    script = {"ops": [child.op("machine_transition", node=1, script={})], "fail": "user_2"}
    child("register_executor", type=1, tag=31, access="write", script=script)
    assert "user_2" == child("execute", **EXECUTE)["error"]
    assert {"ok": 1} == child("transition_count", node=1)


def test_a_ref_that_leads_nowhere_is_the_environments_error(child: Any) -> None:
    child("register_executor", type=1, tag=31, access="read", bind=9, script={"ops": [child.op("key", node=9)]})
    observed = child("execute", **{**EXECUTE, "ref": {**REF, "path": [[1, "z"]]}})
    assert "state_machine_not_found" == observed["error"]
    assert {"ok": "read"} == observed["inner"][1]
    assert 2 == len(observed["inner"])
    assert {"unbound": True} == child("key", node=9)


def test_a_task_can_be_executed_inside_a_function_and_is_undone_with_it(child: Any) -> None:
    script = {"ops": [child.op("machine_transition", node=1, script={})]}
    child("register_executor", type=1, tag=31, access="write", script=script)
    inside = {"ops": [child.op("execute", **EXECUTE)], "fail": "user_1"}
    observed = child("machine_transition", node=0, script=inside)
    assert [{"ok": None, "inner": [SEEN, {"ok": "write"}, {"ok": None}]}] == observed["inner"]
    assert {"ok": 0} == child("transition_count", node=1)
