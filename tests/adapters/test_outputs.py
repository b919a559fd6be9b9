"""Outputs, dirtiness and clearing."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def family(tree: Any) -> Any:
    """Return a clean root with a child, node 1, a grandchild, node 2, and a second child, node 3."""
    tree("add_child", node=0, key=[1, "a"], data=[0, 0], bind=1)
    tree("add_child", node=1, key=[2, "b"], data=[0, 0], bind=2)
    tree("add_child", node=0, key=[1, "c"], data=[0, 0], bind=3)
    return tree


def test_adding_children_neither_dirties_nor_puts_out(family: Any) -> None:
    assert {"ok": False} == family("dirty", node=0)
    assert {"ok": []} == family("outputs", node=0)


def test_a_node_is_dirty_by_itself_and_by_its_descendants_alone(family: Any) -> None:
    family("machine_transition", node=2, script={})
    assert [True, True, True, False] == [family("dirty", node=node)["ok"] for node in range(4)]
    family("clear", node=0)
    family("machine_transition", node=0, script={})
    assert [True, False, False, False] == [family("dirty", node=node)["ok"] for node in range(4)]


def test_a_transition_without_tasks_has_an_output_too(family: Any) -> None:
    family("machine_transition", node=2, script={})
    assert {"ok": [[[[1, "a"], [2, "b"]], [[]]]]} == family("outputs", node=2)


def test_outputs_are_ordered_by_path_and_within_a_node_by_time(family: Any) -> None:
    for payload, node in enumerate((3, 2, 0, 3)):
        family("machine_transition", node=node, script={"tasks": [[1, payload, 1], [2, payload, "d"]]})
    expected = [
        [[], [[[1, 2, 1], [2, 2, "d"]]]],
        [[[1, "a"], [2, "b"]], [[[1, 1, 1], [2, 1, "d"]]]],
        [[[1, "c"]], [[[1, 0, 1], [2, 0, "d"]], [[1, 3, 1], [2, 3, "d"]]]],
    ]
    assert {"ok": expected} == family("outputs", node=0)


def test_outputs_of_a_subtree_have_paths_from_the_root_and_no_others(family: Any) -> None:
    for node in range(4):
        family("machine_transition", node=node, script={})
    assert [[[1, "a"]], [[1, "a"], [2, "b"]]] == [path for path, _ in family("outputs", node=1)["ok"]]


def test_clearing_reaches_every_depth_of_the_subtree_and_nothing_beside_it(family: Any) -> None:
    for node in range(4):
        family("machine_transition", node=node, script={})
    before = family("export", node=0)
    assert {"ok": None} == family("clear", node=1)
    assert [[], [[1, "c"]]] == [path for path, _ in family("outputs", node=0)["ok"]]
    assert [True, False, False, True] == [family("dirty", node=node)["ok"] for node in range(4)]
    assert before == family("export", node=0)


def test_after_clearing_only_later_outputs_are_there(family: Any) -> None:
    family("machine_transition", node=2, script={"tasks": [[1, 1, 1]]})
    family("clear", node=0)
    family("machine_transition", node=2, script={"tasks": [[1, 2, 1]]})
    assert {"ok": [[[[1, "a"], [2, "b"]], [[[1, 2, 1]]]]]} == family("outputs", node=0)
    assert {"ok": 2} == family("transition_count", node=2)
