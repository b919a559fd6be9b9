"""An immutable map: a dictionary that is never changed while it is small, a hash trie when it is large.

Most nodes have few children, and copying a small dictionary is several times faster than a trie. With many siblings,
adding one must not copy all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from rpds import HashTrieMap

K = TypeVar("K")
V = TypeVar("V")

LARGE = 16
"""A map is a trie if it has at least this many entries. The size alone decides, so equal maps have equal forms."""


class Map(Generic[K, V]):
    """Keys and values, in no particular order. Hashable if the values are. A change makes a new map."""

    __slots__ = ("_entries", "_hash")

    def __init__(self, entries: dict[K, V] | HashTrieMap[K, V]) -> None:
        self._entries = entries
        self._hash: int | None = None

    @classmethod
    def of(cls, entries: Mapping[K, V]) -> Map[K, V]:
        """Return a map with the entries of a mapping."""
        return cls(HashTrieMap(entries) if len(entries) >= LARGE else dict(entries))

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None."""
        return self._entries.get(key)

    def insert(self, key: K, value: V) -> Map[K, V]:
        """Return a map with an entry added or replaced. O(log n) for large maps."""
        entries = self._entries
        if isinstance(entries, dict):
            grown = entries.copy()
            grown[key] = value
            return Map(grown) if len(grown) < LARGE else Map(HashTrieMap(grown))
        return Map(entries.insert(key, value))

    def discard(self, key: K) -> Map[K, V]:
        """Return a map without an entry. The entry need not be there."""
        entries = self._entries
        if isinstance(entries, dict):
            return Map({kept: value for kept, value in entries.items() if kept != key})
        left = entries.discard(key)
        return Map(left) if len(left) >= LARGE else Map(dict(left.items()))

    def items(self) -> Iterable[tuple[K, V]]:
        """Return the entries."""
        return self._entries.items()

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Map) and self._entries == other._entries)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._entries.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"Map({dict(self._entries.items())})"
