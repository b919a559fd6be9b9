"""The machine to be checked: its cases, the events that it takes, and who sends them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from copy import copy, deepcopy
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import product
from types import FunctionType, NoneType
from typing import Any, NamedTuple

from hsm_model.errors import InvalidTransition
from hsm_model.machines import MachineDeclaration, MachineDescription, Move, Property, Timer, Trial
from hsm_model.machines.attempts import outbound, timer
from hsm_model.registry import StateMachineDefinition
from hsm_model.tasks import Task, TaskSerializer, TaskType, TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.machines.names import NamedMachine

MoveName = tuple[str, ...]
"""The name of a transition, or the state, the event and the target of a declared move, with its position."""


class Fired(NamedTuple):
    """The transition that was taken, and its output."""

    move: MoveName
    output: TransitionOutput


@dataclass(frozen=True)
class Choice:
    """One way in which an event can go. ``open`` means that a guard of which nothing is known decides."""

    event: str
    variant: str
    fire: Callable[[Any, datetime], Fired]
    open: bool = False

    def __str__(self) -> str:
        return f"{self.event} ({self.variant})" if self.variant else self.event


class GuardGap(InvalidTransition):
    """The state takes the event, and none of its guards holds."""


class Subject(ABC):
    """A machine to be checked."""

    name: str
    states: tuple[str, ...]
    terminal: frozenset[str] | None
    cases: Mapping[str, Callable[[], Any]]
    executors: Mapping[str, tuple[str, ...]] | None
    outside: tuple[str, ...]
    definition: StateMachineDefinition | None
    serializers: Mapping[str, TaskSerializer[Any]] | None
    properties: tuple[Property, ...]
    mistakes: tuple[str, ...]

    @abstractmethod
    def choices(self, machine: Any, event: str) -> list[Choice]:
        """Return the ways in which an event can go in the machine's state; empty if the state does not take it."""

    @abstractmethod
    def holding(self, machine: Any, event: str) -> tuple[str, ...]:
        """Return the names of the guards that are functions and hold for an event."""

    @abstractmethod
    def moves(self) -> Iterable[tuple[MoveName, str]]:
        """Yield the name of each transition with the state that it leaves, empty if it may leave several."""

    @abstractmethod
    def create(self, machine: Any, now: datetime) -> Fired:
        """Do what happens to a machine as it is added to a tree."""


def state_name(state: Any) -> str:
    """Return the name of a state."""
    if isinstance(state, Enum):
        return state.value if isinstance(state.value, str) else state.name
    return str(state)


def subject_of(machine: NamedMachine) -> Subject:
    """Return the subject that a machine is."""
    if machine.declaration is not None:
        return DeclaredSubject(machine.declaration, machine.description)
    return DescribedSubject(machine.description)


class DescribedSubject(Subject):
    """A machine that was written in code, with its description."""

    def __init__(self, described: MachineDescription[Any]) -> None:
        self._described = described
        self.name = described.title or described.name
        self.states = tuple(map(state_name, described.all_states()))
        self.terminal = None if described.terminal is None else frozenset(map(state_name, described.terminal))
        self.cases = described.cases
        self.executors = described.executors
        sent = {event for events in (described.executors or {}).values() for event in events}
        inside = tuple(event for event in described.trials if event not in {*sent, described.created_by})
        self.outside = inside if described.outside is None else described.outside
        self.definition, self.serializers = described.definition, described.serializers
        self.properties = described.properties
        unknown = tuple(f"{state_name(state)} is named but is no state." for state in described.undeclared_states())
        named = {*sent, *self.outside} - set(described.trials)
        self.mistakes = (*described.mistakes, *unknown, *(f"`{event}` is no transition." for event in sorted(named)))

    def choices(self, machine: Any, event: str) -> list[Choice]:
        """Return a choice for each sample of the event."""
        trial: Trial[Any] | None = self._described.trials.get(event)
        if trial is None or not trial.transition.possible(machine):
            return []
        return [Choice(event, name, _sample(event, trial.transition, value)) for name, value in trial.events.items()]

    def holding(self, machine: Any, event: str) -> tuple[str, ...]:
        """Return nothing: its guards are not known."""
        return ()

    def moves(self) -> Iterable[tuple[MoveName, str]]:
        """Yield the transitions."""
        for name, trial in self._described.trials.items():
            sources = {state_name(state) for state in trial.transition.sources}
            yield (name,), sources.pop() if len(sources) == 1 else ""

    def create(self, machine: Any, now: datetime) -> Fired:
        """Apply the transition of creation, and emit the creation tasks with its own."""
        name = self._described.created_by
        tasks: tuple[Task, ...] = ()
        if name:
            trial = self._described.trials[name]
            tasks = trial.transition.apply(machine, next(iter(trial.events.values()))).tasks
        return Fired((name,) if name else (), TransitionOutput((*tasks, *self._described.creation_tasks(machine))))


def _sample(name: str, transition: Transition[Any, Any, Any], event: Any) -> Callable[[Any, datetime], Fired]:
    return lambda machine, now: Fired((name,), transition.apply(machine, event))


@dataclass
class CheckedMachine:
    """A declared machine that knows when it entered its state."""

    current: str
    data: Any
    tasks: Callable[[str, datetime], list[Task]]
    entered: datetime

    def state(self) -> str:
        """Return the state."""
        return self.current

    def set_state(self, state: str) -> None:
        """Set the state."""
        self.current = state

    def regenerate_tasks(self) -> list[Task]:
        """Return the tasks of the state."""
        return self.tasks(self.current, self.entered)


class DeclaredSubject(Subject):
    """A machine that was declared. Its guards that are functions look at the data; the others may hold or not."""

    def __init__(self, declared: MachineDeclaration, described: MachineDescription[Any]) -> None:
        self._declared = declared
        self._types = declared.task_types()
        self.name = declared.name
        self.states = tuple(declared.states)
        self.terminal = frozenset(name for name, state in declared.states.items() if state.final)

        def tasks(state: str, entered: datetime) -> list[Task]:
            # A function is copied with a machine as it is; a method would take the subject along.
            return self._tasks(state, entered)

        self.cases = {"": lambda: CheckedMachine(declared.initial, declared.data(), tasks, datetime.min)}
        sends: dict[str, tuple[str, ...]] = {}
        for task in (task for state in declared.states.values() for task in state.tasks if task.sends):
            sends[task.type] = tuple(dict.fromkeys((*sends.get(task.type, ()), *task.sends)))
        self.executors = sends or None
        sent = {event for events in sends.values() for event in events}
        others = tuple(event for event in declared.events() if event not in sent)
        self.outside = others if declared.outside is None else declared.outside
        self.definition, self.serializers = None, None
        self.properties = declared.properties
        self.mistakes = described.mistakes

    def _tasks(self, state: str, entered: datetime) -> list[Task]:
        return [
            timer(self._types[task.type], entered + task.after)
            if isinstance(task, Timer)
            else outbound(self._types[task.type], task.destination)
            for task in self._declared.states[state].tasks
        ]

    def choices(self, machine: Any, event: str) -> list[Choice]:
        """Return a choice for each set of guards that are only names and may hold."""
        moves = self._declared.states[machine.state()].moves(event)
        if not moves:
            return []
        names = list(dict.fromkeys(move.guard for move in moves if isinstance(move.guard, str) and move.guard))
        found: list[Choice] = []
        for holds in product((True, False), repeat=len(names)):
            variant = " and ".join(name if held else f"not {name}" for name, held in zip(names, holds, strict=True))
            held = frozenset(name for name, holds_now in zip(names, holds, strict=True) if holds_now)
            found.append(Choice(event, variant, self._fire(event, held), open=bool(names)))
        return found

    def _fire(self, event: str, named: frozenset[str]) -> Callable[[Any, datetime], Fired]:
        def fire(machine: Any, now: datetime) -> Fired:
            source = machine.state()
            for index, move in enumerate(self._declared.states[source].moves(event)):
                if _holds(move, machine.data, named):

                    def apply(machine: Any, move: Move) -> TransitionOutput:
                        if move.update is not None:
                            machine.data = move.update(machine.data)
                        machine.entered = now
                        return TransitionOutput(machine.regenerate_tasks())

                    transition: Transition[str, Any, Move] = Transition((source,), move.target, apply)
                    return Fired((source, event, move.target, str(index)), transition.apply(machine, move))
            raise GuardGap(f"no guard of {event} holds in {source}")

        return fire

    def holding(self, machine: Any, event: str) -> tuple[str, ...]:
        """Return the names of the guards that are functions and hold."""
        moves = self._declared.states[machine.state()].moves(event)
        return tuple(move.guard_name for move in moves if callable(move.guard) and move.guard(machine.data))

    def may_hold(self, machine: Any, move: MoveName) -> bool:
        """Return whether the guard of a move holds, or nothing is known of it."""
        guard = self._declared.states[move[0]].moves(move[1])[int(move[3])].guard
        return guard(machine.data) if callable(guard) else True

    def guarded(self, state: str, event: str) -> int:
        """Return the number of moves of an event that have a guard that is a function."""
        return sum(callable(move.guard) for move in self._declared.states[state].moves(event))

    def moves(self) -> Iterable[tuple[MoveName, str]]:
        """Yield the moves."""
        for name, state in self._declared.states.items():
            for event in state.on:
                for index, move in enumerate(state.moves(event)):
                    yield (name, event, move.target, str(index)), name

    def create(self, machine: Any, now: datetime) -> Fired:
        """Emit the tasks of the initial state."""
        machine.entered = now
        return Fired((), TransitionOutput(machine.regenerate_tasks()))


def _holds(move: Move, data: Any, named: frozenset[str]) -> bool:
    return move.guard(data) if callable(move.guard) else not move.guard or move.guard in named


# --- values -----------------------------------------------------------------------------------------------------------


def frozen(value: Any) -> Any:
    """Return a hashable value that is equal for equal data, whatever the classes define as equality."""
    match value:
        case None | bool() | int() | float() | str() | bytes() | Enum() | datetime():
            return value
        case CheckedMachine():
            return value.current, frozen(value.data)
        case list() | tuple():
            return (type(value).__name__, *map(frozen, value))
        case dict():
            return ("dict", *sorted(((frozen(key), frozen(each)) for key, each in value.items()), key=repr))
        case set() | frozenset():
            return ("set", *sorted(map(frozen, value), key=repr))
        case _:
            pass
    if is_dataclass(value):
        members = {each.name: getattr(value, each.name) for each in fields(value)}
    elif callable(value) or not hasattr(value, "__dict__"):
        return value if _is_hashable(value) else repr(value)
    else:
        members = vars(value)
    return (type(value).__qualname__, *((name, frozen(member)) for name, member in sorted(members.items())))


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


class Interned:
    """Keeps values in memory in place of bytes, so that nothing is lost. It serializes machines and tasks."""

    def __init__(self, copied: Callable[[Any], Any] = lambda value: value) -> None:
        self._copied = copied
        self._known: dict[Any, int] = {}
        self._values: list[Any] = []

    def serialize(self, value: Any) -> bytes:
        """Return the number of a value as bytes."""
        key = (frozen(value), getattr(value, "entered", None))
        if key not in self._known:
            self._known[key] = len(self._values)
            self._values.append(self._copied(value))
        return str(self._known[key]).encode()

    def deserialize(self, data: bytes, kind: Any = None) -> Any:
        """Return the value, or a copy of it."""
        return self._copied(self._values[int(data)])


_ATOMIC = (NoneType, bool, int, float, str, bytes, Enum, datetime, timedelta, FunctionType, TaskType)


def independent_copy(machine: Any) -> Any:
    """Return a copy of a machine that shares nothing that can change. A shallow one is a hundred times as fast."""
    members = [getattr(machine, each.name) for each in fields(machine)] if is_dataclass(machine) else None
    if members is None:
        members = list(getattr(machine, "__dict__", {"": machine}).values())
    return copy(machine) if all(map(_is_atomic, members)) else deepcopy(machine)


def _is_atomic(value: Any) -> bool:
    if isinstance(value, _ATOMIC):
        return True
    # A frozen dataclass of such values cannot change either.
    parameters = getattr(type(value), "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        return False
    return all(_is_atomic(getattr(value, each.name)) for each in fields(value))
