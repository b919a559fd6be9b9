"""Collections."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def collection(tree: Any) -> Any:
    """Return the root's collection of type 2 with the machine "a", node 1, next to a child of type 1."""
    tree("collection_add", node=0, type=2, id="a", data=[1, 2], bind=1)
    tree("add_child", node=0, key=[1, "a"], data=[3, 4], bind=2)
    return tree


def test_a_collection_has_the_type_it_was_made_with(collection: Any) -> None:
    assert {"ok": 2} == collection("collection_type", node=0, type=2)
    assert {"ok": 7} == collection("collection_type", node=0, type=7)


def test_what_is_added_is_a_child_of_the_collections_node_and_type(collection: Any) -> None:
    collection("child", node=0, path=[[2, "a"]], bind=5)
    assert {"ok": True} == collection("same", node=1, other=5)
    assert {"ok": [1, 2]} == collection("machine_data", node=1)


@pytest.mark.parametrize(
    ("type_", "id_", "data", "code"),
    [
        (2, "a", [0, 0], "state_machine_already_exists"),
        (3, "a", [0, 0], "not_registered"),
        (2, "z", [0, -1], "serialize_error"),
    ],
)
def test_adding_fails_as_adding_a_child_does(collection: Any, type_: int, id_: str, data: list[int], code: str) -> None:
    assert {"error": code} == collection("collection_add", node=0, type=type_, id=id_, data=data, bind=7)
    assert {"unbound": True} == collection("key", node=7)


def test_a_node_is_found_by_its_id(collection: Any) -> None:
    assert {"ok": None} == collection("collection_node", node=0, type=2, id="a", bind=5)
    assert {"ok": True} == collection("same", node=1, other=5)


@pytest.mark.parametrize(("type_", "code"), [(2, "state_machine_not_found"), (3, "not_registered")])
def test_what_is_not_there_is_an_error_for_every_question(collection: Any, type_: int, code: str) -> None:
    where = {"node": 0, "type": type_, "id": "z"}
    assert {"error": code} == collection("collection_node", **where)
    assert {"error": code} == collection("collection_data", **where)
    assert {"error": code} == collection("collection_transition", **where, script={})


def test_data_is_read_with_the_collections_class_alone(collection: Any) -> None:
    assert {"ok": [1, 2]} == collection("collection_data", node=0, type=2, id="a")
    assert {"error": "incompatible_type"} == collection("collection_data", node=0, type=2, id="a", cast="other")


def test_all_nodes_of_the_type_are_listed_and_no_others_also_when_rehydrated(collection: Any) -> None:
    collection("collection_add", node=0, type=2, id="b", data=[0, 0])
    collection("add_child", node=1, key=[2, "c"], data=[0, 0])
    assert {"ok": [[[2, "a"]], [[2, "b"]]]} == collection("collection_list", node=0, type=2)
    collection("rehydrate", node=0, type=1, data=[0, 0], bind=6)
    assert {"ok": [[[2, "a"]], [[2, "b"]]]} == collection("collection_list", node=6, type=2)
    assert {"ok": [[[2, "a"], [2, "c"]]]} == collection("collection_list", node=1, type=2)
    assert {"ok": []} == collection("collection_list", node=2, type=2)


def test_a_transition_by_id_is_the_machines(collection: Any) -> None:
    script = {"ops": [collection.op("set_state", machine=0, state=9)], "tasks": [[1, 1, 1]]}
    observed = collection("collection_transition", node=0, type=2, id="a", machine=0, script=script)
    assert {"ok": None, "inner": [{"ok": None}]} == observed
    assert {"ok": [1, "9:2", []]} == collection("export", node=1)
    assert {"ok": [[[[2, "a"]], [[[1, 1, 1]]]]]} == collection("outputs", node=0)


def test_a_transition_by_id_fails_and_is_undone_as_the_machines(collection: Any) -> None:
    before = collection("export", node=0)
    where = {"node": 0, "type": 2, "id": "a"}
    assert {"error": "incompatible_type"} == collection("collection_transition", **where, cast="other", script={})
    script = {"ops": [collection.op("collection_add", node=0, type=2, id="x", data=[0, 0])], "fail": "user_2"}
    observed = collection("collection_transition", **where, script=script)
    assert {"error": "user_2", "inner": [{"ok": None}]} == observed
    assert before == collection("export", node=0)
    assert {"ok": False} == collection("dirty", node=0)
