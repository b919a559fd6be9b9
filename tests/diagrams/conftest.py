"""Fixtures of the picture tests: a small machine that does everything once, and the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pytest

from hsm_diagrams.machine.graph import machine_graph
from hsm_diagrams.machine.trials import regenerated, results, state_name
from hsm_model.machines import MACHINES, MachineDescription, Trial
from hsm_model.tasks import TaskKind, TaskKindOutbound, TaskType, TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.results.verdicts import Verdict


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    GONE = "gone"
    WALLED = "walled"


@dataclass(frozen=True)
class Bell:
    where: str

    def type(self) -> TaskType:
        return TaskType(1, "house.Bell")

    def kind(self) -> TaskKind:
        return TaskKindOutbound(self.where)


class Door:
    def __init__(self, sound: bool = True) -> None:
        self.now = State.CLOSED
        self.sound = sound

    def state(self) -> State:
        return self.now

    def set_state(self, state: State, /) -> None:
        self.now = state

    def regenerate_tasks(self) -> list[Bell]:
        return [Bell("hall")] if self.now is State.OPEN else []


def ring(door: Door, event: str) -> TransitionOutput:
    return TransitionOutput((Bell("hall"),) if event == "loud" and door.sound else ())


def jam(door: Door, event: object) -> TransitionOutput:
    if door.sound:
        return TransitionOutput()
    raise RuntimeError("it is jammed & rusty")


OPEN = Transition((State.CLOSED,), State.OPEN, ring)
CLOSE = Transition((State.OPEN,), State.CLOSED, jam)
REMOVE = Transition((State.CLOSED, State.OPEN), State.GONE, lambda door, event: TransitionOutput())


@pytest.fixture
def door() -> MachineDescription[Door]:
    return MachineDescription(
        name="door",
        title="house.Door",
        cases={"sound": Door, "rusty": lambda: Door(sound=False)},
        trials={
            "Open": Trial(OPEN, {"softly": "soft", "with a bang": "loud"}),
            "Close": Trial(CLOSE),
            "Remove": Trial(REMOVE),
        },
    )


@pytest.fixture
def graph(door):
    return machine_graph(door)


@pytest.fixture
def run(tmp_path) -> Callable[..., Path]:
    """Write a result in which all requirements conform but those that are named."""

    def write(name="run.json", version="1", cases=8, only=None, **verdicts):
        named = {requirement.replace("_", "-"): verdict for requirement, verdict in verdicts.items()}
        judged = [
            {
                "requirement": entry.id,
                "area": entry.area,
                "statement": entry.statement,
                "documented": True,
                "verdict": named.get(entry.id, Verdict.CONFORMS),
                "cases": 0 if named.get(entry.id) in (Verdict.NOT_EXERCISED, Verdict.NOT_OFFERED) else cases,
            }
            for entry in load_catalogue().values()
            if entry.judged and (only is None or entry.area in only)
        ]
        result = {
            "format": 1,
            "implementation": {
                "protocol": 1,
                "name": "some-hsm",
                "version": version,
                "language": "rust",
                "capabilities": [],
            },
            "requirements": judged,
            "seed": 3,
            "budget": "quick",
            "programs": 1_234,
            "operations": 56_789,
            "scope": "quick",
            "pairs": 1_000,
            "tried": 900,
            "something": "that a later version adds",
        }
        path = tmp_path / name
        path.write_text(json.dumps(result), "utf-8")
        return path

    return write


@pytest.fixture
def probe(tmp_path) -> Callable[..., Path]:
    """Write the probe of an implementation whose machine does as the model's, but for what ``change`` does to it."""

    def write(name="probe.json", version="v1", machine="callback", change=lambda probed: None):
        model = MACHINES[machine]
        probed = {
            "machine": model.title,
            "trials": [
                {
                    "case": result.circumstance.case,
                    "event": result.circumstance.event,
                    "state": state_name(state),
                    "transition": f"Transition{transition}",
                    "possible": result.possible,
                    "after": result.target,
                    "tasks": list(map(written, result.tasks)),
                    "error": {"success": "", "rejected": "invalid_transition", "failed": "other"}[result.outcome],
                }
                for transition, trial in model.trials.items()
                for state in model.all_states()
                for result in results(model, trial, state)
            ],
            "regenerated": [
                {
                    "case": each.circumstance.case,
                    "state": state_name(state),
                    "error": each.error,
                    "tasks": list(map(written, each.tasks)),
                }
                for state in model.all_states()
                for each in regenerated(model, state)
            ],
        }
        change(probed)
        path = tmp_path / name
        path.write_text(json.dumps({"version": version, "machines": [probed]}), "utf-8")
        return path

    return write


def written(task):
    match task.kind():
        case TaskKindOutbound(destination):
            return {"type": task.type().name, "kind": "outbound", "destination": destination}
        case _:
            return {"type": task.type().name, "kind": "timer", "deadline": 1}
