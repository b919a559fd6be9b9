"""Single machines of collections: finding, reading and transitioning them in ways that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from plain_hsm.machine import HsmError, TransitionOutput
from plain_hsm.node import Collection, Key, Node
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("COLL-NODE-1")
class NodeIsTheFirstOne(Collection[T]):
    """Node returns the first machine of the collection, whichever is asked for."""

    def node(self, id_: str) -> Node:
        super().node(id_)
        return self.list()[0]


@breaks("COLL-NODE-2")
class EmptyIdIsTheNodeItself(Collection[T]):
    """Node returns the collection's own node for the empty ID."""

    def node(self, id_: str) -> Node:
        return super().node(id_) if id_ else self.parent


@breaks("COLL-NODE-2")
class NodeOfAnyType(Collection[T]):
    """Node returns a machine of another type if the collection has none of the ID."""

    def node(self, id_: str) -> Node:
        try:
            return super().node(id_)
        except HsmError:
            for key, child in self.parent.children.items():
                if key.id == id_:
                    return child
            raise


@breaks("COLL-NODE-2")
class MissingNodeIsMade(Collection[T]):
    """Node adds a machine without data if the collection has none of the ID."""

    def node(self, id_: str) -> Node:
        key = Key(self.type, id_)
        if key not in self.parent.children and key.type in self.parent.registry.machines:
            self.parent.children[key] = self.parent.new_child(key, [0, "0:0", []])
        return super().node(id_)


@breaks("COLL-NODE-2")
class MissingNodePanics(Collection[T]):
    """Node panics if the collection does not have the ID."""

    def node(self, id_: str) -> Node:
        if self.type in self.parent.registry.machines and Key(self.type, id_) not in self.parent.children:
            raise KeyError(id_)
        return super().node(id_)


@breaks("COLL-DATA-1")
class DataOfTheFirstOne(Collection[T]):
    """Data returns that of the first machine of the collection, whichever is asked for."""

    def data(self, id_: str) -> T:
        self.node(id_)
        return self.list()[0].machine_data(self.class_)


@breaks("COLL-DATA-1")
class DataAsItWasAdded(Collection[T]):
    """Data returns what was given to Add, whatever transitions have changed."""

    def add(self, id_: str, data: T) -> Node:
        node = super().add(id_, data)
        node.__dict__["added"] = data
        return node

    def data(self, id_: str) -> T:
        present, node = super().data(id_), self.node(id_)
        added: T = node.__dict__.get("added", present)
        return added


@breaks("COLL-DATA-2")
class MissingDataIsEmpty(Collection[Any]):
    """Data of an ID that the collection does not have is empty data."""

    def data(self, id_: str) -> Any:
        try:
            self.node(id_)
        except HsmError:
            return self.class_(0, 0)
        return super().data(id_)


@breaks("COLL-DATA-2")
class DataOfAnyType(Collection[Any]):
    """Data is handed out as any type."""

    def data(self, id_: str) -> Any:
        return self.node(id_).machine_data(object)


@breaks("COLL-TRANS-1")
class TransitionWithoutOutput(Collection[T]):
    """Transition persists and counts and records no output."""

    def transition(self, id_: str, function: Callable[[T], TransitionOutput]) -> None:
        node = self.node(id_)
        super().transition(id_, function)
        node.set("own_outputs", node.own_outputs[:-1])


@breaks("COLL-TRANS-1")
class TransitionOfTheParent(Collection[Any]):
    """Transition transitions the collection's node."""

    def transition(self, id_: str, function: Callable[[Any], TransitionOutput]) -> None:
        self.node(id_).machine_data(self.class_)
        self.parent.machine_transition(object, function)


@breaks("COLL-TRANS-1")
class TransitionDoesNotCount(Collection[T]):
    """Transition does not count."""

    def transition(self, id_: str, function: Callable[[T], TransitionOutput]) -> None:
        node = self.node(id_)
        super().transition(id_, function)
        node.set("count", node.count - 1)


@breaks("COLL-TRANS-2")
class TransitionOfAnyType(Collection[Any]):
    """Transition runs its function with the data whatever its type."""

    def transition(self, id_: str, function: Callable[[Any], TransitionOutput]) -> None:
        self.node(id_).machine_transition(object, function)


@breaks("COLL-TRANS-2")
class FailedTransitionIsKept(Collection[T]):
    """A transition that fails leaves its count."""

    def transition(self, id_: str, function: Callable[[T], TransitionOutput]) -> None:
        node = self.node(id_)
        try:
            super().transition(id_, function)
        except PaletteError:
            node.set("count", node.count + 1)
            raise


@breaks("COLL-TRANS-2")
class TransitionOfAMissingMachineIsIgnored(Collection[T]):
    """Transition of an ID that the collection does not have does nothing and says nothing."""

    def transition(self, id_: str, function: Callable[[T], TransitionOutput]) -> None:
        if Key(self.type, id_) in self.parent.children or self.type not in self.parent.registry.machines:
            super().transition(id_, function)
