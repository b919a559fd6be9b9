"""Seeded random programs over the whole vocabulary, steered by the model alone.

A program is made operation by operation: each is run on the model as soon as it is chosen, so that the next one can be
chosen among what there is. Where an operation turns out to be unspecified or excluded, the program ends before it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hsm_model.node import Node
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import find
from hsm_specs import operations as ops
from hsm_specs.messages import Capability
from hsm_specs.observations import Observation
from hsm_specs.scripts import Scripts
from hsm_specs.world import Excluded, Unspecified, World

ALL_CAPABILITIES: frozenset[Capability] = frozenset(
    ("transitions", "collections", "outputs", "tasks", "kinds", "executors", "refs", "identity", "panics")
)
IDS = ("a", "b", "c")
TYPES = (1, 2, 3)
UNREGISTERED = 4


class Soak:
    """An endless, reproducible supply of programs. ``without`` names features that are switched off."""

    def __init__(
        self,
        seed: str,
        semantics: Semantics = SPECIFICATION,
        without: frozenset[str] = frozenset(),
        capabilities: frozenset[Capability] = ALL_CAPABILITIES,
    ) -> None:
        self._random = Random(seed)
        self._semantics = semantics
        self._without = without if "panics" in capabilities else without | {"panic-in-transition"}
        self._makers = weighted(capabilities)
        self._panics = "panics" in capabilities

    def program(self, length: int) -> tuple[ops.Program, tuple[Observation, ...]]:
        """A program of at most ``length`` operations beyond its set-up, and what each operation must answer."""
        draft = Draft(self._random, World(self._semantics, self._without), self._panics)
        makers, chance, size = self._makers, self._random.random, len(self._makers)
        try:
            for _ in range(length):
                operation = makers[int(chance() * size)](draft)
                if operation is not None:
                    draft.run(operation)
        except (Unspecified, Excluded):
            pass
        return tuple(draft.operations), tuple(draft.observations)

    def batch(self, programs: int, length: int) -> tuple[list[ops.Program], list[tuple[Observation, ...]]]:
        """Several programs, and their observations beside them."""
        made = [self.program(length) for _ in range(programs)]
        return [program for program, _ in made], [observations for _, observations in made]


class Draft:
    """A program in the making: what was chosen so far, the world that it made, and names that are in use."""

    __slots__ = ("handles", "machines", "next", "observations", "operations", "panics", "random", "roots", "scripts", "world")

    def __init__(self, random: Random, world: World, panics: bool) -> None:
        self.random = random
        self.world = world
        self.panics = panics
        self.operations: list[ops.AnyOperation] = []
        self.observations: list[Observation] = []
        self.next = 0
        self.handles: list[int] = []
        self.roots: list[int] = []
        self.machines: list[int] = []
        self.scripts = Scripts(random, world, panics)
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
            if node is not None and not node.replaced and find(node.tree.state.root, node.path()) is not None:
                self.handles.append(handle)
        slot = world.machines.get(scripts.machine)
        if slot is not None and not slot.spent:
            self.machines.append(scripts.machine)


Maker = Callable[[Draft], ops.AnyOperation | None]


def weighted(capabilities: frozenset[Capability]) -> list[Maker]:
    """The makers of operations, each as often as its weight says, of those that the capabilities allow."""
    from hsm_specs import makers

    table: list[Maker] = []
    for maker, weight, capability in makers.MAKERS:
        if capability is None or capability in capabilities:
            table.extend([maker] * weight)
    return table
