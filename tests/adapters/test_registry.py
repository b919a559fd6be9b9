"""Registries of machine definitions."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_new_registry_has_nothing(program: Any) -> None:
    program("new_registry")
    assert {"ok": None} == program("machine", type=1)
    assert {"ok": None} == program("task_serializer", type=1)


def test_the_definition_that_was_registered_is_found(registry: Any) -> None:
    assert {"ok": 12} == registry("machine", type=2)


def test_of_two_definitions_for_a_type_the_second_is_refused_and_the_first_stays(registry: Any) -> None:
    assert {"error": "duplicate_registration"} == registry("register_machine", type=1, tag=99)
    assert {"ok": 11} == registry("machine", type=1)


@pytest.mark.parametrize("type_", [0, -1, -(2**31), 2**31 - 1])
def test_any_number_is_a_type(registry: Any, type_: int) -> None:
    assert {"ok": None} == registry("register_machine", type=type_, tag=5)
    assert {"ok": 5} == registry("machine", type=type_)


def test_registries_share_nothing(registry: Any) -> None:
    registry("new_registry", registry=1)
    assert {"ok": None} == registry("machine", type=1, registry=1)
    assert {"ok": None} == registry("register_machine", type=1, tag=3, registry=1)
    assert {"ok": 11} == registry("machine", type=1)


def test_machines_serializers_and_executors_are_numbered_independently(registry: Any) -> None:
    assert {"ok": None} == registry("register_task_serializer", type=1, tag=21)
    assert {"ok": None} == registry("register_executor", type=1, tag=31)
    assert {"ok": 11} == registry("machine", type=1)


def test_a_new_registry_replaces_the_one_of_its_handle(registry: Any) -> None:
    registry("new_registry")
    assert {"ok": None} == registry("machine", type=1)


def test_a_type_registered_after_the_root_was_made_is_known_in_its_tree(tree: Any) -> None:
    assert {"error": "not_registered"} == tree("add_child", node=0, key=[3, "a"], data=[0, 0])
    tree("register_machine", type=3)
    assert {"ok": None} == tree("add_child", node=0, key=[3, "a"], data=[0, 0])


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("register_machine", {"type": 1}),
        ("machine", {"type": 1}),
        ("register_task_serializer", {"type": 1}),
        ("task_serializer", {"type": 1}),
        ("serialize_task", {"task": [1, 1, 1]}),
        ("deserialize_task", {"type": 1, "data": "1", "kind": 1}),
        ("register_executor", {"type": 1}),
        ("execute", {"task": [1, 1, 1], "ref": {"path": []}, "node": 0}),
        ("new_root", {"type": 1, "data": [0, 0], "bind": 1}),
    ],
)
def test_what_names_an_unbound_registry_is_not_run(tree: Any, name: str, members: dict[str, Any]) -> None:
    assert {"unbound": True} == tree(name, registry=9, **members)
