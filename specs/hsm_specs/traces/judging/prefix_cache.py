"""Cache of known beginnings of traces: what was judged once, byte for byte, need not be judged again.

Traces of one recording begin alike, and many are identical: tests that are run again, tours, vectors. The cache is a
tree of lines that were allowed; a trace that follows it needs no model. Where a trace leaves the tree, its model
catches up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hsm_specs.language.operations import AnyOperation

MOST: Final = 50_000
"""The number of lines that are kept."""
FEW: Final = 4096
"""The number of lines that are kept before any was of use.

Beyond that as many are kept as were followed, so that traces no two of which are alike cost little.
"""
LONGEST: Final = 2**10
"""The length, in bytes, of the longest line that is kept."""
MOST_ENDS: Final = 10_000
OperationKind = tuple[type, Any]
"""The class of an operation, and the error that was expected of it; or the obligation that an execution kept."""


class Prefix:
    """The beginning of a trace up to a line, all of which is allowed."""

    __slots__ = ("depth", "error", "next", "operation", "parent", "written")

    def __init__(
        self,
        parent: Prefix | None = None,
        operation: AnyOperation | None = None,
        written: bytes = b"",
        error: Any = None,
    ) -> None:
        self.parent = parent
        self.operation = operation
        self.written = written
        self.error = error
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.next: dict[bytes, Prefix] = {}
        """The continuations, by the line without the name of its trace."""

    def lines(self) -> list[tuple[AnyOperation, bytes]]:
        """Return the operations of the beginning, each with its bytes."""
        found: list[tuple[AnyOperation, bytes]] = []
        prefix = self
        while prefix.parent is not None and prefix.operation is not None:
            found.append((prefix.operation, prefix.written))
            prefix = prefix.parent
        return found[::-1]

    def kinds(self) -> Iterator[OperationKind]:
        """Yield the kinds of the operations of the beginning."""
        prefix: Prefix | None = self
        while prefix is not None:
            if prefix.operation is not None:
                yield prefix.operation.__class__, prefix.error
            prefix = prefix.parent


class PrefixCache:
    """The tree for recordings of one vocabulary and dialect. When full it starts over, if it was of any use."""

    def __init__(self) -> None:
        self.root = Prefix()
        self._size = 0
        self._followed = 0
        self._ends: dict[Prefix, int] = {}
        self._agreed: dict[OperationKind, int] = {}

    def grow(self, prefix: Prefix, line: bytes, operation: AnyOperation, written: bytes, error: Any) -> Prefix | None:
        """Return the prefix extended by a line, None if there is no room. ``error`` is what was expected of it."""
        known = prefix.next.get(line)
        if known is not None:
            return known
        if len(line) > LONGEST or (self._size >= FEW and self._followed < self._size):
            return None
        if self._size >= MOST:
            if self._followed < 2 * self._size:
                return None
            self.root = Prefix()
            self._size = self._followed = 0
        self._size += 1
        longer = prefix.next[line] = Prefix(prefix, operation, written, error)
        return longer

    def leave(self, prefix: Prefix) -> None:
        """Count a trace that followed the tree up to a prefix."""
        self._followed += prefix.depth
        self._ends[prefix] = self._ends.get(prefix, 0) + 1
        if len(self._ends) > MOST_ENDS:
            self._count()

    def counted(self) -> dict[OperationKind, int]:
        """Return how many operations of each kind followed the tree since the last call."""
        self._count()
        agreed, self._agreed = self._agreed, {}
        return agreed

    def _count(self) -> None:
        for prefix, times in self._ends.items():
            for kind in prefix.kinds():
                self._agreed[kind] = self._agreed.get(kind, 0) + times
        self._ends.clear()
