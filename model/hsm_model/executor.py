"""Executors of tasks, the environment that they use and the references that they follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple, Protocol, TypeVar

from hsm_model.node import Node
from hsm_model.registry import Registry
from hsm_model.state import Key
from hsm_model.tasks import Task

T_contra = TypeVar("T_contra", bound=Task, contravariant=True)
T = TypeVar("T", bound=Task)


class AccessType(IntEnum):
    """How storage is accessed (docs: ``AccessType``; ENV-ACCESS-2)."""

    READ = 0
    """For reading only (docs: ``AccessRead``)."""
    WRITE = 1
    """For changing state (docs: ``AccessWrite``)."""


class WorkflowKey(NamedTuple):
    """The workflow that a tree belongs to."""

    namespace_id: str
    workflow_id: str
    run_id: str


class StateMachineRef(NamedTuple):
    """The place of a machine in its tree, and the versions and counts that it must have when it is loaded."""

    path: tuple[Key, ...]
    mutable_state_namespace_failover_version: int = 0
    mutable_state_transition_count: int = 0
    machine_transition_count: int = 0


class Ref(NamedTuple):
    """A reference to a machine of a workflow (docs: ``Ref``)."""

    workflow_key: WorkflowKey
    state_machine_ref: StateMachineRef

    def state_machine_path(self) -> tuple[Key, ...]:
        """Return the machine's path, key by key in order (docs: ``Ref.StateMachinePath``; REF-PATH-1)."""
        return tuple(Key(*key) for key in self.state_machine_ref.path)


class Environment(Protocol):
    """The means by which executors reach the clock and the state (docs: ``Environment``)."""

    def now(self) -> datetime:
        """Return the wall clock time (ENV-NOW-1)."""

    def access(self, ref: Ref, access_type: AccessType, accessor: Callable[[Node], None]) -> None:
        """Call the accessor with the node that the ref names (ENV-ACCESS-1).

        With `AccessType.READ` the accessor must change nothing (ENV-ACCESS-3), and its errors do not unload the
        state (ENV-ACCESS-4). Raise what the accessor raises.
        """


class Executor(Protocol[T_contra]):
    """Executes tasks of one type (docs: ``Executor``). Go's context has no counterpart."""

    def __call__(self, env: Environment, ref: Ref, task: T_contra, /) -> None:
        """Execute the task. Whatever this raises is the error of the execution."""


def register_executor(registry: Registry, type_id: int, executor: Executor[T]) -> None:
    """Register an executor for a task type (docs: ``RegisterExecutor``; REG-EXEC-1).

    Raise `DuplicateRegistration` for an ID that is taken (REG-EXEC-2); the first executor stays (REG-EXEC-4). Raise
    ValueError for an ID that is not an int32.
    """
    registry.add_executor(type_id, executor)


def execute(registry: Registry, env: Environment, ref: Ref, task: Task) -> None:
    """Call the executor of the task's type (docs: ``Execute``; EXEC-RUN-1, EXEC-ARGS-1).

    Raise `NotRegistered` if there is none (EXEC-RUN-2), else what the executor raises (EXEC-RUN-3).
    """
    type_id = task.type().id
    executor: Executor[Any] | None = registry.executor(type_id)
    if executor is None:
        registry.semantics.require_registered(executor, "executor of task", type_id)
    executor(env, ref, task)  # type: ignore[misc]  # the rule raises where there is none
