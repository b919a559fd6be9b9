"""Outputs that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plain_hsm.machine import TransitionOutput
from plain_hsm.node import Key, Node
from plain_mutants.mutant import breaks

T = TypeVar("T")
Outputs = list[tuple[list[Key], tuple[TransitionOutput, ...]]]


@breaks("OUT-LIST-1")
class OnlyOwnOutputs(Node):
    """Outputs has those of the node itself alone."""

    def outputs(self) -> Outputs:
        return [(self.path(), self.own_outputs)] if self.own_outputs else []


@breaks("OUT-LIST-1")
class OutputsOfTwoLevels(Node):
    """Outputs has those of the node and its children and of none below."""

    def outputs(self) -> Outputs:
        depth = len(self.path()) + 1
        return [(path, outputs) for path, outputs in super().outputs() if len(path) <= depth]


@breaks("OUT-LIST-1")
class OutputsOfLeaves(Node):
    """Outputs has those of nodes without children alone."""

    def outputs(self) -> Outputs:
        return [(node.path(), node.own_outputs) for node in self.tree() if node.own_outputs and not node.children]


@breaks("OUT-LIST-1")
class OutputsStopAtACleanNode(Node):
    """Outputs does not look below nodes that have none."""

    def outputs(self) -> Outputs:
        own: Outputs = [(self.path(), self.own_outputs)] if self.own_outputs else []
        return [*own, *(entry for child in self.children.values() if child.own_outputs for entry in child.outputs())]


@breaks("OUT-LIST-1")
class AllOutputsAtOnePath(Node):
    """Outputs has everything at the path of the node that is asked."""

    def outputs(self) -> Outputs:
        found = tuple(output for _, outputs in super().outputs() for output in outputs)
        return [(self.path(), found)] if found else []


@breaks("OUT-LIST-2")
class NewestOutputFirst(Node):
    """The outputs of a node come in reverse order."""

    def outputs(self) -> Outputs:
        return [(path, outputs[::-1]) for path, outputs in super().outputs()]


@breaks("OUT-LIST-2")
class OutputsAreSorted(Node):
    """The outputs of a node are sorted by their tasks."""

    def outputs(self) -> Outputs:
        return [(path, tuple(sorted(outputs, key=str))) for path, outputs in super().outputs()]


@breaks("OUT-LIST-3")
class EmptyOutputsAreLeftOut(Node):
    """A transition that makes no tasks has no output."""

    def outputs(self) -> Outputs:
        found = [(path, tuple(filter(None, outputs))) for path, outputs in super().outputs()]
        return [entry for entry in found if entry[1]]


@breaks("OUT-LIST-3")
class OutputsOfANodeAreJoined(Node):
    """The outputs of a node are joined to one."""

    def outputs(self) -> Outputs:
        return [(path, (sum(outputs, ()),)) for path, outputs in super().outputs()]


@breaks("OUT-LIST-3")
class OnlyTheLatestOutput(Node):
    """A node has the output of its latest transition alone."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.set("own_outputs", self.own_outputs[-1:])


@breaks("OUT-LIST-3")
class EqualOutputsAreOne(Node):
    """An output that is equal to one that the node has already is not recorded."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.set("own_outputs", tuple(dict.fromkeys(self.own_outputs)))


@breaks("OUT-LIST-4")
class ALeafHasAllOutputs(Node):
    """Outputs of a node without children has those of the whole tree."""

    def outputs(self) -> Outputs:
        node: Node = self
        while node.parent and not self.children:
            node = node.parent
        return Node.outputs(node)


@breaks("OUT-LIST-4")
class OutputsOfAncestors(Node):
    """Outputs has those of the nodes above too."""

    def outputs(self) -> Outputs:
        found, node = super().outputs(), self.parent
        while node:
            found += [(node.path(), node.own_outputs)] if node.own_outputs else []
            node = node.parent
        return found


@breaks("OUT-LIST-4")
class OutputsOfSiblings(Node):
    """Outputs has those of all nodes whose path begins with the same type."""

    def outputs(self) -> Outputs:
        if not self.parent:
            return super().outputs()
        alike = [child for child in self.parent.children.values() if child.type == self.type]
        return [entry for child in alike for entry in Node.outputs(child)]


@breaks("OUT-LIST-5")
class PathsBeginAtTheAskedNode(Node):
    """The paths of outputs begin at the node that is asked."""

    def outputs(self) -> Outputs:
        depth = len(self.path())
        return [(path[depth:], outputs) for path, outputs in super().outputs()]
