"""Writes the program of one case: set-up with variations, operations, evidence."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect

T = TypeVar("T")
TYPES = (1, 2, 3)
UNKNOWN = 9
"""A type that `Builder.registry` does not register."""
TASKS: tuple[ops.Task, ...] = ((1, 7, 1000), (2, 8, "x"), (3, 9, 5000), (4, 0, "y"))
EXECUTED: tuple[ops.Task, ...] = ((5, 7, 1000), (4, 8, "x"), (7, 9, 5000), (6, 0, ""))
"""Tasks of types that are no machine types, so that executors are not mixed up with machines."""


class Builder:
    """A case in the making. A ``plain`` one takes the first of all choices, so that it is as small as can be."""

    def __init__(self, random: Random, plain: bool, dialect: Dialect = "v1.25") -> None:
        self.random = random
        self.plain = plain
        self.dialect = dialect
        self.operations: list[ops.AnyOperation] = []
        self.evidence: set[int] = set()
        self.keys: dict[int, ops.Key] = {}
        self._next = 0

    def do(self, *operations: ops.AnyOperation) -> None:
        """Append operations that are set-up."""
        self.operations.extend(operations)

    def check(self, *operations: ops.AnyOperation) -> None:
        """Append operations whose observations show the requirement."""
        for operation in operations:
            self.evidence.add(len(self.operations))
            self.operations.append(operation)

    def fresh(self) -> int:
        """Return a handle that nothing is bound to."""
        handle = self._next
        self._next += 1
        return handle

    def pick(self, *options: T) -> T:
        """Return one of the options, the first if plain."""
        return options[0] if self.plain else self.random.choice(options)

    def sometimes(self, chance: float = 0.5) -> bool:
        """Return False if plain, else True with the given chance."""
        return not self.plain and self.random.random() < chance

    def number(self, below: int) -> int:
        """Return a number from 0, 0 if plain."""
        return 0 if self.plain else self.random.randrange(below)

    def id(self) -> str:
        """Return the ID of a machine."""
        return self.pick("a", "b", "c", "", "ä/1")

    def type(self) -> int:
        """Return a registered machine type."""
        return self.pick(*TYPES)

    def data(self) -> ops.Data:
        """Return data of a machine."""
        return (self.number(4), self.number(9))

    def failure(self) -> ops.Failure:
        """Return a named failure of a function."""
        return self.pick("user_1", "user_2")

    def tasks(self) -> tuple[ops.Task, ...]:
        """Return tasks for an output, one if plain."""
        if self.plain:
            return TASKS[:1]
        return tuple(self.random.choices(TASKS, k=self.random.randrange(3)))

    def registry(self) -> None:
        """Append a registry with the usual types, in no particular order."""
        self.do(ops.NewRegistry())
        types = list(TYPES)
        if not self.plain:
            self.random.shuffle(types)
        self.do(*(ops.RegisterMachine(type_id, type_id * 10) for type_id in types))

    def root(self) -> int:
        """Return a registry and a root."""
        self.registry()
        root = self.fresh()
        self.do(ops.NewRoot(self.type(), self.data(), root))
        return root

    def child(self, parent: int, type_id: int | None = None) -> int:
        """Return a child with a key and data of its own."""
        handle = self.fresh()
        self.keys[handle] = (self.type() if type_id is None else type_id, f"{self.id()}{handle}")
        self.do(ops.AddChild(parent, self.keys[handle], (self.number(4), handle), handle))
        return handle

    def node(self) -> int:
        """Return a registry, a tree and a node somewhere in it: the root if plain."""
        return self.pick(*self.line()) if self.sometimes(0.8) else self.root()

    def line(self) -> list[int]:
        """Return a registry and a tree, as the handles of the nodes from the root to some node below it."""
        line = [self.root()]
        for _ in range(self.pick(1, 2, 2, 3)):
            if self.sometimes(0.3):
                self.child(line[-1])
            line.append(self.child(line[-1]))
        return line

    def clean(self, root: int) -> None:
        """Make sure that nothing is open in a tree, also where a release marks added children dirty."""
        if any(isinstance(operation, ops.AddChild | ops.CollectionAdd) for operation in self.operations):
            self.do(ops.Clear(root))

    def loaded(self, line: list[int]) -> list[int]:
        """Return the same line in a tree that was made from what is persisted of it."""
        root = self.fresh()
        self.do(ops.Rehydrate(line[0], self.type(), self.data(), root))
        fresh = [root]
        for handle in line[1:]:
            found = self.fresh()
            self.do(ops.Child(fresh[-1], (self.keys[handle],), found))
            self.keys[found] = self.keys[handle]
            fresh.append(found)
        return fresh

    def seasoned(self, line: list[int]) -> list[int]:
        """Return the line, sometimes with a node that has transitioned, and sometimes loaded."""
        if self.sometimes(0.3):
            self.do(self.transition(self.pick(*line)))
        return self.loaded(line) if self.sometimes(0.3) else line

    def aged(self, line: list[int]) -> list[int]:
        """Return the same handles, long after: its tree was cleared, rolled back and loaded as another one, sometimes.

        The tree that was loaded has changed since, which the handles must not show.
        """
        if self.sometimes():
            self.do(self.transition(self.pick(*line)), ops.Clear(line[0]), self.failing(self.pick(*line)))
        if self.sometimes():
            loaded = self.loaded(line)
            self.do(self.transition(loaded[-1]), ops.Clear(loaded[0]))
        return line

    def transition(
        self,
        node: int,
        *before: ops.AnyOperation,
        tasks: tuple[ops.Task, ...] | None = None,
        fail: ops.Failure | None = None,
        changed: ops.Data | None = None,
        machine: int | None = None,
    ) -> ops.MachineTransition:
        """Return a transition that runs operations, then changes its data, then ends."""
        machine = self.fresh() if machine is None else machine
        state, value = (1 + self.number(5), 11 + self.number(9)) if changed is None else changed
        change = (ops.SetState(machine, state), ops.SetValue(machine, value))
        script = ops.Script((*before, *change), self.tasks() if tasks is None else tasks, fail)
        return ops.MachineTransition(node, script, machine)

    def failing(self, node: int, *before: ops.AnyOperation) -> ops.MachineTransition:
        """Return a transition whose function fails after it has run operations and changed its data."""
        return self.transition(node, *before, fail=self.failure())

    def bare(self, node: int, *inside: ops.AnyOperation, fail: ops.Failure | None = None) -> ops.MachineTransition:
        """Return a transition that runs operations and changes nothing itself."""
        return ops.MachineTransition(node, ops.Script(inside, (), fail), self.fresh())


def spec(sources: Sequence[int], destination: int) -> ops.TransitionSpec:
    """Return a transition's sources and destination."""
    return ops.TransitionSpec(tuple(sources), destination)
