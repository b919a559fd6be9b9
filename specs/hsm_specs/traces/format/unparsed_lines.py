"""Doubts: lines that were not understood and may have begun a trace, kept until it begins."""

from __future__ import annotations

from typing import Final

MOST: Final = 10_000
"""Of how many traces it is kept by name. Behind them a doubt is one of any trace."""


class Doubts:
    """The first line that was not understood of each trace that has not begun, and of any such trace."""

    __slots__ = ("_any", "_named")

    def __init__(self) -> None:
        self._any = 0
        self._named: dict[str, int] = {}

    def add(self, line: int, name: str | None) -> None:
        """Takes note of a line; without a name it may be of any trace."""
        if name in self._named:
            return
        if name is None or len(self._named) >= MOST:
            self._any = self._any or line
        else:
            self._named[name] = line

    def take(self, name: str) -> int:
        """The first line that may have been of a trace that begins now, 0 if there is none."""
        lines = (self._any, self._named.pop(name, 0))
        return min(filter(None, lines), default=0)
