"""Making, adding and finding nodes."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def family(tree: Any) -> Any:
    """Return a tree with a child of the root, node 1, and a grandchild, node 2."""
    tree("add_child", node=0, key=[1, "a"], data=[1, 1], bind=1)
    tree("add_child", node=1, key=[2, "b"], data=[2, 2], bind=2)
    return tree


def test_a_root_has_its_data_no_parent_and_the_empty_key(tree: Any) -> None:
    assert {"ok": [0, 5]} == tree("machine_data", node=0)
    assert {"ok": [0, ""]} == tree("key", node=0)
    assert {"ok": False} == tree("parent", node=0, bind=5)
    assert {"unbound": True} == tree("key", node=5)
    assert {"ok": []} == tree("path", node=0)
    assert {"ok": 0} == tree("transition_count", node=0)


@pytest.mark.parametrize("data", [[0, 0], [0, -1]])
def test_a_root_of_an_unregistered_type_is_refused_before_its_data_is_looked_at(tree: Any, data: list[int]) -> None:
    assert {"error": "not_registered"} == tree("new_root", type=3, data=data, bind=7)
    assert {"unbound": True} == tree("key", node=7)


def test_a_root_whose_data_does_not_serialize_is_refused(tree: Any) -> None:
    assert {"error": "serialize_error"} == tree("new_root", type=1, data=[0, -1], bind=7)
    assert {"unbound": True} == tree("key", node=7)


def test_a_child_has_its_key_its_parent_its_path_its_data_and_no_transitions(family: Any) -> None:
    assert {"ok": [2, "b"]} == family("key", node=2)
    assert {"ok": True} == family("parent", node=2, bind=5)
    assert {"ok": True} == family("same", node=5, other=1)
    assert {"ok": [[1, "a"], [2, "b"]]} == family("path", node=2)
    assert {"ok": [2, 2]} == family("machine_data", node=2)
    assert {"ok": 0} == family("transition_count", node=2)


def test_a_key_is_type_and_id_under_one_parent(family: Any) -> None:
    assert {"error": "state_machine_already_exists"} == family("add_child", node=0, key=[1, "a"], data=[0, 0])
    assert {"ok": None} == family("add_child", node=0, key=[2, "a"], data=[0, 0])
    assert {"ok": None} == family("add_child", node=1, key=[1, "a"], data=[0, 0])


@pytest.mark.parametrize(
    ("key", "data", "code"),
    [
        ([1, "a"], [0, -1], "state_machine_already_exists"),
        ([3, "z"], [0, -1], "not_registered"),
        ([1, "z"], [0, -1], "serialize_error"),
    ],
)
def test_the_checks_of_a_new_child_have_an_order_and_leave_no_trace(
    family: Any, key: list[Any], data: list[int], code: str
) -> None:
    before = family("export", node=0)
    assert {"error": code} == family("add_child", node=0, key=key, data=data, bind=7)
    assert {"unbound": True} == family("key", node=7)
    assert before == family("export", node=0)
    assert {"ok": False} == family("dirty", node=0)


def test_a_lookup_finds_the_identical_node_each_time(family: Any) -> None:
    assert {"ok": None} == family("child", node=0, path=[[1, "a"], [2, "b"]], bind=5)
    assert {"ok": True} == family("same", node=5, other=2)
    assert {"ok": False} == family("same", node=5, other=1)


def test_the_empty_path_leads_to_the_node_itself(family: Any) -> None:
    family("child", node=1, path=[], bind=5)
    assert {"ok": True} == family("same", node=5, other=1)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ([[1, "z"]], "state_machine_not_found"),
        ([[2, "a"]], "state_machine_not_found"),
        ([[3, "z"]], "not_registered"),
        ([[1, "z"], [3, "z"]], "state_machine_not_found"),
        ([[1, "a"], [3, "z"], [1, "z"]], "not_registered"),
    ],
)
def test_a_lookup_answers_the_error_of_the_first_level_that_fails(family: Any, path: list[Any], code: str) -> None:
    before = family("export", node=0)
    assert {"error": code} == family("child", node=0, path=path, bind=7)
    assert {"unbound": True} == family("key", node=7)
    assert before == family("export", node=0)


def test_a_lookup_does_not_deserialize(tree: Any) -> None:
    tree("add_child", node=0, key=[1, "a"], data=[0, -2])
    tree("rehydrate", node=0, type=1, data=[0, 0], bind=1)
    assert {"ok": None} == tree("child", node=1, path=[[1, "a"]], bind=2)
    assert {"error": "deserialize_error"} == tree("machine_data", node=2)


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("add_child", {"key": [1, "a"], "data": [0, 0]}),
        ("child", {"path": []}),
        ("key", {}),
        ("parent", {}),
        ("same", {"other": 0}),
        ("path", {}),
        ("transition_count", {}),
        ("dirty", {}),
        ("outputs", {}),
        ("clear", {}),
        ("export", {}),
        ("rehydrate", {"type": 1, "data": [0, 0], "bind": 1}),
        ("machine_data", {}),
        ("machine_transition", {"script": {}}),
        ("collection_type", {"type": 1}),
        ("collection_add", {"type": 1, "id": "a", "data": [0, 0]}),
        ("collection_node", {"type": 1, "id": "a"}),
        ("collection_data", {"type": 1, "id": "a"}),
        ("collection_list", {"type": 1}),
        ("collection_transition", {"type": 1, "id": "a", "script": {}}),
        ("execute", {"task": [1, 1, 1], "ref": {"path": []}}),
    ],
)
def test_what_names_an_unbound_node_is_not_run(tree: Any, name: str, members: dict[str, Any]) -> None:
    assert {"unbound": True} == tree(name, node=9, **members)


def test_a_second_node_that_is_unbound_matters_too(tree: Any) -> None:
    assert {"unbound": True} == tree("same", node=0, other=9)
