"""Transitions of a machine from one of its states to another."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.tasks import Task, TransitionOutput

S = TypeVar("S", bound=Hashable)
E = TypeVar("E")


class TaskRegenerator(Protocol):
    """Makes tasks anew from the state alone (seed: ``TaskRegenerator``; MACH-TASKS-1)."""

    def regenerate_tasks(self) -> list[Task]:
        """The tasks that the present state calls for."""


class StateMachine(TaskRegenerator, Protocol[S]):
    """Anything that has a state to get and set (seed: ``StateMachine``; MACH-STATE-1)."""

    def state(self) -> S:
        """The present state."""

    def set_state(self, state: S, /) -> None:
        """Changes the state."""


SM = TypeVar("SM", bound=StateMachine[Any])


# Not slotted: with slots as well, a frozen class cannot be called with its type parameters written out.
@dataclass(frozen=True)
class Transition(Generic[S, SM, E]):
    """A transition of machines ``SM`` with states ``S`` on events ``E`` (seed: ``Transition``; TRANS-NEW-1)."""

    sources: tuple[S, ...]
    """The states that it may start from."""
    destination: S
    """The state that it leads to."""
    apply_function: Callable[[SM, E], TransitionOutput]
    semantics: Semantics = field(default=SPECIFICATION, repr=False)

    def possible(self, machine: SM) -> bool:
        """Whether the machine's state is one of the sources (TRANS-POSSIBLE-1)."""
        return self.semantics.possible(self.sources, machine.state())

    def apply(self, machine: SM, event: E) -> TransitionOutput:
        """Sets the destination, calls the apply function and answers its output (TRANS-APPLY-1, -4, -6).

        Raises `InvalidTransition` where it is not possible, without calling the function (TRANS-APPLY-2, -3); raises
        what the function raises, with the machine back in the state that it was in (TRANS-APPLY-5, -7).
        """
        rules = self.semantics
        before = machine.state()
        rules.refuse_impossible(self.possible(machine), before, self.destination)
        machine.set_state(self.destination)
        try:
            return self.apply_function(machine, event)
        except BaseException:
            machine.set_state(rules.apply_failed(before, machine.state()))
            raise


def new_transition(
    sources: tuple[S, ...], destination: S, apply: Callable[[SM, E], TransitionOutput]
) -> Transition[S, SM, E]:
    """A transition from any of the sources to the destination (seed: ``NewTransition``; TRANS-NEW-1)."""
    return Transition(sources, destination, apply)
