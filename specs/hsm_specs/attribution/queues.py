"""Candidates where a refresh, a clock or a queue is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hsm_specs.attribution.failure_context import FailureContext, NoMoreCandidates
from hsm_specs.attribution.trace import TracedOperation
from hsm_specs.language import operations as ops

REFRESHED = ("REFRESH-TASKS-1", "REFRESH-TIMERS-1", "REFRESH-STATE-1")
"""The requirements that stored tasks show of a refresh that has succeeded."""
FIRED = ("TIMER-DUE-1", "TIMER-ONCE-1", "TIMER-STALE-1", "TIMER-SKIP-1", "TIMER-TERMINAL-1", "TIMER-BATCH-1")
"""The requirements of timers that have fired, or should have."""
ORDERED = ("TIMER-GROUP-1", "TIMER-PAST-1", "TIMER-SCHEDULE-1", "TIMER-SCHEDULE-2", "TIMER-EARLY-1", "TIMER-FAR-1")
"""The requirements of the timer queue beyond those."""
EXECUTED = (
    "OUTBOUND-EXECUTE-1",
    "OUTBOUND-DESTINATION-2",
    "OUTBOUND-DESTINATION-1",
    "OUTBOUND-FATE-2",
    "OUTBOUND-FATE-3",
    "OUTBOUND-FATE-4",
)
"""The requirements of outbound tasks that were executed, or should have been."""
BENEATH = (
    *("COMMIT-REF-1", "COMMIT-QUEUE-1", "COMMIT-CLEAR-1", "COMMIT-ERROR-1", "COMMIT-OWNER-1"),
    *("COMMIT-SERIALIZER-1", "REF-COUNT-1", "REF-CALLED-1", "REF-ACCESS-1", "ENV-WRITE-1", "ENV-ERROR-2", "ENV-LOCK-2"),
)
"""The requirements of access, references and commits, which queues rely on."""


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a refresh or a delivery that itself has a wrong outcome, or of what the queues show."""
    match context.operation:
        case ops.Refresh():
            yield from ("REFRESH-FAIL-1", *BENEATH)
        case ops.PumpTimers():
            yield from fired(context)
            yield from BENEATH
        case ops.TimerTasks():
            yield from scheduled(context)
            yield from BENEATH
        case ops.PumpOutbound():
            yield from executed(context)
            # A reference that matches was refused: counts are compared, but at the wrong time or with the wrong ones.
            refused = "dropped" in _fates(context.observed.ok) and "dropped" not in _fates(context.expected.ok)
            yield from (name for name in BENEATH if not (refused and name == "REF-COUNT-1"))
        case _:
            pass


def since(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of what is stored, or seen in memory, after refreshes and deliveries, the last one first."""
    for step in context.each(ops.Refresh, ops.PumpTimers, ops.PumpOutbound):
        match step.operation:
            case ops.Refresh():
                yield from ("REFRESH-FAIL-1",) if step.failed else REFRESHED
            case ops.PumpTimers(delivery="early"):
                yield from ("TIMER-EARLY-1", *FIRED, "ENV-CLOCK-1")
            case ops.PumpTimers():
                yield from (*FIRED, "ENV-CLOCK-1")
            case ops.PumpOutbound():
                yield from after_outbound(context, step)
            case _:
                continue
        yield from BENEATH


def after_outbound(context: FailureContext, step: TracedOperation) -> Iterator[str]:
    """Yield the candidates of what an outbound queue has left."""
    fates = [item[2] for item in step.expected.ok] if step.expected is not None and step.expected.ok else []
    if context.last(ops.NewCell) is not None and _cells(context) > 1:
        yield "COMMIT-OWNER-2"
    if isinstance(context.operation, ops.StoreCounts):
        yield "OUTBOUND-READ-1"
    if "retried" in fates:
        yield from ("OUTBOUND-FATE-4", "OUTBOUND-FATE-3") if _panics(context) else ("OUTBOUND-FATE-3",)
    if context.last(ops.Refresh) is not None:
        yield "REFRESH-STALE-1"
    if "dropped" in fates:
        yield from ("OUTBOUND-FATE-2", "OUTBOUND-FATE-3")
    yield "OUTBOUND-FATE-1"
    yield from EXECUTED


def fired(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of executors of timers that were called wrongly."""
    wanted, got = _plain(_calls(context.expected.ok)), _plain(_calls(context.observed.ok))
    if wanted and [call[2:] for call in wanted] == [call[2:] for call in got]:
        yield "ENV-CLOCK-1"
    elif sorted(map(repr, wanted)) == sorted(map(repr, got)):
        yield "TIMER-GROUP-1"
        raise NoMoreCandidates
    if _cells(context) > 1:
        yield from ("COMMIT-OWNER-2", "COMMIT-OWNER-3")
    yield from FIRED
    yield from ORDERED
    yield "ENV-CLOCK-1"
    if context.last(ops.Refresh) is not None:
        yield from REFRESHED


def scheduled(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of a timer queue that has the wrong tasks."""
    for step in context.each(ops.PumpTimers):
        early = isinstance(step.operation, ops.PumpTimers) and step.operation.delivery == "early"
        yield "TIMER-EARLY-1" if early else "TIMER-SCHEDULE-2"
    yield "TIMER-SCHEDULE-1"
    if context.last(ops.Advance) is not None:
        yield "TIMER-PAST-1"
    yield from ("TIMER-FAR-1", "TIMER-GROUP-1")
    yield from FIRED


def executed(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of deliveries of outbound tasks that differ."""
    wanted, got = _calls(context.expected.ok), _calls(context.observed.ok)
    if _without(wanted, 1, 2) == _without(got, 1, 2) != []:
        yield "ENV-CLOCK-1"
    if _without(wanted, 3, 6) == _without(got, 3, 6) != []:
        yield from ("COMMIT-REF-1", "OUTBOUND-EXECUTE-1")
        raise NoMoreCandidates
    if _without(wanted, 2, 3) == _without(got, 2, 3) != []:
        yield from ("OUTBOUND-DESTINATION-2", "OUTBOUND-DESTINATION-1")
        raise NoMoreCandidates
    if _cells(context) > 1:
        yield "COMMIT-OWNER-2"
    if context.last(ops.Refresh) is not None:
        yield "REFRESH-STALE-1"
    if "dropped" in _fates(wanted):
        yield "OUTBOUND-FATE-2"
    yield from ("OUTBOUND-FATE-4", "OUTBOUND-FATE-3") if _panics(context) else ("OUTBOUND-FATE-3",)
    yield from EXECUTED
    yield "OUTBOUND-FATE-1"
    if context.last(ops.Refresh) is not None:
        yield from REFRESHED


def _fates(value: Any) -> list[Any]:
    return [item[2] for item in _calls(value) if isinstance(item, list | tuple) and len(item) > 2]


def _calls(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _without(deliveries: list[Any], begin: int, end: int) -> list[Any]:
    """Return deliveries, in order, without some members of each call: its time, its task, or its reference."""
    try:
        plain = _plain(deliveries)
        for delivery in plain:
            for call in delivery[3]:
                del call[begin:end]
        return sorted(map(repr, plain))
    except (TypeError, LookupError):
        return []


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _cells(context: FailureContext) -> int:
    return sum(1 for _ in context.each(ops.NewCell))


def _panics(context: FailureContext) -> bool:
    """Return whether an executor of outbound tasks panics."""
    steps = (step.operation for step in context.each(ops.RegisterExecutor))
    return any(isinstance(executor, ops.RegisterExecutor) and executor.script.fail == "panic" for executor in steps)
