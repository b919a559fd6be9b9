"""Transitions whose data does not serialize, handled wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from plain_hsm.machine import HsmError, TransitionOutput
from plain_hsm.node import Node
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks

T = TypeVar("T")


def failed_to_serialize(failure: BaseException) -> bool:
    """Return whether a transition failed in serialization."""
    return str(failure) == "serialize_error"


@breaks("MT-FAIL-2")
class SerializationErrorIsSwallowed(Node):
    """A transition whose data does not serialize is undone and returns no error."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        try:
            super().machine_transition(class_, function)
        except PaletteError as error:
            if not failed_to_serialize(error):
                raise


@breaks("MT-FAIL-2")
class SerializationErrorPanics(Node):
    """A transition whose data does not serialize is undone and panics."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        try:
            super().machine_transition(class_, function)
        except PaletteError as error:
            raise (RuntimeError() if failed_to_serialize(error) else error) from error


@breaks("MT-FAIL-2")
class SerializationErrorIsIncompatibleType(Node):
    """A transition whose data does not serialize is undone and says that the type is incompatible."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        try:
            super().machine_transition(class_, function)
        except PaletteError as error:
            raise (HsmError("incompatible_type") if failed_to_serialize(error) else error) from error


@breaks("MT-ROLLBACK-11")
class SerializationFailureIsNotUndone(Node):
    """A transition whose data does not serialize is not undone."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        if not failed_to_serialize(failure):
            super().roll_back(start, failure)
        elif start == 0:
            self.journal.clear()


@breaks("MT-ROLLBACK-11")
class SerializationFailureKeepsOthers(Node):
    """A transition whose data does not serialize undoes its own node's changes alone."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        if failed_to_serialize(failure):
            self.journal[start:] = [change for change in self.journal[start:] if change[0] is self]
        super().roll_back(start, failure)


@breaks("MT-ROLLBACK-11")
class OutputIsRecordedBeforeSerialization(Node):
    """The output of a transition whose data does not serialize is recorded."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        made: list[TransitionOutput] = []

        def keep(data: T) -> TransitionOutput:
            made.append(function(data))
            return made[0]

        try:
            super().machine_transition(class_, keep)
        except PaletteError:
            self.set("own_outputs", (*self.own_outputs, *made))
            raise


@breaks("MT-ROLLBACK-11")
class SerializationFailureKeepsData(Node):
    """The state that does not serialize persists, with the value that it had before."""

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        handed: list[Any] = []

        def keep(data: Any) -> TransitionOutput:
            handed.append(data)
            return function(data)

        try:
            super().machine_transition(class_, keep)
        except PaletteError as error:
            if failed_to_serialize(error):
                state, *value = self.data.split(":")
                self.set("data", ":".join([str(handed[0].state) if value else state, *value]))
            raise
