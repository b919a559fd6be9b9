"""Children: an immutable map from keys to nodes, which keeps many children by type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rpds import HashTrieMap

from hsm_model.maps import LARGE

if TYPE_CHECKING:
    from hsm_model.state import NodeState


class Key(NamedTuple):
    """The key of a node in its parent: the type of its machine and an ID (docs: ``Key``)."""

    type: int
    id: str


class Children:
    """The children of a node. Hashable. A change makes a new object.

    A few children are kept in a dictionary that is never changed. Many are kept in a hash trie for each type, so adding
    one copies little, and listing a collection costs nothing for siblings of other types (COLL-LIST-2).
    """

    __slots__ = ("_few", "_hash", "_many")

    def __init__(self, few: dict[Key, NodeState], many: dict[int, HashTrieMap[str, NodeState]] | None = None) -> None:
        self._few = few
        self._many = many
        self._hash: int | None = None

    @classmethod
    def of(cls, nodes: Mapping[Key, NodeState]) -> Children:
        """Return the children in a mapping."""
        if len(nodes) < LARGE:
            return cls({Key(*key): node for key, node in nodes.items()})
        by_type: dict[int, dict[str, NodeState]] = {}
        for (type_id, machine_id), node in nodes.items():
            by_type.setdefault(type_id, {})[machine_id] = node
        return cls({}, {type_id: HashTrieMap(siblings) for type_id, siblings in by_type.items()})

    def get(self, key: Key) -> NodeState | None:
        """Return the child under a key, or None."""
        many = self._many
        if many is None:
            return self._few.get(key)
        siblings = many.get(key[0])
        return None if siblings is None else siblings.get(key[1])

    def insert(self, key: Key, node: NodeState) -> Children:
        """Return the children with one added or replaced."""
        many = self._many
        if many is None:
            grown = self._few.copy()
            grown[key] = node
            return Children(grown) if len(grown) < LARGE else Children.of(grown)
        type_id, machine_id = key
        siblings = many.get(type_id)
        one_more = HashTrieMap({machine_id: node}) if siblings is None else siblings.insert(machine_id, node)
        return Children({}, {**many, type_id: one_more})

    def discard(self, key: Key) -> Children:
        """Return the children without one. It need not be there."""
        many = self._many
        if many is None:
            return Children({other: node for other, node in self._few.items() if other != key})
        siblings = many.get(key[0])
        if siblings is None or key[1] not in siblings:
            return self
        left = {**many, key[0]: siblings.discard(key[1])}
        fewer = Children({}, {type_id: some for type_id, some in left.items() if len(some)})
        return fewer if len(fewer) >= LARGE else Children.of(dict(fewer.items()))

    def of_type(self, type_id: int) -> dict[str, NodeState] | HashTrieMap[str, NodeState]:
        """Return the children of a type by their IDs."""
        many = self._many
        if many is None:
            return {machine_id: node for (other, machine_id), node in self._few.items() if other == type_id}
        siblings = many.get(type_id)
        return {} if siblings is None else siblings

    def items(self) -> Iterator[tuple[Key, NodeState]]:
        """Iterate over the keys and their nodes, in no particular order."""
        if self._many is None:
            yield from self._few.items()
            return
        for type_id, siblings in self._many.items():
            for machine_id, node in siblings.items():
                yield Key(type_id, machine_id), node

    def __getitem__(self, key: Key) -> NodeState:
        many = self._many
        return self._few[key] if many is None else many[key[0]][key[1]]

    def __contains__(self, key: Key) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[Key]:
        return iter(self._few) if self._many is None else (key for key, _ in self.items())

    def __len__(self) -> int:
        return len(self._few) if self._many is None else sum(map(len, self._many.values()))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Children) and self._few == other._few and self._many == other._many

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._few.items() if self._many is None else self._many.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"Children({dict(self.items())})"


NO_CHILDREN = Children({})
