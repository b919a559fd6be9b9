"""Collections: the children of one type under a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput

T = TypeVar("T")


class Collection(Generic[T]):
    """The children of ``type`` under a node, whose data is ``T`` (seed: ``Collection``; COLL-TYPE-1)."""

    __slots__ = ("_data_type", "_node", "type")

    def __init__(self, node: Node, type_id: int, data_type: type[T]) -> None:
        """A view of the node's children; makes and changes nothing (seed: ``NewCollection``)."""
        self._node = node
        self._data_type = data_type
        self.type = type_id

    def add(self, machine_id: str, data: T) -> Node:
        """Adds a child of this type (seed: ``Collection.Add``; COLL-ADD-1). Raises as `Node.add_child` (COLL-ADD-2)."""
        return self._node.add_child(Key(self.type, machine_id), data)

    def node(self, machine_id: str) -> Node:
        """The node of an ID (seed: ``Collection.Node``; COLL-NODE-1). Raises as `Node.child` (COLL-NODE-2)."""
        return self._node.child((Key(self.type, machine_id),))

    def list(self) -> list[Node]:
        """The nodes of this type, in no particular order (seed: ``Collection.List``; COLL-LIST-1, -2)."""
        return self._node.children_of_type(self.type)

    def data(self, machine_id: str) -> T:
        """The data of an ID (seed: ``Collection.Data``; COLL-DATA-1).

        Raises as `node` or `machine_data` (COLL-DATA-2).
        """
        return machine_data(self.node(machine_id), self._data_type)

    def transition(self, machine_id: str, function: Callable[[T], TransitionOutput]) -> None:
        """A transition of an ID's machine (seed: ``Collection.Transition``; COLL-TRANS-1).

        Raises as `node` or `machine_transition` (COLL-TRANS-2).
        """
        machine_transition(self.node(machine_id), self._data_type, function)


def new_collection(node: Node, type_id: int, data_type: type[T]) -> Collection[T]:
    """A collection of the node's children of a type (seed: ``NewCollection``; COLL-TYPE-1)."""
    return Collection(node, type_id, data_type)
