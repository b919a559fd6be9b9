"""Candidates where workflows in a store are wrong: access, references, commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from msgspec import UNSET

from hsm_specs.attribution.failure_context import FailureContext, NoMoreCandidates
from hsm_specs.attribution.trace import TracedOperation
from hsm_specs.language import operations as ops

REFUSED: Final = {
    "no_serializer": "COMMIT-SERIALIZER-1",
    "shard_ownership_lost": "COMMIT-OWNER-1",
    "stale_reference": "REF-CALLED-1",
    "not_registered": "REF-MISSING-2",
    "workflow_busy": "ENV-LOCK-1",
}
"""The requirement that demands each error of an access that changes nothing."""


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an operation on a workflow, or inside an access of one."""
    operation = context.operation
    match operation:
        case ops.AccessWorkflow():
            yield from accessed(context, operation)
        case ops.StoreCounts():
            yield from counted(context)
        case ops.StoredTasks():
            yield from stored(context, tasks=True)
        case ops.Stored() | ops.Export():
            yield from stored(context, tasks=False)
        case _:
            pass


def accessed(context: FailureContext, operation: ops.AccessWorkflow) -> Iterator[str]:
    """Yield the candidates of an access that itself has a wrong outcome."""
    expected, observed = context.expected, context.observed
    if expected.error == "stale_reference":
        yield from stale(context, operation)
    if expected.error != "workflow_busy" and observed.error == "workflow_busy":
        yield "ENV-LOCK-1" if any(is_access(step) for step in context.around) else "ENV-LOCK-2"
    if operation.ref is not None and expected.error is UNSET and observed.error != UNSET:
        yield "REF-COUNT-2" if not operation.ref[2] else "REF-ACCESS-1"
    if expected.panic is not UNSET and operation.script.fail != "panic":
        yield "ENV-READ-4"
    armed = _armed(context)
    if armed is not None:
        yield "COMMIT-ATOMIC-2" if armed.when == "after" else "COMMIT-ATOMIC-1"
        yield "COMMIT-ATOMIC-3"
    if observed.error == "shard_ownership_lost":
        yield "COMMIT-OWNER-1"
    if observed.error == "workflow_closed" or context.last(ops.CloseWorkflow) is not None:
        yield "ENV-WRITE-3"


def stale(context: FailureContext, operation: ops.AccessWorkflow) -> Iterator[str]:
    """Yield the candidates of an access by a reference that is stale."""
    if context.observed.error == "stale_state":
        yield "REF-RELOAD-1"
    added = {
        inside.key for step in context.trace.steps for inside in [step.operation] if isinstance(inside, ops.AddChild)
    }
    path, version, _ = operation.ref or ((), 1, 0)
    if path and path[-1] not in added:
        yield "REF-MISSING-1"
    elif version != 1:
        yield "REF-VERSION-1"
    else:
        yield "REF-COUNT-1"
    yield "REF-CALLED-1"
    raise NoMoreCandidates


def counted(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a wrong number of loads or writes."""
    wanted, got = context.expected.ok, context.observed.ok
    loads = _at(wanted, 0) != _at(got, 0)
    for step in _accesses(context):
        operation, error = step.operation, _error(step)
        if not isinstance(operation, ops.AccessWorkflow):
            continue
        if loads:
            if _panicked(step):
                yield "ENV-PANIC-2" if operation.script.fail == "panic" else "ENV-READ-4"
            elif error == "stale_reference":
                yield "REF-LOADED-1" if _at(got, 0) is not None and _later(context, step) else "REF-RELOAD-1"
                yield "REF-RELOAD-1"
            elif error == "not_registered":
                yield "REF-LOADED-1"
            elif error in ("condition_failed", "unknown_outcome"):
                yield "COMMIT-ATOMIC-3"
            elif error is not None:
                yield "ENV-ERROR-1" if operation.access == "read" else "ENV-ERROR-2"
        elif operation.access == "read":
            yield "ENV-READ-1"
        elif error is None:
            yield "ENV-WRITE-2"


def stored(context: FailureContext, *, tasks: bool) -> Iterator[str]:
    """Yield the candidates of a stored tree or stored tasks that are wrong, or of what an access sees."""
    steps = list(_accesses(context))
    if tasks:
        yield from _of_tasks(context)
    for step in steps:
        operation, error = step.operation, _error(step)
        if not isinstance(operation, ops.AccessWorkflow):
            continue
        if error in REFUSED:
            yield REFUSED[error]
        elif error in ("condition_failed", "unknown_outcome"):
            armed = _armed(context)
            yield "COMMIT-ATOMIC-3" if isinstance(context.operation, ops.Export) else "COMMIT-ATOMIC-1"
            yield "COMMIT-ATOMIC-2" if armed is not None and armed.when == "after" else "COMMIT-ATOMIC-1"
        elif _panicked(step) or (operation.access == "read" and operation.script.ops):
            yield "ENV-PANIC-1" if operation.script.fail == "panic" else "ENV-READ-3"
        elif error is not None:
            yield "ENV-ERROR-2"
    if context.last(ops.CloseWorkflow) is not None:
        yield "ENV-WRITE-3"
    access = next((step.operation for step in context.around if is_access(step)), None)
    if isinstance(access, ops.AccessWorkflow) and access.ref is not None:
        yield "REF-ACCESS-1"
    yield "COMMIT-ATOMIC-1" if tasks else "ENV-WRITE-1"


def _of_tasks(context: FailureContext) -> Iterator[str]:
    """Yield what is wrong with stored tasks by what is different in them."""
    try:
        wanted, got = (Counter(map(repr, map(_plain, value))) for value in (context.expected.ok, context.observed.ok))
        pairs = zip(context.expected.ok, context.observed.ok, strict=False)
        different = {
            index for pair in pairs for index, (a, b) in enumerate(zip(*map(_plain, pair), strict=False)) if a != b
        }
    except TypeError:
        return
    if wanted.total() == got.total() and different & {0, 1, 2, 3}:
        yield "COMMIT-REF-1"
    if different & {5} and wanted.total() == got.total():
        yield "COMMIT-QUEUE-1"
    superseding = [step for step in context.trace.steps if isinstance(step.operation, ops.MachineTransition)]
    around = Counter(step.where[:-1] for step in superseding if not step.failed)
    if any(count > 1 for count in around.values()):
        yield "COMMIT-SUPERSEDED-1"
    if not got - wanted and any(not task[5] or isinstance(task[5], int) for task in context.expected.ok):
        yield "COMMIT-QUEUE-1"
    if got - wanted and len([step for step in _accesses(context) if _error(step) is None]) > 1:
        yield "COMMIT-CLEAR-1"


def _plain(task: Any) -> list[Any]:
    return [list(map(list, task[0])), *task[1:]]


def _accesses(context: FailureContext) -> Iterator[TracedOperation]:
    """Yield the accesses before, the last one first."""
    return context.each(ops.AccessWorkflow)


def is_access(step: TracedOperation) -> bool:
    """Return whether a step is an access of a workflow."""
    return isinstance(step.operation, ops.AccessWorkflow)


def _error(step: TracedOperation) -> str | None:
    return None if step.expected is None or step.expected.error is UNSET else str(step.expected.error)


def _panicked(step: TracedOperation) -> bool:
    return step.expected is not None and step.expected.panic is not UNSET


def _later(context: FailureContext, step: TracedOperation) -> bool:
    """Return whether there was another access after one."""
    return next(_accesses(context)).where != step.where


def _at(value: Any, index: int) -> Any:
    try:
        return value[index]
    except (TypeError, LookupError):
        return None


def _armed(context: FailureContext) -> ops.FailStore | None:
    """Return the fault of the store that was armed last, if any was."""
    step = context.last(ops.FailStore)
    return step.operation if step is not None and isinstance(step.operation, ops.FailStore) else None
