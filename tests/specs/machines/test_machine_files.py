"""Machines in files do what their XState JSON declares; anything else is refused by name and place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_diagrams.machine.trials import results
from hsm_specs.errors import InputError
from hsm_specs.machines.names import find_machine
from hsm_specs.machines.xstate import machine_from_xstate

STATES = ("A", "B", "C")
moves = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(("g", "h", "i")), st.sampled_from(STATES)), max_size=3, unique_by=lambda m: m[0]
    ),
    st.sampled_from(STATES),
).map(lambda drawn: [*({"target": to, "guard": guard} for guard, to in drawn[0]), {"target": drawn[1]}])
machines = st.fixed_dictionaries(
    {name: st.fixed_dictionaries({"on": st.dictionaries(st.sampled_from(("e", "f")), moves)}) for name in STATES}
)


def machine(states, **others):
    return {"id": "order", "initial": next(iter(states)), "states": states, **others}


def load(document):
    text = document if isinstance(document, str) else json.dumps(document)
    return machine_from_xstate(text.encode(), "order.json", "order")


def task(**params):
    return machine({"A": {"entry": {"type": "task", "params": params}}})


def first_that_holds(moves, holding):
    return next(move["target"] for move in moves if move.get("guard") in (None, *holding))


@given(machines)
def test_exactly_the_first_move_whose_guard_holds_succeeds(states):
    declared = load(machine(states))
    described = declared.describe()
    for event in declared.events():
        trials = [t for name, t in described.trials.items() if name == event or name.startswith(f"{event} to ")]
        for state in STATES:
            took: dict[str, list[str]] = {}
            for trial in trials:
                for result in results(described, trial, state):
                    took.setdefault(result.circumstance.event, [])
                    if result.outcome == "success":
                        took[result.circumstance.event].append(result.target)
            held = trials[0].events
            expected = {
                name: [first_that_holds(states[state]["on"][event], holding)] if event in states[state]["on"] else []
                for name, holding in held.items()
            }
            assert expected == took


def test_a_transition_emits_the_tasks_that_its_target_regenerates():
    params = {"type": "Ship", "queue": "outbound", "destination": "warehouse"}
    states = {"A": {"on": {"e": "B"}}, "B": {"entry": [{"type": "task", "params": params}]}}
    described = load(machine(states)).describe()
    (trial,) = described.trials.values()
    result = next(results(described, trial, "A"))
    assert [("Ship", "warehouse")] == [(each.type().name, each.kind().destination) for each in result.tasks]


def test_a_file_is_a_machine_by_its_name(tmp_path):
    file = tmp_path / "order.json"
    file.write_text(json.dumps({"initial": "A", "states": {"A": {"type": "final"}}}), encoding="utf-8")
    assert "order" == find_machine(str(file)).description.name


def test_the_machine_of_the_readme_loads():
    readme = (Path(__file__).parents[3] / "diagrams/README.md").read_text(encoding="utf-8")
    (document,) = re.findall("```json\n(.*?)```", readme, re.DOTALL)
    assert ("Pay", "Cancel", "Shipped") == load(document).events()


OUTBOUND = {"type": "task", "params": {"type": "T", "queue": "outbound"}}
GUARDED = [{"target": "A", "guard": f"g{number}"} for number in range(6)]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "order.json: Expecting property name"),
        ("[]", "[] is no object"),
        ('{"initial": "A", "initial": "A", "states": {}}', "`initial` is there twice"),
        ({"states": {}}, "`initial` is missing"),
        ({"initial": "B", "states": {"A": {}}}, "initial: `B` is no state"),
        (machine({"A": {}}, context={}), "`context` is not supported"),
        (machine({"A": {"states": {}}}), "states.A: `states` is not supported"),
        (machine({"A": {"type": "parallel"}}), "states.A.type: 'parallel' is not supported"),
        (machine({"A": {"on": {"e": "B"}}}), "states.A.on.e: the target `B` is no state"),
        (machine({"A": {"on": {"e": []}}}), "states.A.on.e: there is no target"),
        (machine({"A": {"on": {"*": "A"}}}), "states.A.on: `*` is not supported"),
        (machine({"A": {"on": {"e": {"actions": "x"}}}}), "states.A.on.e: `actions` is not supported"),
        (
            machine({"A": {"on": {"e": [{"target": "A", "guard": ""}]}}}),
            "states.A.on.e[0].guard: the guard has no name",
        ),
        (machine({"A": {"on": {"e": ["A", "A"]}}}), "states.A.on.e: the move to `A` never happens"),
        (machine({"A": {"on": {"e": GUARDED}}}), "the event e has 6 guards"),
        (machine({"A": {"type": "final", "on": {"e": "A"}}}), "states.A.on: a final state has no transitions"),
        (
            machine({"A": {"on": {"e": "A", "e to A": "A"}}, "B": {"on": {"e": "B"}}}),
            "two transitions are named `e to A`",
        ),
        (
            machine({"A": {"on": {"e": ["A"]}, "entry": [OUTBOUND]}}),
            "states.A.on.e[0]: without `reenter` the entry of `A` does not happen again",
        ),
        (
            machine({"A": {"on": {"e": {"target": "A", "reenter": 1}}}}),
            "states.A.on.e.reenter: 1 is neither true nor false",
        ),
        (machine({"A": {"entry": "log"}}), "states.A.entry: 'log' is no object"),
        (machine({"A": {"entry": [{"type": "log", "params": {}}]}}), "states.A.entry[0].type: the action 'log'"),
        (task(type="T", queue="transfer"), "states.A.entry.params.queue: 'transfer' is neither"),
        (task(type="T", queue="timer"), "states.A.entry.params: `deadline` is missing"),
        (task(type="T", queue="timer", deadline=-1), "states.A.entry.params.deadline: -1 is no number"),
        (task(type="T", queue="timer", deadline=float("nan")), "states.A.entry.params.deadline: nan is no number"),
        (task(type="T", queue="outbound", deadline=1), "states.A.entry.params: `deadline` is not supported"),
    ],
)
def test_what_is_outside_of_the_subset_is_refused_by_name_and_place(document, said):
    with pytest.raises(InputError) as refused:
        load(document)
    assert said in str(refused.value)
