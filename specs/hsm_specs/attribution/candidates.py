"""Candidates: the requirements that a difference may break, the most likely first.

A difference says what was observed, and the program what came before. If the outcome of an operation itself is wrong,
its own requirements are candidates. If it only shows the state of a tree or a machine, those of the operation that
should have produced the state are: in a shrunk program, that is the last one that does anything.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from msgspec import UNSET

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.attribution import machines, registries, transactions, trees
from hsm_specs.attribution.failure_context import FailureContext, NoMoreCandidates
from hsm_specs.attribution.requirement_dependencies import foundations
from hsm_specs.language import operations as ops
from hsm_specs.oracle.comparison import Difference


def attribute(
    program: ops.Program,
    difference: Difference,
    semantics: Semantics = SPECIFICATION,
    broken: Container[str] = (),
) -> str:
    """Return the ID of the requirement that a difference breaks; most reliable for a shrunk program.

    ``broken`` are requirements whose own evidence is known to have failed. One of them is preferred, and of several one
    that relies on none of the others.
    """
    found = candidate_requirements(program, difference, semantics)
    likely = foundations([requirement for requirement in found if requirement in broken])
    return next((requirement for requirement in found if requirement in likely), found[0])


def candidate_requirements(
    program: ops.Program, difference: Difference, semantics: Semantics = SPECIFICATION
) -> tuple[str, ...]:
    """Return the requirements that a difference may break, the most likely first; at least one."""
    found: dict[str, None] = {}
    try:
        for requirement in _candidates(FailureContext.of(program, difference, semantics)):
            found[requirement] = None
    except NoMoreCandidates:
        pass
    return tuple(found)


def _candidates(context: FailureContext) -> Iterator[str]:
    operation = context.operation
    if (kept := _kept(operation)) is not None:
        yield kept
    if isinstance(operation, ops.FrameworkOperation) or transactions.sees_commits(context):
        yield from transactions.candidate_requirements(context)
    if operation is None:
        yield from machines.seen_by_function(context)
    elif isinstance(operation, ops.RegistryOperation):
        yield from registries.candidate_requirements(context)
    elif isinstance(operation, ops.MachineOperation):
        yield from machines.candidate_requirements(context)
    else:
        yield from trees.candidate_requirements(context)
    yield from transactions.candidate_requirements(context)
    if context.expected.error is not UNSET:
        yield from context.refusals()
    yield context.default_requirement()


def _kept(operation: ops.AnyOperation | None) -> str | None:
    """Return the requirement of a kept object that an operation uses.

    The shrinker leaves the handle out wherever a new object fails in the same way.
    """
    if getattr(operation, "collection", None) is not None:
        return "COLL-KEEP-1"
    return "TRANS-KEEP-1" if getattr(operation, "kept", None) is not None else None
