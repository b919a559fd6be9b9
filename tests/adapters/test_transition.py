"""Transitions of a machine that is in no tree."""

from __future__ import annotations

from typing import Any

import pytest

TO_3 = {"sources": [1, 2], "destination": 3}


@pytest.fixture
def machine(program: Any) -> Any:
    """Return a program with a machine, 0, in state 1."""
    program("state_machine", machine=0, data=[1, 5])
    return program


def test_a_machine_has_the_state_and_the_value_that_were_set(machine: Any) -> None:
    assert {"ok": None} == machine("set_state", machine=0, state=4)
    assert {"ok": None} == machine("set_value", machine=0, value=-1)
    assert {"ok": [4, -1]} == machine("read_machine", machine=0)


@pytest.mark.parametrize(("state", "possible"), [(1, True), (2, True), (3, False), (0, False)])
def test_a_transition_is_possible_from_its_sources_alone(machine: Any, state: int, possible: bool) -> None:
    machine("set_state", machine=0, state=state)
    assert {"ok": possible} == machine("possible", machine=0, transition=TO_3)
    assert {"ok": [state, 5]} == machine("read_machine", machine=0)


def test_a_transition_without_sources_is_never_possible(machine: Any) -> None:
    assert {"ok": False} == machine("possible", machine=0, transition={"sources": [], "destination": 1})


def test_the_function_sees_the_event_and_the_machine_in_its_destination(machine: Any) -> None:
    script = {"ops": [machine.op("read_machine", machine=0)], "tasks": [[1, 2, 3], [2, 0, "d"]]}
    applied = machine("apply", machine=0, transition=TO_3, event=8, script=script)
    assert {"ok": [[1, 2, 3], [2, 0, "d"]], "inner": [{"ok": [3, 5, 8]}, {"ok": [3, 5]}]} == applied
    assert {"ok": [3, 5]} == machine("read_machine", machine=0)


def test_an_impossible_transition_does_not_call_the_function(machine: Any) -> None:
    machine("set_state", machine=0, state=3)
    assert {"error": "invalid_transition"} == machine("apply", machine=0, transition=TO_3)
    assert {"ok": [3, 5]} == machine("read_machine", machine=0)


@pytest.mark.parametrize(
    ("fail", "outcome"),
    [("user_1", {"error": "user_1"}), ("user_2", {"error": "user_2"}), ("panic", {"panic": "panic"})],
)
def test_a_function_that_fails_leaves_the_old_state_and_its_other_traces(
    machine: Any, fail: str, outcome: dict[str, str]
) -> None:
    script = {"ops": [machine.op("set_value", machine=0, value=6), machine.op("set_state", machine=0, state=9)]}
    applied = machine("apply", machine=0, transition=TO_3, script={**script, "fail": fail})
    assert {**outcome, "inner": [{"ok": [3, 5, 0]}, {"ok": None}, {"ok": None}]} == applied
    assert {"ok": [1, 6]} == machine("read_machine", machine=0)


def test_a_state_that_the_function_sets_stays(machine: Any) -> None:
    script = {"ops": [machine.op("set_state", machine=0, state=9)]}
    assert [] == machine("apply", machine=0, transition=TO_3, script=script)["ok"]
    assert {"ok": [9, 5]} == machine("read_machine", machine=0)


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("read_machine", {}),
        ("set_state", {"state": 1}),
        ("set_value", {"value": 1}),
        ("regenerate_tasks", {}),
        ("possible", {"transition": TO_3}),
        ("apply", {"transition": TO_3}),
    ],
)
def test_what_names_an_unbound_machine_is_not_run(machine: Any, name: str, members: dict[str, Any]) -> None:
    assert {"unbound": True} == machine(name, machine=1, **members)
