"""What the tests of pictures share: a small machine that does everything once, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import pytest

from hsm_diagrams.machine_graph import machine_graph
from hsm_model.machines import MachineDescription, Trial
from hsm_model.tasks import TaskKind, TaskKindOutbound, TaskType, TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.cli import hsmspec
from hsm_specs.cli.guard import guarded


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Callable[..., Said]:
    """Runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        code = guarded(hsmspec, list(arguments))
        return Said(code, *capsys.readouterr())

    return call


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
