"""Roots that are wrong."""

from __future__ import annotations

from typing import Any

from plain_hsm.machine import HsmError, Registry
from plain_hsm.node import Key, Node
from plain_hsm.palette import Machine, PaletteError
from plain_mutants.mutant import breaks


@breaks("ROOT-NEW-1")
class RootStartsFromZero(Node):
    """A root is made with empty data in place of what it is given."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        root.data = "0:0"
        return root


@breaks("ROOT-NEW-1")
class RootKeepsTheStateAlone(Node):
    """Of the data that a root is given the state is kept and the value is not."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        root.data = root.data.split(":")[0] + ":0"
        return root


@breaks("ROOT-NEW-2")
class RootHasATypedKey(Node):
    """The key of a root has the root's type."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        root.key = Key(type_)
        return root


@breaks("ROOT-NEW-2")
class RootIsItsOwnParent(Node):
    """The parent of a root is the root itself."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        root.parent = root
        return root

    def path(self) -> list[Key]:
        return [*self.parent.path(), self.key] if self.parent and self.parent is not self else []


@breaks("ROOT-NEW-3")
class AnyRootIsWelcome(Node):
    """A root of a type that is not registered is made with a definition of another type."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        known = type_ if type_ in registry.machines else next(iter(registry.machines), type_)
        return super().new_root(registry, known, data, children)


@breaks("ROOT-NEW-3")
class UnknownRootIsNotFound(Node):
    """A root of a type that is not registered is refused as a machine that is not found."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        if type_ not in registry.machines:
            raise HsmError("state_machine_not_found")
        return super().new_root(registry, type_, data, children)


@breaks("ROOT-NEW-4")
class RootIgnoresItsSerializer(Node):
    """A root whose data does not serialize is made without data."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        try:
            return super().new_root(registry, type_, data, children)
        except PaletteError:
            return cls(registry, type_, [0, "", children], Key(), None)


@breaks("ROOT-NEW-4")
class RootPanicsWithItsSerializer(Node):
    """A root whose data does not serialize panics."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        try:
            return super().new_root(registry, type_, data, children)
        except PaletteError as error:
            raise RuntimeError from error


@breaks("ROOT-NEW-5")
class RootSerializesFirst(Node):
    """NewRoot serializes the data before it looks whether the type is registered."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        if isinstance(data, Machine) and data.value == -1:
            raise PaletteError("serialize_error")
        return super().new_root(registry, type_, data, children)
