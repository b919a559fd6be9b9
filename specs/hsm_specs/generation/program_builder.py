"""A random program in the making, and the choices that are made for it."""

from __future__ import annotations

from random import Random

from hsm_model.node import Node
from hsm_specs.generation.scripts import Scripts
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import World

IDS = ("a", "b", "c")
TYPES = (1, 2, 3)
UNREGISTERED = 4


class ProgramBuilder:
    """A program in the making: what was chosen so far, the world that it made, and names that are in use."""

    __slots__ = (
        "handles",
        "machines",
        "next",
        "observations",
        "operations",
        "panics",
        "random",
        "roots",
        "scripts",
        "world",
    )

    def __init__(self, random: Random, world: World, offered: frozenset[Capability]) -> None:
        self.random = random
        self.world = world
        self.panics = "panics" in offered
        self.operations: list[ops.AnyOperation] = []
        self.observations: list[Observation] = []
        self.next = 0
        self.handles: list[int] = []
        self.roots: list[int] = []
        self.machines: list[int] = []
        self.scripts = Scripts(random, world, offered)
        self.run(ops.NewRegistry())
        for type_id in TYPES:
            self.run(ops.RegisterMachine(type_id, type_id))
        root = self.fresh()
        self.run(ops.NewRoot(1, (0, 0), root))
        self.handles.append(root)
        self.roots.append(root)

    def run(self, operation: ops.AnyOperation) -> Observation:
        """Runs an operation on the model and appends it."""
        observation = self.world.observe(operation)
        self.operations.append(operation)
        self.observations.append(observation)
        return observation

    def fresh(self) -> int:
        """A handle that nothing is bound to."""
        self.next += 1
        return self.next

    def some(self, among: tuple[int, ...] | list[int]) -> int:
        """One of them."""
        return among[int(self.random.random() * len(among))]

    def node(self) -> int:
        """The handle of a node, rather a late one."""
        handles, at = self.handles, self.random.random()
        return handles[int((1 - at * at) * len(handles)) - (at == 0)]

    def id(self) -> str:
        """An ID of a machine."""
        return IDS[int(self.random.random() * 3)]

    def type(self) -> int:
        """A machine type, rarely one that is not registered."""
        at = self.random.random()
        return UNREGISTERED if at > 0.97 else TYPES[int(at * 3)]

    def data(self) -> ops.Data:
        """Data of a machine, rarely such that does not serialize or deserialize."""
        at = self.random.random()
        return (0, -1) if at > 0.96 else (0, -2) if at > 0.955 else (int(at * 3), int(at * 100) % 4)

    def key(self) -> ops.Key:
        """The key of a child."""
        return self.type(), self.id()

    def bound(self, handle: int) -> None:
        """Takes note of a node's handle, if it was bound."""
        if handle in self.world.nodes:
            self.handles.append(handle)

    def adopt(self, scripts: Scripts) -> None:
        """Takes note of what a top-level function bound and left behind."""
        world = self.world
        for handle in scripts.nodes:
            node: Node | None = world.nodes.get(handle)
            if node is not None and not node.gone:
                self.handles.append(handle)
        slot = world.machines.get(scripts.machine)
        if slot is not None and not slot.spent:
            self.machines.append(scripts.machine)
