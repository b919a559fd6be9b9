"""A machine to be played: all that can happen to it on the model of the framework, faults among it, with its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from hsm_diagrams.machine.trials import state_name
from hsm_diagrams.play.played import Played, PlayedMove, PlayedState
from hsm_specs.errors import InputError
from hsm_specs.machines.check.exploration import Bounds, Edge, Place, explore
from hsm_specs.machines.check.simulation import CASE, FAULTS, Transitioned
from hsm_specs.machines.check.subject import subject_of
from hsm_specs.machines.names import NamedMachine, where

BOUNDS = Bounds(configurations=2_000, steps=60)
"""The bounds of what is explored: a machine that counts its retries has no end of configurations."""
BEGINNING = '''"""Recorded by playing the machine {name}."""

from hsm_specs.machines.check.following import follow
from hsm_specs.machines.names import find_machine


def test_the_machine_moves_as_it_was_played():
    steps, states = [], []'''
ENDING = "assert states == [taken.state for taken in follow(find_machine({name!r}), steps)]"


def played_machine(machine: NamedMachine, boxes: Mapping[str, int]) -> Played:
    """Return the configurations of a machine, and the steps between them.

    ``boxes`` are the numbers of the states in the picture. What fails leaves the machine as it was. Raise `InputError`
    if an imported machine fails outside of transitions.
    """
    try:
        explored = explore(subject_of(machine), BOUNDS)
    except Exception as error:
        if not machine.imported:
            raise
        raise InputError(f"The machine {machine.description.name} cannot be played: {where(error)}.") from error
    index = {id(place): number for number, place in enumerate(explored.places)}
    states = [_state(place, boxes) for place in explored.places]
    moves = [_move(index, place, edge) for place in explored.places for edge in place.edges]
    starts = [index[id(place)] for place in explored.places if place.before is None]
    failed = [
        f"the case {case} cannot begin ({begun.error})" for case, begun in explored.beginnings.items() if begun.trouble
    ]
    reasons = [*failed, *([explored.bound] if explored.bound else [])]
    cut = f"Not all is here: {'; '.join(reasons)}." if reasons else ""
    name = machine.description.name
    return Played(states, moves, starts, cut, BEGINNING.format(name=name), ENDING.format(name=machine.name))


def _state(place: Place, boxes: Mapping[str, int]) -> PlayedState:
    name = place.configuration.state
    case = place.configuration.case
    begin = f"steps.append({CASE + case!r})" if case else ""
    return PlayedState(name, dict(_facts(place)), boxes.get(name, 0), f"states.append({name!r})", begin)


def _move(index: Mapping[int, int], place: Place, edge: Edge) -> PlayedMove:
    source = index[id(place)]
    words, outcome = edge.step.words, edge.outcome
    code = f"steps.append({words!r})"
    notes = [note for transition in outcome.transitions for note in _notes(transition)]
    if edge.target is None:
        kind = "rejected" if outcome.trouble == "refused" else "failed"
        return PlayedMove(source, source, words, kind, [*notes, outcome.error, "nothing is changed"], code)
    kind = "fault" if edge.step.kind in FAULTS else "success"
    return PlayedMove(source, index[id(edge.target)], words, kind, notes, code)


def _notes(transition: Transitioned) -> Iterator[str]:
    for (task, queue, _), count in transition.emitted.items():
        yield f"emits {task}, {_to(queue)}{f', {count} times' if count > 1 else ''}"


def _facts(place: Place) -> Iterator[tuple[str, list[str]]]:
    if place.configuration.case:
        yield "Case", [place.configuration.case]
    yield "Data", [f"{name}: {value}" for name, value in _members(place.machine)]
    yield "Pending tasks", [f"{task}, {_to(queue)}" for task, queue, _ in place.configuration.pending]


def _to(queue: str) -> str:
    return f"{queue}the shared queue" if queue.endswith(" to ") else queue


def _members(subject: Any) -> Iterator[tuple[str, Any]]:
    """Yield the data of a machine by name."""
    names = [field.name for field in fields(subject)] if is_dataclass(subject) else list(vars(subject))
    for name in names:
        value = getattr(subject, name)
        yield name, state_name(value)
