"""Following a sequence of steps, as a finding has them: where the machine is after each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hsm_model.machines.suggestions import similar
from hsm_specs.errors import InputError
from hsm_specs.machines.check.simulation import CASE, FAULTS, Simulation, Step, StepOutcome
from hsm_specs.machines.check.subject import subject_of
from hsm_specs.machines.names import NamedMachine


class Followed(NamedTuple):
    """Where a machine is after a step. ``error`` says why the step led nowhere, and is empty if it did not fail."""

    step: str
    state: str
    data: str
    pending: tuple[str, ...]
    error: str


def follow(machine: NamedMachine, steps: Sequence[str]) -> Iterator[Followed]:
    """Take steps one after another, and yield where the machine is before them and after each.

    Raise `InputError` for a step that is not possible, with those that are.
    """
    subject = subject_of(machine)
    cases = {f"{CASE}{case}": case for case in subject.cases}
    first, *others = steps if steps and steps[0] in cases else (next(iter(cases)), *steps)
    simulation = Simulation(subject, cases[first])
    yield _followed(simulation, first if len(cases) > 1 else "a new machine", simulation.begin())
    for words in others:
        possible = {step.words: step for step in (*simulation.steps(), *(Step(fault, {}) for fault in FAULTS))}
        if words not in possible:
            what = f"The step `{words}` is not possible here{similar(words, possible)}"
            raise InputError(what, remedy=f"Possible are: {'; '.join(possible)}.")
        yield _followed(simulation, words, simulation.take(possible[words]))


def _followed(simulation: Simulation, words: str, outcome: StepOutcome) -> Followed:
    if outcome.trouble and words.startswith((CASE, "a new")):
        return Followed(words, "", "", (), outcome.error)
    machine = simulation.machine()
    pending = tuple(f"{name} ({queue.removesuffix(' to ')})" for name, queue, _ in simulation.configuration().pending)
    data = getattr(machine, "data", machine)
    return Followed(words, simulation.configuration().state, "" if data is None else str(data), pending, outcome.error)
