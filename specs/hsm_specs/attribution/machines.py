"""Candidates where machines in no tree, their transitions, or functions see something wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from hsm_specs.attribution.failure_context import TRANSITIONS, FailureContext
from hsm_specs.attribution.registries import refused
from hsm_specs.attribution.trace import TracedOperation
from hsm_specs.language import operations as ops


def seen_by_function(context: FailureContext) -> Iterator[str]:
    """Yield the candidates where a function was called with something else than it should have been."""
    operation = context.program[context.difference.where[0]]
    wanted, got = context.expected.ok, context.observed.ok
    if isinstance(operation, ops.Execute):
        if context.difference.where[-1] == 1:
            yield "ENV-ACCESS-2"
            return
        if _member(wanted, 0) != _member(got, 0):
            if refused(context, "REG-EXEC", operation.task[0]):
                yield "REG-EXEC-4"
            yield "REG-EXEC-1"
        yield "EXEC-ARGS-1"
        return
    if _member(wanted, 2) != _member(got, 2):
        yield "TRANS-APPLY-9"
    yield from ("TRANS-APPLY-4", "TRANS-APPLY-1", "MACH-STATE-1")


def _member(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, list | tuple) and len(value) > index else None


def candidate_requirements(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an operation on a machine or a transition object."""
    match context.operation:
        case ops.Apply():
            yield from applied(context)
        case ops.ReadMachine(machine):
            yield from read(context, machine)
        case _:
            pass


def applied(context: FailureContext) -> Iterator[str]:
    """Yield the candidates of an Apply that itself has a wrong outcome."""
    expected, observed = context.expected, context.observed
    wanted, got = expected.inner or (), observed.inner or ()
    if expected.error == "invalid_transition" and len(got) > len(wanted):
        yield from (
            ("TRANS-APPLY-3",) if context.same_outcome else ("TRANS-POSSIBLE-1", "TRANS-APPLY-3", "TRANS-APPLY-2")
        )
    elif expected.error == "invalid_transition":
        yield "TRANS-APPLY-2"
    elif observed.error == "invalid_transition" and not got:
        yield "TRANS-POSSIBLE-1"
    elif len(wanted) > len(got):
        yield "TRANS-NEW-1"
    elif expected.error is not UNSET or expected.panic is not UNSET:
        yield "TRANS-APPLY-7"


def read(context: FailureContext, machine: int) -> Iterator[str]:
    """Yield the candidates where a machine is not what it should be."""
    relevant = (ops.Apply, ops.Possible, ops.SetState, ops.SetValue, ops.StateMachine, *TRANSITIONS)
    earlier = [step for step in context.trace.steps if step.where < context.difference.where]
    causes = (step for step in reversed(earlier) if isinstance(step.operation, relevant))
    cause = next((step for step in causes if getattr(step.operation, "machine", None) == machine), None)
    if cause is None:
        return
    match cause.operation:
        case ops.MachineTransition() | ops.CollectionTransition():
            yield from handed(context, cause)
        case ops.Apply(script=script):
            error = None if cause.expected is None else cause.expected.error
            if cause.failed:
                yield "TRANS-APPLY-3" if error == "invalid_transition" else "TRANS-APPLY-5"
            elif any(isinstance(inside, ops.SetState) for inside in script.ops):
                yield "TRANS-APPLY-8"
            elif _member(context.expected.ok, 0) == _member(context.observed.ok, 0):
                yield "TRANS-NEW-1"
            yield from ("TRANS-APPLY-1", "MACH-STATE-1")
        case ops.Possible():
            yield "TRANS-POSSIBLE-2"
        case _:
            yield "MACH-STATE-1"


def handed(context: FailureContext, transition: TracedOperation) -> Iterator[str]:
    """Yield the candidates where a function is handed other data than its machine has."""
    before = [step for step in context.each(*TRANSITIONS) if step.place == transition.place]
    if before and before[0].failed:
        yield "MT-ROLLBACK-2"
    yield "MT-RUN-1"
