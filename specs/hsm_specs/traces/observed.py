"""The machines that traces show: states, moves between them, and tasks, by machine type.

Nothing is judged. Lines are taken as they are, in the vocabulary of the palette or of an open world.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from hsm_specs.traces.format.remarks import Position

MoveOutcome = Literal["success", "rejected", "failed", "rolled back"]


@dataclass(frozen=True, slots=True, order=True)
class Declared:
    """A transition as it was declared."""

    sources: tuple[str, ...]
    destination: str


@dataclass(frozen=True, slots=True)
class ObservedMove:
    """The outcome of a try. Without ``transition`` the function set the state itself."""

    transition: Declared | None
    source: str
    target: str
    outcome: MoveOutcome


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a trace says something: the line of the file, and the place in the program, if it is known."""

    file: str
    line: int
    trace: str
    at: Position | None


@dataclass(slots=True)
class ObservedMachine:
    """All that traces show of a machine type."""

    states: Counter[str] = field(default_factory=Counter)
    """How often a machine got into each state."""
    initial: Counter[str] = field(default_factory=Counter)
    moves: Counter[ObservedMove] = field(default_factory=Counter)
    tasks: dict[ObservedMove, Counter[str]] = field(default_factory=dict)
    """How many moves of a kind emitted each type of task."""
    first: dict[ObservedMove, Origin] = field(default_factory=dict)
    """Where each move was seen first."""
    emitted: Counter[str] = field(default_factory=Counter)
    declared: set[Declared] = field(default_factory=set)

    def never_left(self) -> list[str]:
        """Return the states that no successful move leads out of."""
        left = {move.source for move in self.moves if move.outcome == "success" and move.target != move.source}
        return sorted(state for state, count in self.states.items() if count and state not in left)

    def never_tried(self) -> list[Declared]:
        """Return the declared transitions that were never applied."""
        return sorted(self.declared - {move.transition for move in self.moves if move.transition is not None})

    def untried_sources(self) -> list[tuple[Declared, str]]:
        """Return the declared sources from which a transition was never applied."""
        tried = {(move.transition, move.source) for move in self.moves}
        return [(each, state) for each in sorted(self.declared) for state in each.sources if (each, state) not in tried]


@dataclass(frozen=True, slots=True)
class ChartedCall:
    """An operation of a trace for a sequence chart: who was called, what happened, and what was emitted."""

    trace: str
    who: str
    what: str
    failure: str = ""
    tasks: tuple[str, ...] = ()


@dataclass(slots=True)
class Observed:
    """All that traces show."""

    machines: dict[str, ObservedMachine] = field(default_factory=dict)
    executed: Counter[str] = field(default_factory=Counter)
    failed_executions: Counter[str] = field(default_factory=Counter)
    steps: dict[str, list[ChartedCall]] = field(default_factory=dict)
    """The steps of each trace, in the order of the traces' first lines."""
    kinds: dict[str, int | str] = field(default_factory=dict)
    """A deadline or a destination that tasks of each type had first."""

    def machine(self, name: str) -> ObservedMachine:
        """Return the machine of a type."""
        return self.machines.setdefault(name, ObservedMachine())

    def never_executed(self) -> dict[str, int]:
        """Return the types of tasks that were emitted and never executed, with how often they were emitted."""
        emitted: Counter[str] = Counter()
        for machine in self.machines.values():
            emitted += machine.emitted
        return {name: emitted[name] for name in sorted(emitted) if not self.executed[name]}
