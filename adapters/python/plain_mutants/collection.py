"""Collections that add or list machines in ways that are wrong."""

from __future__ import annotations

from typing import TypeVar

from plain_hsm.node import Collection, Key, Node
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("COLL-TYPE-1")
class CollectionHasItsNodesType(Collection[T]):
    """The field Type of a collection is the type of its node."""

    def __init__(self, parent: Node, type_: int, class_: type[T]) -> None:
        super().__init__(parent, type_, class_)
        self.wanted = type_

    @property
    def type(self) -> int:
        """The node's type as seen from outside."""
        return self.parent.type

    @type.setter
    def type(self, type_: int) -> None:
        pass

    def add(self, id_: str, data: T) -> Node:
        return self.parent.add_child(Key(self.wanted, id_), data)

    def node(self, id_: str) -> Node:
        return self.parent.child([Key(self.wanted, id_)])

    def list(self) -> list[Node]:
        return [child for key, child in self.parent.children.items() if key.type == self.wanted]


@breaks("COLL-ADD-1")
class AddsUnderTheParent(Collection[T]):
    """Add puts machines next to the collection's node if that has a parent."""

    def add(self, id_: str, data: T) -> Node:
        return (self.parent.parent or self.parent).add_child(Key(self.type, id_), data)


@breaks("COLL-ADD-1")
class AddsWithoutData(Collection[T]):
    """Add forgets the data."""

    def add(self, id_: str, data: T) -> Node:
        node = super().add(id_, data)
        node.data = "0:0"
        return node


@breaks("COLL-ADD-1")
class AddNumbersItsMachines(Collection[T]):
    """Add puts machines under IDs of its own making."""

    def add(self, id_: str, data: T) -> Node:
        return self.parent.add_child(Key(self.type, id_ + str(len(self.parent.children))), data)


@breaks("COLL-ADD-2")
class AddAnswersWhatIsThere(Collection[T]):
    """Add of an ID that the collection has returns the machine that is there."""

    def add(self, id_: str, data: T) -> Node:
        return self.parent.children.get(Key(self.type, id_)) or super().add(id_, data)


@breaks("COLL-ADD-2")
class AddReplacesWhatIsThere(Collection[T]):
    """Add of an ID that the collection has replaces the machine that is there."""

    def add(self, id_: str, data: T) -> Node:
        self.parent.children.pop(Key(self.type, id_), None)
        return super().add(id_, data)


@breaks("COLL-ADD-3")
class AddIgnoresTheSerializer(Collection[T]):
    """Add of data that does not serialize adds a machine without data."""

    def add(self, id_: str, data: T) -> Node:
        try:
            return super().add(id_, data)
        except PaletteError:
            key = Key(self.type, id_)
            node = self.parent.children[key] = self.parent.new_child(key, [0, "", []])
            return node


@breaks("COLL-ADD-3")
class FailedAddLeavesAMachine(Collection[T]):
    """Add of data that does not serialize fails and leaves a machine without data."""

    def add(self, id_: str, data: T) -> Node:
        try:
            return super().add(id_, data)
        except PaletteError:
            key = Key(self.type, id_)
            self.parent.children[key] = self.parent.new_child(key, [0, "", []])
            raise


@breaks("COLL-ADD-3")
class AddOfAnUnknownTypePanics(Collection[T]):
    """Add to a collection of an unregistered type panics."""

    def add(self, id_: str, data: T) -> Node:
        if self.type not in self.parent.registry.machines:
            raise KeyError(self.type)
        return super().add(id_, data)


@breaks("COLL-LIST-1")
class ListLeavesOutTheLast(Collection[T]):
    """List leaves the last machine out."""

    def list(self) -> list[Node]:
        return super().list()[:-1]


@breaks("COLL-LIST-1")
class ListHasAddedMachinesAlone(Collection[T]):
    """List leaves machines out that came from persistence and were not looked up yet."""

    def node(self, id_: str) -> Node:
        node = super().node(id_)
        node.__dict__["known"] = True
        return node

    def list(self) -> list[Node]:
        root: Node = self.parent
        while root.parent:
            root = root.parent
        loaded = root.__dict__.setdefault("loaded", set(map(id, root.tree())))
        return [node for node in super().list() if id(node) not in loaded or "known" in node.__dict__]


@breaks("COLL-LIST-1")
class ListHasTransitionedMachinesAlone(Collection[T]):
    """List leaves machines out that have never transitioned."""

    def list(self) -> list[Node]:
        return [node for node in super().list() if node.count]


@breaks("COLL-LIST-2")
class ListHasAllTypes(Collection[T]):
    """List returns the children of all types."""

    def list(self) -> list[Node]:
        return list(self.parent.children.values())


@breaks("COLL-LIST-2")
class ListHasAllLevels(Collection[T]):
    """List returns the machines of the type at all levels below the node."""

    def list(self) -> list[Node]:
        below = list(self.parent.tree())[1:]
        return [node for node in below if node.type == self.type]


@breaks("COLL-LIST-2")
class ListRepeatsDirtyMachines(Collection[T]):
    """List returns machines twice that have transitioned."""

    def list(self) -> list[Node]:
        nodes = super().list()
        return nodes + [node for node in nodes if node.own_outputs]
