"""A machine to be played: every transition is executed in every state with every event, and the data counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from hsm_diagrams.machine.trials import state_name
from hsm_diagrams.play.played import Played, PlayedMove, PlayedState
from hsm_model.errors import InvalidTransition
from hsm_model.machines import MachineDescription
from hsm_model.tasks import Task, TaskKindOutbound, TaskKindTimer

MANY = 2_000
"""The most states that are explored: a machine that counts its retries has no end of them."""
BEGINNING = '''"""Recorded by playing the machine {name}."""

from hsm_diagrams.machine.trials import state_name
from hsm_specs.machines.names import find_machine


def test_the_machine_moves_as_it_was_played():
    description = find_machine({argument!r}).description'''


def played_machine(machine: MachineDescription[Any], argument: str, boxes: Mapping[str, int]) -> Played:
    """Return a machine's states with their data, breadth first, and the moves between them.

    ``argument`` names the machine on the command line, ``boxes`` are the numbers of the states in the picture. What
    fails leaves the machine as it was: the tree takes its data back.
    """
    known: dict[tuple[str, str], int] = {}
    subjects: list[tuple[str, Any]] = []
    states: list[PlayedState] = []

    def found(case: str, subject: Any) -> int:
        key = (case, repr(_members(subject)))
        if key not in known:
            known[key] = len(states)
            subjects.append((case, subject))
            name = state_name(subject.state())
            code = f"assert state_name(machine.state()) == {name!r}"
            if len(subjects) <= len(machine.cases):
                code = f"machine = description.cases[{case!r}]()\n{code}"
            states.append(PlayedState(name, dict(_facts(case, subject)), boxes.get(name, 0), code))
            waiting.append(known[key])
        return known[key]

    waiting: deque[int] = deque()
    starts = [found(case, make()) for case, make in machine.cases.items()]
    moves: list[PlayedMove] = []
    while waiting and len(states) < MANY:
        source = waiting.popleft()
        case, subject = subjects[source]
        for name, trial in machine.trials.items():
            for event in trial.events:
                moved = deepcopy(subject)
                outcome, notes = _apply(moved, trial.transition, deepcopy(trial.events[event]))
                if outcome == "rejected" and not notes:
                    continue
                target = found(case, moved) if outcome == "success" else source
                moves.append(
                    PlayedMove(
                        source, target, name + (event and f" [{event}]"), outcome, notes, _code(name, event, outcome)
                    )
                )
    cut = (
        f"The machine has more than {MANY:,} states, since its data counts: those farther away are left out."
        if waiting
        else ""
    )
    return Played(states, moves, starts, cut, BEGINNING.format(name=machine.name, argument=argument))


def _apply(subject: Any, transition: Any, event: Any) -> tuple[str, list[str]]:
    """Apply a transition. Return the outcome and what is to be said of it: tasks or an error."""
    possible = transition.possible(subject)
    try:
        output = transition.apply(subject, event)
    except InvalidTransition as error:
        return "rejected", [f"although it is possible: {error}"] if possible else []
    except Exception as error:
        return "failed", [f"{error}" or type(error).__name__, "rolled back"]
    return "success", [f"emits {_task(task)}" for task in output.tasks]


def _code(name: str, event: str, outcome: str) -> str:
    made = f"description.trials[{name!r}]"
    call = f"{made}.transition.apply(machine, {made}.events[{event!r}])"
    if outcome == "success":
        return call
    return f"# {name} fails here, and the tree takes back what it changed.\n# {call}"


def _facts(case: str, subject: Any) -> Iterator[tuple[str, list[str]]]:
    if case:
        yield "Case", [case]
    yield "Data", [f"{name}: {_shown(value)}" for name, value in _members(subject).items()]
    try:
        yield "Pending tasks", [_task(task) for task in subject.regenerate_tasks()]
    except Exception as error:
        yield "Pending tasks", [f"regenerating them fails: {error}"]


def _task(task: Task) -> str:
    kind = task.kind()
    if isinstance(kind, TaskKindOutbound):
        return f"{task.type().name}, outbound to {kind.destination or 'the shared queue'}"
    return f"{task.type().name}, a timer{f' due {kind.deadline}' if isinstance(kind, TaskKindTimer) else ''}"


def _members(subject: Any) -> dict[str, Any]:
    """Return the data of a machine by name."""
    if is_dataclass(subject):
        return {field.name: getattr(subject, field.name) for field in fields(subject)}
    return dict(vars(subject))


def _shown(value: Any) -> Any:
    return state_name(value) if isinstance(value, Enum) else value
