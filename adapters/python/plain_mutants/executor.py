"""Execution that is wrong, and what executors reach the world through."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from plain_hsm.machine import HsmError, Registry, Task
from plain_hsm.node import Environment, Node, Ref
from plain_mutants.mutant import breaks


@breaks("EXEC-RUN-1")
class ExecutorRunsTwice(Registry):
    """Execute calls the executor once more after it has succeeded."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        super().execute(environment, ref, task)
        super().execute(environment, ref, task)


@breaks("EXEC-RUN-1")
class ExecutorIsOnlyLookedUp(Registry):
    """Execute finds the executor and does not call it."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        self.executors[task.type]


@breaks("EXEC-RUN-2")
class UnknownTasksAreDropped(Registry):
    """Execute of a task whose type has no executor succeeds."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        if task.type in self.executors:
            super().execute(environment, ref, task)


@breaks("EXEC-RUN-2")
class UnknownTasksPanic(Registry):
    """Execute of a task whose type has no executor panics."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        self.executors.get(task.type)(environment, ref, task)  # type: ignore[misc]  # the mistake


@breaks("EXEC-RUN-3")
class ExecutorErrorsAreWrapped(Registry):
    """An executor's error is hidden in one of Execute's own."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        executor = self.executors[task.type]
        try:
            executor(environment, ref, task)
        except Exception as error:
            raise HsmError("other") from error


@breaks("EXEC-RUN-3")
class ExecutorErrorsAreLost(Registry):
    """Execute returns no error where the executor returned one."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        executor = self.executors[task.type]
        with suppress(Exception):
            executor(environment, ref, task)


@breaks("EXEC-ARGS-1")
class ClockStandsStill(Environment):
    """The environment that executors are handed says that it is 1970."""

    def __init__(self, now: int, node: Node, report: Callable[[str], None]) -> None:
        super().__init__(0, node, report)


@breaks("EXEC-ARGS-1")
class TaskLosesItsKind(Registry):
    """The executor is handed a task without its kind."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        super().execute(environment, ref, task._replace(kind=0))


@breaks("EXEC-ARGS-1")
class RefLosesItsCount(Registry):
    """The executor is handed a reference without the machine's transition count."""

    def execute(self, environment: object, ref: Any, task: Task) -> None:
        super().execute(environment, ref._replace(transition_count=0), task)


@breaks("EXEC-ARGS-1")
class RunIsNotNamed(Registry):
    """The executor is handed a reference whose workflow key has no run."""

    def execute(self, environment: object, ref: Any, task: Task) -> None:
        super().execute(environment, ref._replace(workflow=[*ref.workflow[:2], ""]), task)


@breaks("ENV-ACCESS-1")
class AccessorGetsTheRoot(Environment):
    """The accessor is called with the root, whatever the reference names."""

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        super().access(ref._replace(path=[]), access, accessor)


@breaks("ENV-ACCESS-1")
class AccessorGetsTheParent(Environment):
    """The accessor is called with the parent of the node that the reference names."""

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        super().access(ref._replace(path=ref.path[:-1]), access, accessor)


@breaks("ENV-ACCESS-1")
class AccessorIsNotCalled(Environment):
    """Access looks the node up and does not call the accessor."""

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        super().access(ref, access, lambda node: None)


@breaks("ENV-ACCESS-2")
class EveryAccessWrites(Environment):
    """The environment is asked for write access even if the executor wants to read."""

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        super().access(ref, "write", accessor)


@breaks("ENV-ACCESS-2")
class AccessTypesAreSwapped(Environment):
    """Read access is taken for write access and the other way round."""

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        super().access(ref, "read" if access == "write" else "write", accessor)
