"""Dirtiness that is wrong."""

from __future__ import annotations

from plain_hsm.node import Key, Node
from plain_mutants.mutant import breaks


@breaks("DIRTY-TREE-1")
class DirtyByItselfAlone(Node):
    """A node is not dirty by what is below it."""

    def dirty(self) -> bool:
        return bool(self.own_outputs)


@breaks("DIRTY-TREE-1")
class DirtyByChildrenAlone(Node):
    """A node is dirty by itself and its children, not by those below them."""

    def dirty(self) -> bool:
        return any(node.own_outputs for node in (self, *self.children.values()))


@breaks("DIRTY-TREE-1")
class DirtyByTheFirstChild(Node):
    """A node is dirty by itself and its first child."""

    def dirty(self) -> bool:
        return bool(self.own_outputs) or any(child.dirty() for child in list(self.children.values())[:1])


@breaks("DIRTY-TREE-1")
class EverythingIsBornDirty(Node):
    """A tree is dirty until it is cleared for the first time."""

    cleared = False

    def dirty(self) -> bool:
        return super().dirty() or not (self.parent or self.cleared)

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        self.cleared = True


@breaks("DIRTY-TREE-1")
class DirtIsCached(Node):
    """A node that was asked and is dirty stays dirty until it is cleared itself."""

    known_dirty = False

    def dirty(self) -> bool:
        self.known_dirty = self.known_dirty or super().dirty()
        return self.known_dirty

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        root: Node = self
        while root.parent:
            root = root.parent
        for node in root.tree():
            node.__dict__["known_dirty"] = False

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        self.known_dirty = False


@breaks("DIRTY-TREE-2")
class ALeafIsDirtyByAnyNode(Node):
    """A node without children is dirty if any node of the tree is."""

    def dirty(self) -> bool:
        node: Node = self
        while node.parent and not self.children:
            node = node.parent
        return Node.dirty(node)


@breaks("DIRTY-TREE-2")
class DirtyByItsParent(Node):
    """A node is dirty by the transitions of its parent."""

    def dirty(self) -> bool:
        return super().dirty() or bool(self.parent and self.parent.own_outputs)


@breaks("DIRTY-TREE-2")
class DirtyByItsSiblings(Node):
    """A node is dirty by the transitions of its siblings."""

    def dirty(self) -> bool:
        siblings = self.parent.children.values() if self.parent else ()
        return super().dirty() or any(sibling.own_outputs for sibling in siblings)


@breaks("DIRTY-TREE-3")
class NewChildrenAreDirty(Node):
    """A child is dirty from its addition until it is cleared."""

    new = False

    def add_child(self, key: Key, data: object) -> Node:
        child = super().add_child(key, data)
        child.__dict__["new"] = True
        return child

    def dirty(self) -> bool:
        return super().dirty() or any(node.__dict__.get("new", False) for node in self.tree())

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        for node in self.tree():
            node.__dict__["new"] = False


@breaks("DIRTY-TREE-3")
class NewParentsAreDirty(Node):
    """A node is dirty once it has children that were not there before."""

    new = False

    def add_child(self, key: Key, data: object) -> Node:
        self.new = True
        return super().add_child(key, data)

    def dirty(self) -> bool:
        return super().dirty() or self.new

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        for node in self.tree():
            node.__dict__["new"] = False
