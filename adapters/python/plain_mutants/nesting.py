"""Transitions inside of transitions that go wrong though all succeed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plain_hsm.machine import TransitionOutput
from plain_hsm.node import Node
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("MT-NESTED-1")
class CountIsUpdatedAtTheEnd(Node):
    """The count is what it was until the function has succeeded."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        def uncounted(data: T) -> TransitionOutput:
            self.count -= 1
            try:
                return function(data)
            finally:
                self.count += 1

        super().machine_transition(class_, uncounted)


@breaks("MT-NESTED-2")
class NestedOutputsAreLost(Node):
    """A transition inside the function of another node's leaves no output."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        nested = bool(self.journal)
        super().machine_transition(class_, function)
        if nested:
            self.set("own_outputs", self.own_outputs[:-1])


@breaks("MT-NESTED-2")
class NestedTransitionsAreNotCounted(Node):
    """A transition inside a function does not count."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        nested = bool(self.journal)
        super().machine_transition(class_, function)
        if nested:
            self.set("count", self.count - 1)


@breaks("MT-NESTED-2")
class NestedOutputsGoToTheOuterNode(Node):
    """The output of a transition inside a function is recorded with the node of the outer one."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        outer = self.journal[0][0] if self.journal else self
        super().machine_transition(class_, function)
        if outer is not self:
            outer.set("own_outputs", (*outer.own_outputs, self.own_outputs[-1]))
            self.set("own_outputs", self.own_outputs[:-1])


@breaks("MT-NESTED-2")
class OuterCommitWritesOldChildren(Node):
    """A transition that succeeds writes the data of its children as they were before it began."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before = [(child, child.data) for child in self.children.values()]
        super().machine_transition(class_, function)
        for child, data in before:
            child.set("data", data)


@breaks("MT-NESTED-2")
class NestedDataIsLost(Node):
    """Changes of the data by a transition inside the function of another node's do not persist."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before, nested = self.data, any(node is not self for node, _, _ in self.journal)
        super().machine_transition(class_, function)
        if nested:
            self.set("data", before)
