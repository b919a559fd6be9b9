"""Nodes that take two keys or paths for one, by their types, by joining them or by looking them up loosely."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from plain_hsm.machine import HsmError, TransitionOutput
from plain_hsm.node import Collection, Key, Node
from plain_mutants.confused_ids import Folding
from plain_mutants.mutant import breaks


class Typing(Folding):
    """A node that knows its children by something that it makes of their whole keys."""

    def made(self, key: Key) -> object:
        """The name that children are known by: the key, until a mutant says otherwise."""
        return key

    def known(self, key: Key) -> Key:
        if key.type not in self.registry.machines:
            return key
        made = self.made(key)
        return next((known for known in self.children if self.made(known) == made), key)


@breaks("NODE-ADD-7")
class TypesInAByte(Typing):
    """Children are known by their ID and the low byte of their type."""

    def made(self, key: Key) -> object:
        return key.type & 0xFF, key.id


@breaks("NODE-ADD-7")
class TypesInTwoBytes(Typing):
    """Children are known by their ID and the low 16 bits of their type."""

    def made(self, key: Key) -> object:
        return key.type & 0xFFFF, key.id


@breaks("NODE-ADD-7")
class TypesWithoutSign(Typing):
    """Children are known by their ID and their type without its sign."""

    def made(self, key: Key) -> object:
        return abs(key.type), key.id


@breaks("NODE-ADD-7")
class TypeAndIdInARow(Typing):
    """Children are known by type and ID written in a row, without anything in between."""

    def made(self, key: Key) -> object:
        return f"{key.type}{key.id}"


@breaks("NODE-ADD-7")
class FirstDigitOfTheType(Typing):
    """Children are known by their ID and the first digit of their type."""

    def made(self, key: Key) -> object:
        return str(key.type)[0], key.id


class Joining(Node):
    """A node that finds what is below it by text: all nodes of a tree are in one table."""

    def joined(self, path: list[Key]) -> str:
        """The text for a path: its IDs with slashes in between, until a mutant says what else."""
        return "/".join(key.id for key in path)

    def child(self, path: Iterable[Key]) -> Node:
        keys = list(path)
        found = super().child(keys)
        wanted = self.joined(found.path())
        return next(node for node in self.top().tree() if wanted == self.joined(node.path()))

    def top(self) -> Node:
        """The root."""
        node: Node = self
        while node.parent:
            node = node.parent
        return node


@breaks("NODE-CHILD-1")
class NodesByIdsAndSlashes(Joining):
    """Child finds nodes in a table by the IDs of their path with slashes in between."""


@breaks("NODE-ADD-7")
class NodesByTypesAndIdsInARow(Joining):
    """Child finds nodes in a table by types and IDs of their path with colons and slashes in between."""

    def joined(self, path: list[Key]) -> str:
        return "/".join(f"{key.type}:{key.id}" for key in path)


@breaks("NODE-CHILD-1")
class NodesByPathInSmallLetters(Joining):
    """Child finds nodes in a table by their path in lower case."""

    def joined(self, path: list[Key]) -> str:
        return str([(key.type, key.id.lower()) for key in path])


@breaks("NODE-CHILD-1")
class NodesByTrimmedPath(Joining):
    """Child finds nodes in a table by their path without blanks around IDs."""

    def joined(self, path: list[Key]) -> str:
        return str([(key.type, key.id.strip()) for key in path])


@breaks("NODE-CHILD-1")
class TypeZeroIsNone(Node):
    """Child says that type 0 is not registered where it is on the way to a node."""

    def child(self, path: Iterable[Key]) -> Node:
        keys = list(path)
        if any(key.type == 0 for key in keys[:-1]):
            raise HsmError("not_registered")
        return super().child(keys)


@breaks("NODE-ADD-1")
class EmptyIdIsNone(Node):
    """A child that was added with an empty ID is not found."""

    def child(self, path: Iterable[Key]) -> Node:
        keys = list(path)
        if any(key.id == "" for key in keys):
            raise HsmError("state_machine_not_found")
        return super().child(keys)


@breaks("NODE-CHILD-2")
class AnotherCaseWillDo(Node):
    """Child finds a machine whose ID has another case where there is none of the ID."""

    def child(self, path: Iterable[Key]) -> Node:
        node: Node = self
        for key in path:
            alike = (known for known in node.children if (known.type, known.id.lower()) == (key.type, key.id.lower()))
            node = Node.child(node, [key if key in node.children else next(alike, key)])
        return node


@breaks("NODE-CHILD-2")
class APrefixWillDo(Node):
    """Child finds a machine whose ID begins with the ID where there is none of the ID."""

    def child(self, path: Iterable[Key]) -> Node:
        node: Node = self
        for key in path:
            alike = (known for known in node.children if known.type == key.type and known.id.startswith(key.id))
            node = Node.child(node, [key if key in node.children or not key.id else next(alike, key)])
        return node


@breaks("NODE-CHILD-5")
class EmptyIdsAreNotRemembered(Node):
    """Child makes a new node each time if its ID is empty."""

    def child(self, path: Iterable[Key]) -> Node:
        found = super().child(path)
        if found.parent is None or found.key.id:
            return found
        twin = object.__new__(type(found))
        twin.__dict__ = found.__dict__
        return twin


@breaks("COLL-NODE-1")
class CollectionTrimsIds(Collection[Any]):
    """Node of a collection looks an ID up without the blanks around it."""

    def node(self, id_: str) -> Node:
        return super().node(id_.strip())


@breaks("COLL-NODE-2")
class CollectionIgnoresCase(Collection[Any]):
    """Node of a collection finds a machine whose ID has another case."""

    def node(self, id_: str) -> Node:
        try:
            return super().node(id_)
        except HsmError:
            alike = [node for node in self.list() if node.key.id.lower() == id_.lower()]
            if not alike:
                raise
            return alike[0]


@breaks("COLL-LIST-1")
class ListByIdsInSmallLetters(Collection[Any]):
    """List has one of the machines whose IDs differ in case."""

    def list(self) -> list[Node]:
        return list({node.key.id.lower(): node for node in super().list()}.values())


@breaks("COLL-LIST-1")
class ListWithoutEmptyIds(Collection[Any]):
    """List leaves out the machine whose ID is empty."""

    def list(self) -> list[Node]:
        return [node for node in super().list() if node.key.id]


@breaks("COLL-LIST-2")
class ListByTheFirstDigit(Collection[Any]):
    """List has the machines of all types that begin like the collection's."""

    def list(self) -> list[Node]:
        return [node for key, node in self.parent.children.items() if str(key.type).startswith(str(self.type))]


@breaks("COLL-ADD-1")
class CollectionAddsInSmallLetters(Collection[Any]):
    """Add puts a machine under its ID in lower case."""

    def add(self, id_: str, data: Any) -> Node:
        return super().add(id_.lower() if id_.upper() != id_ and len(id_) > 1 else id_, data)


@breaks("COLL-TRANS-1")
class CollectionTransitionsTheFirstAlike(Collection[Any]):
    """Transition of a collection makes a transition of the first machine whose ID begins with the ID."""

    def transition(self, id_: str, function: Callable[[Any], TransitionOutput]) -> None:
        self.node(id_)
        alike = sorted(node.key.id for node in self.list() if node.key.id.startswith(id_))
        super().transition(alike[-1], function)


@breaks("COLL-DATA-1")
class CollectionReadsTheFirstAlike(Collection[Any]):
    """Data of a collection is that of the first machine whose ID is the same without blanks."""

    def data(self, id_: str) -> Any:
        self.node(id_)
        return super().data(min(node.key.id for node in self.list() if node.key.id.strip() == id_.strip()))


@breaks("NODE-CHILD-1")
class EmptyKeyIsTheNodeItself(Node):
    """The key of type 0 with the empty ID, which is the root's own, leads to the node itself."""

    def child(self, path: Iterable[Key]) -> Node:
        return super().child([key for key in path if key != Key()])
