"""The registry: definitions of machines, serializers of tasks and executors, by type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hsm_model.semantics import SPECIFICATION, Semantics

if TYPE_CHECKING:
    from hsm_model.executor import Executor
    from hsm_model.tasks import TaskSerializer


class MachineType(NamedTuple):
    """A machine's type: an ID, an int32 that is persisted, and a name for people (docs: ``MachineType``)."""

    id: int
    name: str


class StateMachineDefinition(Protocol):
    """A machine's type, and the conversion of its data to bytes and back (docs: ``StateMachineDefinition``).

    ``serialize`` and ``deserialize`` may use the tree. What they change in it is undone if the operation that called
    them fails, and is kept otherwise.
    """

    def type(self) -> MachineType:
        """Return the type that is defined."""

    def serialize(self, data: Any) -> bytes:
        """Return the data's bytes. Any exception, or a result that is not ``bytes``, is an error."""

    def deserialize(self, data: bytes) -> Any:
        """Return data made from bytes, a new object for each call. Any exception is an error."""


class Registry:
    """Maps machine types to definitions, and task types to serializers and executors (docs: ``Registry``).

    The trees of a registry follow its semantics. Registration is not guarded against concurrent use (REG-THREAD-1).
    """

    __slots__ = ("_executors", "_machines", "_serializers", "semantics")

    def __init__(self, semantics: Semantics = SPECIFICATION) -> None:
        """Make a registry with nothing registered (docs: ``NewRegistry``; REG-NEW-1)."""
        self.semantics = semantics
        self._machines: dict[int, StateMachineDefinition] = {}
        self._serializers: dict[int, TaskSerializer[Any]] = {}
        self._executors: dict[int, Executor[Any]] = {}

    def register_machine(self, definition: StateMachineDefinition) -> None:
        """Register a definition by the ID of its type (docs: ``Registry.RegisterMachine``; REG-MACHINE-1).

        Raise `DuplicateRegistration` for an ID that is taken (REG-MACHINE-2); the first registration stays
        (REG-MACHINE-4). Raise ValueError for an ID that is not an int32.
        """
        declared: Any = definition.type()
        type_id = required_type_id(declared.id)
        self.semantics.refuse_duplicate(type_id in self._machines, "machine", type_id)
        self._machines[type_id] = definition

    def machine(self, type_id: int) -> StateMachineDefinition | None:
        """Return the definition of a type, None if there is none (docs: ``Registry.Machine``; REG-MACHINE-1, -3)."""
        return self._machines.get(type_id)

    def required_machine(self, type_id: int) -> StateMachineDefinition:
        """Return the definition of a type. Raise `NotRegistered`."""
        definition: StateMachineDefinition | None = self._machines.get(type_id)
        if definition is None:
            self.semantics.require_registered(definition, "machine", type_id)
        return definition  # type: ignore[return-value]  # the rule raises where there is none

    def register_task_serializer(self, type_id: int, serializer: TaskSerializer[Any]) -> None:
        """Register a serializer for a task type (docs: ``Registry.RegisterTaskSerializer``; REG-TASK-1).

        Raise `DuplicateRegistration` for an ID that is taken (REG-TASK-2); the first registration stays (REG-TASK-4).
        Raise ValueError for an ID that is not an int32.
        """
        required_type_id(type_id)
        self.semantics.refuse_duplicate(type_id in self._serializers, "task", type_id)
        self._serializers[type_id] = serializer

    def task_serializer(self, type_id: int) -> TaskSerializer[Any] | None:
        """Return the serializer of a task type, None if there is none.

        (docs: ``Registry.TaskSerializer``; REG-TASK-1, -3)
        """
        return self._serializers.get(type_id)

    def add_executor(self, type_id: int, executor: Executor[Any]) -> None:
        """Register an executor, as `hsm_model.executor.register_executor` describes."""
        required_type_id(type_id)
        self.semantics.refuse_duplicate(type_id in self._executors, "executor", type_id)
        self._executors[type_id] = executor

    def executor(self, type_id: int) -> Executor[Any] | None:
        """Return the executor of a task type, None if there is none."""
        return self._executors.get(type_id)


def required_type_id(type_id: object) -> int:
    """Return the ID of a type. Raise ValueError for an int that is not an int32, TypeError for anything else."""
    if not isinstance(type_id, int):
        raise TypeError(f"the ID of a type must be an int32, not {type_id!r}")
    if not -0x80000000 <= type_id <= 0x7FFFFFFF:
        raise ValueError(f"the ID of a type must be an int32, not {type_id}")
    return type_id


def new_registry(semantics: Semantics = SPECIFICATION) -> Registry:
    """Return a registry with nothing registered (docs: ``NewRegistry``; REG-NEW-1)."""
    return Registry(semantics)
