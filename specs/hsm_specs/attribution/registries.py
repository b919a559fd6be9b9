"""Candidates where registries, task serializers and executors are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from msgspec import UNSET

from hsm_specs.attribution.failure_context import FailureContext, NoMoreCandidates
from hsm_specs.language import operations as ops
from hsm_specs.language.members import places
from hsm_specs.language.shapes import Use

AREAS: Final = {"machine type": "REG-MACHINE", "serializer": "REG-TASK", "executor": "REG-EXEC"}
"""The beginnings of the IDs of requirements about registrations."""
REGISTERED: Final[dict[type, str]] = {
    operation: AREAS[place.reference.kind]
    for operation in get_args(ops.RegistryOperation)
    for place in places(operation)
    if place.reference is not None and place.reference.kind in AREAS
}
"""The kind of thing that an operation registers or looks up, as the beginning of its requirements' IDs."""
REGISTRATIONS: Final = tuple(
    operation
    for operation in REGISTERED
    if any(place.reference and place.reference.use is Use.MAKES for place in places(operation))
)


def candidate_requirements(scene: FailureContext) -> Iterator[str]:
    """Yield the candidates of an operation on a registry."""
    operation, expected, observed = scene.operation, scene.expected, scene.observed
    match operation:
        case ops.RegisterMachine() | ops.RegisterTaskSerializer() | ops.RegisterExecutor():
            if expected.ok is not UNSET and observed.error == "duplicate_registration":
                yield from known_elsewhere(scene, operation, operation.type)
                confused = only_others_are_registered(scene, operation)
                yield f"{REGISTERED[type(operation)]}-1" if confused else "REG-NEW-1"
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


def only_others_are_registered(scene: FailureContext, operation: ops.AnyOperation) -> bool:
    """Return whether there is one registry, and in it other types are registered as what the operation registers."""
    area = REGISTERED[type(operation)]
    registries = list(scene.each(ops.NewRegistry))
    return len(registries) == 1 and any(REGISTERED[type(step.operation)] == area for step in scene.each(*REGISTRATIONS))


def known_elsewhere(scene: FailureContext, operation: ops.AnyOperation, type_id: int) -> Iterator[str]:
    """Yield the candidates where a type is known that was registered as something else, or in another registry.

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
    """Yield the candidates of a lookup by type."""
    area = REGISTERED[type(operation)]
    if scene.expected.ok is None:
        yield from known_elsewhere(scene, operation, type_id)
        yield f"{area}-3"
    elif refused(scene, area, type_id):
        yield f"{area}-4"
    yield f"{area}-1"


def refused(scene: FailureContext, area: str, type_id: int) -> bool:
    """Return whether a second registration of a type had been refused."""
    return any(
        step.failed and REGISTERED[type(step.operation)] == area and getattr(step.operation, "type", None) == type_id
        for step in scene.each(*REGISTRATIONS)
    )


def loses_what_the_accessor_returns(scene: FailureContext, operation: ops.Execute) -> bool:
    """Return whether an error or a panic of the accessor is lost, which may not have been called at all."""
    executors = (step.operation for step in scene.each(ops.RegisterExecutor) if not step.failed)
    used = next((executor for executor in executors if getattr(executor, "type", None) == operation.task[0]), None)
    return getattr(used, "access", None) is not None and scene.expected.ok is UNSET


def executed(scene: FailureContext, operation: ops.Execute) -> Iterator[str]:
    """Yield the candidates of an execution."""
    wanted, got = scene.expected.inner or (), scene.observed.inner or ()
    if scene.expected.error == "not_registered":
        yield from known_elsewhere(scene, operation, operation.task[0])
        yield "EXEC-RUN-2"
    if len(wanted) == len(got):
        if loses_what_the_accessor_returns(scene, operation):
            yield from ("EXEC-RUN-3", "ENV-ACCESS-1")
        return
    if len(got) == 2 and len(wanted) > 2:
        yield "ENV-ACCESS-1"
    if scene.observed.error == "not_registered":
        yield "REG-EXEC-1"
    if scene.expected.error == "state_machine_not_found":
        yield "ENV-ACCESS-1"
    yield "EXEC-RUN-1"
