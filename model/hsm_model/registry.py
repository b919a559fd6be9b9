"""The registry: definitions of machines, serializers of tasks and executors, by type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hsm_model.semantics import SPECIFICATION, Semantics

if TYPE_CHECKING:
    from hsm_model.executor import Executor
    from hsm_model.tasks import TaskSerializer


class MachineType(NamedTuple):
    """A machine's type: an ID that is persisted and a name for people (seed: ``MachineType``)."""

    id: int
    name: str


class StateMachineDefinition(Protocol):
    """A machine's type, and how its data becomes bytes and data again (seed: ``StateMachineDefinition``)."""

    def type(self) -> MachineType:
        """The type that the definition is for."""

    def serialize(self, data: Any) -> bytes:
        """The data's bytes. What it raises is a serialization error."""

    def deserialize(self, data: bytes) -> Any:
        """New data from bytes: each call makes an object of its own. What it raises is a deserialization error."""


class Registry:
    """Maps machine types to definitions, task types to serializers and to executors (seed: ``Registry``).

    The trees of a registry follow its semantics. Registration is not guarded against concurrent use (REG-THREAD-1).
    """

    __slots__ = ("_executors", "_machines", "_serializers", "semantics")

    def __init__(self, semantics: Semantics = SPECIFICATION) -> None:
        """A registry that has nothing registered (seed: ``NewRegistry``; REG-NEW-1)."""
        self.semantics = semantics
        self._machines: dict[int, StateMachineDefinition] = {}
        self._serializers: dict[int, TaskSerializer] = {}
        self._executors: dict[int, Executor[Any]] = {}

    def register_machine(self, definition: StateMachineDefinition) -> None:
        """Registers a definition by its type's ID (REG-MACHINE-1).

        Raises `DuplicateRegistration` (REG-MACHINE-2); the first registration stays (REG-MACHINE-4).
        """
        type_id = definition.type().id
        self.semantics.refuse_duplicate(type_id in self._machines, "machine", type_id)
        self._machines[type_id] = definition

    def machine(self, type_id: int) -> StateMachineDefinition | None:
        """The definition of a type, None where there is none (REG-MACHINE-1, REG-MACHINE-3)."""
        return self._machines.get(type_id)

    def required_machine(self, type_id: int) -> StateMachineDefinition:
        """The definition of a type. Raises `NotRegistered`."""
        definition: StateMachineDefinition | None = self._machines.get(type_id)
        if definition is None:
            self.semantics.require_registered(definition, "machine", type_id)
        return definition  # type: ignore[return-value]  # the rule raises where there is none

    def register_task_serializer(self, type_id: int, serializer: TaskSerializer) -> None:
        """Registers a serializer for a task type (REG-TASK-1).

        Raises `DuplicateRegistration` (REG-TASK-2); the first registration stays (REG-TASK-4).
        """
        self.semantics.refuse_duplicate(type_id in self._serializers, "task", type_id)
        self._serializers[type_id] = serializer

    def task_serializer(self, type_id: int) -> TaskSerializer | None:
        """The serializer of a task type, None where there is none (REG-TASK-1, REG-TASK-3)."""
        return self._serializers.get(type_id)

    def add_executor(self, type_id: int, executor: Executor[Any]) -> None:
        """What `hsm_model.executor.register_executor` does."""
        self.semantics.refuse_duplicate(type_id in self._executors, "executor", type_id)
        self._executors[type_id] = executor

    def executor(self, type_id: int) -> Executor[Any] | None:
        """The executor of a task type, None where there is none."""
        return self._executors.get(type_id)


def new_registry(semantics: Semantics = SPECIFICATION) -> Registry:
    """A registry that has nothing registered (seed: ``NewRegistry``; REG-NEW-1)."""
    return Registry(semantics)
