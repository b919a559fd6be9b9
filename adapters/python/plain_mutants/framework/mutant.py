"""A mutant of the framework: a cell, a store, a workflow or an environment that is wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from plain_hsm.framework.adapter import FrameworkWorld
from plain_hsm.framework.player import Player
from plain_hsm.framework.queues import Environment
from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import Store, Workflow

P = TypeVar("P")
PARTS: dict[type, str] = {Store: "store_type", Workflow: "workflow_type", Environment: "environment_type"}
"""The parts of a cell that mutants replace."""
QUEUE = 4
"""The operations of a queue: an executor, a task that is asked for, a clock put forward, and a delivery."""
FAILOVER = 3
"""Those of a failover: a cell elsewhere, a failover there, and one back."""
REPLICATION = 7
"""Those of replication: an event, its replication, a failover, a transition in each cluster, and a sync."""
MORE: dict[tuple[str, ...], int] = {
    ("COMMIT-OWNER-4", "COMMIT-OWNER-5", "ENV-CLOCK", "OUTBOUND", "REFRESH", "TIMER"): QUEUE,
    ("COMMIT-VERSIONS", "REF-VERSION-2"): FAILOVER,
    ("REPL",): REPLICATION,
}
"""The operations that a program takes to show what breaks such requirements, beyond those of most."""


@dataclass(frozen=True)
class FrameworkMutant:
    """A wrong part, and the player and the world that have it. ``requirement`` is what it breaks, ``sentence`` how."""

    name: str
    requirement: str
    sentence: str
    part: type
    player: type[Player]
    world: type[FrameworkWorld]
    operations: int = 0
    """How many operations a program needs to show it, beyond those of most mutants."""


FRAMEWORK_MUTANTS: dict[str, FrameworkMutant] = {}
"""The mutants by name."""


def breaks(requirement: str) -> Callable[[type[P]], type[P]]:
    """Register a class as a mutant that breaks the requirement, in the way that the class's docstring says."""

    def register(part: type[P]) -> type[P]:
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", part.__name__).lower()
        if name in FRAMEWORK_MUTANTS:
            raise ValueError(f"there are two mutants {name}")
        cell = part if issubclass(part, ReplicatingCell) else cell_with(part)
        player = type(part.__name__, (Player,), {"cell_type": cell})
        world = type(part.__name__, (FrameworkWorld,), {"cell_type": cell})
        more = next((number for names, number in MORE.items() if requirement.startswith(names)), 0)
        FRAMEWORK_MUTANTS[name] = FrameworkMutant(name, requirement, part.__doc__ or "", part, player, world, more)
        return part

    return register


def cell_with(part: type) -> type[ReplicatingCell]:
    """Return a cell type with another part."""
    replaced = next(name for base, name in PARTS.items() if issubclass(part, base))
    return type(part.__name__, (ReplicatingCell,), {replaced: part})
