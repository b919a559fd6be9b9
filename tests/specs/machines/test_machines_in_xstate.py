"""The real XState takes the same transitions and emits the same tasks as a declared machine that is exported to it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.machines import MachineDeclaration
from hsm_specs.cli.machine_command import beginning
from hsm_specs.machines.xstate import machine_to_xstate

from .test_machine_exports import ORDER, declarations

PACKAGE = Path(__file__).parents[3] / "adapters" / "typescript"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (PACKAGE / "node_modules" / "xstate").exists(), reason="make build/typescript/hsm-async has not been run"
    ),
]


@pytest.fixture(scope="module")
def xstate():
    """Yield a function that runs a machine in XState and returns the state and the tasks after each step."""
    command = ["node", str(Path(__file__).with_name("run_in_xstate.mjs")), str(PACKAGE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:

        def run(machine, steps):
            process.stdin.write(json.dumps([json.loads(machine_to_xstate(machine)), steps]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def expected(machine: MachineDeclaration, steps):
    """Return the state and the tasks after each step, by the declaration."""
    objects = json.loads(machine_to_xstate(machine))["states"]

    def entered(state):
        entry = objects[state].get("entry", [])
        return [task["params"] for task in (entry if isinstance(entry, list) else [entry])]

    state = machine.initial
    seen = [[state, entered(state)]]
    for event, holding in steps:
        moves = [move for move in machine.states[state].moves(event) if not move.guard or move.guard in holding]
        state = moves[0].target if moves else state
        seen.append([state, entered(state) if moves else []])
    return seen


@st.composite
def runs(draw: st.DrawFn):
    machine = draw(declarations())
    events = machine.events() or ("e",)
    guards = sorted({guard for event in events for guard in machine.guards(event)})
    holding = st.lists(st.sampled_from(guards), unique=True) if guards else st.just([])
    return machine, draw(st.lists(st.tuples(st.sampled_from(events), holding), max_size=6))


@given(runs())
def test_xstate_takes_the_same_transitions_and_emits_the_same_tasks(xstate, run):
    machine, steps = run
    assert expected(machine, steps) == xstate(machine, steps)


@pytest.mark.parametrize(
    ("machine", "steps", "states"),
    [
        (
            ORDER,
            [("Pay", []), ("Pay", ["in stock"]), ("Pay", []), ("Ship", [])],
            ["Created", "Created", "In progress", "In progress", "Done"],
        ),
        (
            beginning("order"),
            [("Fail", ["attemptsLeft"]), ("Reschedule", []), ("Fail", []), ("Succeed", [])],
            ["Scheduled", "BackingOff", "Scheduled", "Failed", "Failed"],
        ),
    ],
)
def test_machines_run_to_their_end_in_xstate(xstate, machine, steps, states):
    seen = xstate(machine, steps)
    assert states == [state for state, _ in seen]
    assert expected(machine, steps) == seen


def test_what_is_exported_from_a_transition_back_to_its_state_emits_the_tasks_again(xstate):
    (_, first), (_, second) = xstate(ORDER, [("Pay", [])])
    assert ["Expire", "Notify"] == [task["type"] for task in first]
    assert first == second
