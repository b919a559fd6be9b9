from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.errors import DuplicateRegistration, NotRegistered
from hsm_model.executor import (
    AccessType,
    Environment,
    Ref,
    StateMachineRef,
    WorkflowKey,
    execute,
    register_executor,
)
from hsm_model.node import Node, machine_data
from hsm_model.registry import new_registry
from hsm_model.state import Key
from hsm_specs.language.palette import MachineA, PaletteTask

from .samples import data_for, keys, root, transition

NOW = datetime(2024, 5, 1, tzinfo=UTC)
WORKFLOW = WorkflowKey("namespace", "workflow", "run")


class InMemory:
    """An environment over one tree."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self.asked: list[AccessType] = []

    def now(self) -> datetime:
        return NOW

    def access(self, ref: Ref, access_type: AccessType, accessor: Callable[[Node], None]) -> None:
        self.asked.append(access_type)
        accessor(self._root.child(ref.state_machine_path()))


def to(*path: Key) -> Ref:
    return Ref(WORKFLOW, StateMachineRef(path))


def test_the_executor_of_the_tasks_type_is_called_once_with_what_execute_was_given() -> None:
    registry, env, ref, task = new_registry(), InMemory(root()), to(), PaletteTask(2, 7, "x")
    called: list[tuple[object, ...]] = []
    register_executor(registry, 1, lambda *given: called.append((1, *given)))
    register_executor(registry, 2, lambda *given: called.append((2, *given)))
    execute(registry, env, ref, task)
    assert [(2, env, ref, task)] == called
    assert called[0][1] is env
    assert called[0][3] is task


@given(st.integers(1, 5), st.lists(st.integers(1, 5), unique=True))
def test_a_task_without_an_executor_is_refused(type_id: int, registered: list[int]) -> None:
    registry = new_registry()
    for other in registered:
        register_executor(registry, other, lambda env, ref, task: None)
    env = InMemory(root())
    if type_id in registered:
        execute(registry, env, to(), PaletteTask(type_id, 0, 0))
    else:
        with pytest.raises(NotRegistered, match=f"executor of task type {type_id}"):
            execute(registry, env, to(), PaletteTask(type_id, 0, 0))


@pytest.mark.parametrize("error", [ValueError("why"), NotRegistered("another"), KeyboardInterrupt()])
def test_the_executors_error_comes_back_as_it_is(error: BaseException) -> None:
    registry = new_registry()

    def fail(env: Environment, ref: Ref, task: PaletteTask, /) -> None:
        raise error

    register_executor(registry, 1, fail)
    with pytest.raises(type(error)) as raised:
        execute(registry, InMemory(root()), to(), PaletteTask(1, 0, 0))
    assert error is raised.value


def test_the_first_executor_stays_after_a_second_was_refused() -> None:
    registry, called = new_registry(), list[str]()
    register_executor(registry, 1, lambda env, ref, task: called.append("first"))
    with pytest.raises(DuplicateRegistration, match="executor type 1"):
        register_executor(registry, 1, lambda env, ref, task: called.append("second"))
    execute(registry, InMemory(root()), to(), PaletteTask(1, 0, 0))
    assert ["first"] == called


def test_an_executor_reaches_the_node_that_the_ref_names() -> None:
    node = root()
    child = node.add_child(Key(1, "a"), data_for(1))
    registry, env, seen = new_registry(), InMemory(node), list[Node]()

    def executor(env: Environment, ref: Ref, task: PaletteTask, /) -> None:
        env.access(ref, AccessType.READ, seen.append)
        env.access(ref, AccessType.WRITE, lambda found: transition(found, 3, 3))

    register_executor(registry, 1, executor)
    execute(registry, env, to(Key(1, "a")), PaletteTask(1, 0, 0))
    assert [child] == seen
    assert [AccessType.READ, AccessType.WRITE] == env.asked
    assert 3 == machine_data(child, MachineA).state()


@given(st.lists(keys, max_size=5))
def test_a_refs_path_is_its_keys_in_order(path: list[Key]) -> None:
    raw = tuple((key.type, key.id) for key in path)
    found = Ref(WORKFLOW, StateMachineRef(raw, 1, 2, 3)).state_machine_path()  # type: ignore[arg-type]  # as decoded
    assert tuple(path) == found
    assert all(isinstance(key, Key) for key in found)


def test_reading_and_writing_are_two_kinds_of_access() -> None:
    assert (0, 1) == (AccessType.READ, AccessType.WRITE)
