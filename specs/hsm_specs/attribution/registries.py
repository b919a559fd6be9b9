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


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an operation on a registry."""
    operation, expected, observed = context.operation, context.expected, context.observed
    match operation:
        case ops.RegisterMachine() | ops.RegisterTaskSerializer() | ops.RegisterExecutor():
            if expected.ok is not UNSET and observed.error == "duplicate_registration":
                yield from known_elsewhere(context, operation, operation.type)
                confused = only_others_are_registered(context, operation)
                yield f"{REGISTERED[type(operation)]}-1" if confused else "REG-NEW-1"
                raise NoMoreCandidates
        case ops.Machine() | ops.TaskSerializer():
            yield from looked_up(context, operation, operation.type)
        case ops.SerializeTask() | ops.DeserializeTask():
            type_id = operation.task[0] if isinstance(operation, ops.SerializeTask) else operation.type
            if expected.ok is None or observed.ok is None:
                yield from looked_up(context, operation, type_id)
        case ops.Execute():
            yield from executed(context, operation)
        case _:
            pass


def only_others_are_registered(context: FailureContext, operation: ops.AnyOperation) -> bool:
    """Return whether there is one registry, and in it other types are registered as what the operation registers."""
    area = REGISTERED[type(operation)]
    registries = list(context.each(ops.NewRegistry))
    return len(registries) == 1 and any(
        REGISTERED[type(step.operation)] == area for step in context.each(*REGISTRATIONS)
    )


def known_elsewhere(context: FailureContext, operation: ops.AnyOperation, type_id: int) -> Iterator[str]:
    """Yield the candidates where a type is known that was registered as something else, or in another registry.

    A definition or serializer that is found must be the one that was registered there.
    """
    area, registry = REGISTERED[type(operation)], getattr(operation, "registry", 0)
    for step in context.each(*REGISTRATIONS):
        registered = step.operation
        if getattr(registered, "type", None) != type_id:
            continue
        if getattr(registered, "registry", 0) != registry:
            if context.observed.error == "duplicate_registration" or context.observed.ok == getattr(
                registered, "tag", 0
            ):
                yield "REG-NEW-1"
        elif REGISTERED[type(registered)] != area:
            yield "REG-MAPS-1"


def looked_up(context: FailureContext, operation: ops.AnyOperation, type_id: int) -> Iterator[str]:
    """Yield the candidates of a lookup by type."""
    area = REGISTERED[type(operation)]
    if context.expected.ok is None:
        yield from known_elsewhere(context, operation, type_id)
        yield f"{area}-3"
    elif refused(context, area, type_id):
        yield f"{area}-4"
    yield f"{area}-1"


def refused(context: FailureContext, area: str, type_id: int) -> bool:
    """Return whether a second registration of a type had been refused."""
    return any(
        step.failed and REGISTERED[type(step.operation)] == area and getattr(step.operation, "type", None) == type_id
        for step in context.each(*REGISTRATIONS)
    )


def loses_what_the_accessor_returns(context: FailureContext, operation: ops.Execute) -> bool:
    """Return whether an error or a panic of the accessor is lost, which may not have been called at all."""
    executors = (step.operation for step in context.each(ops.RegisterExecutor) if not step.failed)
    used = next((executor for executor in executors if getattr(executor, "type", None) == operation.task[0]), None)
    return getattr(used, "access", None) is not None and context.expected.ok is UNSET


def executed(context: FailureContext, operation: ops.Execute) -> Iterator[str]:
    """Yield the candidates of an execution."""
    wanted, got = context.expected.inner or (), context.observed.inner or ()
    if context.expected.error == "not_registered":
        yield from known_elsewhere(context, operation, operation.task[0])
        yield "EXEC-RUN-2"
    if len(wanted) == len(got):
        if loses_what_the_accessor_returns(context, operation):
            yield from ("EXEC-RUN-3", "ENV-ACCESS-1")
        return
    if len(got) == 2 and len(wanted) > 2:
        yield "ENV-ACCESS-1"
    if context.observed.error == "not_registered":
        yield "REG-EXEC-1"
    if context.expected.error == "state_machine_not_found":
        yield "ENV-ACCESS-1"
    yield "EXEC-RUN-1"
