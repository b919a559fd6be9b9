"""Task serializers, kinds, and regeneration."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def serializers(registry: Any) -> Any:
    """Return a registry with serializers for a timer's tasks, type 1, and for outbound ones, type 2."""
    registry("register_task_serializer", type=1, tag=21)
    registry("register_task_serializer", type=2, tag=22)
    return registry


def test_the_serializer_that_was_registered_is_found(serializers: Any) -> None:
    assert {"ok": 22} == serializers("task_serializer", type=2)


def test_of_two_serializers_for_a_type_the_second_is_refused_and_the_first_stays(serializers: Any) -> None:
    assert {"error": "duplicate_registration"} == serializers("register_task_serializer", type=1, tag=9)
    assert {"ok": 21} == serializers("task_serializer", type=1)


def test_a_task_serializes_to_its_payload(serializers: Any) -> None:
    assert {"ok": "-7"} == serializers("serialize_task", task=[1, -7, 1000])


@pytest.mark.parametrize(("type_", "kind"), [(1, 0), (1, 1000), (2, "dest"), (2, "")])
def test_a_task_deserializes_with_the_kind_that_its_type_has(serializers: Any, type_: int, kind: int | str) -> None:
    assert {"ok": [type_, -7, kind]} == serializers("deserialize_task", type=type_, data="-7", kind=kind)


@pytest.mark.parametrize(("type_", "kind"), [(1, "dest"), (2, 1000)])
def test_the_kind_of_another_type_is_invalid_whatever_the_data(serializers: Any, type_: int, kind: int | str) -> None:
    for data in ("-7", "junk"):
        assert {"error": "invalid_task_kind"} == serializers("deserialize_task", type=type_, data=data, kind=kind)


@pytest.mark.parametrize("data", ["", "junk", "1 ", "1:2", "é"])
def test_malformed_data_of_a_task_does_not_deserialize(serializers: Any, data: str) -> None:
    assert {"error": "deserialize_error"} == serializers("deserialize_task", type=1, data=data, kind=0)


def test_without_a_serializer_there_is_nothing_to_answer(serializers: Any) -> None:
    assert {"ok": None} == serializers("serialize_task", task=[3, 1, 1])
    assert {"ok": None} == serializers("deserialize_task", type=3, data="1", kind=1)


@pytest.mark.parametrize(("state", "tasks"), [(0, []), (1, [[1, 8, 1000]]), (2, [[2, 8, "dest"]]), (3, [])])
def test_the_tasks_of_a_machine_depend_on_its_state(program: Any, state: int, tasks: list[Any]) -> None:
    program("state_machine", machine=0, data=[state, 8])
    assert {"ok": tasks} == program("regenerate_tasks", machine=0)


def test_a_path_of_a_ref_is_answered_key_by_key(program: Any) -> None:
    path = [[2, "b"], [1, "a"], [2, "b"]]
    assert {"ok": path} == program("state_machine_path", ref={"path": path})
    assert {"ok": []} == program("state_machine_path", ref={"path": []})
