"""The primary finding of a run: of all findings the most basic one, which is the first to look at.

Where many requirements are broken, most of them have the same cause: the requirement that the others rely on. The
smallest program shows it best.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from msgspec import UNSET

from hsm_specs.attribution import foundations
from hsm_specs.attribution.failure_context import LOADS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language.dependencies import used
from hsm_specs.language.members import members
from hsm_specs.language.observations import Observation
from hsm_specs.language.shapes import Use
from hsm_specs.results.findings import Finding

SET_UP: Final[dict[type, bool]] = {
    operation: any(
        member.reference and member.reference.use is Use.MAKES and not member.optional for member in members(operation)
    )
    for operation, specification in ops.SPECIFICATIONS.items()
    if specification.sets_up
}
"""The operations that only make what others work on, and whether they do so even if nothing uses the node they bind."""


LOADING: Final = frozenset(requirement for requirement in load_catalogue() if requirement.startswith("ROOT-LOAD-"))
"""The requirements of making a tree from what is persisted."""


class Size(NamedTuple):
    """The length of a finding's program: operations beyond the set-up that they need, and all of them.

    Operations inside of functions are counted like others. Set-up are the operations at the top level before the one
    that answers wrongly which succeed and only make what others work on (``sets_up`` of their specification):

    - ``new_registry``, ``register_machine``, ``register_task_serializer``, ``register_executor`` and ``new_root``;
    - ``add_child``, ``child``, ``collection_add`` and ``collection_node`` where a later operation uses the node that
      they bind.

    Everything else is beyond: what fails, what transitions, clears, rehydrates or reads, and additions whose node is
    used by nothing.
    """

    beyond: int
    total: int


def size(finding: Finding) -> Size:
    """Return the length of a finding's program up to the operation with the wrong answer."""
    last = finding.where[0]
    program = finding.program[: last + 1]
    set_up = sum(
        is_set_up(operation, finding.expected[index], program[index + 1 :])
        for index, operation in enumerate(program[:last])
        if index < len(finding.expected)
    )
    total = sum(map(operations_in, program))
    return Size(total - set_up, total)


def is_set_up(operation: ops.AnyOperation, answer: Observation, later: Sequence[ops.AnyOperation]) -> bool:
    """Return whether an operation that must give this answer only makes what later ones work on."""
    if answer.ok is UNSET:
        return False
    kind = type(operation)
    if kind not in SET_UP:
        return False
    if SET_UP[kind]:
        return True
    bound: int | None = getattr(operation, "bind", None)
    return bound is not None and any(("node", bound) in used(other) for other in later)


def operations_in(operation: ops.AnyOperation) -> int:
    """Return the number of operations that an operation is, including those of its script."""
    script: ops.Script | None = getattr(operation, "script", None)
    return 1 + sum(map(operations_in, () if script is None else script.ops))


def primary(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding whose requirement relies on no other broken one; of several, that with the smallest program.

    Of equal ones it is that whose requirement comes first in the catalogue. A finding about what the documentation
    demands goes before one about what it is silent on. One whose program loads no tree does not rely on loading.
    """
    found = list(findings)
    if not found:
        return None
    found = [finding for finding in found if finding.documented] or found
    broken = {finding.requirement for finding in found}
    loading = {finding.requirement for finding in found if any(isinstance(each, LOADS) for each in finding.program)}
    basic = foundations(broken) | (foundations(broken - LOADING) - loading)
    order = {requirement: number for number, requirement in enumerate(load_catalogue())}

    def rank(finding: Finding) -> tuple[bool, Size, int]:
        return finding.requirement not in basic, size(finding), order.get(finding.requirement, len(order))

    return min(found, key=rank)
