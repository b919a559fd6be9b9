"""The graph of all that can happen to a machine, within bounds, explored breadth first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hsm_model.framework import World
from hsm_specs.machines.check.simulation import CASE, FAULTS, Configuration, Simulation, Step, StepOutcome
from hsm_specs.machines.check.subject import Subject

MOST_CONFIGURATIONS = 1000
MOST_STEPS = 30


class Bounds(NamedTuple):
    """The bounds of an exploration: configurations in all, and steps of a sequence."""

    configurations: int = MOST_CONFIGURATIONS
    steps: int = MOST_STEPS


DEFAULT_BOUNDS = Bounds()


class Edge(NamedTuple):
    """A step that was taken; ``target`` is None if it led nowhere."""

    step: Step
    outcome: StepOutcome
    target: Place | None


@dataclass(eq=False)
class Place:
    """A configuration that was reached, with a shortest way there.

    ``after_fault`` says that no way without a fault was found. ``more`` says that what follows was left out.
    """

    configuration: Configuration
    machine: Any
    world: World
    simulation: Simulation
    before: Place | None
    step: Step | None
    depth: int
    after_fault: bool = False
    more: bool = False
    edges: list[Edge] = field(default_factory=list["Edge"])

    def steps(self) -> tuple[str, ...]:
        """Return the steps that lead there."""
        words: list[str] = []
        place: Place | None = self
        while place is not None and place.step is not None:
            words.append(place.step.words)
            place = place.before
        if self.configuration.case:
            words.append(f"{CASE}{self.configuration.case}")
        return tuple(reversed(words))


@dataclass
class Exploration:
    """All that was explored of a machine. ``beginnings`` are the outcomes of adding one, by case."""

    subject: Subject
    bounds: Bounds
    places: list[Place] = field(default_factory=list["Place"])
    beginnings: dict[str, StepOutcome] = field(default_factory=dict[str, StepOutcome])
    losses: dict[str, str] = field(default_factory=dict[str, str])
    taken: int = 0
    """Steps that were taken."""

    @property
    def bound(self) -> str:
        """Why there is more than was explored, empty if there is not."""
        if not any(place.more for place in self.places):
            return ""
        if len(self.places) >= self.bounds.configurations:
            return f"there are more configurations than the bound of {self.bounds.configurations:,}"
        return f"there are sequences of more steps than the bound of {self.bounds.steps:,}"

    def without_faults(self) -> Iterator[Place]:
        """Yield the places that were reached without a fault."""
        return (place for place in self.places if not place.after_fault)


def explore(subject: Subject, bounds: Bounds, *, faults: bool = True) -> Exploration:
    """Explore a machine of each case: first without faults, then, if wanted, with one after each configuration."""
    explored = Exploration(subject, bounds)
    known: dict[Configuration, Place] = {}
    for case in subject.cases:
        simulation = Simulation(subject, case)
        outcome = simulation.begin()
        explored.beginnings[case] = outcome
        if not outcome.trouble:
            first = Place(
                simulation.configuration(), simulation.machine(), simulation.world, simulation, None, None, depth=0
            )
            if first.configuration not in known:
                known[first.configuration] = first
                explored.places.append(first)
                _spread(explored, known, deque([first]))
        explored.losses.update(simulation.losses)
    for place in list(explored.places) if faults else ():
        _fault(explored, known, place)
    return explored


def _spread(explored: Exploration, known: dict[Configuration, Place], waiting: deque[Place]) -> None:
    while waiting:
        place = waiting.popleft()
        simulation = place.simulation
        simulation.world = place.world
        steps = list(simulation.steps())
        if place.depth >= explored.bounds.steps:
            place.more = bool(steps)
            continue
        for step in steps:
            simulation.world = place.world
            target = _take(explored, known, place, step)
            if target is not None:
                waiting.append(target)


def _fault(explored: Exploration, known: dict[Configuration, Place], place: Place) -> None:
    for fault in FAULTS:
        place.simulation.world = place.world
        target = _take(explored, known, place, Step(fault, {}), after_fault=True)
        if target is not None:
            _spread(explored, known, deque([target]))


def _take(
    explored: Exploration, known: dict[Configuration, Place], place: Place, step: Step, *, after_fault: bool = False
) -> Place | None:
    """Take a step from a place and note it. Return the place that it leads to if that is a new one."""
    simulation = place.simulation
    outcome = simulation.take(step)
    explored.taken += 1
    explored.losses.update(simulation.losses)
    if outcome.trouble:
        place.edges.append(Edge(step, outcome, None))
        return None
    reached = simulation.configuration()
    target = known.get(reached)
    new = target is None
    if target is None:
        if len(explored.places) >= explored.bounds.configurations:
            place.more = True
            return None
        machine, world = simulation.machine(), simulation.world
        target = Place(reached, machine, world, simulation, place, step, place.depth + 1)
        target.after_fault = after_fault or place.after_fault
        known[reached] = target
        explored.places.append(target)
    place.edges.append(Edge(step, outcome, target))
    return target if new else None
