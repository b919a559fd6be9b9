"""Random scripts: what the functions of random programs do."""

from __future__ import annotations

from random import Random

from hsm_model.node import Tree
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Capability
from hsm_specs.oracle.world import World

TASKS: tuple[ops.Task, ...] = ((1, 0, 1000), (1, 1, 2000), (2, 0, "x"), (2, 2, "y"), (3, 3, 3000))
FIRST_HANDLE = 1000
"""Handles bound inside functions start here, so that they meet none of the program's own."""


class Scripts:
    """Makes scripts for one program.

    After `for_transition`, ``nodes`` has the handles of nodes that the script binds, ``machine`` that of its data.
    """

    __slots__ = (
        "_collections",
        "_next",
        "_outputs",
        "_panics",
        "_random",
        "_transitions",
        "_tree",
        "_world",
        "machine",
        "nodes",
    )

    def __init__(self, random: Random, world: World, offered: frozenset[Capability]) -> None:
        self._random = random
        self._world = world
        self._panics = "panics" in offered and "panic-in-transition" not in world.without
        self._transitions = "transitions" in offered
        self._outputs = "outputs" in offered
        self._collections = "collections" in offered
        self._next = FIRST_HANDLE
        self._tree: list[int] = []
        self.nodes: list[int] = []
        self.machine = 0

    def fresh(self) -> int:
        """Return a handle that nothing is bound to."""
        self._next += 1
        return self._next

    def for_transition(self, node: int, relatives: list[int]) -> ops.Script:
        """Return a script for a transition of a node; nested operations go to ``relatives``, nodes of the same tree."""
        self.nodes = []
        self._tree = relatives
        script, self.machine = self._transition(node, 0, False)
        return script

    def _transition(self, node: int, depth: int, must_succeed: bool) -> tuple[ops.Script, int]:
        random = self._random.random
        machine = self.fresh()
        fail: ops.Failure | None = None
        if not must_succeed and random() < 0.35:
            at = random()
            fail = "user_1" if at < 0.5 else "panic" if at > 0.85 and self._panics else "user_2"
        steps: list[ops.AnyOperation] = []
        overtaken = False
        if depth < 2 and random() < 0.4:
            for _ in range(1 + int(random() * 2)):
                overtaken |= self._nested(node, depth, fail is None, steps)
        at = random()
        if at < 0.6 or overtaken:
            value = -1 if random() < 0.06 and not must_succeed else int(random() * 5)
            steps.append(ops.SetState(machine, int(random() * 4)))
            steps.append(ops.SetValue(machine, value))
        elif at < 0.75 and self._transitions:
            spec = ops.TransitionSpec((0, int(random() * 4)), int(random() * 4))
            apply_fail: ops.Failure | None = "user_2" if random() < 0.2 else None
            steps.append(ops.Apply(machine, spec, int(random() * 9), ops.Script(fail=apply_fail)))
        if random() < 0.15:
            steps.append(ops.ReadMachine(machine))
        tasks = () if random() < 0.4 else TASKS[(start := int(random() * 4)) : start + 1 + int(random() * 2)]
        return ops.Script(tuple(steps), tasks, fail), machine

    def _nested(self, node: int, depth: int, outer_succeeds: bool, steps: list[ops.AnyOperation]) -> bool:
        """Append an operation inside a function. Return whether it may be a transition of the same node."""
        random = self._random.random
        relatives, nodes = self._tree, self.nodes
        target = nodes[-1] if nodes and random() < 0.3 else relatives[int(random() * len(relatives))]
        at = random()
        if at < 0.35:
            handle = self.fresh()
            key = (1 + int(random() * 3), "abc"[int(random() * 3)])
            steps.append(ops.AddChild(target, key, (0, int(random() * 4)), handle))
            nodes.append(handle)
            return False
        if at < 0.7:
            same = self._same(node, target)
            script, machine = self._transition(target, depth + 1, same and outer_succeeds)
            steps.append(ops.MachineTransition(target, script, machine))
            return same
        steps.append(ops.Clear(target) if at < 0.76 else self._read(target))
        return False

    def _read(self, node: int) -> ops.AnyOperation:
        """Return an operation that reads something of a node."""
        random = self._random.random
        type_id, at = 1 + int(random() * 3), random()
        if at < 0.2:
            return ops.TransitionCount(node)
        if at < 0.4:
            return ops.Dirty(node)
        if at < 0.55 and self._outputs:
            return ops.Outputs(node)
        if at < 0.65 and self._collections:
            return ops.CollectionList(node, type_id)
        if at < 0.75 and self._collections:
            return ops.CollectionData(node, type_id, "abc"[int(random() * 3)])
        if at < 0.85:
            return ops.Child(node, ((type_id, "abc"[int(random() * 3)]),))
        return ops.MachineData(node)

    def _same(self, node: int, other: int) -> bool:
        """Return whether two handles may name the same node."""
        if node == other:
            return True
        nodes = self._world.nodes
        first, second = nodes.get(node), nodes.get(other)
        return first is None or second is None or first is second


def relatives(world: World, node: int, handles: list[int]) -> list[int]:
    """Return those of the handles that name nodes of the same tree."""
    nodes = world.nodes
    tree: Tree = nodes[node].tree
    return [handle for handle in handles if nodes[handle].tree is tree]
