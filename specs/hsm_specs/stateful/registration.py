"""Duplicate registration: a type is registered once, and the first registration stays."""

from __future__ import annotations

from hypothesis.stateful import initialize, rule

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.language import operations as ops
from hsm_specs.stateful import strategies as some
from hsm_specs.stateful.implementation import Implementation
from hsm_specs.stateful.trial import Trial, machine_for, offered


class RegistrationMachine(Trial):
    """Registers machines, task serializers and executors in two registries, most types more than once.

    Each registration carries a tag, by which what is found says which registration it comes from.
    """

    @initialize()
    def begin(self) -> None:
        """Make two registries, and a root for executions to start from."""
        self.do(ops.NewRegistry(0))
        self.do(ops.NewRegistry(1))
        self.do(ops.RegisterMachine(1))
        self.do(ops.NewRoot(1, (0, 0), 0))

    @rule(type_id=some.types, tag=some.tags, registry=some.registries)
    def register_machine(self, type_id: int, tag: int, registry: int) -> None:
        """Register a definition of a machine, then look it up."""
        self.do(ops.RegisterMachine(type_id, tag, registry))
        self.do(ops.Machine(type_id, registry))

    @rule(type_id=some.types, tag=some.tags, registry=some.registries)
    @offered("tasks")
    def register_task_serializer(self, type_id: int, tag: int, registry: int) -> None:
        """Register a task serializer, then look it up."""
        self.do(ops.RegisterTaskSerializer(type_id, tag, registry))
        self.do(ops.TaskSerializer(type_id, registry))

    @rule(type_id=some.types, tag=some.tags, registry=some.registries)
    @offered("executors")
    def register_executor(self, type_id: int, tag: int, registry: int) -> None:
        """Register an executor, then execute a task."""
        self.do(ops.RegisterExecutor(type_id, tag, registry=registry))
        self.do(ops.Execute((type_id, 0, 0), ops.RefSpec(()), 0, registry=registry))

    @rule(type_id=some.types, registry=some.registries)
    def look(self, type_id: int, registry: int) -> None:
        """Observe what a registry has of a type, of each kind."""
        self.do(ops.Machine(type_id, registry))
        self.do(ops.TaskSerializer(type_id, registry))
        self.do(ops.Execute((type_id, 0, 0), ops.RefSpec(()), 0, registry=registry))


def registration_machine(
    implementation: Implementation, *, semantics: Semantics = SPECIFICATION, without: frozenset[str] = frozenset()
) -> type[RegistrationMachine]:
    """Return the machine that tries duplicate registration on an implementation."""
    return machine_for(RegistrationMachine, implementation, semantics, without)
