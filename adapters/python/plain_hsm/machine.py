"""State machines apart from any tree: their transitions and tasks, the registry, and the errors of everything."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

TaskKind = int | str
"""A timer's deadline in milliseconds since the Unix epoch, or the destination of an outbound task."""
TransitionOutput = tuple["Task", ...]
"""The tasks of one transition."""


class HsmError(Exception):
    """An error that the documentation names. Its only argument is its code."""


class Task(NamedTuple):
    """A task that a machine asks for after a transition."""

    type: int
    payload: int
    kind: TaskKind


class Transition:
    """Takes a machine, which is anything with a ``state``, from one of the sources to the destination."""

    def __init__(self, sources: Sequence[int], destination: int, function: Callable[..., TransitionOutput]) -> None:
        self.sources, self.destination, self.function = sources, destination, function

    def possible(self, machine: Any) -> bool:
        return machine.state in self.sources

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        """Call the function with the machine in its new state. If that fails, restore the old state."""
        if not self.possible(machine):
            raise HsmError("invalid_transition")
        before, machine.state = machine.state, self.destination
        try:
            return self.function(machine, event)
        except BaseException:
            machine.state = before
            raise


class Table(dict[int, Any]):
    """Entries by type, of which the one registered first stays."""

    def __missing__(self, number: int) -> Any:
        raise HsmError("not_registered")

    def register(self, number: int, entry: object) -> None:
        if number in self:
            raise HsmError("duplicate_registration")
        self[number] = entry


class Registry:
    """Definitions and task serializers have ``serialize`` and ``deserialize``. Executors are functions."""

    def __init__(self) -> None:
        self.machines, self.task_serializers, self.executors = Table(), Table(), Table()

    def execute(self, environment: object, ref: object, task: Task) -> None:
        self.executors[task.type](environment, ref, task)
