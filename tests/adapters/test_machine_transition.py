"""Machine data and transitions that succeed."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("type_", [1, 2])
def test_data_is_of_the_class_of_its_type_alone(tree: Any, type_: int) -> None:
    tree("add_child", node=0, key=[type_, "a"], data=[3, 4], bind=1)
    assert {"error": "incompatible_type"} == tree("machine_data", node=1, cast="other")
    assert {"ok": [3, 4]} == tree("machine_data", node=1)
    assert {"error": "incompatible_type"} == tree("machine_transition", node=1, cast="other", script={}, machine=0)
    assert {"unbound": True} == tree("read_machine", machine=0)
    assert {"ok": 0} == tree("transition_count", node=1)
    assert {"ok": False} == tree("dirty", node=0)


def test_a_transition_that_succeeds_persists_counts_dirties_and_puts_out(tree: Any) -> None:
    script = {"ops": [tree.op("set_state", machine=0, state=9)], "tasks": [[1, 2, 3]]}
    assert {"ok": None, "inner": [{"ok": None}]} == tree("machine_transition", node=0, machine=0, script=script)
    assert {"ok": [1, "9:5", []]} == tree("export", node=0)
    assert {"ok": True} == tree("dirty", node=0)
    assert {"ok": [[[], [[[1, 2, 3]]]]]} == tree("outputs", node=0)


def test_the_function_sees_the_committed_data_and_the_count_already_raised(tree: Any) -> None:
    seen = [tree.op("read_machine", machine=0), tree.op("transition_count", node=0), tree.op("dirty", node=0)]
    observed = tree("machine_transition", node=0, machine=0, script={"ops": seen})
    assert [{"ok": [0, 5]}, {"ok": 1}, {"ok": False}] == observed["inner"]


def test_a_function_without_operations_has_no_inner_observations(tree: Any) -> None:
    assert {"ok": None} == tree("machine_transition", node=0, script={})


def test_an_error_inside_does_not_end_the_script(tree: Any) -> None:
    ops = [tree.op("add_child", node=0, key=[3, "a"], data=[0, 0]), tree.op("key", node=9), tree.op("key", node=0)]
    observed = tree("machine_transition", node=0, script={"ops": ops})
    assert {"ok": None, "inner": [{"error": "not_registered"}, {"unbound": True}, {"ok": [0, ""]}]} == observed


def test_nested_transitions_each_count_and_put_out_once(tree: Any) -> None:
    tree("add_child", node=0, key=[1, "a"], data=[0, 0], bind=1)
    inner = tree.op("machine_transition", node=1, script={"tasks": [[1, 1, 1]]})
    tree("machine_transition", node=0, script={"ops": [inner, inner], "tasks": [[1, 2, 1]]})
    assert {"ok": [1, "0:5", [[1, "a", [2, "0:0", []]]]]} == tree("export", node=0)
    assert {"ok": [[[], [[[1, 2, 1]]]], [[[1, "a"]], [[[1, 1, 1]], [[1, 1, 1]]]]]} == tree("outputs", node=0)


def test_nested_observations_stay_with_their_own_operation(tree: Any) -> None:
    innermost = tree.op("machine_transition", node=0, script={"ops": [tree.op("transition_count", node=0)]})
    observed = tree("machine_transition", node=0, script={"ops": [innermost, tree.op("key", node=0)]})
    assert {"ok": None, "inner": [{"ok": None, "inner": [{"ok": 2}]}, {"ok": [0, ""]}]} == observed


def test_a_machine_kept_after_the_transition_is_none_of_the_nodes(tree: Any) -> None:
    tree("machine_transition", node=0, machine=0, script={})
    tree("set_value", machine=0, value=99)
    assert {"ok": [0, 99]} == tree("read_machine", machine=0)
    assert {"ok": [0, 5]} == tree("machine_data", node=0)
