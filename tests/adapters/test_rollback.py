"""A failed transition leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

FAILURES = [
    ({"fail": "user_1"}, {"error": "user_1"}),
    ({"fail": "user_2"}, {"error": "user_2"}),
    ({"fail": "panic"}, {"panic": "panic"}),
    ({"value": -1}, {"error": "serialize_error"}),
]
"""Ways to fail: a script's end, or a value that does not serialize; and what the transition then answers."""


@pytest.fixture
def family(tree: Any) -> Any:
    """Return a root with the children 1 and 2, of which each has an output."""
    tree("add_child", node=0, key=[1, "a"], data=[1, 1], bind=1)
    tree("add_child", node=0, key=[2, "b"], data=[2, 2], bind=2)
    for node in (0, 1, 2):
        tree("machine_transition", node=node, script={"tasks": [[1, node, 1]]})
    return tree


def state_of(program: Any) -> Any:
    return [program(name, node=0) for name in ("export", "outputs", "dirty")]


def fails(program: Any, how: dict[str, Any], *ops: dict[str, Any], node: int = 1) -> Any:
    """Add a transition of the node that runs the operations and then fails."""
    spoil = [program.op("set_value", machine=0, value=how["value"])] if "value" in how else []
    script = {"ops": [*ops, *spoil], "fail": how.get("fail"), "tasks": [[1, 9, 9]]}
    observed = program("machine_transition", node=node, machine=0, script=script)
    observed.pop("inner", None)
    return observed


@pytest.mark.parametrize(("how", "outcome"), FAILURES)
def test_a_failure_is_answered_and_the_nodes_own_change_is_undone(
    family: Any, how: dict[str, Any], outcome: dict[str, str]
) -> None:
    before = state_of(family)
    assert outcome == fails(family, how, family.op("set_state", machine=0, state=8))
    assert before == state_of(family)


@pytest.mark.parametrize(("how", "outcome"), FAILURES)
def test_everything_done_in_the_tree_is_undone(family: Any, how: dict[str, Any], outcome: dict[str, str]) -> None:
    before = state_of(family)
    nested = family.op("machine_transition", node=2, script={"ops": [family.op("clear", node=0)]})
    done = [
        family.op("add_child", node=2, key=[1, "x"], data=[0, 0], bind=3),
        family.op("machine_transition", node=3, script={}),
        nested,
        family.op(
            "machine_transition", node=1, machine=1, script={"ops": [family.op("set_value", machine=1, value=7)]}
        ),
        family.op("collection_add", node=3, type=2, id="y", data=[0, 0]),
        family.op("clear", node=0),
    ]
    assert outcome == fails(family, how, *done)
    assert before == state_of(family)
    assert {"error": "state_machine_not_found"} == family("child", node=2, path=[[1, "x"]])


def test_a_failed_transition_of_a_clean_tree_leaves_it_clean(tree: Any) -> None:
    tree("add_child", node=0, key=[1, "a"], data=[1, 1], bind=1)
    fails(tree, {"fail": "user_1"}, tree.op("machine_transition", node=0, script={}))
    assert {"ok": False} == tree("dirty", node=0)


def test_nodes_known_before_stay_the_identical_nodes(family: Any) -> None:
    fails(family, {"fail": "user_1"}, family.op("machine_transition", node=2, script={}))
    family("child", node=0, path=[[2, "b"]], bind=5)
    assert {"ok": True} == family("same", node=5, other=2)
    assert {"ok": None} == family("machine_transition", node=2, script={})
    assert {"ok": 2} == family("transition_count", node=5)


def test_a_key_whose_child_was_undone_is_free_again(family: Any) -> None:
    fails(family, {"fail": "panic"}, family.op("add_child", node=0, key=[1, "x"], data=[0, 0]))
    assert {"ok": None} == family("add_child", node=0, key=[1, "x"], data=[3, 3], bind=4)
    assert {"ok": [3, 3]} == family("machine_data", node=4)


def test_an_inner_failure_is_undone_where_the_outer_transition_succeeds(family: Any) -> None:
    spoiled = [
        family.op("set_value", machine=1, value=77),
        family.op("add_child", node=2, key=[1, "x"], data=[0, 0]),
        family.op("machine_transition", node=2, script={}),
    ]
    inner = family.op("machine_transition", node=1, machine=1, script={"ops": spoiled, "fail": "user_1"})
    kept = family.op("add_child", node=1, key=[1, "kept"], data=[0, 0])
    assert "ok" in family("machine_transition", node=1, script={"ops": [kept, inner], "tasks": [[1, 4, 1]]})
    assert {"ok": [2, "1:1", [[1, "kept", [0, "0:0", []]]]]} == family("export", node=1)
    assert {"ok": [1, "2:2", []]} == family("export", node=2)
    assert {"ok": [[[[1, "a"]], [[[1, 1, 1]], [[1, 4, 1]]]]]} == family("outputs", node=1)


def test_an_outer_failure_undoes_inner_success_and_inner_failure(family: Any) -> None:
    before = state_of(family)
    good = family.op("machine_transition", node=1, script={})
    bad = family.op("machine_transition", node=1, script={"ops": [good], "fail": "user_2"})
    fails(family, {"fail": "user_1"}, good, bad, good)
    assert before == state_of(family)


def test_a_panic_deep_inside_goes_through_every_function_and_undoes_all(family: Any) -> None:
    before = state_of(family)
    deep = family.op("machine_transition", node=2, script={"fail": "panic"})
    middle = family.op("machine_transition", node=1, script={"ops": [deep, family.op("key", node=0)]})
    observed = family("machine_transition", node=0, script={"ops": [middle]})
    assert {"panic": "panic", "inner": [{"panic": "panic", "inner": [{"panic": "panic"}]}]} == observed
    assert before == state_of(family)


def test_data_kept_from_a_failed_function_is_decoupled(family: Any) -> None:
    fails(family, {"fail": "user_1"})
    family("set_value", machine=0, value=55)
    assert {"ok": [1, 1]} == family("machine_data", node=1)
    assert {"ok": None} == family("machine_transition", node=1, script={})
    assert {"ok": [1, 1]} == family("machine_data", node=1)


def test_another_tree_keeps_what_was_done_to_it(family: Any) -> None:
    family("new_root", type=1, data=[0, 0], bind=8)
    fails(family, {"fail": "user_1"}, family.op("machine_transition", node=8, script={}))
    assert {"ok": 1} == family("transition_count", node=8)


def test_the_next_transition_after_a_failure_is_as_if_there_had_been_none(family: Any) -> None:
    fails(family, {"fail": "user_1"}, node=0)
    assert {"ok": None} == family("machine_transition", node=0, script={})
    assert {"error": "user_1"} == fails(family, {"fail": "user_1"}, node=0)
    assert {"ok": 2} == family("transition_count", node=0)
