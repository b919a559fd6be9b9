"""Observed machines as XState JSON, which a team draws, converts and compares its next traces with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.specs.traces.recorded import life_of_a_callback
from tests.specs.traces.shop import ORDER, Order, Shop

from hsm_model.machines.declared import Move, Outbound, Timer
from hsm_model.state import Key
from hsm_specs.machines.xstate import machine_from_xstate
from hsm_specs.traces.recorder import Recording


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Record a function to a file in the current folder."""
    monkeypatch.chdir(tmp_path)

    def call(run) -> str:
        with Recording("t.jsonl") as recording, recording.trace("t") as hsm:
            run(hsm)
        return "t.jsonl"

    return call


def declared(cli, *arguments):
    said = cli("diagram", "trace", *arguments, "--format", "xstate")
    assert 0 == said.code, said.err
    return machine_from_xstate(said.out.encode(), "out", "out")


def test_the_machine_that_tests_show_is_declared(cli, recorded) -> None:
    machine = declared(cli, recorded(Shop().try_out), "--type", "order")
    assert ("order", "New") == (machine.name, machine.initial)
    events = {state: set(found.on) for state, found in machine.states.items()}
    assert {
        "New": {"to Paying"},
        "Paying": {"to BackingOff", "to Paid", "to Cancelled"},
        "BackingOff": {"to Paying"},
        "Paid": {"to Shipped"},
        "Shipped": set(),
        "Cancelled": set(),
    } == events
    assert {"Shipped", "Cancelled"} == {state for state, found in machine.states.items() if found.final}
    assert {"charge"} == {task.type for task in machine.states["Paying"].tasks}
    assert (Outbound("ship", "warehouse"),) == machine.states["Paid"].tasks
    assert ["retry"] == [task.type for task in machine.states["BackingOff"].tasks if isinstance(task, Timer)]


def test_events_have_the_names_of_a_machine_that_is_given(cli, recorded) -> None:
    found = recorded(life_of_a_callback)
    machine = declared(cli, found, "--type", "callbacks.Callback", "--machine", "callback")
    assert {"Scheduled"} == set(machine.states["Standby"].on)
    assert {"AttemptFailed", "Succeeded"} == set(machine.states["Scheduled"].on)


def test_a_transition_that_leads_to_several_states_has_guards(cli, recorded) -> None:
    class Hurried(Shop):
        """Ships some orders as soon as they are reserved."""

        times = 0

        def reserved(self, order):
            output = super().reserved(order)
            self.times += 1
            if self.times == 1:
                order.set_state(self.shipped_to())
            return output

    shop = Hurried()

    def run(hsm) -> None:
        _, root = shop.opened(hsm)
        for number in range(3):
            shop.moved(hsm, root.add_child(Key(ORDER.id, str(number)), Order(shop)), shop.reserve)

    machine = declared(cli, recorded(run), "--type", "order")
    assert {"to Paying": (Move("Shipped", "leads to Shipped"), Move("Paying"))} == {
        event: machine.states["New"].moves(event) for event in machine.states["New"].on if event == "to Paying"
    }


def test_the_declared_machine_is_drawn_and_has_what_the_traces_have(cli, recorded) -> None:
    found = recorded(Shop().try_out)
    assert 0 == cli("diagram", "trace", found, "--type", "order", "--format", "xstate", "--output", "order.json").code
    assert 0 == cli("diagram", "machine", "order.json", "--format", "mermaid").code
    said = cli("judge", found, "--machine", "order.json", "--type", "order", "--json", "result.json")
    rules = {remark["rule"] for remark in json.loads(Path("result.json").read_text())["remarks"]}
    assert (0, set()) == (said.code, rules - {"machine-tasks"})


def test_several_types_have_no_declaration_in_common(cli, recorded) -> None:
    said = cli("diagram", "trace", recorded(Shop().try_out), "--format", "xstate")
    assert 2 == said.code
    assert "XState JSON declares one machine, and several types were observed." in said.err


def test_a_picture_that_is_no_machine_has_no_xstate_json(cli) -> None:
    said = cli("diagram", "node", "--format", "xstate")
    assert 2 == said.code
    assert "There is no XState JSON of this picture." in said.err
