"""Probes of machines: what came of trying every transition of a real machine in every state, as JSON.

`adapters/temporal/probe` writes one of Temporal's machines; any implementation's may be written alike.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_specs.errors import InputError
from hsm_specs.files import read

PREFIX = "Transition"
"""What names of transitions may begin with: `TransitionScheduled` is the transition Scheduled."""


class ProbedTask(Struct, frozen=True):
    """A task: its type and kind, and where it goes if it is outbound."""

    type: str
    kind: str
    destination: str = ""


class ProbedTrial(Struct, frozen=True):
    """A transition tried in a state of a machine made as its case says, with an event."""

    case: str
    state: str
    transition: str
    event: str
    possible: bool
    after: str
    tasks: tuple[ProbedTask, ...] = ()
    error: str = ""

    @property
    def name(self) -> str:
        """The transition's name."""
        return self.transition.removeprefix(PREFIX)


class ProbedTasks(Struct, frozen=True):
    """The tasks that a machine made as its case says regenerates in a state."""

    case: str
    state: str
    tasks: tuple[ProbedTask, ...] = ()
    error: str = ""


class ProbedMachine(Struct, frozen=True):
    """What was found out about one machine."""

    machine: str
    trials: tuple[ProbedTrial, ...]
    regenerated: tuple[ProbedTasks, ...] = ()


class Probe(Struct, frozen=True):
    """A probe's document. ``implementation`` is whose machines they are."""

    version: str
    machines: tuple[ProbedMachine, ...]
    implementation: str = "temporal"

    @property
    def name(self) -> str:
        """The implementation with its version."""
        return f"{self.implementation} {self.version}"

    def of(self, machine: str) -> ProbedMachine | None:
        """What was found out about a machine, by its title."""
        return next((each for each in self.machines if each.machine == machine), None)


def is_probe(path: Path) -> bool:
    """Whether a file looks like a probe's document, and not like the result of a run."""
    try:
        return "machines" in msgspec.json.decode(read(path), type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError):
        return False


def load_probe(path: Path) -> Probe:
    """The probe of a file. Raises `InputError` if it is none."""
    try:
        return msgspec.json.decode(read(path), type=Probe)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"{path} is no probe of machines ({error}).", remedy="`build/temporal-probe` writes one to stdout."
        ) from None
