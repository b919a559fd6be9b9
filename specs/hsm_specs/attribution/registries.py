"""Suspects where registries, task serializers and executors answer wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from hsm_specs.attribution.failure_context import FailureContext, NoMoreCandidates
from hsm_specs.language import operations as ops

REGISTRATIONS = (ops.RegisterMachine, ops.RegisterTaskSerializer, ops.RegisterExecutor)
REGISTERED: dict[type, str] = {
    ops.Machine: "REG-MACHINE",
    ops.RegisterMachine: "REG-MACHINE",
    ops.TaskSerializer: "REG-TASK",
    ops.RegisterTaskSerializer: "REG-TASK",
    ops.SerializeTask: "REG-TASK",
    ops.DeserializeTask: "REG-TASK",
    ops.RegisterExecutor: "REG-EXEC",
    ops.Execute: "REG-EXEC",
}
"""What an operation registers or looks up, as the beginning of its requirements' IDs."""


def candidate_requirements(scene: FailureContext) -> Iterator[str]:
    """The candidate_requirements of an operation on a registry."""
    operation, expected, observed = scene.operation, scene.expected, scene.observed
    match operation:
        case ops.RegisterMachine() | ops.RegisterTaskSerializer() | ops.RegisterExecutor():
            if expected.ok is not UNSET and observed.error == "duplicate_registration":
                yield from known_elsewhere(scene, operation, operation.type)
                yield "REG-NEW-1"
                raise NoMoreCandidates
        case ops.Machine() | ops.TaskSerializer():
            yield from looked_up(scene, operation, operation.type)
        case ops.SerializeTask() | ops.DeserializeTask():
            type_id = operation.task[0] if isinstance(operation, ops.SerializeTask) else operation.type
            if expected.ok is None or observed.ok is None:
                yield from looked_up(scene, operation, type_id)
        case ops.Execute():
            yield from executed(scene, operation)
        case _:
            pass


def known_elsewhere(scene: FailureContext, operation: ops.AnyOperation, type_id: int) -> Iterator[str]:
    """What is suspected where a type is known that was registered as something else, or in another registry.

    A definition or serializer that is found must be the one that was registered there.
    """
    area, registry = REGISTERED[type(operation)], getattr(operation, "registry", 0)
    for step in scene.each(*REGISTRATIONS):
        registered = step.operation
        if getattr(registered, "type", None) != type_id:
            continue
        if getattr(registered, "registry", 0) != registry:
            if scene.observed.error == "duplicate_registration" or scene.observed.ok == getattr(registered, "tag", 0):
                yield "REG-NEW-1"
        elif REGISTERED[type(registered)] != area:
            yield "REG-MAPS-1"


def looked_up(scene: FailureContext, operation: ops.AnyOperation, type_id: int) -> Iterator[str]:
    """The candidate_requirements of a lookup by type."""
    area = REGISTERED[type(operation)]
    if scene.expected.ok is None:
        yield from known_elsewhere(scene, operation, type_id)
        yield f"{area}-3"
    elif refused(scene, area, type_id):
        yield f"{area}-4"
    yield f"{area}-1"


def refused(scene: FailureContext, area: str, type_id: int) -> bool:
    """Whether a second registration of a type had been refused."""
    return any(
        step.failed and REGISTERED[type(step.operation)] == area and getattr(step.operation, "type", None) == type_id
        for step in scene.each(*REGISTRATIONS)
    )


def executed(scene: FailureContext, operation: ops.Execute) -> Iterator[str]:
    """The candidate_requirements of an execution."""
    wanted, got = scene.expected.inner or (), scene.observed.inner or ()
    if scene.expected.error == "not_registered":
        yield from known_elsewhere(scene, operation, operation.task[0])
        yield "EXEC-RUN-2"
    if len(wanted) == len(got):
        return
    if len(got) == 2 and len(wanted) > 2:
        yield "ENV-ACCESS-1"
    if scene.observed.error == "not_registered":
        yield "REG-EXEC-1"
    if scene.expected.error == "state_machine_not_found":
        yield "ENV-ACCESS-1"
    yield "EXEC-RUN-1"
