"""A random program in the making, and the choices that are made for it."""

from __future__ import annotations

from random import Random

from hsm_model.node import Node
from hsm_specs.generation.scripts import TASKS, Scripts, relatives
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import Observation
from hsm_specs.language.substitution import Renaming, substituted
from hsm_specs.oracle.world import World

IDS = ("a", "b", "c")
TYPES = (1, 2, 3)
UNREGISTERED = 4


class ProgramBuilder:
    """A program in the making: what was chosen so far, the world that it made, and names that are in use.

    With a ``renaming`` other values stand in the program, and in the world, than those that are chosen.
    """

    __slots__ = (
        "cells",
        "handles",
        "machines",
        "next",
        "observations",
        "operations",
        "panics",
        "random",
        "renaming",
        "roots",
        "scripts",
        "standbys",
        "workflows",
        "world",
    )

    def __init__(
        self, random: Random, world: World, offered: frozenset[Capability], renaming: Renaming | None = None
    ) -> None:
        self.random = random
        self.world = world
        self.renaming = renaming
        self.panics = "panics" in offered
        self.operations: list[ops.AnyOperation] = []
        self.observations: list[Observation] = []
        self.next = 0
        self.handles: list[int] = []
        self.roots: list[int] = []
        self.machines: list[int] = []
        self.cells: list[int] = []
        self.standbys: list[int] = []
        self.workflows: list[int] = []
        self.scripts = Scripts(random, world, offered)
        self.run(ops.NewRegistry())
        for type_id in TYPES:
            self.run(ops.RegisterMachine(type_id, type_id))
        root = self.fresh()
        self.run(ops.NewRoot(1, (0, 0), root))
        self.handles.append(root)
        self.roots.append(root)

    def run(self, operation: ops.AnyOperation) -> Observation:
        """Run an operation on the model, append it and return its predicted observation."""
        if self.renaming is not None:
            (operation,) = substituted((operation,), self.renaming)
        observation = self.world.observe(operation)
        self.operations.append(operation)
        self.observations.append(observation)
        return observation

    def fresh(self) -> int:
        """Return a handle that nothing is bound to."""
        self.next += 1
        return self.next

    def fresh_inside(self) -> int:
        """Return a handle that nothing is bound to, for use inside a function."""
        return self.scripts.fresh()

    def root(self) -> int:
        """Return the handle of the first root."""
        return self.roots[0]

    def node(self) -> int:
        """Return the handle of a node, preferably a late one."""
        handles, at = self.handles, self.random.random()
        return handles[int((1 - at * at) * len(handles)) - (at == 0)]

    def machine(self) -> int:
        """Return the handle of a machine, made now if there is none."""
        machines, random = self.machines, self.random.random
        if not machines or random() < 0.3:
            handle = self.fresh()
            self.run(ops.StateMachine(handle, (int(random() * 4), 1)))
            machines.append(handle)
        return machines[int(random() * len(machines))]

    def cell(self) -> int:
        """Return the handle of a cell, made now if there is none, with serializers of most tasks."""
        random = self.random.random
        if not self.cells:
            for type_id in TYPES[: 2 + int(random() * 2)]:
                self.run(ops.RegisterTaskSerializer(type_id))
        if not self.cells or random() < 0.02:
            self.cells.append(len(self.cells) + len(self.standbys))
            self.run(ops.NewCell(self.cells[-1]))
        return self.cells[int(random() * len(self.cells))]

    def standby(self) -> int:
        """Return the handle of a cell of cluster 1, made now if there is none."""
        if not self.standbys:
            self.cell()
            self.standbys.append(len(self.cells))
            self.run(ops.NewCell(self.standbys[0], cluster=1))
        return self.standbys[0]

    def version(self) -> int:
        """Return 1 or, less often, the version that the namespace has or 2."""
        at, cells = self.random.random(), self.world.cells
        present = cells[self.cells[0]].state.namespace.version if self.standbys else 1
        return 1 + int(at * 1.1) if present == 1 else (1, 1, present, 2)[int(at * 4)]

    def workflow(self) -> int:
        """Return the handle of a workflow, started now if there is none."""
        random = self.random.random
        if not self.workflows or random() < 0.02:
            self.workflows.append(len(self.workflows))
            self.run(ops.StartWorkflow(self.cell(), self.workflows[-1]))
        return self.workflows[int(random() * len(self.workflows))]

    def path(self, node: int) -> ops.Path:
        """Return the path of a node, as it was chosen."""
        path = self.world.nodes[node].path()
        return path if self.renaming is None else tuple(map(self.renaming.original, path))

    def id(self) -> str:
        """Return an ID of a machine."""
        return IDS[int(self.random.random() * 3)]

    def type(self) -> int:
        """Return a machine type, rarely one that is not registered."""
        at = self.random.random()
        return UNREGISTERED if at > 0.97 else TYPES[int(at * 3)]

    def task_type(self) -> int:
        """Return a type of tasks."""
        return TYPES[int(self.random.random() * 3)]

    def data(self) -> ops.Data:
        """Return data of a machine, rarely data that does not serialize or deserialize."""
        at = self.random.random()
        return (0, -1) if at > 0.96 else (0, -2) if at > 0.955 else (int(at * 3), int(at * 100) % 4)

    def key(self) -> ops.Key:
        """Return the key of a child."""
        return self.type(), self.id()

    def task(self) -> ops.Task:
        """Return a task."""
        return TASKS[int(self.random.random() * len(TASKS))]

    def tasks(self, most: int) -> tuple[ops.Task, ...]:
        """Return fewer than ``most`` tasks."""
        return TASKS[: int(self.random.random() * most)]

    def transition(self) -> ops.TransitionSpec:
        """Return a transition."""
        random = self.random.random
        sources = tuple([state for state in range(4) if random() < 0.5])
        return ops.TransitionSpec(sources, int(random() * 4))

    def function(self, node: int) -> tuple[ops.Script, int]:
        """Return the function of a transition of a node: its script, and the handle for the node's data."""
        scripts = self.scripts
        script = scripts.for_transition(node, relatives(self.world, node, self.handles))
        return script, scripts.machine

    def bound(self, handle: int) -> None:
        """Let later operations use a node's handle, if it was bound."""
        if handle in self.world.nodes:
            self.handles.append(handle)

    def transitioned(self) -> None:
        """Let later operations use the handles that the last function bound."""
        world, scripts = self.world, self.scripts
        for handle in scripts.nodes:
            node: Node | None = world.nodes.get(handle)
            if node is not None and not node.gone:
                self.handles.append(handle)
        slot = world.machines.get(scripts.machine)
        if slot is not None and not slot.spent:
            self.machines.append(scripts.machine)
