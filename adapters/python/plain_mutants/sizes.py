"""Parts that are right up to a size: of a table, a list, a path, a buffer, a number or a stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from plain_hsm.machine import HsmError, Registry, Table, Transition, TransitionOutput
from plain_hsm.node import Collection, Key, Node, Ref
from plain_mutants.mutant import breaks

T = TypeVar("T")


def depth(node: Node) -> int:
    """How deep below the root a node is."""
    levels = 0
    while node.parent:
        node, levels = node.parent, levels + 1
    return levels


# --- siblings ---------------------------------------------------------------------------------------------------------


@breaks("NODE-ADD-1", operations=101)
class ChildrenInAPage(Node):
    """The persisted form of a node has its first 100 children."""

    def persisted(self) -> list[Any]:
        count, data, children = super().persisted()
        return [count, data, children[:100]]


@breaks("NODE-ADD-1", operations=257)
class ChildrenAreCountedInAByte(Node):
    """A node that has 256 children takes no more."""

    def add_child(self, key: Key, data: object) -> Node:
        if len(self.children) >= 256:
            raise HsmError("other")
        return super().add_child(key, data)


@breaks("NODE-ADD-2", operations=17)
class OnlyTheFirst16AreCompared(Node):
    """AddChild looks among the first 16 children for the key."""

    def add_child(self, key: Key, data: object) -> Node:
        if key in list(self.children)[16:]:
            self.children.pop(key)
        return super().add_child(key, data)


@breaks("NODE-CHILD-1", operations=129)
class ChildIsSoughtAmong128(Node):
    """Child looks among the first 128 children."""

    def child(self, path: Iterable[Key]) -> Node:
        node: Node = self
        for key in path:
            found = Node.child(node, [key])
            if len(node.children) > 128 and key not in list(node.children)[:128]:
                raise HsmError("state_machine_not_found")
            node = found
        return node


@breaks("ROOT-LOAD-1", operations=65)
class ChildrenAreLoadedInPages(Node):
    """The first 64 children of a node are loaded."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        count, data, children = persisted
        super().__init__(registry, type_, [count, data, children[:64]], key, parent)


@breaks("COLL-LIST-1", operations=51)
class ListIsAPage(Collection[Any]):
    """List has the first 50 machines."""

    def list(self) -> list[Node]:
        return super().list()[:50]


@breaks("COLL-LIST-1", operations=257)
class ListIsABuffer(Collection[Any]):
    """List has no more than 256 machines."""

    def list(self) -> list[Node]:
        return super().list()[:256]


@breaks("OUT-LIST-1", operations=33)
class OutputsOf32Nodes(Node):
    """Outputs has those of 32 nodes."""

    def outputs(self) -> list[tuple[list[Key], tuple[TransitionOutput, ...]]]:
        return super().outputs()[:32]


# --- depth ------------------------------------------------------------------------------------------------------------


@breaks("NODE-CHILD-1")
class PathsAreFollowedFor16Keys(Node):
    """Child finds nothing at the end of a path of more than 16 keys."""

    def child(self, path: Iterable[Key]) -> Node:
        keys = list(path)
        if len(keys) > 16:
            raise HsmError("state_machine_not_found")
        return super().child(keys)


@breaks("NODE-PATH-1")
class PathsHave32Keys(Node):
    """A path has the last 32 keys."""

    def path(self) -> list[Key]:
        return super().path()[-32:]


@breaks("DIRTY-TREE-1")
class DirtIsSought64LevelsDown(Node):
    """A node is dirty if one has transitioned that is at most 64 levels below it."""

    def dirty(self) -> bool:
        return any(node.own_outputs for node in self.tree() if depth(node) - depth(self) <= 64)


@breaks("OUT-LIST-1")
class OutputsOfEightLevels(Node):
    """Outputs has those of nodes that are at most 8 levels below."""

    def outputs(self) -> list[tuple[list[Key], tuple[TransitionOutput, ...]]]:
        return [(path, outputs) for path, outputs in super().outputs() if len(path) - depth(self) <= 8]


@breaks("CLEAR-TREE-1")
class Clears128Levels(Node):
    """Clearing reaches 128 levels down."""

    def clear_transaction_state(self) -> None:
        for node in self.tree():
            if depth(node) - depth(self) <= 128:
                node.set("own_outputs", ())


@breaks("ROOT-LOAD-1")
class SixteenLevelsAreLoaded(Node):
    """Nodes more than 16 levels below the root are not loaded."""

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        levels = 0 if parent is None else depth(parent) + 1
        super().__init__(registry, type_, persisted if levels < 16 else [*persisted[:2], []], key, parent)


@breaks("REF-PATH-1")
class RefsHave128Keys(Ref):
    """The path of a reference has the first 128 keys."""

    def state_machine_path(self) -> list[Key]:
        return self.path[:128]


# --- transitions, outputs and tasks -----------------------------------------------------------------------------------


@breaks("NODE-COUNT-1", operations=256)
class CountsInAByte(Node):
    """The transition count begins with zero again after 255."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.count %= 256


@breaks("NODE-COUNT-1", operations=16)
class CountsInFourBits(Node):
    """The transition count stays at 15."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.count = min(15, self.count)


@breaks("OUT-LIST-3", operations=65)
class OutputsAreARing(Node):
    """The last 64 outputs of a node are kept."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, function)
        self.own_outputs = self.own_outputs[-64:]


@breaks("OUT-LIST-2", operations=11)
class OutputsInTheOrderOfText(Node):
    """The outputs of a node are in the order of their numbers as text, so that the tenth follows the first."""

    def outputs(self) -> list[tuple[list[Key], tuple[TransitionOutput, ...]]]:
        return [
            (path, tuple(output for _, output in sorted(enumerate(outputs), key=lambda pair: str(pair[0]))))
            for path, outputs in super().outputs()
        ]


@breaks("MT-COMMIT-4")
class SixteenTasksAnOutput(Node):
    """The first 16 tasks of an output are recorded."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: function(data)[:16])


@breaks("MT-COMMIT-4")
class TasksAreCountedInAByte(Node):
    """An output of 256 tasks or more has as many as fit in a byte."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        super().machine_transition(class_, lambda data: (tasks := function(data))[: len(tasks) % 256])


@breaks("TRANS-APPLY-6")
class ApplyAnswersFourTasks(Transition):
    """Apply returns the first 4 tasks of the output."""

    def apply(self, machine: Any, event: object) -> TransitionOutput:
        return super().apply(machine, event)[:4]


@breaks("TRANS-POSSIBLE-1")
class EightSources(Transition):
    """A transition has the first 8 sources."""

    def possible(self, machine: Any) -> bool:
        return machine.state in self.sources[:8]


# --- operations in a transaction, and functions -----------------------------------------------------------------------


@breaks("MT-ROLLBACK-5", operations=101)
class JournalOf100Children(Node):
    """A failed transition takes away the last 100 children that its function added."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        for entry in [entry for entry in self.journal[start:] if entry[1] == "children"][:-100]:
            self.journal.remove(entry)
        super().roll_back(start, failure)


@breaks("MT-ROLLBACK-6", operations=21)
class TwentyNestedTransitionsAreUndone(Node):
    """A failed transition undoes those of the first 20 transitions of other nodes that its function made."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        counts = [entry for entry in self.journal[start:] if entry[1] == "count" and entry[0] is not self]
        for entry in counts[20:]:
            self.journal.remove(entry)
        super().roll_back(start, failure)


@breaks("MT-ROLLBACK-3", operations=33)
class ThirtyTwoOutputsStay(Node):
    """After a failed transition the first 32 outputs of the node are there again."""

    def roll_back(self, start: int, failure: BaseException) -> None:
        super().roll_back(start, failure)
        self.own_outputs = self.own_outputs[:32]


@breaks("MT-RUN-1", operations=9)
class FunctionsNestEightDeep(Node):
    """A transition that is more than eight functions deep is not made."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        deep = self.__dict__.setdefault("deep", self.journal)
        if sum(entry[1] == "count" for entry in deep) < 8:
            super().machine_transition(class_, function)


def opened(journal: list[Any]) -> int:
    """How many transitions of a tree are open, by its journal."""
    return sum(entry[1] == "count" for entry in journal)


@breaks("MT-NESTED-2", operations=33)
class OutputsOf32OpenTransitions(Node):
    """A transition that is more than 32 functions deep has no output."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        deep = opened(self.journal) >= 32
        super().machine_transition(class_, function)
        if deep:
            self.own_outputs = self.own_outputs[:-1]


@breaks("MT-ROLLBACK-6", operations=65)
class SixtyFourOpenTransitionsAreUndone(Node):
    """A failed transition undoes those of the first 64 functions inside of each other."""

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        start, deep = len(self.journal), opened(self.journal) >= 64
        super().machine_transition(class_, function)
        if deep:
            del self.journal[start:]


# --- rehydrations and registries --------------------------------------------------------------------------------------


@breaks("ROOT-LOAD-1")
class FourthLoadForgetsCounts(Node):
    """A tree that has been loaded four times over in one registry has no counts any more."""

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        root = super().new_root(registry, type_, data, children)
        registry.__dict__["loads"] = registry.__dict__.get("loads", 0) + bool(children)
        if registry.__dict__["loads"] >= 4:
            for node in root.tree():
                node.count = 0
        return root


@breaks("REG-MACHINE-1", table="machines")
class RegistryOf64Definitions(Table):
    """The first 64 definitions are kept."""

    def register(self, number: int, entry: object) -> None:
        if len(self) < 64 or number in self:
            super().register(number, entry)


@breaks("REG-TASK-1", table="task_serializers")
class RegistryOf32Serializers(Table):
    """The first 32 serializers are kept."""

    def register(self, number: int, entry: object) -> None:
        if len(self) < 32 or number in self:
            super().register(number, entry)


@breaks("REG-EXEC-1", table="executors")
class RegistryOf128Executors(Table):
    """The first 128 executors are kept."""

    def register(self, number: int, entry: object) -> None:
        if len(self) < 128 or number in self:
            super().register(number, entry)
