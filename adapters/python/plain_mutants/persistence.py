"""Loading and persisting that are wrong."""

from __future__ import annotations

from typing import Any

from plain_hsm.machine import Registry
from plain_hsm.node import Key, Node
from plain_mutants.mutant import breaks


@breaks("ROOT-LOAD-1")
class ChildrenAreNotLoaded(Node):
    """The children that a root is given are left out."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        return super().new_root(registry, type_, data, [])


@breaks("ROOT-LOAD-1")
class GrandchildrenAreNotLoaded(Node):
    """Only the first level of what is persisted is loaded."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        flat = [[child_type, id_, [count, text, []]] for child_type, id_, (count, text, _) in children]
        return super().new_root(registry, type_, data, flat)


@breaks("ROOT-LOAD-1")
class LoadedCountsBeginAtZero(Node):
    """The transition counts of loaded machines begin at zero."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        super().__init__(registry, type_, [0, *persisted[1:]], key, parent)


@breaks("ROOT-LOAD-1")
class LoadedDataIsTheRoots(Node):
    """Loaded machines have the data of the root."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        for node in root.tree():
            node.data = root.data
        return root


@breaks("ROOT-LOAD-1")
class OneLoadedChildPerType(Node):
    """Of the persisted children of one type the last one is loaded alone."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        return super().new_root(registry, type_, data, list({child[0]: child for child in children}.values()))


@breaks("ROOT-LOAD-1")
class LoadedIdsAreAscii(Node):
    """The IDs of loaded machines lose their characters beyond ASCII."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        narrow = [[child_type, id_.encode("ascii", "ignore").decode(), node] for child_type, id_, node in children]
        return super().new_root(registry, type_, data, narrow)


@breaks("ROOT-LOAD-1")
class UntouchedMachinesAreNotLoaded(Node):
    """Machines that have never transitioned are not loaded."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        return super().new_root(registry, type_, data, [child for child in children if child[2][0]])


@breaks("ROOT-LOAD-2")
class LoadedMachinesAreDirty(Node):
    """A loaded machine that has ever transitioned counts as one that has transitioned since."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        super().__init__(registry, type_, persisted, key, parent)
        if self.count:
            self.own_outputs = ((),)


@breaks("ROOT-LOAD-2")
class OutputsOutliveTheirTree(Node):
    """Outputs are kept by path next to the registry, where the next tree finds them again."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        super().__init__(registry, type_, persisted, key, parent)
        known = self.known = registry.__dict__.setdefault("known", {})
        self.own_outputs = known.get(str(self.path()), ())

    def __setattr__(self, field: str, value: Any) -> None:
        super().__setattr__(field, value)
        if field == "own_outputs" and "known" in self.__dict__:
            self.known[str(self.path())] = value


@breaks("NODE-ADD-1")
class PersistedFormIsCached(Node):
    """A node's persisted form is kept until its own machine transitions, whatever changes below it."""

    kept: tuple[int, list[Any]] = (-1, [])

    def persisted(self) -> list[Any]:
        if self.kept[0] != self.count:
            self.kept = self.count, super().persisted()
        return self.kept[1]


@breaks("NODE-ADD-1")
class PersistedToTheSecondLevel(Node):
    """The persisted form of a tree has two levels below the root and no more."""

    def persisted(self) -> list[Any]:
        count, text, children = super().persisted()
        return [count, text, children if len(self.path()) < 2 else []]
