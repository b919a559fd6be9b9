"""Probes of machines: the results of trying every transition of a real machine in every state, as JSON.

`adapters/temporal/probe` writes one for Temporal's machines; other implementations can write their own.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_specs.errors import InputError
from hsm_specs.files import read

PREFIX = "Transition"
"""The optional prefix of transition names: `TransitionScheduled` is the transition Scheduled."""


class ProbedTask(Struct, frozen=True):
    """A task: its type and kind, and its destination if it is outbound."""

    type: str
    kind: str
    destination: str = ""


class ProbedTrial(Struct, frozen=True):
    """A transition tried with an event in a state of a machine of a case."""

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
        """Return the transition's name without the prefix."""
        return self.transition.removeprefix(PREFIX)


class ProbedTasks(Struct, frozen=True):
    """The tasks that a machine of a case regenerates in a state."""

    case: str
    state: str
    tasks: tuple[ProbedTask, ...] = ()
    error: str = ""


class ProbedMachine(Struct, frozen=True):
    """The results for one machine."""

    machine: str
    trials: tuple[ProbedTrial, ...]
    regenerated: tuple[ProbedTasks, ...] = ()


class Probe(Struct, frozen=True):
    """A probe's document. ``implementation`` is the implementation that the machines belong to."""

    version: str
    machines: tuple[ProbedMachine, ...]
    implementation: str = "temporal"

    @property
    def name(self) -> str:
        """Return the implementation with its version."""
        return f"{self.implementation} {self.version}"

    def of(self, machine: str) -> ProbedMachine | None:
        """Return the results for a machine by its title, if there are any."""
        return next((each for each in self.machines if each.machine == machine), None)


def is_probe(path: Path) -> bool:
    """Return whether a file looks like a probe's document, not like the result of a run."""
    try:
        return "machines" in msgspec.json.decode(read(path), type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError):
        return False


def load_probe(path: Path) -> Probe:
    """Read a probe. Raise `InputError` if the file is not one."""
    try:
        return msgspec.json.decode(read(path), type=Probe)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"{path} is no probe of machines ({error}).", remedy="`build/temporal-probe` writes one to stdout."
        ) from None
