"""Candidates where workflows in a store are wrong: access, references, commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, Literal

from msgspec import UNSET

from hsm_specs.attribution import failovers, queues, replication
from hsm_specs.attribution.failure_context import EFFECTS, FailureContext, NoMoreCandidates
from hsm_specs.attribution.trace import TracedOperation
from hsm_specs.language import operations as ops

REFUSED: Final = {
    "no_destination": "OUTBOUND-DESTINATION-1",
    "no_serializer": "COMMIT-SERIALIZER-1",
    "shard_ownership_lost": "COMMIT-OWNER-1",
    "stale_reference": "REF-CALLED-1",
    "not_registered": "REF-MISSING-2",
    "workflow_busy": "ENV-LOCK-1",
}
"""The requirement that demands each error of an access that changes nothing."""


STORE_FAILED: Final = ("condition_failed", "unknown_outcome")
"""The errors of an access whose write failed."""


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an operation on a workflow, or inside an access of one."""
    operation = context.operation
    yield from failovers.candidate_requirements(context)
    yield from queues.candidate_requirements(context)
    yield from replication.candidate_requirements(context)
    match operation:
        case ops.AccessWorkflow():
            yield from accessed(context, operation)
        case ops.StoreCounts():
            yield from counted(context)
        case ops.StoredTasks():
            yield from stored(context, "tasks")
        case ops.Stored():
            yield from stored(context, "tree")
        case _ if inside_access(context):
            yield from stored(context, "memory")
        case _:
            pass


def inside_access(context: FailureContext) -> bool:
    """Return whether the operation is in an accessor."""
    return any(map(is_access, context.around))


def sees_commits(context: FailureContext) -> bool:
    """Return whether the operation is in an accessor that has done nothing before it: it sees what was committed."""
    accesses = [step.where for step in context.around if is_access(step)]
    if not accesses:
        return False
    inside = [step for step in context.before if step.where[: len(accesses[-1])] == accesses[-1]]
    return not isinstance(context.operation, EFFECTS) and not any(
        isinstance(step.operation, EFFECTS) for step in inside
    )


def accessed(context: FailureContext, operation: ops.AccessWorkflow) -> Iterator[str]:
    """Yield the candidates of an access that itself has a wrong outcome."""
    expected, observed = context.expected, context.observed
    if "workflow_busy" in (expected.error, observed.error) and expected.error != observed.error:
        nested = expected.error == "workflow_busy" or inside_access(context)
        yield "ENV-LOCK-1" if nested else "ENV-LOCK-2"
        raise NoMoreCandidates
    if expected.error == "stale_reference":
        yield from stale(context, operation)
    if expected.error in STORE_FAILED:
        yield "COMMIT-ERROR-1"
    if observed.error in STORE_FAILED and operation.access == "read":
        yield "ENV-READ-1"
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
    if context.observed.error == "stale_reference":
        # It was refused, and differs in what the accessor saw.
        yield "REF-CALLED-1"
        raise NoMoreCandidates
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
    yield from replication.since(context)
    yield from queues.since(context)
    wanted, got = context.expected.ok, context.observed.ok
    for step in _accesses(context):
        operation = step.operation
        if not isinstance(operation, ops.AccessWorkflow):
            continue
        if _at(wanted, 0) != _at(got, 0):
            yield from _loaded(context, step, operation)
        elif _number(got, 1) > _number(wanted, 1):
            yield from _wrote(step, operation)
        elif operation.access == "write" and _error(step) is None and not _panicked(step):
            yield "ENV-WRITE-1" if operation.script.ops else "ENV-WRITE-2"


def _loaded(context: FailureContext, step: TracedOperation, operation: ops.AccessWorkflow) -> Iterator[str]:
    """Yield the requirements that say whether a workflow is in memory after an access."""
    error = _error(step)
    if _panicked(step):
        yield "ENV-PANIC-2" if operation.script.fail == "panic" else "ENV-READ-4"
    elif error == "stale_reference":
        yield "REF-LOADED-1" if _later(context, step) else "REF-RELOAD-1"
        yield "REF-RELOAD-1"
    elif error == "not_registered":
        yield "REF-LOADED-1"
    elif error in STORE_FAILED:
        yield "COMMIT-ATOMIC-3"
    elif error is not None:
        yield "ENV-ERROR-1" if operation.access == "read" else "ENV-ERROR-2"


def _wrote(step: TracedOperation, operation: ops.AccessWorkflow) -> Iterator[str]:
    """Yield the requirements that say that an access writes no more than it does."""
    error = _error(step)
    if _panicked(step):
        yield "ENV-PANIC-1" if operation.script.fail == "panic" else "ENV-READ-3"
    elif operation.access == "read":
        yield "ENV-READ-1"
    elif error is None:
        yield "ENV-WRITE-2"
    else:
        yield REFUSED.get(error, "COMMIT-ERROR-1" if error in STORE_FAILED else "ENV-ERROR-2")


def stored(context: FailureContext, what: Literal["tasks", "tree", "memory"]) -> Iterator[str]:
    """Yield the candidates of a stored tree or stored tasks that are wrong, or of what an access sees."""
    seen = what == "memory"
    yield from replication.since(context)
    yield from queues.since(context)
    if what == "tasks":
        yield from _of_tasks(context)
    armed = _armed(context)
    for step in _accesses(context):
        operation, error = step.operation, _error(step)
        if not isinstance(operation, ops.AccessWorkflow):
            continue
        if error in REFUSED:
            yield REFUSED[error]
        elif error in STORE_FAILED:
            late = armed is not None and armed.when == "after"
            yield "COMMIT-ATOMIC-3" if seen else "COMMIT-ATOMIC-2" if late else "COMMIT-ATOMIC-1"
        elif _panicked(step):
            if operation.script.fail == "panic":
                yield "ENV-PANIC-2" if seen else "ENV-PANIC-1"
            else:
                yield "ENV-READ-4" if seen else "ENV-READ-3"
        elif error is not None:
            yield "ENV-ERROR-2"
    if context.last(ops.CloseWorkflow) is not None:
        yield "ENV-WRITE-3"
    access = next((step.operation for step in context.around if is_access(step)), None)
    if isinstance(access, ops.AccessWorkflow) and access.ref is not None:
        yield "REF-ACCESS-1"
    yield "COMMIT-ATOMIC-1" if what == "tasks" else "ENV-WRITE-1"


def _of_tasks(context: FailureContext) -> Iterator[str]:
    """Yield what is wrong with stored tasks by what is different in them."""
    try:
        lost, extra = _unmatched(context.expected.ok, context.observed.ok)
        pairs = [zip(*map(_plain, pair), strict=True) for pair in zip(lost, extra, strict=False)]
        different = {index for pair in pairs for index, (wanted, got) in enumerate(pair) if wanted != got}
        kinds, others = ([_plain(task)[5] for task in tasks] for tasks in (lost, extra))
    except (TypeError, ValueError, IndexError):
        lost, extra, different, kinds, others = [], [], set(), [], []
    if len(lost) == len(extra) and different == {5} and all(isinstance(kind, str) for kind in (*kinds, *others)):
        yield "OUTBOUND-DESTINATION-1"
        raise NoMoreCandidates
    if _superseding(context):
        yield "COMMIT-SUPERSEDED-1"
    if lost and all(isinstance(kind, int) and kind <= 0 for kind in kinds):
        yield "TIMER-PAST-1"
    if lost and len(lost) == len(extra):
        if different <= {0, 1, 2, 3}:
            yield "COMMIT-REF-1"
            raise NoMoreCandidates
        if different == {5}:
            yield "COMMIT-QUEUE-1"
            raise NoMoreCandidates
    if lost and not extra and all(not kind or isinstance(kind, int) for kind in kinds):
        yield "COMMIT-QUEUE-1"
    if extra and not lost and len([step for step in _accesses(context) if _error(step) is None]) > 1:
        yield "COMMIT-CLEAR-1"


def _superseding(context: FailureContext) -> bool:
    """Return whether a machine has transitioned twice in one access."""
    done = [step for step in context.trace.steps if isinstance(step.operation, ops.MachineTransition)]
    times = Counter((step.where[:-1], step.place) for step in done if not step.failed)
    return any(count > 1 for count in times.values())


def _unmatched(wanted: Any, got: Any) -> tuple[list[Any], list[Any]]:
    """Return the tasks that are missing, and those that should not be there, each in order."""
    tasks = {repr(_plain(task)): task for task in (*wanted, *got)}
    counts, others = (Counter(repr(_plain(task)) for task in value) for value in (wanted, got))
    lost, extra = (sorted(difference.elements()) for difference in (counts - others, others - counts))
    return [tasks[name] for name in lost], [tasks[name] for name in extra]


def _number(value: Any, index: int) -> int:
    number = _at(value, index)
    return number if isinstance(number, int) else 0


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
