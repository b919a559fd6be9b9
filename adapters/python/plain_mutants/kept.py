"""Collections and transitions that are wrong only when they are kept and used again."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from plain_hsm.machine import Transition
from plain_hsm.node import Collection, Node
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("COLL-KEEP-1")
class ListIsCached(Collection[T]):
    """A collection lists what there was when it was first asked."""

    @cached_property
    def first(self) -> list[Node]:
        return super().list()

    def list(self) -> list[Node]:
        return self.first


@breaks("COLL-KEEP-1")
class NodesAreCached(Collection[T]):
    """A collection finds the nodes that it found before, also where a failed transition took them away."""

    @cached_property
    def found(self) -> dict[str, Node]:
        return {}

    def add(self, id_: str, data: T) -> Node:
        self.found[id_] = super().add(id_, data)
        return self.found[id_]

    def node(self, id_: str) -> Node:
        return self.found.get(id_) or super().node(id_)


@breaks("TRANS-KEEP-1")
class PossibleIsCached(Transition):
    """A transition answers whether it is possible as it did when it was first asked."""

    answer: bool | None = None

    def possible(self, machine: Any) -> bool:
        if self.answer is None:
            self.answer = super().possible(machine)
        return self.answer


@breaks("TRANS-KEEP-1")
class AppliesOnce(Transition):
    """A transition puts out again what it put out first, without calling its function again."""

    output: Any = None

    def apply(self, machine: Any, event: object) -> Any:
        if self.output is None or not self.possible(machine):
            self.output = super().apply(machine, event)
        machine.state = self.destination
        return self.output
