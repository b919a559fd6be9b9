"""A right machine, and ways to make it wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hsm_model.machines import MachineBuilder, MachineDescription, Outbound, Timer, Trial
from hsm_model.machines.attempts import NOW, outbound, timer
from hsm_model.registry import MachineType
from hsm_model.tasks import TaskType, TransitionOutput
from hsm_model.transition import Transition


@dataclass(frozen=True)
class Job:
    attempts: int = 0


def attempts_left(job: Job) -> bool:
    return job.attempts < 2


def count(job: Job) -> Job:
    return replace(job, attempts=job.attempts + 1)


CALL = Outbound("Call", "service", sends=("Succeed", "Fail"))
BACKOFF = Timer("Backoff", timedelta(minutes=1), sends=("Retry",))


def declared(
    *more, call=CALL, backoff=BACKOFF, left_out=(), guard=attempts_left, update=count, properties=(), outside=None
):
    """Return the machine with more moves and states, without those that are left out."""
    machine = MachineBuilder("job", Job, outside=outside)

    def on(source, event, target, **options):
        if (source, event) not in left_out:
            machine.on(source, event, target, **options)

    machine.state("Scheduled", *([call] if call else []))
    machine.state("BackingOff", *([backoff] if backoff else []))
    for each in more:
        each(machine)
    on("Scheduled", "Succeed", "Succeeded")
    on("Scheduled", "Fail", "BackingOff", guard=guard, update=update)
    on("Scheduled", "Fail", "Failed")
    on("BackingOff", "Retry", "Scheduled")
    machine.final("Succeeded", "Failed")
    machine.expect(*properties)
    return machine.build()


def state(name, *tasks):
    return lambda machine: machine.state(name, *tasks)


def move(*arguments, **options):
    return lambda machine: machine.on(*arguments, **options)


# --- a machine in code ------------------------------------------------------------------------------------------------

INVOKE, WAIT, EXTRA = TaskType(1, "Invoke"), TaskType(2, "Wait"), TaskType(3, "Extra")


@dataclass(frozen=True)
class Parcel:
    weight: int
    address: str

    def type(self):
        return INVOKE

    def kind(self):
        return outbound(INVOKE, "post").kind()


@dataclass
class Sending:
    """A parcel that is sent and, if that fails, sent again an hour later."""

    now: str = "new"
    tries: int = 0
    due: datetime = NOW
    after: dict[str, Any] = field(default_factory=dict)

    def state(self):
        return self.now

    def set_state(self, state):
        self.now = state

    def regenerate_tasks(self):
        tasks = {"sending": [Parcel(3, "here")], "waiting": [timer(WAIT, self.due)]}
        return {**tasks, **self.after}.get(self.now, [])


def emit(sending, event):
    return TransitionOutput(sending.regenerate_tasks())


TRIALS = {
    "Send": Trial(Transition(("new",), "sending", emit)),
    "Fail": Trial(Transition(("sending",), "failed", emit)),
    "Arrive": Trial(Transition(("sending",), "sent", emit)),
}


def described(**others):
    """Return the machine, with members of its description replaced."""
    members = {
        "name": "sending",
        "cases": {"": Sending},
        "trials": TRIALS,
        "states": ("new", "sending", "sent", "failed"),
        "terminal": ("sent", "failed"),
        "executors": {"Invoke": ("Arrive", "Fail"), "Wait": ("Send",)},
        "outside": ("Send",),
    }
    return MachineDescription(**{**members, **others})


class SendingDefinition:
    """Loses how often it was tried."""

    def type(self):
        return MachineType(1, "sending")

    def serialize(self, data):
        return data.now.encode()

    def deserialize(self, data):
        return Sending(data.decode())


class Forgetful(SendingDefinition):
    """Loses the state."""

    def deserialize(self, data):
        return Sending()


class ParcelSerializer:
    def serialize(self, task):
        return f"{task.weight} {task.address}".encode()

    def deserialize(self, data, kind):
        weight, address = re.fullmatch(r"(\d+) (.*)", data.decode()).groups()
        return Parcel(int(weight), address)


class WeightSerializer(ParcelSerializer):
    """Loses the address."""

    def serialize(self, task):
        return f"{task.weight} ".encode()
