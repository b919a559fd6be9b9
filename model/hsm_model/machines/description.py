"""Descriptions of machines, by which pictures and the comparison with the real machines try transitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from hsm_model.machines.properties import Property
from hsm_model.registry import StateMachineDefinition
from hsm_model.tasks import Task, TaskSerializer
from hsm_model.transition import StateMachine, Transition

SM = TypeVar("SM", bound=StateMachine[Any])


def no_event() -> Mapping[str, Any]:
    """Return the events of a transition that ignores its event."""
    return {"": None}


@dataclass(frozen=True, slots=True)
class Trial(Generic[SM]):
    """A transition and the events to try it with, by name. A single event has the name ``""``."""

    transition: Transition[Any, SM, Any]
    events: Mapping[str, Any] = field(default_factory=no_event)


def no_creation_tasks(machine: Any) -> Sequence[Task]:
    """Return no tasks: most machines emit none when they are added to a tree."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDescription(Generic[SM]):
    """A machine to be tried: how it is made, its states, its transitions.

    Only ``name``, ``cases`` and ``trials`` are required.
    """

    name: str
    """The name of the machine on the command line and in files."""
    cases: Mapping[str, Callable[[], SM]]
    """Functions that make a machine in its initial state, by name of the case. The same event may emit other tasks, or
    fail, in another case."""
    trials: Mapping[str, Trial[SM]]
    """The transitions by name, with their events."""
    states: tuple[Any, ...] = ()
    """All states. By default, those of the initial state's enumeration, or all in which a case starts or that a
    transition names."""
    title: str = ""
    """The heading of the machine; by default its name."""
    terminal: tuple[Any, ...] | None = None
    """The states that nothing leaves, if they are declared: any other that is never left is a mistake."""
    creation_tasks: Callable[[SM], Sequence[Task]] = no_creation_tasks
    """The tasks emitted when a machine is added to a tree, besides those of its transitions."""
    mistakes: tuple[str, ...] = ()
    """Sentences on names in its source that seem to be misspelt."""
    executors: Mapping[str, tuple[str, ...]] | None = None
    """By type of task, the transitions that executing it may lead to; None if that is not known."""
    outside: tuple[str, ...] | None = None
    """The transitions that come from outside; by default those that no executor applies."""
    created_by: str = ""
    """The transition that is applied as a machine is added to a tree, if there is one."""
    definition: StateMachineDefinition | None = None
    """Serializes the machine; by default nothing is lost."""
    serializers: Mapping[str, TaskSerializer[Any]] | None = None
    """The serializers of tasks by type; by default all have one that loses nothing."""
    properties: tuple[Property, ...] = ()
    """Properties that the machine is to have, for `hsmspec check`."""

    def all_states(self) -> tuple[Any, ...]:
        """Return the states in a stable order."""
        if self.states:
            return self.states
        initial = [make().state() for make in self.cases.values()]
        if initial and isinstance(initial[0], Enum):
            return tuple(type(initial[0]))
        return tuple(dict.fromkeys([*initial, *self._named_states()]))

    def undeclared_states(self) -> tuple[Any, ...]:
        """Return the sources and destinations of transitions that are no states."""
        known = self.all_states()
        return tuple(dict.fromkeys(state for state in self._named_states() if state not in known))

    def _named_states(self) -> list[Any]:
        return [
            state
            for trial in self.trials.values()
            for state in (*trial.transition.sources, trial.transition.destination)
        ]
