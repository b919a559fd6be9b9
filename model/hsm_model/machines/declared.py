"""Machines declared as data: states, what events lead to, and the tasks of each state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations, product
from typing import Any, NamedTuple

from hsm_model.machines.attempts import NOW, outbound, timer
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.machines.properties import Property
from hsm_model.machines.suggestions import is_typo, similar
from hsm_model.tasks import Task, TaskType, TransitionOutput
from hsm_model.transition import Transition

MAX_GUARDS = 5
"""The most guards of one event: it is tried with every combination of them."""
MAX_DELAY = timedelta(days=36500)
"""The longest delay of a timer."""
Guard = Callable[[Any], bool]
"""Says by a machine's data whether a move may be taken."""
Update = Callable[[Any], Any]
"""Returns a machine's data after a move, and leaves what it is given as it is."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A task of the timer queue, due some time after the machine enters the state.

    ``sends`` are the events that executing it may lead to.
    """

    type: str
    after: timedelta
    sends: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for a delay that is negative or longer than `MAX_DELAY`."""
        if not timedelta(0) <= self.after <= MAX_DELAY:
            raise ValueError(f"the timer {self.type}: {self.after} is no delay from 0 to a hundred years")


@dataclass(frozen=True, slots=True)
class Outbound:
    """A task of the outbound queue of a destination; without one, of the shared queue.

    ``sends`` are the events that executing it may lead to.
    """

    type: str
    destination: str = ""
    sends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A way out of a state on an event, taken if its guard holds and no guard before it does.

    A guard is a name, or a function of the machine's data. ``update`` changes the data.
    """

    target: str
    guard: str | Guard = ""
    update: Update | None = None

    @property
    def guard_name(self) -> str:
        """The name of the guard, empty without one."""
        return self.guard if isinstance(self.guard, str) else _function_name(self.guard)


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
    data: Any = None

    def state(self) -> str:
        """Return the state."""
        return self.current

    def set_state(self, state: str) -> None:
        """Set the state."""
        self.current = state

    def regenerate_tasks(self) -> list[Task]:
        """Return the tasks that the state declares."""
        return list(self.tasks[self.current])


def no_data() -> Any:
    """Return None, the data of a machine that has none."""
    return None


@dataclass(frozen=True, slots=True)
class MachineDeclaration:
    """A machine as data. `describe` makes what is executed and drawn."""

    name: str
    initial: str
    states: Mapping[str, State]
    description: str = ""
    data: Callable[[], Any] = no_data
    """Makes the data of a new machine."""
    declared_events: tuple[str, ...] = ()
    """All events, if they are declared: any other is a mistake."""
    outside: tuple[str, ...] | None = None
    """The events that come from outside; by default those that no task sends."""
    properties: tuple[Property, ...] = ()
    """Properties that the machine is to have, for `hsmspec check`."""

    def __post_init__(self) -> None:
        """Raise ValueError, which names the place, for what cannot be a machine."""
        if self.initial not in self.states:
            raise ValueError(f"initial: `{self.initial}` is no state{_suggested(self.initial, self.states)}")
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
                suggestion = _suggested(move.target, self.states)
                raise ValueError(f"{place}: the target `{move.target}` is no state{suggestion}")
            if not callable(move.guard) and type(move.guard) is not str:
                raise ValueError(f"{place}: the guard {move.guard!r} is neither a name nor a function")
            if any(earlier.guard_name == move.guard_name and earlier.guard != move.guard for earlier in moves[:index]):
                raise ValueError(f"{place}: two guards are named `{move.guard_name}`: give each a name of its own")
            if any(not earlier.guard_name or earlier.guard == move.guard for earlier in moves[:index]):
                raise ValueError(f"{place}: the move to `{move.target}` never happens, since one before it always does")

    def events(self) -> tuple[str, ...]:
        """Return the events of all states, in the order in which they are declared."""
        return tuple(dict.fromkeys(event for state in self.states.values() for event in state.on))

    def guards(self, event: str) -> tuple[str, ...]:
        """Return the guards that an event has in any state."""
        moves = (move for state in self.states.values() for move in state.moves(event))
        return tuple(dict.fromkeys(move.guard_name for move in moves if move.guard_name))

    def mistakes(self) -> tuple[str, ...]:
        """Return a sentence for each event that seems to be misspelt, with its place."""
        return tuple(self._misspelt())

    def _misspelt(self) -> Iterator[str]:
        known = self.declared_events or self.events()
        for name, state in self.states.items():
            for event in state.on:
                if event not in known:
                    yield f"states.{name}.on: `{event}` is no event{similar(event, known)}"
            for task in state.tasks:
                for event in task.sends:
                    if event not in known:
                        yield f"states.{name}: {task.type} sends `{event}`, which is no event{similar(event, known)}"
        if not self.declared_events:
            yield from self._almost_the_same()

    def _almost_the_same(self) -> Iterator[str]:
        """Yield the events that differ from another one by a slip, the rarer of the two."""
        having = {event: [name for name, state in self.states.items() if event in state.on] for event in self.events()}
        for one, other in combinations(having, 2):
            if is_typo(one, other):
                rare, usual = (one, other) if len(having[one]) < len(having[other]) else (other, one)
                yield f"states.{having[rare][0]}.on: `{rare}` is almost the event `{usual}`; did you mean {usual}?"

    def task_types(self) -> dict[str, TaskType]:
        """Return the types of tasks by name."""
        types = {task.type for state in self.states.values() for task in state.tasks}
        return {name: TaskType(number, name) for number, name in enumerate(sorted(types), 1)}

    def describe(self) -> MachineDescription[DeclaredMachine]:
        """Return the description of the machine.

        An event that leads to one state is one transition; one that leads to several is a transition for each, named
        by both. The event of a trial is the set of the guards that hold, functions included. Where the guard of a
        transition does not hold, its function returns an error.
        """
        numbers = self.task_types()
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
            cases={"": lambda: DeclaredMachine(current=self.initial, tasks=tasks, data=self.data())},
            trials={name: trial for event in self.events() for name, trial in self._trials(event).items()},
            creation_tasks=lambda machine: machine.regenerate_tasks(),
            mistakes=self.mistakes(),
        )

    def _trials(self, event: str) -> dict[str, Trial[DeclaredMachine]]:
        """Return a trial for each target of an event and each list of guards that leads to it."""
        sources: dict[tuple[str, tuple[_Chain, ...]], list[str]] = {}
        for name, state in self.states.items():
            moves = state.moves(event)
            for target in dict.fromkeys(move.target for move in moves):
                chains = tuple(
                    _Chain(tuple(earlier.guard_name for earlier in moves[:index]), move.guard_name, move.update)
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


class _Chain(NamedTuple):
    """A move: the guards before it, of which none may hold, its own guard and what it does to the data."""

    before: tuple[str, ...]
    guard: str
    update: Update | None


def _apply(chains: tuple[_Chain, ...]) -> Callable[[DeclaredMachine, frozenset[str]], TransitionOutput]:
    """Return a function that emits the tasks of the new state where a chain holds."""

    def apply(machine: DeclaredMachine, holding: frozenset[str]) -> TransitionOutput:
        for before, guard, update in chains:
            if (guard in holding or not guard) and holding.isdisjoint(before):
                if update is not None:
                    machine.data = update(machine.data)
                return TransitionOutput(machine.regenerate_tasks())
        raise ValueError("the guard does not hold")

    return apply


def _function_name(function: Guard) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _suggested(name: str, names: Iterable[str]) -> str:
    return similar(name, names).removesuffix(".")


def _combinations(guards: tuple[str, ...]) -> dict[str, Any]:
    """Return the sets of guards that can hold at a time, by name; without guards one set, whose name is empty."""
    found: dict[str, Any] = {}
    for holds in product((True, False), repeat=len(guards)):
        name = " and ".join(guard if held else f"not {guard}" for guard, held in zip(guards, holds, strict=True))
        found[name] = frozenset(guard for guard, held in zip(guards, holds, strict=True) if held)
    return found
