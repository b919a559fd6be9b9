"""Candidates where the events or the state of machines of another cluster are taken wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import UNSET

from hsm_specs.attribution.failure_context import FailureContext
from hsm_specs.attribution.trace import TracedOperation
from hsm_specs.language import operations as ops

REFUSED: Final = {
    "retry_replication": "REPL-EVENTS-1",
    "state_machine_not_found": "REPL-MISSING-1",
    "initial_version_mismatch": "REPL-INITIAL-1",
    "no_serializer": "REPL-FAIL-1",
}
"""The requirement that demands each error of a sync."""
TAKEN: Final = ("REPL-TASKS-1", "REPL-COUNT-1", "REPL-NEWER-1", "REPL-NEWER-2")
"""The requirements of a sync that takes state."""
KEPT: Final = ("REPL-NEWER-1", "REPL-NEWER-2", "REPL-TASKS-1")
"""The requirements of a sync that takes nothing."""


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an event or of a replication that itself has a wrong outcome."""
    match context.operation:
        case ops.EventChild() | ops.ReplicateEvents():
            yield "REPL-EVENTS-2"
            yield from since(context)
        case ops.Sync():
            yield from _synced(context)
            yield from since(context)
        case _:
            pass


def _synced(context: FailureContext) -> Iterator[str]:
    for observation in (context.expected, context.observed):
        if observation.error in REFUSED:
            yield REFUSED[str(observation.error)]
    if context.expected.ok is False:
        yield from KEPT
    elif context.expected.ok is True:
        yield from TAKEN


def since(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of what is stored, or seen in memory, after events and replication, the last one first."""
    for step in context.each(ops.Sync, ops.ReplicateEvents, ops.EventChild):
        if isinstance(step.operation, ops.Sync):
            yield from _after(step)
        else:
            yield "REPL-EVENTS-2"


def _after(step: TracedOperation) -> Iterator[str]:
    """Yield the requirements of a sync that what it has left shows."""
    if step.expected is not None and step.expected.error is not UNSET:
        if step.expected.error in REFUSED:
            yield REFUSED[str(step.expected.error)]
    elif step.expected is not None and step.expected.ok is True:
        yield from TAKEN
    else:
        yield from KEPT
