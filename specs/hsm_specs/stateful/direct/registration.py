"""Registration: a type is registered once, and the first registration stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import hsm_model as hsm
from hsm_specs.stateful.direct.facts import demand, kind, raised
from hsm_specs.stateful.direct.vocabulary import INT32, Definition, Payload

IDS = (1, 2, 0, INT32 - 1, -INT32)
ids = st.sampled_from(IDS)
which = st.integers(0, 1)
"""One of two registries."""


class Serializer:
    """A serializer of tasks."""

    def serialize(self, task: hsm.Task) -> bytes:
        return b""

    def deserialize(self, data: bytes, kind: hsm.TaskKind) -> hsm.Task:
        return Payload(0, "")


class Executor:
    """Counts its executions."""

    def __init__(self) -> None:
        self.executions = 0

    def __call__(self, env: hsm.Environment, ref: hsm.Ref, task: hsm.Task) -> None:
        self.executions += 1


class TypedTask(hsm.TaskType):
    """A task of a type, which it is itself."""

    def type(self) -> hsm.TaskType:
        return self

    def kind(self) -> hsm.TaskKind:
        return hsm.TaskKindOutbound("")


class NoEnvironment:
    """An environment that executors make no use of."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def access(self, ref: hsm.Ref, access_type: hsm.AccessType, accessor: Callable[[hsm.Node], None]) -> None:
        raise AssertionError("no executor here asks for access")


REF = hsm.Ref(hsm.WorkflowKey("n", "w", "r"), hsm.StateMachineRef(()))


class DirectRegistration(RuleBasedStateMachine):
    """Registers machines, task serializers and executors in two registries, most types more than once."""

    def __init__(self) -> None:
        super().__init__()
        self.registries = [hsm.new_registry(), hsm.new_registry()]
        self.machines: list[dict[int, Definition]] = [{}, {}]
        """The first registration of each type, for each registry."""
        self.serializers: list[dict[int, Serializer]] = [{}, {}]
        self.executors: list[dict[int, Executor]] = [{}, {}]

    @rule(registry=which, type_id=ids)
    def a_machine_type_is_registered_once(self, registry: int, type_id: int) -> None:
        first, definition = self.machines[registry], Definition(type_id)
        error = raised(lambda: self.registries[registry].register_machine(definition))
        demand("REG-MACHINE-2", "DuplicateRegistration" if type_id in first else "no error", kind(error))
        first.setdefault(type_id, definition)

    @rule(registry=which, type_id=ids)
    def a_task_type_has_one_serializer(self, registry: int, type_id: int) -> None:
        first, serializer = self.serializers[registry], Serializer()
        error = raised(lambda: self.registries[registry].register_task_serializer(type_id, serializer))
        demand("REG-TASK-2", "DuplicateRegistration" if type_id in first else "no error", kind(error))
        first.setdefault(type_id, serializer)

    @rule(registry=which, type_id=ids)
    def a_task_type_has_one_executor(self, registry: int, type_id: int) -> None:
        first, executor = self.executors[registry], Executor()
        error = raised(lambda: hsm.register_executor(self.registries[registry], type_id, executor))
        demand("REG-EXEC-2", "DuplicateRegistration" if type_id in first else "no error", kind(error))
        first.setdefault(type_id, executor)

    @invariant()
    def the_first_registration_of_a_machine_type_stays(self) -> None:
        """A type that was never registered has none, and the registries share nothing."""
        for registry, first in zip(self.registries, self.machines, strict=True):
            for type_id in IDS:
                demand("REG-MACHINE-4", True, registry.machine(type_id) is first.get(type_id))

    @invariant()
    def the_first_serializer_of_a_task_type_stays(self) -> None:
        for registry, first in zip(self.registries, self.serializers, strict=True):
            for type_id in IDS:
                demand("REG-TASK-4", True, registry.task_serializer(type_id) is first.get(type_id))

    @invariant()
    def the_first_executor_of_a_task_type_executes_its_tasks(self) -> None:
        """It is called once. Without one, the task's type is not registered."""
        for registry, first in zip(self.registries, self.executors, strict=True):
            for type_id in IDS:
                executor = first.get(type_id)
                before = 0 if executor is None else executor.executions
                task = TypedTask(type_id, "task")
                error = raised(lambda: hsm.execute(registry, NoEnvironment(), REF, task))  # noqa: B023 called at once
                demand("EXEC-RUN-2", "NotRegistered" if executor is None else "no error", kind(error))
                if executor is not None:
                    demand("REG-EXEC-4", before + 1, executor.executions)
