"""Executors of tasks, the environment that they are given and the references that they follow."""

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
    """How storage is accessed (seed: ``AccessType``; ENV-ACCESS-2)."""

    READ = 0
    """For reading only (seed: ``AccessRead``)."""
    WRITE = 1
    """For changing state (seed: ``AccessWrite``)."""


class WorkflowKey(NamedTuple):
    """The workflow that a tree belongs to."""

    namespace_id: str
    workflow_id: str
    run_id: str


class StateMachineRef(NamedTuple):
    """Where in the tree a machine is, and the versions and counts expected of it when it is loaded."""

    path: tuple[Key, ...]
    mutable_state_namespace_failover_version: int = 0
    mutable_state_transition_count: int = 0
    machine_transition_count: int = 0


class Ref(NamedTuple):
    """A reference to a machine of a workflow (seed: ``Ref``)."""

    workflow_key: WorkflowKey
    state_machine_ref: StateMachineRef

    def state_machine_path(self) -> tuple[Key, ...]:
        """The machine's path, key by key in order (seed: ``Ref.StateMachinePath``; REF-PATH-1)."""
        return tuple(Key(*key) for key in self.state_machine_ref.path)


class Environment(Protocol):
    """What executors reach the world through (seed: ``Environment``)."""

    def now(self) -> datetime:
        """The wall clock (ENV-NOW-1)."""

    def access(self, ref: Ref, access_type: AccessType, accessor: Callable[[Node], None]) -> None:
        """Calls the accessor with the node that the ref names (ENV-ACCESS-1).

        With `AccessType.READ` the accessor must change nothing (ENV-ACCESS-3), and its errors do not unload the
        state (ENV-ACCESS-4). Raises what the accessor raises.
        """


class Executor(Protocol[T_contra]):
    """Executes tasks of one type (seed: ``Executor``). Go's context has no counterpart."""

    def __call__(self, env: Environment, ref: Ref, task: T_contra, /) -> None:
        """Executes the task. What it raises is the execution's error."""


def register_executor(registry: Registry, type_id: int, executor: Executor[T]) -> None:
    """Makes an executor the one of a task type (seed: ``RegisterExecutor``; REG-EXEC-1).

    Raises `DuplicateRegistration` (REG-EXEC-2); the first executor stays (REG-EXEC-4).
    """
    registry.add_executor(type_id, executor)


def execute(registry: Registry, env: Environment, ref: Ref, task: Task) -> None:
    """Finds the executor of the task's type and calls it (seed: ``Execute``; EXEC-RUN-1, EXEC-ARGS-1).

    Raises `NotRegistered` without one (EXEC-RUN-2), else what the executor raises (EXEC-RUN-3).
    """
    type_id = task.type().id
    executor: Executor[Any] | None = registry.executor(type_id)
    if executor is None:
        registry.semantics.require_registered(executor, "executor of task", type_id)
    executor(env, ref, task)  # type: ignore[misc]  # the rule raises where there is none
