"""Candidates where something is wrong after a failover: on a passive cell, or with failover versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from hsm_specs.attribution.failure_context import FailureContext
from hsm_specs.attribution.trace import TracedOperation
from hsm_specs.language import operations as ops

NOT_ACTIVE = "namespace_not_active"


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a difference that a failover may have to do with, if there was one before it."""
    if context.last(ops.Failover) is None:
        return
    yield from _of_outcome(context)
    if isinstance(context.operation, ops.PumpTimers | ops.PumpOutbound):
        yield from _delivered(context)
    yield from _of_earlier(context)


def _of_outcome(context: FailureContext) -> Iterator[str]:
    """Yield what an operation breaks whose own outcome is wrong."""
    operation, errors = context.operation, (context.expected.error, context.observed.error)
    if isinstance(operation, ops.Refresh):
        yield "REFRESH-PASSIVE-1"
    elif NOT_ACTIVE in errors and not isinstance(operation, ops.PumpTimers | ops.PumpOutbound):
        yield "COMMIT-PASSIVE-1"
    if isinstance(operation, ops.AccessWorkflow) and operation.ref is not None and "stale_reference" in errors:
        yield from ("REF-VERSION-2", "COMMIT-VERSIONS-1")
    if isinstance(operation, ops.StoredTasks) and _versions_differ(context.expected.ok, context.observed.ok):
        yield "COMMIT-VERSIONS-1"


def _delivered(context: FailureContext) -> Iterator[str]:
    """Yield what a delivery breaks whose own outcome is wrong."""
    passive = _passive(context)
    if isinstance(context.operation, ops.PumpTimers):
        yield from ("TIMER-STANDBY-1", "TIMER-STANDBY-2") if passive else ("TIMER-STANDBY-1", "TIMER-STANDBY-3")
        return
    if passive:
        stale = any(delivery[2] == "dropped" for delivery in _listed(context.expected.ok))
        yield from ("OUTBOUND-STANDBY-2", "OUTBOUND-STANDBY-1") if stale else ("OUTBOUND-STANDBY-1",)
    else:
        yield "OUTBOUND-FAILBACK-1"


def _of_earlier(context: FailureContext) -> Iterator[str]:
    """Yield what earlier operations break, if what is stored or in memory is wrong, the last one first."""
    counted = isinstance(context.operation, ops.StoreCounts)
    started = context.last(ops.StartWorkflowTask) is not None
    for step, passive in reversed(_steps(context)):
        match step.operation:
            case ops.AccessWorkflow(access="read") if started and counted:
                yield from ("ENV-READ-2", "ENV-WRITE-4")
            case ops.AccessWorkflow(access="write") if started and counted:
                yield "ENV-WRITE-4"
            case ops.Refresh() if passive:
                yield "REFRESH-PASSIVE-1"
            case ops.PumpTimers() if passive:
                yield from ("TIMER-STANDBY-1", "TIMER-STANDBY-2")
            case ops.PumpOutbound() if passive:
                yield from ("OUTBOUND-STANDBY-1", "OUTBOUND-STANDBY-2")
            case ops.PumpOutbound():
                yield "OUTBOUND-FAILBACK-1"
            case _:
                pass
        if step.expected is not None and step.expected.error == NOT_ACTIVE:
            yield "COMMIT-PASSIVE-1"


class _Clusters:
    """The clusters of the cells of a program, and the one in which the namespace is active."""

    def __init__(self) -> None:
        self._of: dict[int, int] = {}
        self._active = 0

    def passive(self, operation: Any) -> bool:
        """Return whether an operation is on a passive cell."""
        return self._of.get(getattr(operation, "cell", -1), self._active) != self._active

    def note(self, operation: ops.AnyOperation) -> None:
        """Take an operation into account that was run."""
        match operation:
            case ops.NewCell(cell=cell, cluster=cluster):
                self._of[cell] = cluster
            case ops.Failover(cell=cell):
                self._active = self._of.get(cell, self._active)
            case _:
                pass


def _passive(context: FailureContext) -> bool:
    """Return whether the operation is on a passive cell."""
    clusters = _Clusters()
    for step in context.before:
        clusters.note(step.operation)
    return clusters.passive(context.operation)


def _steps(context: FailureContext) -> list[tuple[TracedOperation, bool]]:
    """Return the steps before, each with whether it was on a passive cell."""
    clusters, found = _Clusters(), list[tuple[TracedOperation, bool]]()
    for step in context.before:
        found.append((step, clusters.passive(step.operation)))
        clusters.note(step.operation)
    return found


def _versions_differ(expected: Any, observed: Any) -> bool:
    """Return whether stored tasks are the same but for the failover versions of their references."""
    wanted, got = (sorted(repr(_without_version(task)) for task in _listed(tasks)) for tasks in (expected, observed))
    return expected is not UNSET and wanted == got


def _without_version(task: Any) -> Any:
    return [part for index, part in enumerate(_listed(task)) if index != 1]


def _listed(value: Any) -> list[Any]:
    return (
        [_listed(item) if isinstance(item, list | tuple) else item for item in value]
        if isinstance(value, list | tuple)
        else []
    )
