"""How a machine is described so that its transitions can be tried: by the pictures, by the probe's comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from hsm_model.tasks import Task
from hsm_model.transition import StateMachine, Transition

SM = TypeVar("SM", bound=StateMachine[Any])


def no_event() -> Mapping[str, Any]:
    """The events of a transition that looks at none."""
    return {"": None}


@dataclass(frozen=True, slots=True)
class Trial(Generic[SM]):
    """A transition and the events to try it with, by name; one event alone goes by the name ``""``."""

    transition: Transition[Any, SM, Any]
    events: Mapping[str, Any] = field(default_factory=no_event)


def no_creation_tasks(machine: Any) -> Sequence[Task]:
    """What most machines put out when they are added to a tree: nothing."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDescription(Generic[SM]):
    """A machine to be tried: how it is made, its states, its transitions.

    It suffices to say ``name``, ``cases`` and ``trials``.
    """

    name: str
    """How the machine is called on the command line and in files."""
    cases: Mapping[str, Callable[[], SM]]
    """Makers of fresh machines in their initial state, by what is particular to each: machines of another case may
    answer the same event with other tasks, or fail."""
    trials: Mapping[str, Trial[SM]]
    """The transitions by name, with their events."""
    states: tuple[Any, ...] = ()
    """All states. Where they are not given: those of the initial state's enumeration, or all that a case starts in or
    a transition names."""
    title: str = ""
    """What the machine is called in headings; the name, if empty."""
    creation_tasks: Callable[[SM], Sequence[Task]] = no_creation_tasks
    """The tasks put out when a machine is added to a tree, besides those of its transitions."""

    def all_states(self) -> tuple[Any, ...]:
        """The states in a stable order."""
        if self.states:
            return self.states
        initial = [make().state() for make in self.cases.values()]
        if initial and isinstance(initial[0], Enum):
            return tuple(type(initial[0]))
        named = [
            state
            for trial in self.trials.values()
            for state in (*trial.transition.sources, trial.transition.destination)
        ]
        return tuple(dict.fromkeys([*initial, *named]))
