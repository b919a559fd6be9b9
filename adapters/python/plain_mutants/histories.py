"""Faults that only a history of three or more operations shows, in states in which each operation was tried before.

Tours, which go to each state by the shortest way, do not find them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plain_hsm.machine import TransitionOutput
from plain_hsm.node import Node
from plain_mutants.mutant import breaks

T = TypeVar("T")


class Remembering(Node):
    """A node that remembers which of its operations ran last, the latest one at the end."""

    history: tuple[str, ...] = ()

    def happened(self, operation: str) -> None:
        self.history = (*self.history[-7:], operation)

    def ends_with(self, *operations: str) -> bool:
        return self.history[-len(operations) :] == operations

    def dirty(self) -> bool:
        self.happened("dirty")
        return super().dirty()

    def outputs(self):  # type: ignore[no-untyped-def]  # as the node's
        self.happened("outputs")
        return super().outputs()

    def clear_transaction_state(self) -> None:
        self.happened("clear")
        super().clear_transaction_state()

    def machine_data(self, class_: type[T]) -> T:
        self.happened("data")
        return super().machine_data(class_)

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        try:
            super().machine_transition(class_, function)
        except BaseException:
            self.happened("failure")
            raise
        self.happened("transition")


@breaks("CLEAR-TREE-1")
class ClearingBetweenFailures(Remembering):
    """Clearing is skipped right after a failed transition, a read of the outputs and another failed transition."""

    def clear_transaction_state(self) -> None:
        if not self.ends_with("failure", "outputs", "data", "failure"):
            super().clear_transaction_state()


@breaks("DATA-READ-1")
class DataReadThriceIsStale(Remembering):
    """A transition right after three reads of the data is forgotten, but for its count and output."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before, stale = self.data, self.ends_with("data", "data", "data")
        super().machine_transition(class_, function)
        if stale:
            self.set("data", before)


@breaks("MT-ROLLBACK-1")
class FailureAfterDirtyCounts(Remembering):
    """A failed transition counts right after a clearing and two reads of dirty."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        counts = self.ends_with("clear", "dirty", "dirty")
        try:
            super().machine_transition(class_, function)
        except BaseException:
            self.count += counts
            raise


@breaks("CLEAR-TREE-5")
class OutputLostAfterTwoClearings(Remembering):
    """The output of a transition is lost right after two clearings with a read of dirty between them."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        lost, before = self.ends_with("clear", "dirty", "clear"), self.own_outputs
        super().machine_transition(class_, function)
        if lost:
            self.set("own_outputs", before)


@breaks("CLEAR-TREE-2")
class DirtyIsRememberedByReads(Remembering):
    """Dirty, read twice in a row before a clearing, is the same right after it."""

    def dirty(self) -> bool:
        return self.ends_with("dirty", "dirty", "clear") or super().dirty()


@breaks("OUT-LIST-1")
class OutputsHideAfterReads(Remembering):
    """Outputs read right after they were read twice in a row hide those of the node itself."""

    def outputs(self):  # type: ignore[no-untyped-def]  # as the node's
        hidden, own = self.ends_with("outputs", "outputs"), self.own_outputs
        if hidden:
            self.own_outputs = ()
        found = super().outputs()
        self.own_outputs = own
        return found
