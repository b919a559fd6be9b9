"""Finding children, and what they say of themselves, in ways that are wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plain_hsm.machine import HsmError, Registry
from plain_hsm.node import Key, Node
from plain_mutants.mutant import breaks


@breaks("NODE-KEY-1")
class KeyWithoutId(Node):
    """The key of a child has its type and no ID."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        super().__init__(registry, type_, persisted, Key(key.type), parent)


@breaks("NODE-KEY-1")
class LoadedKeysAreEmpty(Node):
    """A child that was loaded has the empty key of a root."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        for node in root.tree():
            node.key = Key()
        return root


@breaks("NODE-PARENT-1")
class ChildrenAreOrphans(Node):
    """A child has no parent."""

    def path(self) -> list[Key]:
        return [*self.above.path(), self.key] if self.above else []

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        self.above = parent
        super().__init__(registry, type_, persisted, key, parent)
        self.parent = None


@breaks("NODE-PARENT-1")
class EveryParentIsTheRoot(Node):
    """The parent of every child is the root."""

    def path(self) -> list[Key]:
        return [*self.above.path(), self.key] if self.above else []

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        self.above = parent
        super().__init__(registry, type_, persisted, key, parent)
        self.parent = parent and (parent.parent or parent)


@breaks("NODE-PARENT-1")
class LoadedChildrenAreOrphans(Node):
    """A child that was loaded has no parent."""

    def path(self) -> list[Key]:
        return [*self.above.path(), self.key] if self.above else []

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        self.above = parent
        super().__init__(registry, type_, persisted, key, parent)
        for child in self.children.values():
            child.parent = None


# --- count ----------------------------------------------------------------------------------------------------------


@breaks("NODE-COUNT-1")
class CountsBeginAtOne(Node):
    """A new child has one transition already."""

    def add_child(self, key: Key, data: object) -> Node:
        child = super().add_child(key, data)
        child.count = 1
        return child


@breaks("NODE-COUNT-1")
class CountIsInherited(Node):
    """A new child begins with the transition count of its parent."""

    def add_child(self, key: Key, data: object) -> Node:
        child = super().add_child(key, data)
        child.count = self.count
        return child


# --- Child ----------------------------------------------------------------------------------------------------------


@breaks("NODE-CHILD-1")
class OnlyTheLastKeyIsFollowed(Node):
    """Child looks the last key of the path up and forgets those before it."""

    def child(self, path: Iterable[Key]) -> Node:
        return super().child(list(path)[-1:])


@breaks("NODE-CHILD-1")
class OnlyTheFirstKeyIsFollowed(Node):
    """Child stops after the first key of the path."""

    def child(self, path: Iterable[Key]) -> Node:
        return super().child(list(path)[:1])


@breaks("NODE-CHILD-1")
class PathIsFollowedBackwards(Node):
    """Child begins with the last key of the path."""

    def child(self, path: Iterable[Key]) -> Node:
        return super().child(reversed(list(path)))


@breaks("NODE-CHILD-1")
class AnyChildOfTheTypeIsFound(Node):
    """Child returns the first child of the key's type, whatever its ID."""

    def child(self, path: Iterable[Key]) -> Node:
        node: Node = self
        for key in path:
            Node.child(node, [key])
            node = next(child for known, child in node.children.items() if known.type == key.type)
        return node


@breaks("NODE-CHILD-1")
class ChildOfAnotherTree(Node):
    """Nodes that were found are cached by path next to the registry, where another tree finds them too."""

    def child(self, path: Iterable[Key]) -> Node:
        found = super().child(path)
        known: dict[str, Node] = self.registry.__dict__.setdefault("known", {})
        return known.setdefault(str(found.path()), found)


@breaks("NODE-CHILD-2")
class MissingChildIsItsParent(Node):
    """Child returns the last node of the path that exists."""

    def child(self, path: Iterable[Key]) -> Node:
        try:
            return super().child(path)
        except HsmError as error:
            if str(error) == "not_registered":
                raise
            return self


@breaks("NODE-CHILD-2")
class MissingChildPanics(Node):
    """Child panics where there is no machine of the key."""

    def child(self, path: Iterable[Key]) -> Node:
        try:
            return super().child(path)
        except HsmError as error:
            raise (error if str(error) == "not_registered" else KeyError("missing")) from error


@breaks("NODE-CHILD-2")
class MissingChildIsNotRegistered(Node):
    """Child says of a machine that is missing that its type is not registered."""

    def child(self, path: Iterable[Key]) -> Node:
        try:
            return super().child(path)
        except HsmError as error:
            raise HsmError("not_registered") from error


@breaks("NODE-CHILD-2")
class MissingChildIsMade(Node):
    """Child adds a machine without data where there is none."""

    def child(self, path: Iterable[Key]) -> Node:
        node: Node = self
        for key in path:
            if key.type in self.registry.machines and key not in node.children:
                node.children[key] = node.new_child(key, [0, "0:0", []])
            node = Node.child(node, [key])
        return node


@breaks("NODE-CHILD-3")
class EmptyPathLeadsNowhere(Node):
    """Child of the empty path is not found."""

    def child(self, path: Iterable[Key]) -> Node:
        if not (keys := list(path)):
            raise HsmError("state_machine_not_found")
        return super().child(keys)


@breaks("NODE-CHILD-3")
class EmptyPathLeadsToTheRoot(Node):
    """Child of the empty path is the root, whichever node is asked."""

    def child(self, path: Iterable[Key]) -> Node:
        if keys := list(path):
            return super().child(keys)
        node: Node = self
        while node.parent:
            node = node.parent
        return node


@breaks("NODE-CHILD-4")
class UnregisteredIsIncompatible(Node):
    """Child says of a key of an unregistered type that the type is incompatible."""

    def child(self, path: Iterable[Key]) -> Node:
        try:
            return super().child(path)
        except HsmError as error:
            raise HsmError(str(error).replace("not_registered", "incompatible_type")) from error


@breaks("NODE-CHILD-5")
class EveryLookupMakesANode(Node):
    """Child returns another node each time, which shares everything with the first."""

    def child(self, path: Iterable[Key]) -> Node:
        found = super().child(path)
        twin = object.__new__(type(found))
        twin.__dict__ = found.__dict__
        return twin


@breaks("NODE-CHILD-6")
class TypesAreCheckedFirst(Node):
    """Child looks at the types of all keys before it follows any."""

    def child(self, path: Iterable[Key]) -> Node:
        keys = list(path)
        if any(key.type not in self.registry.machines for key in keys):
            raise HsmError("not_registered")
        return super().child(keys)


@breaks("NODE-CHILD-7")
class ChildIsDeserializedAtOnce(Node):
    """Child deserializes the data of what it finds, and fails with it."""

    def child(self, path: Iterable[Key]) -> Node:
        found = super().child(path)
        self.registry.machines[found.type].deserialize(found.data.encode("latin1"))
        return found


@breaks("NODE-CHILD-8")
class FailedLookupLeavesANode(Node):
    """Child makes the node before it notices that there is none, and leaves it there."""

    def child(self, path: Iterable[Key]) -> Node:
        node: Node = self
        for key in path:
            try:
                node = Node.child(node, [key])
            except HsmError:
                node.children[key] = node.new_child(key, [0, "0:0", []])
                raise
        return node
