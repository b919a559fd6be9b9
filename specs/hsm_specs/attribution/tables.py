"""Tables of attribution: requirements by the operation, or by the part of a tree, that is wrong."""

from __future__ import annotations

from typing import Final

from hsm_specs.language import operations as ops

DEFAULT_REQUIREMENT: Final[dict[type, str]] = {
    operation: specification.about for operation, specification in ops.SPECIFICATIONS.items()
}
"""The requirement that a wrong value of an operation breaks first of all."""

REFUSALS: Final[dict[tuple[type, str], str]] = {
    (operation, code): requirement
    for operation, specification in ops.SPECIFICATIONS.items()
    for code, requirement in specification.refusals.items()
}
"""The requirement that an operation must fail with an error."""

_BY_NAME: Final = {ops.tag(operation): operation for operation in ops.OPERATIONS}
DELEGATES_TO: Final[dict[type, type]] = {
    operation: _BY_NAME[specification.delegates_to]
    for operation, specification in ops.SPECIFICATIONS.items()
    if specification.delegates_to is not None
}
"""Operations that are made of another one, which may be what is wrong with them."""

ROLLED_BACK = {
    "count": "MT-ROLLBACK-1",
    "data": "MT-ROLLBACK-2",
    "outputs": "MT-ROLLBACK-3",
    "dirty": "MT-ROLLBACK-4",
    "children": "MT-ROLLBACK-5",
}
"""The parts of its own node, and of children anywhere, that a failed transition leaves as they were."""

ADDED = {
    "count": "NODE-COUNT-1",
    "data": "NODE-ADD-1",
    "outputs": "DIRTY-TREE-3",
    "dirty": "DIRTY-TREE-3",
    "children": "NODE-ADD-1",
}
"""The parts of a child that was added."""

PRESENT = {
    "count": "NODE-COUNT-1",
    "data": "DATA-READ-1",
    "outputs": "OUT-LIST-1",
    "dirty": "DIRTY-TREE-1",
    "children": "NODE-CHILD-1",
}
"""The observable parts of a tree, whatever came before."""
