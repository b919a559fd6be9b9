"""The tree of state machines, its collections, and executing tasks with access to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from plain_hsm.machine import HsmError, Registry, TransitionOutput

T = TypeVar("T")


class Key(NamedTuple):
    """Names a child among those of its parent. The root's is empty."""

    type: int = 0
    id: str = ""


class Node:
    """A machine in the tree. Its data is serialized, as Latin-1 text, so nobody outside holds what belongs to the node.

    The nodes share a journal of the changes since the outermost running transition began: node, field and undoing.
    """

    def __init__(self, registry: Registry, type_: int, persisted: list[Any], key: Key, parent: Node | None) -> None:
        self.registry, self.type, self.key, self.parent = registry, type_, key, parent
        self.count, self.data, children = persisted
        self.own_outputs: tuple[TransitionOutput, ...] = ()
        self.journal: list[tuple[Node, str, Callable[[], object]]] = parent.journal if parent else []
        self.children: dict[Key, Node] = {}
        for child_type, id_, child in children:
            self.children[Key(child_type, id_)] = self.new_child(Key(child_type, id_), child)

    @classmethod
    def new_root(cls, registry: Registry, type_: int, data: object, children: list[Any]) -> Node:
        return cls(registry, type_, [0, str(registry.machines[type_].serialize(data), "latin1"), children], Key(), None)

    def new_child(self, key: Key, persisted: list[Any]) -> Node:
        return type(self)(self.registry, key.type, persisted, key, self)

    def persisted(self) -> list[Any]:
        """Return the node as JSON: its count, its data and, in order, ``[type, id, node]`` for each child."""
        return [self.count, self.data, [[*key, child.persisted()] for key, child in sorted(self.children.items())]]

    def add_child(self, key: Key, data: object) -> Node:
        if key in self.children:
            raise HsmError("state_machine_already_exists")
        child = self.new_child(key, [0, str(self.registry.machines[key.type].serialize(data), "latin1"), []])
        self.note("children", partial(self.children.pop, key))
        self.children[key] = child
        return child

    def child(self, path: Iterable[Key]) -> Node:
        node = self
        for key in path:
            if key.type not in self.registry.machines:
                raise HsmError("not_registered")
            if key not in node.children:
                raise HsmError("state_machine_not_found")
            node = node.children[key]
        return node

    def path(self) -> list[Key]:
        return [*self.parent.path(), self.key] if self.parent else []

    def machine_data(self, class_: type[T]) -> T:
        data = self.registry.machines[self.type].deserialize(self.data.encode("latin1"))
        if not isinstance(data, class_):
            raise HsmError("incompatible_type")
        return data

    def machine_transition(self, class_: type[T], function: Callable[[T], TransitionOutput]) -> None:
        """Run the function on the data. If that or a later step fails, undo everything that was done in the tree."""
        data, start = self.machine_data(class_), len(self.journal)
        self.journal.append((self, "count", partial(setattr, self, "count", self.count)))
        try:
            self.count += 1
            output = function(data)
            self.set("data", str(self.registry.machines[self.type].serialize(data), "latin1"))
            self.set("own_outputs", (*self.own_outputs, output))
        except BaseException as failure:
            self.roll_back(start, failure)
            raise
        if start == 0:
            self.journal.clear()

    def roll_back(self, start: int, failure: BaseException) -> None:
        while len(self.journal) > start:
            self.journal.pop()[2]()

    def set(self, field: str, value: object) -> None:
        self.note(field, partial(setattr, self, field, getattr(self, field)))
        setattr(self, field, value)

    def note(self, field: str, undo: Callable[[], object]) -> None:
        if self.journal:
            self.journal.append((self, field, undo))

    def tree(self) -> Iterator[Node]:
        yield self
        for child in self.children.values():
            yield from child.tree()

    def outputs(self) -> list[tuple[list[Key], tuple[TransitionOutput, ...]]]:
        return [(node.path(), node.own_outputs) for node in self.tree() if node.own_outputs]

    def dirty(self) -> bool:
        return any(node.own_outputs for node in self.tree())

    def clear_transaction_state(self) -> None:
        for node in self.tree():
            node.set("own_outputs", ())


class Collection(Generic[T]):
    """The children of a node that have one type, by ID."""

    def __init__(self, parent: Node, type_: int, class_: type[T]) -> None:
        self.parent, self.type, self.class_ = parent, type_, class_

    def add(self, id_: str, data: T) -> Node:
        return self.parent.add_child(Key(self.type, id_), data)

    def node(self, id_: str) -> Node:
        return self.parent.child([Key(self.type, id_)])

    def data(self, id_: str) -> T:
        return self.node(id_).machine_data(self.class_)

    def list(self) -> list[Node]:
        return [child for key, child in self.parent.children.items() if key.type == self.type]

    def transition(self, id_: str, function: Callable[[T], TransitionOutput]) -> None:
        self.node(id_).machine_transition(self.class_, function)


class Ref(NamedTuple):
    """Names a machine of a workflow, with the failover version and the transition count expected of it."""

    path: list[Key]
    workflow: list[str]
    failover_version: int
    transition_count: int

    def state_machine_path(self) -> list[Key]:
        return self.path


class Environment:
    """A clock, and access to the tree below a node. What access was asked for ("read" or "write") is reported."""

    def __init__(self, now: int, node: Node, report: Callable[[str], None]) -> None:
        self.now, self.node, self.report = now, node, report

    def access(self, ref: Ref, access: str, accessor: Callable[[Node], object]) -> None:
        self.report(access)
        accessor(self.node.child(ref.state_machine_path()))
