"""Rollbacks that forget something or take too much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from plain_hsm.machine import TransitionOutput
from plain_hsm.node import Node
from plain_mutants.mutant import breaks

T = TypeVar("T")
Change = tuple[Node, str, Callable[[], object]]


class Forgetful(Node):
    """A node whose rollback forgets some changes: none, until a mutant says which."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        """Return whether a change is forgotten; ``first`` is the one that the failed transition itself began with."""
        return False

    def roll_back(self, start: int, failure: BaseException) -> None:
        changes = enumerate(self.journal[start:])
        self.journal[start:] = [
            change for number, change in changes if not self.forgets(change[0], change[1], number == 0)
        ]
        super().roll_back(start, failure)


# --- the node's own -------------------------------------------------------------------------------------------------


@breaks("MT-ROLLBACK-1")
class CountStays(Forgetful):
    """A failed transition has counted."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return first


@breaks("MT-ROLLBACK-1")
class CountGoesBackToZero(Node):
    """A failed transition resets the count."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.count = 0


@breaks("MT-ROLLBACK-1")
class CountGoesBackTwice(Node):
    """A failed transition makes the count one lower."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.count -= 1


@breaks("MT-ROLLBACK-2")
class FailedDataPersists(Node):
    """Changes of the data by a failed function persist."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        handed: list[T] = []

        def keep(data: T) -> TransitionOutput:
            handed.append(data)
            return function(data)

        try:
            super().machine_transition(class_, keep)
        except BaseException:
            for data in handed:
                self.data = str(self.registry.machines[self.type].serialize(data), "latin1")
            raise


@breaks("MT-ROLLBACK-2")
class FailedDataStaysInMemory(Node):
    """Changes of the data by a failed function are read until the next transition, though they do not persist."""

    left: Any = None

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        handed: list[Any] = []

        def keep(data: Any) -> TransitionOutput:
            handed.append(data)
            return function(data)

        self.left = None
        try:
            super().machine_transition(class_, keep)
        except BaseException:
            self.left = handed[0] if handed else None
            raise

    def machine_data(self, class_: type[Any]) -> Any:
        present = super().machine_data(class_)
        return present if self.left is None else self.left


@breaks("MT-ROLLBACK-2")
class EqualDataIsOneObject(Node):
    """Machines whose persisted data is equal share one object in memory, which failed functions have changed."""

    def machine_data(self, class_: type[T]) -> T:
        known: dict[tuple[int, str], T] = self.registry.__dict__.setdefault("known", {})
        return known.setdefault((self.type, self.data), super().machine_data(class_))


@breaks("MT-ROLLBACK-3")
class FailureHasAnOutput(Node):
    """A failed transition records an output without tasks."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.own_outputs = (*self.own_outputs, ())


@breaks("MT-ROLLBACK-3")
class FailureLosesEarlierOutputs(Node):
    """A failed transition drops the outputs of the node's earlier ones."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.own_outputs = ()


@breaks("MT-ROLLBACK-3")
class FailureLosesTheLastOutput(Node):
    """A failed transition drops the output that is last, as if it were its own."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.own_outputs = self.own_outputs[:-1]


@breaks("MT-ROLLBACK-4")
class FailureIsDirty(Node):
    """A node is dirty from the beginning of a transition, also if it fails."""

    touched = False

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.touched = True

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        for node in self.tree():
            node.__dict__["touched"] = False

    def dirty(self) -> bool:
        return super().dirty() or any(node.__dict__.get("touched", False) for node in self.tree())


@breaks("MT-ROLLBACK-4")
class FailureIsClean(Node):
    """A failed transition makes its node clean, though the outputs of earlier ones are there."""

    failed = False

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.failed = False

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.failed = True

    def dirty(self) -> bool:
        return any(node.own_outputs and not node.__dict__.get("failed", False) for node in self.tree())


# --- children -------------------------------------------------------------------------------------------------------


@breaks("MT-ROLLBACK-5")
class AddedChildrenStay(Forgetful):
    """Children that a failed function added stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return field == "children"


@breaks("MT-ROLLBACK-5")
class OwnChildrenStay(Forgetful):
    """Children that a failed function added under its own node stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return field == "children" and node is self


@breaks("MT-ROLLBACK-5")
class OtherChildrenStay(Forgetful):
    """Children that a failed function added under other nodes than its own stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return field == "children" and node is not self


@breaks("MT-ROLLBACK-5")
class AddedChildrenAreEmptied(Node):
    """Children that a failed function added stay without data."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        before = dict(self.children)
        super().roll_back(start, failure)
        for key, child in before.items():
            if key not in self.children:
                self.children[key] = child
                child.data = ""
