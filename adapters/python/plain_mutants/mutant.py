"""A mutant: the plain implementation with one part replaced by one that is wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from plain_hsm.adapter import World
from plain_hsm.machine import Registry, Table, Transition
from plain_hsm.node import Collection, Environment, Node, Ref
from plain_hsm.palette import Machine, MachineA, MachineB, Serializer

P = TypeVar("P")
PARTS: dict[type, str] = {
    Registry: "registry_type",
    Node: "node_type",
    Transition: "transition_type",
    Environment: "environment_type",
    Ref: "ref_type",
    Collection: "collection_type",
    Serializer: "serializer_type",
}
"""The parts of a world that mutants replace. Machines, of which a world has two classes, are apart."""


@dataclass(frozen=True)
class Mutant:
    """A wrong part and the world that has it. ``requirement`` is what it breaks, ``sentence`` how.

    ``operations`` are those that a program needs before it can show the mutant, where it is right up to a size.
    """

    name: str
    requirement: str
    sentence: str
    part: type
    world: type[World]
    operations: int = 0


MUTANTS: dict[str, Mutant] = {}
"""The mutants by name."""


def breaks(requirement: str, *, table: str = "", operations: int = 0) -> Callable[[type[P]], type[P]]:
    """Make a class a mutant that breaks the requirement, in the way that the class's docstring says.

    A `Table` takes the place of the one of that name in the registry. A mutant that is right up to a size says how many
    ``operations`` show it.
    """

    def register(part: type[P]) -> type[P]:
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", part.__name__).lower()
        if name in MUTANTS:
            raise ValueError(f"there are two mutants {name}")
        world = type(part.__name__, (World,), replaced(part, table))
        MUTANTS[name] = Mutant(name, requirement, part.__doc__ or "", part, world, operations)
        return part

    return register


def replaced(part: type, table: str) -> dict[str, Any]:
    """Return what a world with the part has in place of its own."""
    if issubclass(part, Table):
        return {"registry_type": registry_with(part, table)}
    if issubclass(part, Machine):
        return {"machine_types": (type("B", (part, MachineB), {}), type("A", (part, MachineA), {}))}
    return {next(name for base, name in PARTS.items() if issubclass(part, base)): part}


def registry_with(table_type: type[Table], name: str) -> type[Registry]:
    """Return a registry with a table of another class."""

    class WithTable(Registry):
        def __init__(self) -> None:
            super().__init__()
            setattr(self, name, table_type())

    return WithTable
