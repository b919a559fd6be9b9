"""The persisted form, and trees that are made of it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def copy(tree: Any) -> Any:
    """Return a tree with two levels and a transition, and a second root, node 5, that was rehydrated from it."""
    tree("add_child", node=0, key=[1, "a"], data=[1, 1], bind=1)
    tree("add_child", node=1, key=[2, "b"], data=[2, 2], bind=2)
    tree("machine_transition", node=2, script={"tasks": [[1, 1, 1]]})
    tree("rehydrate", node=0, type=2, data=[7, 7], bind=5)
    return tree


def test_children_are_exported_by_type_and_then_by_the_bytes_of_their_id(tree: Any) -> None:
    for type_, id_ in ([2, "a"], [1, "\U0001f600"], [1, "\uffff"], [1, "b"], [1, "B"], [1, ""]):
        tree("add_child", node=0, key=[type_, id_], data=[0, 0])
    _count, _data, children = tree("export", node=0)["ok"]
    expected = [[1, ""], [1, "B"], [1, "b"], [1, "\uffff"], [1, "\U0001f600"], [2, "a"]]
    assert expected == [child[:2] for child in children]


def test_a_rehydrated_tree_has_the_children_at_every_depth_under_a_new_root(copy: Any) -> None:
    assert {"ok": [0, "7:7", [[1, "a", [0, "1:1", [[2, "b", [1, "2:2", []]]]]]]]} == copy("export", node=5)
    copy("child", node=5, path=[[1, "a"], [2, "b"]], bind=6)
    assert {"ok": 1} == copy("transition_count", node=6)
    assert {"ok": [2, 2]} == copy("machine_data", node=6)
    assert {"ok": [[1, "a"], [2, "b"]]} == copy("path", node=6)


def test_a_rehydrated_tree_is_clean(copy: Any) -> None:
    assert {"ok": True} == copy("dirty", node=0)
    assert {"ok": False} == copy("dirty", node=5)
    assert {"ok": []} == copy("outputs", node=5)


def test_a_rehydrated_tree_shares_nothing_with_the_old_one(copy: Any) -> None:
    old = copy("export", node=0)
    copy("child", node=5, path=[[1, "a"], [2, "b"]], bind=6)
    copy("machine_transition", node=6, script={})
    copy("add_child", node=6, key=[1, "c"], data=[0, 0])
    assert old == copy("export", node=0)
    assert {"ok": [[[[1, "a"], [2, "b"]], [[[1, 1, 1]]]]]} == copy("outputs", node=0)


def test_children_can_be_added_under_a_rehydrated_leaf(copy: Any) -> None:
    copy("child", node=5, path=[[1, "a"], [2, "b"]], bind=6)
    assert {"ok": None} == copy("add_child", node=6, key=[2, "c"], data=[0, 0])


def test_a_rehydrated_key_exists(copy: Any) -> None:
    assert {"error": "state_machine_already_exists"} == copy("add_child", node=5, key=[1, "a"], data=[0, 0])


def test_a_rehydrated_node_of_an_unregistered_type_is_not_registered(copy: Any) -> None:
    copy("new_registry", registry=1)
    copy("register_machine", registry=1, type=2)
    copy("rehydrate", registry=1, node=0, type=2, data=[0, 0], bind=6)
    assert {"error": "not_registered"} == copy("child", node=6, path=[[1, "a"]])
    copy("register_machine", registry=1, type=1)
    assert {"ok": None} == copy("child", node=6, path=[[1, "a"]])


def test_data_that_does_not_deserialize_is_said_before_a_wrong_cast(copy: Any) -> None:
    copy("add_child", node=0, key=[1, "z"], data=[0, -2])
    copy("rehydrate", node=0, type=1, data=[0, 0], bind=6)
    copy("child", node=6, path=[[1, "z"]], bind=7)
    for cast in ("own", "other"):
        assert {"error": "deserialize_error"} == copy("machine_data", node=7, cast=cast)
        assert {"error": "deserialize_error"} == copy("machine_transition", node=7, cast=cast, script={})
    assert {"ok": 0} == copy("transition_count", node=7)


def test_a_root_that_cannot_be_made_binds_nothing(copy: Any) -> None:
    assert {"error": "not_registered"} == copy("rehydrate", node=0, type=3, data=[0, 0], bind=8)
    assert {"error": "serialize_error"} == copy("rehydrate", node=0, type=1, data=[0, -1], bind=8)
    assert {"unbound": True} == copy("key", node=8)
