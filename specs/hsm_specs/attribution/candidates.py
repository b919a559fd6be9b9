"""Suspects: the requirements that a difference may break, the likeliest first.

A difference says what was observed, and the program what came before. Where an operation itself answers wrongly, its
own requirements are suspected. Where it only shows the state of a tree or a machine, those of the operation that should
have brought the state about are: in a shrunk program that is the last one that does anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import UNSET

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.attribution import machines, registries, trees
from hsm_specs.attribution.failure_context import FailureContext, NoMoreCandidates
from hsm_specs.attribution.requirement_dependencies import foundations
from hsm_specs.language import operations as ops
from hsm_specs.oracle.comparison import Difference


def attribute(
    program: ops.Program,
    difference: Difference,
    semantics: Semantics = SPECIFICATION,
    broken: Collection[str] = (),
) -> str:
    """The ID of the requirement that a difference breaks; most telling of a shrunk program.

    ``broken`` are requirements whose own evidence is known to have failed. One of them is preferred, and of several one
    that relies on none of the others.
    """
    found = candidate_requirements(program, difference, semantics)
    likely = foundations([requirement for requirement in found if requirement in broken])
    return next((requirement for requirement in found if requirement in likely), found[0])


def candidate_requirements(
    program: ops.Program, difference: Difference, semantics: Semantics = SPECIFICATION
) -> tuple[str, ...]:
    """The requirements that a difference may break, the likeliest first; at least one."""
    found: dict[str, None] = {}
    try:
        for requirement in _candidates(FailureContext.of(program, difference, semantics)):
            found[requirement] = None
    except NoMoreCandidates:
        pass
    return tuple(found)


def _candidates(scene: FailureContext) -> Iterator[str]:
    match scene.operation:
        case None:
            yield from machines.told(scene)
        case (
            ops.NewRegistry()
            | ops.RegisterMachine()
            | ops.Machine()
            | ops.RegisterTaskSerializer()
            | ops.TaskSerializer()
            | ops.SerializeTask()
            | ops.DeserializeTask()
            | ops.RegisterExecutor()
            | ops.Execute()
        ):
            yield from registries.candidate_requirements(scene)
        case (
            ops.StateMachine()
            | ops.ReadMachine()
            | ops.SetState()
            | ops.SetValue()
            | ops.RegenerateTasks()
            | ops.Possible()
            | ops.Apply()
        ):
            yield from machines.candidate_requirements(scene)
        case _:
            yield from trees.candidate_requirements(scene)
    if scene.expected.error is not UNSET:
        yield from scene.refusals()
    yield scene.foremost()
