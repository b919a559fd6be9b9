"""The graph of a machine is what came of trying its transitions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hsm_diagrams.drawing.pictures import node_link
from hsm_diagrams.machine.drawing import machine_drawing
from hsm_diagrams.machine.graph import machine_graph, states
from hsm_diagrams.machine.trials import START, Circumstance, guard
from hsm_model.amendments import amend
from hsm_model.machines import MACHINES, MachineDescription, Trial
from hsm_model.machines.attempts import outbound
from hsm_model.semantics import SPECIFICATION
from hsm_model.tasks import TaskType, TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.catalogue.requirements import load_catalogue

from .lamp import Lamp


def edges(graph, outcome):
    return {
        (source, target, data["transition"])
        for source, target, data in graph.edges(data=True)
        if data["kind"] == "transition" and data["outcome"] == outcome
    }


def test_nodes_are_all_states_in_their_order(graph):
    assert ["closed", "open", "gone", "walled"] == states(graph)


def test_successful_trials_lead_to_the_state_after_them(graph):
    expected = {
        ("closed", "open", "Open"),
        ("open", "closed", "Close"),
        ("closed", "gone", "Remove"),
        ("open", "gone", "Remove"),
    }
    assert expected == edges(graph, "success")


def test_a_failed_trial_leads_back_and_says_why_and_when(graph):
    assert {("open", "open", "Close")} == edges(graph, "failed")
    data = graph.edges["open", "open", "Close failed"]
    assert "rusty" == data["guard"]
    assert data["rolled_back"]
    assert [{"message": "it is jammed & rusty", "guard": ""}] == data["errors"]


def test_what_is_not_possible_is_rejected_and_stays(graph):
    rejected = edges(graph, "rejected")
    assert {("walled", "walled", name) for name in ("Open", "Close", "Remove")} < rejected
    assert {source for source, *_ in rejected} == {target for _, target, _ in rejected}
    assert len(rejected) == 12 - 4


def test_every_trial_is_counted_once(graph, door):
    counted = sum(data["count"] for *_, data in graph.edges(data=True) if data["kind"] == "transition")
    assert 4 * 2 * (2 + 1 + 1) == counted


def test_tasks_carry_their_type_kind_and_queue_and_when_they_are_put_out(graph):
    [task] = graph.edges["closed", "open", "Open success"]["tasks"]
    assert {"type": "house.Bell", "kind": "outbound", "queue": "hall", "guard": "sound and with a bang"} == task
    assert [] == graph.nodes["closed"]["tasks"]
    [task] = graph.nodes["open"]["tasks"]
    assert "" == task["guard"]


def test_initial_terminal_and_unreachable_states_are_marked(graph):
    assert ["closed"] == [state for state in states(graph) if graph.nodes[state]["initial"]]
    assert ["gone", "walled"] == [state for state in states(graph) if graph.nodes[state]["terminal"]]
    assert ["walled"] == [state for state in states(graph) if not graph.nodes[state]["reachable"]]
    assert ["closed"] == list(graph.successors(START))


def test_sources_and_destination_are_never_read(door):
    """A transition that goes elsewhere than it says is drawn as it goes."""

    class Astray(Transition):
        def apply(self, machine, event):
            machine.set_state(state_of["walled"])
            return TransitionOutput()

    state_of = {state.value: state for state in door.all_states()}
    trial = door.trials["Open"].transition
    astray = Astray(trial.sources, trial.destination, trial.apply_function)
    graph = machine_graph(replace(door, trials={"Open": Trial(astray)}))
    assert {(state, "walled", "Open") for state in states(graph)} == edges(graph, "success")
    assert not graph.edges["gone", "walled", "Open success"]["possible"]


def test_a_semantics_that_does_not_roll_back_shows(door):
    """The rule that the real package at v1.25.1 has in place of the specification's."""
    amended = amend(SPECIFICATION, ["failed-apply-keeps-destination"])
    trials = {"Close": Trial(replace(door.trials["Close"].transition, semantics=amended))}
    graph = machine_graph(replace(door, trials=trials))
    assert {("open", "closed", "Close")} == edges(graph, "failed")
    assert not graph.edges["open", "closed", "Close failed"]["rolled_back"]


def test_states_that_are_no_enumeration_are_those_named(door):
    class Lamp:
        def __init__(self):
            self.now = "off"

        def state(self):
            return self.now

        def set_state(self, state, /):
            self.now = state

        def regenerate_tasks(self):
            return []

    switch = Transition(("off",), "on", lambda lamp, event: TransitionOutput())
    lamp = MachineDescription(name="lamp", cases={"": Lamp}, trials={"Switch": Trial(switch)})
    assert ["off", "on"] == states(machine_graph(lamp))


@pytest.mark.parametrize("name", MACHINES)
def test_requirements_on_nodes_and_edges_are_of_the_catalogue(name):
    graph = machine_graph(MACHINES[name])
    named = [data.get("requirements", []) for _, data in graph.nodes(data=True)]
    named += [data.get("requirements", []) for *_, data in graph.edges(data=True)]
    assert set().union(*named) <= load_catalogue().keys()


@pytest.mark.parametrize("name", MACHINES)
def test_the_graph_is_the_same_every_time_and_json(name):
    once, again = (node_link(machine_graph(MACHINES[name])) for _ in range(2))
    assert once == again
    assert {"nodes", "edges", "graph", "directed", "multigraph"} == json.loads(once).keys()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("ax ay bx by cx cy", ""),
        ("ax ay", "a"),
        ("ax bx cx", "x"),
        ("ax ay bx by", "except c"),
        ("ax by", "a and x, b and y"),
    ],
)
def test_a_guard_says_when_in_few_words(chosen, said):
    every = [Circumstance(case, event) for case in "abc" for event in "xy"]
    assert said == guard([Circumstance(*name) for name in chosen.split()], every)


class Heater(Lamp):
    def regenerate_tasks(self):
        return [outbound(TaskType(1, "Warm"), "stove")] if self.now == "on" else []


def test_an_arrow_says_what_it_starts_if_that_is_not_what_becomes_pending():
    def emitting(*types):
        return lambda heater, event: TransitionOutput(
            [outbound(TaskType(number, name), "stove") for number, name in types]
        )

    trials = {
        "Light": Trial(Transition(("off",), "on", emitting((1, "Warm")))),
        "Forget": Trial(Transition(("off",), "on", emitting())),
        "Burn": Trial(Transition(("off",), "on", emitting((1, "Warm"), (2, "Burn")))),
    }
    described = MachineDescription(name="heater", cases={"": Heater}, trials=trials, states=("off", "on"))
    drawing = machine_drawing(machine_graph(described), "here")
    said = {arrow.lines[0].text: [line.text for line in arrow.lines[1:]] for arrow in drawing.arrows if arrow.lines}
    assert said == {
        "Light": [],
        "Forget": ["starts nothing"],
        "Burn": ["starts Warm, outbound to stove", "starts Burn, outbound to stove"],
    }
    assert "An arrow starts what becomes pending where it leads, unless it says otherwise." in drawing.caption[1]
