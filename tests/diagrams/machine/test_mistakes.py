"""Mistakes of machines are named, and the machines are still drawn."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hsm_diagrams.drawing.themes import LIGHT
from hsm_diagrams.machine.drawing import machine_picture
from hsm_model.machines import MACHINES, MachineDeclaration, MachineDescription, Move, State, Trial
from hsm_model.transition import Transition
from hsm_specs.machines.names import NamedMachine, find_machine

from .lamp import Lamp, nothing

UNNAMED = 'has the name "" next to others, so what happens only there is drawn without a condition.'


MISSPELT = """
from __future__ import annotations
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition

class Press:
    pass

class Lamp:
    now = "off"
    def state(self):
        return self.now
    def set_state(self, state):
        self.now = state
    def regenerate_tasks(self):
        return []

def press(lamp: Lamp, event: Pres) -> TransitionOutput:
    return TransitionOutput()

PRESS = Transition(("off",), "on", press)
"""


def lamp(sources=("off",), destination="on", **others):
    trials = {
        "Press": Trial(Transition(tuple(sources), destination, nothing)),
        "Release": Trial(Transition(("on",), "off", nothing)),
    }
    members = {"name": "lamp", "cases": {"": Lamp}, "trials": trials, "states": ("off", "on"), "terminal": ()}
    return MachineDescription(**{**members, **others})


def found(description):
    """Return the mistakes of a machine, which is drawn."""
    picture = machine_picture(NamedMachine("mine", description, "here", imported=False))
    assert picture.dot(LIGHT).startswith("digraph")
    return list(picture.mistakes)


def test_a_machine_without_mistakes_has_none():
    assert [] == found(lamp())


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (lamp(states=("off", "on", "broken")), "broken is unreachable: nothing that succeeds leads there."),
        (
            lamp(trials={"Press": Trial(Transition(("off",), "on", nothing))}),
            "on is never left, and it is not declared terminal.",
        ),
        (lamp(terminal=("on",)), "on is declared terminal, but Release leaves it."),
        (lamp(terminal=("offf",)), "'offf' is declared terminal but is no state; did you mean off?"),
        (lamp(("off", "onn")), "Press has the source 'onn', which is no state; did you mean on?"),
        (lamp(destination="onn"), "Press has the destination 'onn', which is no state; did you mean on?"),
        (lamp(states=("on",)), "A machine starts in 'off', which is no state."),
        (
            lamp(cases={"": Lamp, "new": Lamp}),
            f"A case {UNNAMED}",
        ),
        (
            lamp(trials={**lamp().trials, "Press": replace(lamp().trials["Press"], events={"": None, "hard": None})}),
            f"An event of Press {UNNAMED}",
        ),
        (
            MachineDeclaration(
                "m", "A", {"A": State(on={"e": (Move("(start)"),)}), "(start)": State(final=True)}
            ).describe(),
            "A state has the name of the dot that leads to initial states; it is drawn as `state (start)`.",
        ),
    ],
)
def test_a_mistake_is_named_and_the_machine_is_drawn(machine, said):
    assert said in found(machine)


def test_a_machine_that_declares_no_terminal_states_may_stop_anywhere():
    stops = {"Press": Trial(Transition(("off",), "on", nothing))}
    assert [] == found(lamp(trials=stops, terminal=None))


def test_a_state_named_like_the_dot_is_a_state_of_its_own():
    states = {"(start)": State(on={"e": "B"}), "B": State(final=True)}
    described = MachineDeclaration("m", "(start)", states).describe()
    graph = machine_picture(NamedMachine("mine", described, "here", imported=False)).graph
    assert {("(start)", "state (start)"), ("state (start)", "B")} == {
        (source, target) for source, target, data in graph.edges(data=True) if data["outcome"] == "success"
    }


def test_temporals_machines_have_unreachable_states_and_no_other_mistakes():
    every = [mistake for machine in MACHINES.values() for mistake in found(machine)]
    assert ["Unspecified", "TimedOut", "Unspecified"] == [mistake.split(" is unreachable")[0] for mistake in every]


def test_a_misspelt_annotation_is_named_with_what_it_may_mean(tmp_path, monkeypatch):
    (tmp_path / "misspelt_lamp.py").write_text(MISSPELT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    picture = machine_picture(find_machine("misspelt_lamp:Lamp"))
    said = "PRESS: the annotation `Pres` of press names nothing; did you mean Press?"
    assert (said,) == picture.mistakes[:1]


def test_a_misspelt_event_of_a_file_is_named(tmp_path):
    file = tmp_path / "order.json"
    states = {"A": {"on": {"Cancel": "B", "Go": "C"}}, "C": {"on": {"Cancell": "B"}}, "B": {"type": "final"}}
    file.write_text(json.dumps({"initial": "A", "states": states}), encoding="utf-8")
    (said,) = machine_picture(find_machine(str(file))).mistakes
    assert said.startswith("states.")
    assert "did you mean" in said
