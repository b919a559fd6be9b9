"""Reading data in ways that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from plain_hsm.machine import HsmError, TransitionOutput
from plain_hsm.node import Node
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("DATA-READ-1")
class DataIsCachedForGood(Node):
    """MachineData always returns what it returned first."""

    def machine_data(self, class_: type[T]) -> T:
        if "cached" not in self.__dict__:
            self.__dict__["cached"] = self.data
        present, self.data = self.data, self.__dict__["cached"]
        try:
            return super().machine_data(class_)
        finally:
            self.data = present


@breaks("DATA-READ-1")
class DataOfTheParent(Node):
    """MachineData of a node whose parent has the same type returns the parent's data."""

    def machine_data(self, class_: type[T]) -> T:
        if self.parent and self.parent.type == self.type:
            return self.parent.machine_data(class_)
        return super().machine_data(class_)


@breaks("DATA-READ-2")
class BrokenDataIsEmpty(Node):
    """Data that does not deserialize is read as empty data."""

    def machine_data(self, class_: type[T]) -> T:
        try:
            return super().machine_data(class_)
        except PaletteError:
            return class_(0, 0)  # type: ignore[call-arg]  # the palette's classes have two arguments


@breaks("DATA-READ-2")
class BrokenDataPanics(Node):
    """Data that does not deserialize makes MachineData panic."""

    def machine_data(self, class_: type[T]) -> T:
        try:
            return super().machine_data(class_)
        except PaletteError as error:
            raise RuntimeError from error


@breaks("DATA-READ-2")
class BrokenDataIsIncompatible(Node):
    """Data that does not deserialize is said to be of an incompatible type."""

    def machine_data(self, class_: type[T]) -> T:
        try:
            return super().machine_data(class_)
        except PaletteError as error:
            raise HsmError("incompatible_type") from error


@breaks("DATA-CAST-1")
class EveryCastSucceeds(Node):
    """Data is handed out as any type."""

    def machine_data(self, class_: type[Any]) -> Any:
        return super().machine_data(object)


@breaks("DATA-CAST-1")
class WrongCastPanics(Node):
    """A wrong cast panics."""

    def machine_data(self, class_: type[T]) -> T:
        data: Any = super().machine_data(object)
        if not isinstance(data, class_):
            raise TypeError("interface conversion")
        return data


@breaks("DATA-CAST-2")
class WrongCastDropsTheData(Node):
    """A wrong cast in MachineData leaves the node without data."""

    def machine_data(self, class_: type[T]) -> T:
        try:
            return super().machine_data(class_)
        except HsmError:
            self.data = "0:0"
            raise

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before = self.data
        try:
            super().machine_transition(class_, function)
        except HsmError:
            self.data = before
            raise


@breaks("DATA-CAST-3")
class CastIsCheckedFirst(Node):
    """The cast is checked before the data is deserialized."""

    def machine_data(self, class_: type[T]) -> T:
        expected: Any = self.registry.machines[self.type].class_
        if not issubclass(expected, class_):
            raise HsmError("incompatible_type")
        return super().machine_data(class_)
