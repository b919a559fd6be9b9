"""Clearing that takes too much or too little."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plain_hsm.machine import TransitionOutput
from plain_hsm.node import Node
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("CLEAR-TREE-1")
class ClearDoesNothing(Node):
    """Clearing does nothing."""

    def clear_transaction_state(self) -> None:
        pass


@breaks("CLEAR-TREE-1")
class ClearsItselfAlone(Node):
    """Clearing leaves what is below the node."""

    def clear_transaction_state(self) -> None:
        self.set("own_outputs", ())


@breaks("CLEAR-TREE-1")
class ClearsTwoLevels(Node):
    """Clearing leaves what is below the node's children."""

    def clear_transaction_state(self) -> None:
        for node in (self, *self.children.values()):
            node.set("own_outputs", ())


@breaks("CLEAR-TREE-1")
class ClearsOneOutput(Node):
    """Clearing takes the first output of each node."""

    def clear_transaction_state(self) -> None:
        for node in self.tree():
            node.set("own_outputs", node.own_outputs[1:])


@breaks("CLEAR-TREE-1")
class ClearStopsAtACleanNode(Node):
    """Clearing does not look below nodes that have no outputs."""

    def clear_transaction_state(self) -> None:
        self.set("own_outputs", ())
        for child in self.children.values():
            if child.own_outputs:
                child.clear_transaction_state()


@breaks("CLEAR-TREE-2")
class DirtSurvivesClearing(Node):
    """A node stays dirty once it was, though its outputs are cleared."""

    was_dirty = False

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.set("was_dirty", True)

    def dirty(self) -> bool:
        return any(node.own_outputs or node.__dict__.get("was_dirty") for node in self.tree())


@breaks("CLEAR-TREE-3")
class ALeafClearsTheWholeTree(Node):
    """Clearing a node without children clears the whole tree."""

    def clear_transaction_state(self) -> None:
        node: Node = self
        while node.parent and not self.children:
            node = node.parent
        Node.clear_transaction_state(node)


@breaks("CLEAR-TREE-3")
class ClearsAncestors(Node):
    """Clearing a node clears the nodes above it."""

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        node = self.parent
        while node:
            node.set("own_outputs", ())
            node = node.parent


@breaks("CLEAR-TREE-3")
class ClearsSiblings(Node):
    """Clearing a node clears its siblings."""

    def clear_transaction_state(self) -> None:
        for node in self.parent.children.values() if self.parent else [self]:
            Node.clear_transaction_state(node)


@breaks("CLEAR-TREE-4")
class ClearResetsCounts(Node):
    """Clearing resets the transition counts."""

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        for node in self.tree():
            node.set("count", 0)


@breaks("CLEAR-TREE-4")
class ClearDropsCleanChildren(Node):
    """Clearing drops the children that have not transitioned."""

    def clear_transaction_state(self) -> None:
        kept = {key: child for key, child in self.children.items() if child.dirty()}
        super().clear_transaction_state()
        self.set("children", kept)


@breaks("CLEAR-TREE-4")
class ClearRestoresData(Node):
    """Clearing restores the data that a node had before its first transition since the last clearing."""

    before: str | None = None

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        if not self.own_outputs:
            self.before = self.data
        super().machine_transition(class_, function)

    def clear_transaction_state(self) -> None:
        for node in self.tree():
            if node.own_outputs:
                node.set("data", node.__dict__["before"])
        super().clear_transaction_state()


@breaks("CLEAR-TREE-5")
class ClearedOutputsComeBack(Node):
    """Cleared outputs are hidden, and come out again with those of the next transition."""

    hidden: tuple[TransitionOutput, ...] = ()

    def clear_transaction_state(self) -> None:
        for node in self.tree():
            node.set("hidden", (*node.__dict__.get("hidden", ()), *node.own_outputs))
            node.set("own_outputs", ())

    def set(self, field: str, value: object) -> None:
        if field == "hidden" and field not in self.__dict__:
            self.hidden = ()
        super().set(field, value)

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.set("own_outputs", (*self.hidden, *self.own_outputs))
        self.set("hidden", ())


@breaks("CLEAR-TREE-5")
class ClearedOutputsAreNotReplaced(Node):
    """The first transition after clearing records no output."""

    cleared = False

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        self.set("cleared", True)

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        if self.cleared:
            self.set("own_outputs", self.own_outputs[:-1])
            self.set("cleared", False)
