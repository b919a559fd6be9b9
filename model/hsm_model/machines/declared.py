"""Machines declared as data: states, what events lead to, and the tasks of each state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any

from hsm_model.machines.attempts import NOW, outbound, timer
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.tasks import Task, TaskType, TransitionOutput
from hsm_model.transition import Transition

MAX_GUARDS = 5
"""The most guards of one event: it is tried with every combination of them."""
MAX_DELAY = timedelta(days=36500)
"""The longest delay of a timer."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A task of the timer queue, due some time after the machine enters the state."""

    type: str
    after: timedelta

    def __post_init__(self) -> None:
        """Raise ValueError for a delay that is negative or longer than `MAX_DELAY`."""
        if not timedelta(0) <= self.after <= MAX_DELAY:
            raise ValueError(f"the timer {self.type}: {self.after} is no delay from 0 to a hundred years")


@dataclass(frozen=True, slots=True)
class Outbound:
    """A task of the outbound queue of a destination; without one, of the shared queue."""

    type: str
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A way out of a state on an event, taken if its guard holds and no guard before it does."""

    target: str
    guard: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A state: the moves of each event, the tasks that it emits, and whether it is terminal."""

    on: Mapping[str, str | tuple[Move, ...]] = field(default_factory=dict[str, "str | tuple[Move, ...]"])
    """The state that an event leads to, or guarded moves in the order in which they are tried."""
    tasks: tuple[Timer | Outbound, ...] = ()
    final: bool = False
    description: str = ""

    def moves(self, event: str) -> tuple[Move, ...]:
        """Return the moves of an event, in the order in which they are tried."""
        moves = self.on.get(event, ())
        return (Move(moves),) if isinstance(moves, str) else moves


@dataclass(slots=True, kw_only=True)
class DeclaredMachine:
    """A machine in a declared state."""

    current: str
    tasks: Mapping[str, tuple[Task, ...]]

    def state(self) -> str:
        """Return the state."""
        return self.current

    def set_state(self, state: str) -> None:
        """Set the state."""
        self.current = state

    def regenerate_tasks(self) -> list[Task]:
        """Return the tasks that the state declares."""
        return list(self.tasks[self.current])


@dataclass(frozen=True, slots=True)
class MachineDeclaration:
    """A machine as data. `describe` makes what is executed and drawn."""

    name: str
    initial: str
    states: Mapping[str, State]
    description: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError, which names the place, for what cannot be a machine."""
        if self.initial not in self.states:
            raise ValueError(f"initial: `{self.initial}` is no state")
        for name, state in self.states.items():
            if state.final and state.on:
                raise ValueError(f"states.{name}.on: a final state has no transitions")
            for event in state.on:
                self._check_moves(f"states.{name}.on.{event}", state.moves(event))
        for event in self.events():
            if len(self.guards(event)) > MAX_GUARDS:
                raise ValueError(
                    f"the event {event} has {len(self.guards(event))} guards, and at most {MAX_GUARDS} work"
                )
        names = [name for event in self.events() for name in self._trials(event)]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two transitions are named `{name}`")

    def _check_moves(self, place: str, moves: tuple[Move, ...]) -> None:
        if not moves:
            raise ValueError(f"{place}: there is no target")
        for index, move in enumerate(moves):
            if move.target not in self.states:
                raise ValueError(f"{place}: the target `{move.target}` is no state")
            if any(not earlier.guard or earlier.guard == move.guard for earlier in moves[:index]):
                raise ValueError(f"{place}: the move to `{move.target}` never happens, since one before it always does")

    def events(self) -> tuple[str, ...]:
        """Return the events of all states, in the order in which they are declared."""
        return tuple(dict.fromkeys(event for state in self.states.values() for event in state.on))

    def guards(self, event: str) -> tuple[str, ...]:
        """Return the guards that an event has in any state."""
        moves = (move for state in self.states.values() for move in state.moves(event))
        return tuple(dict.fromkeys(move.guard for move in moves if move.guard))

    def describe(self) -> MachineDescription[DeclaredMachine]:
        """Return the description of the machine.

        An event that leads to one state is one transition; one that leads to several is a transition for each, named
        by both. The event of a trial is the set of the guards that hold. Where the guard of a transition does not
        hold, its function returns an error.
        """
        types = {task.type for state in self.states.values() for task in state.tasks}
        numbers = {name: TaskType(number, name) for number, name in enumerate(sorted(types), 1)}
        tasks = {
            name: tuple(
                timer(numbers[task.type], NOW + task.after)
                if isinstance(task, Timer)
                else outbound(numbers[task.type], task.destination)
                for task in state.tasks
            )
            for name, state in self.states.items()
        }
        return MachineDescription(
            name=self.name,
            title=self.name,
            states=tuple(self.states),
            terminal=tuple(name for name, state in self.states.items() if state.final),
            cases={"": lambda: DeclaredMachine(current=self.initial, tasks=tasks)},
            trials={name: trial for event in self.events() for name, trial in self._trials(event).items()},
            creation_tasks=lambda machine: machine.regenerate_tasks(),
        )

    def _trials(self, event: str) -> dict[str, Trial[DeclaredMachine]]:
        """Return a trial for each target of an event and each list of guards that leads to it."""
        sources: dict[tuple[str, tuple[tuple[str, ...], ...]], list[str]] = {}
        for name, state in self.states.items():
            moves = state.moves(event)
            for target in dict.fromkeys(move.target for move in moves):
                chains = tuple(
                    (*(earlier.guard for earlier in moves[:index]), move.guard)
                    for index, move in enumerate(moves)
                    if move.target == target
                )
                sources.setdefault((target, chains), []).append(name)
        targets = [target for target, _ in sources]
        found: dict[str, Trial[DeclaredMachine]] = {}
        for (target, chains), names in sources.items():
            title = event if len(targets) == 1 else f"{event} to {target}"
            if targets.count(target) > 1:
                title += f" from {', '.join(names)}"
            moved = Transition(tuple(names), target, _apply(chains))
            found[title] = Trial(moved, _combinations(self.guards(event)))
        return found


def _apply(chains: tuple[tuple[str, ...], ...]) -> Callable[[DeclaredMachine, frozenset[str]], TransitionOutput]:
    """Return a function that emits the tasks of the new state where a chain holds: its last guard, none before it."""

    def apply(machine: DeclaredMachine, holding: frozenset[str]) -> TransitionOutput:
        if not any((chain[-1] in holding or not chain[-1]) and holding.isdisjoint(chain[:-1]) for chain in chains):
            raise ValueError("the guard does not hold")
        return TransitionOutput(machine.regenerate_tasks())

    return apply


def _combinations(guards: tuple[str, ...]) -> dict[str, Any]:
    """Return the sets of guards that can hold at a time, by name; without guards one set, whose name is empty."""
    found: dict[str, Any] = {}
    for holds in product((True, False), repeat=len(guards)):
        name = " and ".join(guard if held else f"not {guard}" for guard, held in zip(guards, holds, strict=True))
        found[name] = frozenset(guard for guard, held in zip(guards, holds, strict=True) if held)
    return found
