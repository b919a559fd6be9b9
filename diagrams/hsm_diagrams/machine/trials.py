"""Trials of a machine's transitions: each in every state, with every case and event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, NamedTuple, TypeVar

from hsm_model.errors import InvalidTransition
from hsm_model.machines import MachineDescription, Trial
from hsm_model.tasks import Task
from hsm_model.transition import StateMachine

SM = TypeVar("SM", bound=StateMachine[Any])
TrialOutcome = Literal["success", "rejected", "failed"]
START = "(start)"
"""The node of graphs from which an edge leads to each initial state."""
START_STATE = f"state {START}"
"""The name in graphs of a state that has the name of that node."""


class Circumstance(NamedTuple):
    """The input of a trial: the case that made the machine, and the event."""

    case: str
    event: str = ""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The result of one trial. ``target`` is the state after it."""

    circumstance: Circumstance
    outcome: TrialOutcome
    possible: bool
    target: str
    tasks: tuple[Task, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Regenerated:
    """The tasks that a machine of a case regenerates."""

    circumstance: Circumstance
    tasks: tuple[Task, ...] = ()
    error: str = ""


def results(machine: MachineDescription[SM], trial: Trial[SM], state: Any) -> Iterator[TrialResult]:
    """Try a transition in a state, with fresh machines of all cases and with all events."""
    for case, make in machine.cases.items():
        for name, event in trial.events.items():
            subject = make()
            subject.set_state(state)
            possible = trial.transition.possible(subject)
            outcome: TrialOutcome = "success"
            tasks: tuple[Task, ...] = ()
            said = ""
            try:
                tasks = tuple(trial.transition.apply(subject, event).tasks)
            except InvalidTransition:
                outcome = "rejected"
            except Exception as error:
                outcome, said = "failed", _message(error)
            yield TrialResult(Circumstance(case, name), outcome, possible, state_name(subject.state()), tasks, said)


def regenerated(machine: MachineDescription[SM], state: Any) -> Iterator[Regenerated]:
    """Regenerate the tasks of a state, with fresh machines of all cases."""
    for case, make in machine.cases.items():
        subject = make()
        subject.set_state(state)
        try:
            yield Regenerated(Circumstance(case), tuple(subject.regenerate_tasks()))
        except Exception as error:
            yield Regenerated(Circumstance(case), error=_message(error))


def state_name(state: Any) -> str:
    """Return the name of a state in graphs: its value, if it is a member of an enumeration of strings."""
    name = str(state)
    if isinstance(state, Enum):
        name = state.value if isinstance(state.value, str) else state.name
    return START_STATE if name == START else name


def guard(chosen: Iterable[Circumstance], every: Sequence[Circumstance]) -> str:
    """Return when something happens, in terms of cases or events if possible; empty if it always happens."""
    happening = set(chosen)
    if happening.issuperset(every):
        return ""
    for part in (0, 1):
        names = dict.fromkeys(circumstance[part] for circumstance in every if circumstance in happening)
        if all((circumstance in happening) == (circumstance[part] in names) for circumstance in every):
            others = dict.fromkeys(circumstance[part] for circumstance in every if circumstance[part] not in names)
            return f"except {', '.join(others)}" if len(others) < len(names) else ", ".join(names)
    return ", ".join(f"{case} and {event}" for case, event in every if Circumstance(case, event) in happening)


def _message(error: Exception) -> str:
    return str(error) or type(error).__name__
