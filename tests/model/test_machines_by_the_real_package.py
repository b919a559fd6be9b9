"""The Python definitions of Temporal's machines against the real ones, edge by edge, where the probe is built."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hsm_model.errors import HsmError
from hsm_model.machines import MACHINES, MachineDescription
from hsm_model.tasks import Task, TaskKindOutbound, TaskKindTimer

PROBE = Path(__file__).parents[2] / "build" / "temporal-probe"
BY_TITLE = {machine.title: machine for machine in MACHINES.values()}

needs_probe = pytest.mark.skipif(
    not PROBE.exists(), reason="the probe of the real machines is not built (make build/temporal-probe, needs Go)"
)
each_machine = pytest.mark.parametrize("title", BY_TITLE)


@cache
def probed() -> dict[str, Any]:
    """Return the output of the probe, by machine."""
    done = subprocess.run([PROBE], capture_output=True, encoding="utf-8", check=True, timeout=60)
    report = json.loads(done.stdout)
    assert "v1.25.1" == report["version"]
    return {machine["machine"]: machine for machine in report["machines"]}


def millis(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)


def datum_as_json(name: str, value: Any) -> Any:
    """Return a machine's datum as the probe writes it: no time is null, no failure an empty text."""
    if name == "last_failure":
        return value or ""
    return millis(value) if value is None or isinstance(value, datetime) else value


def task_as_json(task: Task) -> dict[str, Any]:
    match task.kind():
        case TaskKindTimer(deadline):
            return {"type": task.type().name, "kind": "timer", "deadline": millis(deadline)}
        case TaskKindOutbound(destination):
            return {"type": task.type().name, "kind": "outbound", "destination": destination}
        case kind:
            raise AssertionError(kind)


def made(machine: MachineDescription[Any], case: str, state: str) -> Any:
    subject = machine.cases[case]()
    subject.set_state(next(each for each in machine.all_states() if each.value == state))
    return subject


def tried(machine: MachineDescription[Any], trial: dict[str, Any]) -> dict[str, Any]:
    """Return what the Python definition does in a trial, written as the probe writes it."""
    subject = made(machine, trial["case"], trial["state"])
    chosen = machine.trials[trial["transition"].removeprefix("Transition")]
    answer: dict[str, Any] = {"possible": chosen.transition.possible(subject), "error": None, "tasks": []}
    try:
        answer["tasks"] = list(map(task_as_json, chosen.transition.apply(subject, chosen.events[trial["event"]]).tasks))
    except HsmError as error:
        answer["error"] = error.code
    except ValueError:
        answer["error"] = "other"
    answer["after"] = subject.state().value
    return answer | {"data": {name: datum_as_json(name, getattr(subject, name)) for name in trial["data"]}}


@needs_probe
def test_there_are_the_same_machines() -> None:
    assert set(probed()) == set(BY_TITLE)


@needs_probe
@each_machine
def test_there_are_the_same_states(title: str) -> None:
    assert probed()[title]["states"] == [state.value for state in BY_TITLE[title].all_states()]


@needs_probe
@each_machine
def test_transitions_have_the_same_names_sources_and_destinations(title: str) -> None:
    expected = [
        {
            "name": f"Transition{name}",
            "sources": [source.value for source in trial.transition.sources],
            "destination": trial.transition.destination.value,
        }
        for name, trial in BY_TITLE[title].trials.items()
    ]
    assert probed()[title]["transitions"] == expected


@needs_probe
def test_there_are_twenty_transitions() -> None:
    assert 20 == sum(len(machine["transitions"]) for machine in probed().values())


@needs_probe
@each_machine
def test_every_transition_is_tried_in_every_state_case_and_event(title: str) -> None:
    machine = BY_TITLE[title]
    expected = Counter(
        (case, state.value, f"Transition{name}", event)
        for name, trial in machine.trials.items()
        for case in machine.cases
        for state in machine.all_states()
        for event in trial.events
    )
    assert expected == Counter(
        (trial["case"], trial["state"], trial["transition"], trial["event"]) for trial in probed()[title]["trials"]
    )


@needs_probe
@each_machine
def test_every_edge_is_the_same(title: str) -> None:
    """Possible or not, state after, kind of error, tasks, data: in every case, state and transition, with every event.

    After an error there is nothing to say of the data: in the real tree they are as they were.
    """
    for trial in probed()[title]["trials"]:
        place = {name: trial[name] for name in ("case", "state", "transition", "event")}
        real = {name: trial.get(name) for name in ("possible", "error", "tasks", "after", "data")}
        mine = tried(BY_TITLE[title], trial)
        if real["error"]:
            real.pop("data")
            mine.pop("data")
        assert (place, real) == (place, mine)


@needs_probe
@each_machine
def test_every_state_regenerates_the_same_tasks(title: str) -> None:
    for entry in probed()[title]["regenerated"]:
        subject = made(BY_TITLE[title], entry["case"], entry["state"])
        if "error" in entry:
            with pytest.raises(ValueError, match="has"):
                subject.regenerate_tasks()
        else:
            assert (entry, entry["tasks"]) == (entry, list(map(task_as_json, subject.regenerate_tasks())))


@needs_probe
def test_an_operation_that_is_added_to_a_tree_puts_out_the_same_tasks() -> None:
    machine = MACHINES["nexus-operation"]
    created = probed()[machine.title]["created"]
    assert ["no timeout", "timeout"] == [entry["case"] for entry in created]
    for entry in created:
        subject = machine.cases[entry["case"]]()
        tasks = [*machine.trials["Scheduled"].transition.apply(subject, machine.trials["Scheduled"].events[""]).tasks]
        assert entry["tasks"] == list(map(task_as_json, [*tasks, *machine.creation_tasks(subject)]))
        assert entry["after"] == subject.state().value


@each_machine
def test_a_failed_transition_leaves_the_state(title: str) -> None:
    machine = BY_TITLE[title]
    for trial in machine.trials.values():
        for case in machine.cases:
            for state in machine.all_states():
                subject = made(machine, case, state.value)
                try:
                    trial.transition.apply(subject, next(iter(trial.events.values())))
                except (HsmError, ValueError):
                    assert state is subject.state()
                else:
                    assert trial.transition.destination is subject.state()
