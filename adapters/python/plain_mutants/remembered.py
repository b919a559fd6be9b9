"""Implementations that remember: a function that has failed, a lookup that has changed, an earlier call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from plain_hsm.machine import HsmError, Registry, Task, TransitionOutput
from plain_hsm.node import Collection, Environment, Key, Node, Ref
from plain_hsm.palette import PaletteError
from plain_mutants.mutant import breaks

T = TypeVar("T")


@breaks("MT-ROLLBACK-5")
class ListOfAFunctionIsRemembered(Collection[Any]):
    """List answers after a function what it answered inside of it, unless there is more."""

    def list(self) -> list[Node]:
        found = super().list()
        remembered = self.parent.__dict__.setdefault("lists", {})
        if self.parent.journal:
            remembered[self.type] = found
        return max(found, remembered.get(self.type, found), key=len)


@breaks("COLL-DATA-1")
class DataIsRememberedByCount(Collection[Any]):
    """The data of a machine is remembered with its count, which another transition has after one that failed."""

    def data(self, id_: str) -> Any:
        node = self.node(id_)
        now, known = node.data, node.__dict__.setdefault("known", {})
        node.data = known.setdefault(node.count, now)
        try:
            return super().data(id_)
        finally:
            node.data = now


@breaks("COLL-TRANS-1")
class TransitionOfTheNodeFoundFirst(Collection[Any]):
    """Transition of a collection remembers the node of an ID, also once that node is gone and another one there."""

    def transition(self, id_: str, function: Callable[[Any], TransitionOutput]) -> None:
        nodes = self.parent.__dict__.setdefault("nodes", {})
        nodes.setdefault((self.type, id_), self.node(id_)).machine_transition(self.class_, function)


@breaks("NODE-ADD-1")
class ChildrenOfAGoneChildComeBack(Node):
    """A child that is added again has the children that it had when a failed transition took it away."""

    def add_child(self, key: Key, data: object) -> Node:
        child = super().add_child(key, data)
        child.children.update(self.__dict__.get("gone", {}).get(key, {}))
        return child

    def roll_back(self, start: int, failure: BaseException) -> None:
        for node in [entry[0] for entry in self.journal[start:] if entry[1] == "children"]:
            gone = node.__dict__.setdefault("gone", {})
            gone.update({key: dict(child.children) for key, child in node.children.items()})
        super().roll_back(start, failure)


@breaks("EXEC-RUN-1")
class ExecutorsThatFailTwiceAreRemoved(Registry):
    """An executor that has failed twice in a row is not found any more."""

    def execute(self, environment: object, ref: object, task: Task) -> None:
        failures = self.__dict__.setdefault("failures", {})
        if failures.get(task.type, 0) >= 2:
            raise HsmError("not_registered")
        try:
            super().execute(environment, ref, task)
        except PaletteError:
            failures[task.type] = failures.get(task.type, 0) + 1
            raise
        failures[task.type] = 0


@breaks("ENV-ACCESS-1")
class AccessToACopy(Environment):
    """The accessor is given a copy of the node, whose transitions are lost."""

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        self.report(access)
        node = self.node.child(ref.state_machine_path())
        accessor(type(node)(node.registry, node.type, node.persisted(), node.key, node.parent))


@breaks("CLEAR-TREE-5")
class ClearedOutputsComeBackAtTheCommit(Node):
    """A transition whose function clears its node appends to the outputs that there were before."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before = self.own_outputs
        super().machine_transition(class_, function)
        if before and len(self.own_outputs) == 1:
            self.set("own_outputs", (*before, *self.own_outputs))


@breaks("MT-NESTED-2", operations=2)
class ThirdTransitionOfANodeIsLost(Node):
    """A transition of a node inside of two others of it is not made, though its function is called."""

    running = 0

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        before, self.running = (self.count, self.data, self.own_outputs), self.running + 1
        try:
            super().machine_transition(class_, function)
        finally:
            self.running -= 1
        if self.running >= 2:
            self.count, self.data, self.own_outputs = before


@breaks("DATA-READ-1")
class DataIsKnownByItsDigits(Node):
    """Data is remembered by the digits of state and value in a row."""

    def machine_data(self, class_: type[T]) -> T:
        data: Any = super().machine_data(class_)
        known = self.registry.__dict__.setdefault("known", {})
        made: T = type(data)(*known.setdefault((self.type, f"{data.state}{data.value}"), (data.state, data.value)))
        return made
