"""Adding children in ways that are wrong."""

from __future__ import annotations

from typing import Any

from plain_hsm.machine import HsmError, Registry
from plain_hsm.node import Key, Node
from plain_hsm.palette import Machine, PaletteError
from plain_mutants.mutant import breaks


@breaks("NODE-ADD-1")
class ChildrenGoToTheRoot(Node):
    """Children are added under the root, whichever node is asked."""

    def add_child(self, key: Key, data: object) -> Node:
        node: Node = self
        while node.parent:
            node = node.parent
        return Node.add_child(node, key, data)


@breaks("NODE-ADD-1")
class ChildStartsFromZero(Node):
    """A child is made with empty data in place of what it is given."""

    def add_child(self, key: Key, data: object) -> Node:
        child = super().add_child(key, data)
        child.data = "0:0"
        return child


@breaks("NODE-ADD-1")
class ChildHasItsParentsData(Node):
    """A child is made with the data of its parent."""

    def add_child(self, key: Key, data: object) -> Node:
        child = super().add_child(key, data)
        child.data = self.data
        return child


@breaks("NODE-ADD-1")
class ChildIsNotKept(Node):
    """The node that AddChild returns is not among the children."""

    def add_child(self, key: Key, data: object) -> Node:
        apart = type(self)(self.registry, self.type, [0, self.data, []], self.key, self.parent)
        return Node.add_child(apart, key, data)


@breaks("NODE-ADD-1")
class OneChildPerType(Node):
    """A child takes the place of the one of its type that was added before."""

    def add_child(self, key: Key, data: object) -> Node:
        child = super().add_child(key, data)
        for known in [known for known in self.children if known.type == key.type and known != key]:
            del self.children[known]
        return child


@breaks("NODE-ADD-2")
class ExistingChildIsAnswered(Node):
    """AddChild with a key that exists returns the child that is there."""

    def add_child(self, key: Key, data: object) -> Node:
        return self.children.get(key) or super().add_child(key, data)


@breaks("NODE-ADD-2")
class ExistingChildIsReplaced(Node):
    """AddChild with a key that exists replaces the child that is there."""

    def add_child(self, key: Key, data: object) -> Node:
        self.children.pop(key, None)
        return super().add_child(key, data)


@breaks("NODE-ADD-2")
class OnlyTheLatestChildExists(Node):
    """AddChild notices that a key exists only if it was the last one to be added."""

    def add_child(self, key: Key, data: object) -> Node:
        if key != next(reversed(self.children), None):
            self.children.pop(key, None)
        return super().add_child(key, data)


@breaks("NODE-ADD-3")
class AnyChildIsWelcome(Node):
    """A child of a type that is not registered is made with a definition of another type."""

    def add_child(self, key: Key, data: object) -> Node:
        if key.type in self.registry.machines or key in self.children:
            return super().add_child(key, data)
        child = self.children[key] = self.new_child(key, [0, self.data, []])
        return child


@breaks("NODE-ADD-3")
class UnknownChildIsNotFound(Node):
    """A child of a type that is not registered is refused as a machine that is not found."""

    def add_child(self, key: Key, data: object) -> Node:
        try:
            return super().add_child(key, data)
        except HsmError as error:
            code = "state_machine_not_found" if str(error) == "not_registered" else str(error)
            raise HsmError(code) from error


@breaks("NODE-ADD-4")
class ChildIgnoresItsSerializer(Node):
    """A child whose data does not serialize is added without data."""

    def add_child(self, key: Key, data: object) -> Node:
        try:
            return super().add_child(key, data)
        except PaletteError:
            child = self.children[key] = self.new_child(key, [0, "", []])
            return child


@breaks("NODE-ADD-5")
class KeyIsTakenBeforeSerialization(Node):
    """A child is there before its data is serialized, and stays if that fails."""

    def add_child(self, key: Key, data: object) -> Node:
        try:
            return super().add_child(key, data)
        except PaletteError:
            self.children[key] = self.new_child(key, [0, "", []])
            raise


@breaks("NODE-ADD-5")
class KeyIsTakenBeforeRegistration(Node):
    """A child is there before its type is looked up, and stays if it is not registered."""

    def add_child(self, key: Key, data: object) -> Node:
        if key not in self.children and key.type not in self.registry.machines:
            self.children[key] = self.new_child(key, [0, "", []])
            raise HsmError("not_registered")
        return super().add_child(key, data)


@breaks("NODE-ADD-5")
class RefusedChildOverwritesData(Node):
    """AddChild with a key that exists overwrites the data of the child that is there before it fails."""

    def add_child(self, key: Key, data: object) -> Node:
        if key in self.children and isinstance(data, Machine):
            self.children[key].data = f"{data.state}:{data.value}"
        return super().add_child(key, data)


@breaks("NODE-ADD-6")
class SerializesBeforeItLooks(Node):
    """AddChild serializes the data before it looks whether the key exists."""

    def add_child(self, key: Key, data: object) -> Node:
        if key in self.children:
            self.registry.machines[key.type].serialize(data)
        return super().add_child(key, data)


@breaks("NODE-ADD-6")
class SerializesBeforeItLooksTheTypeUp(Node):
    """AddChild serializes the data before it looks whether the type is registered."""

    def add_child(self, key: Key, data: object) -> Node:
        if isinstance(data, Machine) and data.value == -1 and key not in self.children:
            raise PaletteError("serialize_error")
        return super().add_child(key, data)


@breaks("NODE-ADD-7")
class IdsAreKeys(Node):
    """A node has one child of an ID, whatever its type."""

    def add_child(self, key: Key, data: object) -> Node:
        if any(known.id == key.id for known in self.children):
            raise HsmError("state_machine_already_exists")
        return super().add_child(key, data)


@breaks("NODE-ADD-7")
class KeysAreUniqueInTheTree(Node):
    """A key can be used once in a whole tree."""

    def add_child(self, key: Key, data: object) -> Node:
        root: Node = self
        while root.parent:
            root = root.parent
        if any(node.key == key for node in root.tree()):
            raise HsmError("state_machine_already_exists")
        return super().add_child(key, data)


class Nil(dict[Key, Node]):
    """A map that can be read like an empty one and cannot be written to."""

    def __setitem__(self, key: Key, node: Node) -> None:
        raise TypeError("assignment to entry in nil map")


@breaks("NODE-ADD-8")
class LoadedLeavesHaveNoMap(Node):
    """AddChild panics under a node that was loaded without children."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        for node in list(root.tree())[1:]:
            node.children = node.children or Nil()
        return root


@breaks("NODE-ADD-8")
class LoadedNodesAreClosed(Node):
    """AddChild under a node that was loaded says that the key exists."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        for node in list(root.tree())[1:]:
            node.__dict__["loaded"] = True
        return root

    def add_child(self, key: Key, data: object) -> Node:
        if "loaded" in self.__dict__:
            raise HsmError("state_machine_already_exists")
        return super().add_child(key, data)
