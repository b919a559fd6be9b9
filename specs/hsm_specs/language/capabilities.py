"""Which capability each operation needs of an implementation; operations without one are the mandatory core."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, get_args

from hsm_specs.language import operations as ops
from hsm_specs.language.members import places, reader
from hsm_specs.language.messages import Capability
from hsm_specs.language.palette import EMPTY_DATA
from hsm_specs.language.shapes import Domain

CAPABILITY_OF: Final[dict[type, Capability]] = {
    operation: specification.capability
    for operation, specification in ops.SPECIFICATIONS.items()
    if specification.capability is not None
}
_VALUES: Final = {
    operation: tuple(reader(place.way) for place in places(operation) if place.domain is Domain.VALUE)
    for operation in ops.OPERATIONS
}
"""How to read the values of data that an operation has."""

NEEDS: Final[dict[Capability, frozenset[Capability]]] = {
    "objects": frozenset(("collections", "transitions")),
    "transactions": frozenset(("tasks",)),
    "refresh": frozenset(("tasks", "transactions")),
    "timers": frozenset(("tasks", "transactions")),
    "outbound": frozenset(("executors", "tasks", "transactions")),
    "failover": frozenset(("tasks", "transactions")),
    "replication": frozenset(("tasks", "transactions", "failover")),
}
"""The capabilities that another one is of no use without."""
SHALLOW: Final = 33
"""How deep scripts nest that any adapter reads. In JSON a level is three deep, and many decoders stop at 128."""


def capabilities_of(operations: Iterable[ops.AnyOperation]) -> frozenset[Capability]:
    """Return the capabilities that operations need, those inside their functions included."""
    needed: set[Capability] = set()
    _add_needs(operations, 0, needed)
    return frozenset(needed)


def _add_needs(operations: Iterable[ops.AnyOperation], depth: int, needed: set[Capability]) -> None:
    """Add what operations need that stand inside of so many functions."""
    if depth > SHALLOW:
        needed.add("deep_scripts")
    for operation in operations:
        capability = CAPABILITY_OF.get(type(operation))
        if capability is not None:
            needed.add(capability)
        if getattr(operation, "collection", None) is not None or getattr(operation, "kept", None) is not None:
            needed.add("objects")
        if getattr(operation, "cluster", 0):
            needed.add("failover")
        script: ops.Script | None = getattr(operation, "script", None)
        if script is not None:
            if script.fail == "panic":
                needed.add("panics")
            _add_needs(script.ops, depth + 1, needed)
        if any(EMPTY_DATA[1] in read(operation) for read in _VALUES[type(operation)]):
            needed.add("empty_data")


def ordered(capabilities: Collection[Capability]) -> tuple[Capability, ...]:
    """Return capabilities in the order of the protocol."""
    return tuple(capability for capability in get_args(Capability) if capability in capabilities)
