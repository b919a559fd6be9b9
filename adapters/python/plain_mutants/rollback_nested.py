"""Rollbacks that forget what transitions inside the failed one did, or what else it did besides its own changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from plain_hsm.machine import HsmError, TransitionOutput
from plain_hsm.node import Node
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks
from plain_mutants.rollback import Forgetful

T = TypeVar("T")


# --- other nodes ----------------------------------------------------------------------------------------------------


@breaks("MT-ROLLBACK-6")
class OtherNodesStay(Forgetful):
    """Transitions of other nodes inside a failed function stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is not self and field != "children"


@breaks("MT-ROLLBACK-6")
class DescendantsStay(Forgetful):
    """Transitions of nodes below inside a failed function stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is not self and field != "children" and any(node is below for below in self.tree())


@breaks("MT-ROLLBACK-6")
class AncestorsStay(Forgetful):
    """Transitions of nodes above inside a failed function stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is not self and field != "children" and any(self is below for below in node.tree())


@breaks("MT-ROLLBACK-6")
class SiblingsStay(Forgetful):
    """Transitions of siblings inside a failed function stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is not self and field != "children" and node.parent is self.parent


@breaks("MT-ROLLBACK-6")
class OutputsOfOthersStay(Forgetful):
    """Outputs of other nodes' transitions inside a failed function stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is not self and field == "own_outputs"


@breaks("MT-ROLLBACK-6")
class CountsOfOthersStay(Forgetful):
    """Counts of other nodes' transitions inside a failed function stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is not self and field == "count"


@breaks("MT-ROLLBACK-6")
class DataOfOthersStays(Forgetful):
    """Data of other nodes' transitions inside a failed function stays."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is not self and field == "data"


# --- the same node --------------------------------------------------------------------------------------------------


@breaks("MT-ROLLBACK-7")
class NestedTransitionsStay(Forgetful):
    """Transitions of the same node inside a failed function stay."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is self and field != "children" and not first


@breaks("MT-ROLLBACK-7")
class CountGoesBackByOne(Node):
    """A failed transition makes the count one lower, also if transitions inside it have counted."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        reached = self.count
        super().roll_back(start, failure)
        self.count = reached - 1


@breaks("MT-ROLLBACK-7")
class NestedDataStays(Forgetful):
    """The data that a transition of the same node inside a failed function left stays."""

    def forgets(self, node: Node, field: str, first: bool) -> bool:
        return node is self and field == "data"


# --- nested failures ------------------------------------------------------------------------------------------------


@breaks("MT-ROLLBACK-8")
class InnerFailuresStay(Node):
    """A failed transition inside another one is undone only if the outer one fails too."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        if start == 0:
            super().roll_back(start, failure)


@breaks("MT-ROLLBACK-8")
class InnerFailuresUndoTheOuter(Node):
    """A failed transition inside another one takes back what the outer one has done so far."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(0, failure)


@breaks("MT-ROLLBACK-9")
class PanicsAreNotUndone(Node):
    """A transition whose function panics is not undone."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        if isinstance(failure, HsmError | PaletteError):
            super().roll_back(start, failure)
        elif start == 0:
            self.journal.clear()


@breaks("MT-ROLLBACK-9")
class PanicsKeepTheData(Node):
    """Changes of the data by a function that panics persist."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        handed: list[T] = []

        def keep(data: T) -> TransitionOutput:
            handed.append(data)
            return function(data)

        try:
            super().machine_transition(class_, keep)
        except (HsmError, PaletteError):
            raise
        except BaseException:
            for data in handed:
                self.data = str(self.registry.machines[self.type].serialize(data), "latin1")
            raise


# --- clearing -------------------------------------------------------------------------------------------------------


@breaks("MT-ROLLBACK-12")
class ClearedOutputsStayCleared(Node):
    """Outputs that a failed function cleared stay cleared."""

    def clear_transaction_state(self) -> None:
        for node in self.tree():
            node.own_outputs = ()


@breaks("MT-ROLLBACK-12")
class OwnClearedOutputsStayCleared(Node):
    """Outputs of its own node that a failed function cleared stay cleared."""

    def clear_transaction_state(self) -> None:
        super().clear_transaction_state()
        if self.journal and self.journal[0][0] is self:
            self.journal[:] = [change for change in self.journal if change[0] is not self or change[1] != "own_outputs"]
