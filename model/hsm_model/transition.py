"""Transitions of a machine from one of its states to another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.tasks import Task, TransitionOutput, checked_output

S = TypeVar("S", bound=Hashable)
E = TypeVar("E")


class TaskRegenerator(Protocol):
    """Makes tasks from the state alone (docs: ``TaskRegenerator``; MACH-TASKS-1)."""

    def regenerate_tasks(self) -> Sequence[Task]:
        """Return the tasks that the present state calls for."""


class StateMachine(TaskRegenerator, Protocol[S]):
    """Anything that has a state to get and set (docs: ``StateMachine``; MACH-STATE-1)."""

    def state(self) -> S:
        """Return the present state."""

    def set_state(self, state: S, /) -> None:
        """Change the state."""


SM = TypeVar("SM", bound=StateMachine[Any])


# Not slotted: with slots as well, a frozen class cannot be called with its type parameters written out.
@dataclass(frozen=True, init=False)
class Transition(Generic[S, SM, E]):
    """A transition of machines ``SM`` with states ``S`` on events ``E`` (docs: ``Transition``; TRANS-NEW-1).

    ``sources`` may be given as any sequence of states but a string, and is copied.
    """

    sources: tuple[S, ...]
    """The states that it may start from."""
    destination: S
    """The state that it leads to."""
    apply_function: Callable[[SM, E], TransitionOutput]
    semantics: Semantics = field(default=SPECIFICATION, repr=False)

    def __init__(
        self,
        sources: Sequence[S],
        destination: S,
        apply_function: Callable[[SM, E], TransitionOutput],
        semantics: Semantics = SPECIFICATION,
    ) -> None:
        if isinstance(sources, (str, bytes)):
            raise TypeError(f"the sources of a transition are a sequence of states, not {sources!r}: ({sources!r},)")
        members = self.__dict__
        members["sources"] = tuple(sources)
        members["destination"] = destination
        members["apply_function"] = apply_function
        members["semantics"] = semantics

    def possible(self, machine: SM) -> bool:
        """Return whether the machine's state equals one of the sources (docs: ``Transition.Possible``).

        NaN equals nothing, so a source that is NaN is never matched (TRANS-POSSIBLE-1).
        """
        return self.semantics.possible(self.sources, machine.state())

    def apply(self, machine: SM, event: E) -> TransitionOutput:
        """Set the destination, call the apply function and return its output (docs: ``Transition.Apply``).

        (TRANS-APPLY-1, -4, -6, -9.) Raise `InvalidTransition` where the transition is not possible, without calling the
        function (TRANS-APPLY-2, -3). Raise what setting the state or the function raises, and TypeError if the function
        returns anything but a `TransitionOutput`; the machine is then back in its earlier state (TRANS-APPLY-5,
        -7). If it refuses that state, a note on the error says so.
        """
        rules = self.semantics
        before = machine.state()
        rules.refuse_impossible(self.possible(machine), before, self.destination)
        restored = False
        try:
            try:
                machine.set_state(self.destination)
                return checked_output(self.apply_function(machine, event))
            except BaseException as error:
                restore(machine, before, rules, error)
                restored = True
                raise
        except BaseException as error:
            # Only an interrupt while the state was being restored leads here with work to do.
            if not restored:
                restore(machine, before, rules, error)
            raise


def restore(machine: StateMachine[Any], before: Hashable, rules: Semantics, error: BaseException) -> None:
    """Set the state that a machine has after a failed apply. If that fails, add a note to the apply's error."""
    try:
        left = machine.state()
        wanted = rules.apply_failed(before, left)
        if left != wanted:
            machine.set_state(wanted)
    except Exception as second:
        error.add_note(f"The machine's state could not be set back to {before!r}: {second!r}")


def new_transition(
    sources: Sequence[S], destination: S, apply: Callable[[SM, E], TransitionOutput]
) -> Transition[S, SM, E]:
    """Return a transition from any of the sources to the destination (docs: ``NewTransition``; TRANS-NEW-1)."""
    return Transition(sources, destination, apply)
