"""Paths that are wrong."""

from __future__ import annotations

from typing import Any

from plain_hsm.machine import Registry
from plain_hsm.node import Key, Node
from plain_mutants.mutant import breaks


@breaks("NODE-PATH-1")
class PathIsReversed(Node):
    """A path begins with the node's own key."""

    def path(self) -> list[Key]:
        return super().path()[::-1]


@breaks("NODE-PATH-1")
class PathIsTheKeyAlone(Node):
    """A path has the node's own key and none of those above it."""

    def path(self) -> list[Key]:
        return [self.key] if self.parent else []


@breaks("NODE-PATH-1")
class PathBeginsWithTheRoot(Node):
    """A path begins with the empty key of the root."""

    def path(self) -> list[Key]:
        return [*(self.parent.path() if self.parent else []), self.key]


@breaks("NODE-PATH-1")
class PathsShareOneList(Node):
    """The path of a child is made by extending the list that is its parent's path."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        self.way: list[Key] = [] if parent is None else parent.__dict__["way"]
        if parent is not None:
            self.way.append(key)
        super().__init__(registry, type_, persisted, key, parent)

    def path(self) -> list[Key]:
        return self.way


@breaks("NODE-PATH-1")
class PathOmitsEmptyIds(Node):
    """Keys whose ID is empty are left out of paths."""

    def path(self) -> list[Key]:
        return [key for key in super().path() if key.id]
