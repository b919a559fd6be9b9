"""Known beginnings of traces: what was judged once, word for word, need not be judged again.

Traces of one recording begin alike, and many are the same: tests that are run again, tours, vectors. A tree has the
lines of those that were allowed; a trace that follows it needs no model. Where it leaves the tree, its model catches
up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hsm_specs.language.operations import AnyOperation

MOST: Final = 50_000
"""How many lines are kept."""
FEW: Final = 4096
"""How many are kept before any was of use. More are as many as were followed, so that traces no two alike cost little.
"""
LONGEST: Final = 2**10
"""How long, in bytes, a line may be that is kept."""
MOST_ENDS: Final = 10_000
Kind = tuple[type, Any]
"""The class of an operation, and the error that it had to answer with."""


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
        """What may come next, by the line without the name of its trace."""

    def lines(self) -> list[tuple[AnyOperation, bytes]]:
        """The operations of the beginning, each with its bytes."""
        found: list[tuple[AnyOperation, bytes]] = []
        prefix = self
        while prefix.parent is not None and prefix.operation is not None:
            found.append((prefix.operation, prefix.written))
            prefix = prefix.parent
        return found[::-1]

    def kinds(self) -> Iterator[Kind]:
        """The kinds of the operations of the beginning."""
        prefix: Prefix | None = self
        while prefix is not None:
            if prefix.operation is not None:
                yield prefix.operation.__class__, prefix.error
            prefix = prefix.parent


class CachedTrace:
    """A trace that has followed known beginnings so far."""

    __slots__ = ("doubt", "line", "name", "prefix")

    def __init__(self, name: str, line: int, prefix: Prefix) -> None:
        self.name = name
        self.line = line
        self.prefix = prefix
        self.doubt = 0


class Prefixes:
    """The tree for recordings of one world and dialect. Where it is full it begins anew, if it was of any use."""

    def __init__(self) -> None:
        self.root = Prefix()
        self._size = 0
        self._followed = 0
        self._ends: dict[Prefix, int] = {}
        self._agreed: dict[Kind, int] = {}

    def grow(self, prefix: Prefix, line: bytes, operation: AnyOperation, written: bytes, error: Any) -> Prefix | None:
        """The beginning that is longer by a line, None if there is no room for it. ``error`` is what it answers."""
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

    def leaves(self, prefix: Prefix) -> None:
        """Takes note of a trace that followed the tree this far."""
        self._followed += prefix.depth
        self._ends[prefix] = self._ends.get(prefix, 0) + 1
        if len(self._ends) > MOST_ENDS:
            self._count()

    def counted(self) -> dict[Kind, int]:
        """How many operations of each kind followed the tree since this was asked last."""
        self._count()
        agreed, self._agreed = self._agreed, {}
        return agreed

    def _count(self) -> None:
        for prefix, times in self._ends.items():
            for kind in prefix.kinds():
                self._agreed[kind] = self._agreed.get(kind, 0) + times
        self._ends.clear()
