"""Trees that hold something else than what went in: IDs, paths, outputs, dirt, and what is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from plain_hsm.machine import Registry, TransitionOutput
from plain_hsm.node import Key, Node
from plain_mutants.mutant import breaks

T = TypeVar("T")


class Reading(Node):
    """A node that reads other keys from persistence than are written there."""

    def read(self, key: Key) -> Key:
        """The key that is read: the one that is written, until a mutant says what else."""
        return key

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        count, data, children = persisted
        read = [[*self.read(Key(type_, id_)), child] for type_, id_, child in children]
        super().__init__(registry, type_, [count, data, read], key, parent)


@breaks("ROOT-LOAD-1")
class LoadedIdsAreTrimmed(Reading):
    """IDs are loaded without the blanks around them."""

    def read(self, key: Key) -> Key:
        return Key(key.type, key.id.strip())


@breaks("ROOT-LOAD-1")
class LoadedIdsAreSmall(Reading):
    """IDs are loaded in lower case."""

    def read(self, key: Key) -> Key:
        return Key(key.type, key.id.lower())


@breaks("ROOT-LOAD-1")
class LoadedIdsIn255Characters(Reading):
    """IDs are loaded from a column of 255 characters."""

    def read(self, key: Key) -> Key:
        return Key(key.type, key.id[:255])


@breaks("ROOT-LOAD-1")
class LoadedIdsEndAtNul(Reading):
    """IDs are loaded up to the first NUL."""

    def read(self, key: Key) -> Key:
        return Key(key.type, key.id.partition("\0")[0])


@breaks("ROOT-LOAD-1")
class LoadedIdsInAnotherEncoding(Reading):
    """IDs are written in UTF-8 and loaded as Latin-1."""

    def read(self, key: Key) -> Key:
        return Key(key.type, key.id.encode().decode("latin1"))


@breaks("ROOT-LOAD-1")
class LoadedTypesWithoutSign(Reading):
    """Types are loaded without their signs."""

    def read(self, key: Key) -> Key:
        return Key(abs(key.type), key.id)


@breaks("ROOT-LOAD-1")
class LoadedTypesInTwoBytes(Reading):
    """Types are loaded from 16 bits."""

    def read(self, key: Key) -> Key:
        return Key((key.type + 2**15) % 2**16 - 2**15, key.id)


@breaks("ROOT-LOAD-1", operations=256)
class LoadedCountsInAByte(Node):
    """Transition counts are loaded from one byte."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        for node in root.tree():
            node.count %= 256
        return root


# --- what nodes say of themselves -------------------------------------------------------------------------------------


@breaks("NODE-KEY-1")
class KeysAreTrimmed(Node):
    """The key of a child has its ID without the blanks around it."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        super().__init__(registry, type_, persisted, Key(key.type, key.id.strip()), parent)


@breaks("NODE-KEY-1")
class KeysInTwoBytes(Node):
    """The key of a child has the low 16 bits of its type."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        super().__init__(registry, type_, persisted, Key((key.type + 2**15) % 2**16 - 2**15, key.id), parent)


@breaks("NODE-PATH-1")
class PathsAreQuoted(Node):
    """A path has IDs as they would be written in a URL."""

    def path(self) -> list[Key]:
        return [Key(key.type, quote(key.id)) for key in super().path()]


@breaks("NODE-PATH-1")
class PathsAreSplitAtSlashes(Node):
    """A path is kept as text with slashes between the IDs, and taken apart at them."""

    def path(self) -> list[Key]:
        keys = super().path()
        parts = "/".join(key.id for key in keys).split("/")
        return [Key(key.type, part) for key, part in zip(keys, parts, strict=False)]


@breaks("NODE-PATH-1")
class PathsOfSmallLetters(Node):
    """A path has IDs in lower case."""

    def path(self) -> list[Key]:
        return [Key(key.type, key.id.lower()) for key in super().path()]


# --- the open transaction ---------------------------------------------------------------------------------------------


def text(node: Node) -> str:
    """The path of a node as text."""
    return "".join(f"/{key.type}:{key.id}" for key in node.path())


@breaks("OUT-LIST-1")
class OutputsByPathInSmallLetters(Node):
    """Outputs are kept by path in lower case, and those of two paths that are then the same are one node's."""

    def outputs(self) -> list[tuple[list[Key], tuple[TransitionOutput, ...]]]:
        kept = {str(path).lower(): (path, outputs) for path, outputs in super().outputs()}
        return list(kept.values())


@breaks("OUT-LIST-1")
class OutputsByJoinedIds(Node):
    """Outputs are kept by the IDs of the path with slashes in between."""

    def outputs(self) -> list[tuple[list[Key], tuple[TransitionOutput, ...]]]:
        return list({"/".join(key.id for key in path): (path, outs) for path, outs in super().outputs()}.values())


@breaks("OUT-LIST-4")
class OutputsByPrefix(Node):
    """The outputs of a node are those of all nodes whose path as text begins like its own."""

    def outputs(self) -> list[tuple[list[Key], tuple[TransitionOutput, ...]]]:
        root: Node = self
        while root.parent:
            root = root.parent
        below = (node for node in root.tree() if text(node).startswith(text(self)))
        return [(node.path(), node.own_outputs) for node in below if node.own_outputs]


@breaks("DIRTY-TREE-2")
class DirtyByPrefix(Node):
    """A node is dirty if one has transitioned whose path as text begins like its own."""

    def dirty(self) -> bool:
        root: Node = self
        while root.parent:
            root = root.parent
        return any(node.own_outputs for node in root.tree() if text(node).startswith(text(self)))


@breaks("DIRTY-TREE-2")
class DirtyByIdInSmallLetters(Node):
    """Dirty nodes are kept by their path in lower case."""

    def dirty(self) -> bool:
        root: Node = self
        while root.parent:
            root = root.parent
        return super().dirty() or any(
            node.own_outputs and text(node).lower() == text(self).lower() for node in root.tree()
        )


@breaks("CLEAR-TREE-3")
class ClearsByPrefix(Node):
    """Clearing a node clears all nodes whose path as text begins like its own."""

    def clear_transaction_state(self) -> None:
        root: Node = self
        while root.parent:
            root = root.parent
        for node in root.tree():
            if text(node).startswith(text(self)):
                node.set("own_outputs", ())


# --- rollback ---------------------------------------------------------------------------------------------------------


@breaks("MT-ROLLBACK-5")
class RollsBackByIdInSmallLetters(Node):
    """A failed transition takes all children away whose IDs are the added ones in lower case."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        before = {id(node): dict(node.children) for node in self.tree()}
        super().roll_back(start, failure)
        for node in self.tree():
            gone = {key.id.lower() for key in before[id(node)].keys() - node.children.keys()}
            for key in [key for key in node.children if key.id.lower() in gone]:
                del node.children[key]


@breaks("MT-ROLLBACK-1")
class CountZeroIsNotRestored(Node):
    """A failed transition restores the count unless it was zero."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        counts = {id(node): (node, node.count) for node in self.tree()}
        super().roll_back(start, failure)
        for node, count in counts.values():
            node.count = node.count or count


@breaks("MT-ROLLBACK-2")
class EmptyDataIsNotRestored(Node):
    """A failed transition restores the data unless it has no bytes."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before = self.data
        changed: list[Any] = []

        def run(data: T) -> TransitionOutput:
            changed.append(data)
            return function(data)

        try:
            super().machine_transition(class_, run)
        except Exception:
            if changed and not before:
                self.data = str(self.registry.machines[self.type].serialize(changed[0]), "latin1")
            raise


# --- data without bytes -----------------------------------------------------------------------------------------------


@breaks("DATA-READ-1")
class EmptyDataIsNoData(Node):
    """Data without bytes is read as that of a machine that was never set."""

    def machine_data(self, class_: type[T]) -> T:
        if self.data:
            return super().machine_data(class_)
        self.data = "0:0"
        try:
            return super().machine_data(class_)
        finally:
            self.data = ""


@breaks("MT-COMMIT-1")
class EmptyDataIsNotWritten(Node):
    """A transition that leaves data without bytes keeps what was persisted before."""

    def set(self, field: str, value: object) -> None:
        if field != "data" or value:
            super().set(field, value)


@breaks("ROOT-LOAD-1")
class ChildrenWithoutBytesAreNotLoaded(Node):
    """Children whose data has no bytes are taken for missing when a tree is loaded."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        for node in list(root.tree()):
            for key in [key for key, child in node.children.items() if not child.data]:
                del node.children[key]
        return root


@breaks("NODE-ADD-1")
class ChildrenWithoutBytesAreNotPersisted(Node):
    """Children whose data has no bytes are left out of what is persisted."""

    def persisted(self) -> list[Any]:
        children = [[*key, child.persisted()] for key, child in sorted(self.children.items()) if child.data]
        return [self.count, self.data, children]
