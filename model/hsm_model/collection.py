"""Collections: the children of one type under a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput

T = TypeVar("T")


class Collection(Generic[T]):
    """The children of ``type`` under a node, whose data is ``T`` (docs: ``Collection``; COLL-TYPE-1)."""

    __slots__ = ("_data_type", "_node", "type")

    def __init__(self, node: Node, type_id: int, data_type: type[T]) -> None:
        """Make a view of the node's children. Nothing in the tree changes (docs: ``NewCollection``)."""
        self._node = node
        self._data_type = data_type
        self.type = type_id

    def add(self, machine_id: str, data: T) -> Node:
        """Add a child of this type (docs: ``Collection.Add``; COLL-ADD-1).

        Raise as `Node.add_child` does (COLL-ADD-2).
        """
        return self._node.add_child(Key(self.type, machine_id), data)

    def node(self, machine_id: str) -> Node:
        """Return the node of an ID (docs: ``Collection.Node``; COLL-NODE-1).

        Raise as `Node.child` does (COLL-NODE-2).
        """
        return self._node.child((Key(self.type, machine_id),))

    def list(self) -> list[Node]:
        """Return the nodes of this type, in no particular order (docs: ``Collection.List``; COLL-LIST-1, -2)."""
        return self._node.children_of_type(self.type)

    def data(self, machine_id: str) -> T:
        """Return the data of an ID (docs: ``Collection.Data``; COLL-DATA-1).

        Raise as `node` and `machine_data` do (COLL-DATA-2).
        """
        return machine_data(self.node(machine_id), self._data_type)

    def transition(self, machine_id: str, function: Callable[[T], TransitionOutput]) -> None:
        """Make a transition of the machine of an ID (docs: ``Collection.Transition``; COLL-TRANS-1).

        Raise as `node` and `machine_transition` do (COLL-TRANS-2).
        """
        machine_transition(self.node(machine_id), self._data_type, function)


def new_collection(node: Node, type_id: int, data_type: type[T]) -> Collection[T]:
    """Return a collection of the node's children of a type (docs: ``NewCollection``; COLL-TYPE-1)."""
    return Collection(node, type_id, data_type)
