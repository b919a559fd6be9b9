"""Children: an immutable map from keys to nodes, kept by type as the persisted form is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hsm_model.maps import Map

if TYPE_CHECKING:
    from hsm_model.state import NodeState


class Key(NamedTuple):
    """The key of a node in its parent: the type of its machine and an ID (seed: ``Key``)."""

    type: int
    id: str


NO_SIBLINGS: Map[str, Any] = Map({})


class Children:
    """The children of a node: for each type that has any, a map by ID. Hashable; changes make a new one.

    Kept by type, so that listing a collection costs nothing for the siblings of other types (COLL-LIST-2). Types are
    few: those that are registered.
    """

    __slots__ = ("_by_type", "_hash")

    def __init__(self, by_type: dict[int, Map[str, NodeState]]) -> None:
        self._by_type = by_type
        self._hash: int | None = None

    @classmethod
    def of(cls, nodes: Mapping[Key, NodeState]) -> Children:
        """The children that a mapping has."""
        by_type: dict[int, dict[str, NodeState]] = {}
        for (type_id, machine_id), node in nodes.items():
            by_type.setdefault(type_id, {})[machine_id] = node
        return cls({type_id: Map.of(siblings) for type_id, siblings in by_type.items()})

    def get(self, key: Key) -> NodeState | None:
        """The child of a key, or None."""
        siblings = self._by_type.get(key[0])
        return None if siblings is None else siblings.get(key[1])

    def insert(self, key: Key, node: NodeState) -> Children:
        """These children with one added or replaced."""
        type_id, machine_id = key
        siblings = self._by_type.get(type_id, NO_SIBLINGS)
        return Children({**self._by_type, type_id: siblings.insert(machine_id, node)})

    def discard(self, key: Key) -> Children:
        """These children without one, if it is there."""
        left = self.of_type(key.type).discard(key.id)
        by_type = {type_id: siblings for type_id, siblings in self._by_type.items() if type_id != key.type}
        return Children({**by_type, key.type: left} if len(left) else by_type)

    def of_type(self, type_id: int) -> Map[str, NodeState]:
        """The children of a type by their IDs."""
        return self._by_type.get(type_id, NO_SIBLINGS)

    def items(self) -> Iterator[tuple[Key, NodeState]]:
        """The keys and their nodes, in no particular order."""
        for type_id, siblings in self._by_type.items():
            for machine_id, node in siblings.items():
                yield Key(type_id, machine_id), node

    def __getitem__(self, key: Key) -> NodeState:
        return self._by_type[key[0]][key[1]]

    def __contains__(self, key: Key) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[Key]:
        return (key for key, _ in self.items())

    def __len__(self) -> int:
        return sum(map(len, self._by_type.values())) if self._by_type else 0

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Children) and self._by_type == other._by_type)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._by_type.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"Children({dict(self.items())})"


NO_CHILDREN = Children({})
