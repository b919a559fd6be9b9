"""Recorded nodes and collections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from hsm_specs.traces.recorder.registry import RecordedRegistry
from hsm_specs.traces.recorder.session import NOWHERE, LineMembers, Position, RecordingSession

if TYPE_CHECKING:
    from hsm_specs.traces.recorder.recorder import Recorder

T = TypeVar("T")


class RecordedPlace(NamedTuple):
    """Where a node is: the root, its type, and the keys below it."""

    root: int
    root_type: Any
    keys: tuple[Any, ...]

    @property
    def type(self) -> Any:
        """The type of the node."""
        return self.keys[-1][0] if self.keys else self.root_type

    def below(self, *keys: Any) -> RecordedPlace:
        """Return the place of a node below."""
        return RecordedPlace(self.root, self.root_type, (*self.keys, *(tuple(key) for key in keys)))


class RecordedNode:
    """A node; ``unrecorded`` is the package's own."""

    def __init__(self, recorder: Recorder, registry: RecordedRegistry, place: RecordedPlace, unrecorded: Any) -> None:
        self.unrecorded = unrecorded
        self.recorder = recorder
        self.registry = registry
        self.place = place

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unrecorded, name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecordedNode) and self.unrecorded is other.unrecorded

    def __hash__(self) -> int:
        return id(self.unrecorded)

    @property
    def session(self) -> RecordingSession:
        """The trace that the node belongs to."""
        return self.recorder.session

    @property
    def handle(self) -> int:
        """The node's handle."""
        return self.session.handle("node", self.unrecorded)

    def call(
        self,
        operation: Callable[[], LineMembers],
        run: Callable[[], T],
        answer: Callable[[T], Any] = lambda _: None,
        bound: Callable[[T], LineMembers] = lambda _: {},
        at: Position | None = None,
    ) -> T:
        """Run a call on the tree and record it."""
        return self.session.call(operation, run, answer, bound, tree=self.place.root, at=at)

    def form(self, operation: str, **members: Any) -> LineMembers:
        """Return an operation on the node."""
        return {"op": operation, "node": self.handle, **members}

    def binds(self, found: Any) -> LineMembers:
        """Return the member that binds what was found."""
        return {"bind": self.session.handle("node", found)}

    def wrapped(self, place: RecordedPlace, found: Any) -> RecordedNode:
        """Return another node of the tree, wrapped."""
        return RecordedNode(self.recorder, self.registry, place, found)

    def data(self, type_id: Any, data: Any) -> list[Any]:
        """Return what is recorded of data for a type."""
        return self.registry.data(type_id, data)

    def look(self, at: Position | None, *looks: str) -> None:
        """Record what the node is like, by functions that the package has, at the place of the call before."""
        types = self.session.types
        answers: dict[str, Callable[[Any], Any]] = {
            "transition_count": int,
            "persisted": types.node,
            "dirty": bool,
            "outputs": types.outputs,
        }
        for name in looks:
            run, answer = getattr(self.unrecorded, name, None), answers[name]
            if callable(run):
                with suppress(Exception):
                    self.call(partial(self.form, _OPERATIONS.get(name, name)), run, answer, at=at or NOWHERE)

    @property
    def key(self) -> Any:
        """The key of the package's own node."""
        return self.call(lambda: self.form("key"), lambda: self.unrecorded.key, self.session.types.key)

    @property
    def parent(self) -> RecordedNode | None:
        """The parent of the package's own node."""
        found = self.call(
            lambda: self.form("parent"),
            lambda: self.unrecorded.parent,
            lambda found: found is not None,
            lambda found: {} if found is None else self.binds(found),
        )
        return None if found is None else self.wrapped(self.place._replace(keys=self.place.keys[:-1]), found)

    def path(self) -> Any:
        """Run the package's own function and record the call."""
        return self.call(lambda: self.form("path"), self.unrecorded.path, self.session.types.path)

    def persisted(self) -> Any:
        """Run the package's own function and record the call."""
        return self.call(lambda: self.form("export"), self.unrecorded.persisted, self.session.types.node)

    def transition_count(self) -> int:
        """Run the package's own function and record the call."""
        count: int = self.call(lambda: self.form("transition_count"), self.unrecorded.transition_count, int)
        return count

    def dirty(self) -> bool:
        """Run the package's own function and record the call."""
        dirty: bool = self.call(lambda: self.form("dirty"), self.unrecorded.dirty, bool)
        return dirty

    def outputs(self) -> Any:
        """Run the package's own function and record the call."""
        return self.call(lambda: self.form("outputs"), self.unrecorded.outputs, self.session.types.outputs)

    def clear_transaction_state(self) -> None:
        """Run the package's own function and record the call."""
        self.call(lambda: self.form("clear"), self.unrecorded.clear_transaction_state)
        self.recorder.checks.cleared(self.place)

    def child(self, path: Any) -> RecordedNode:
        """Run the package's own function and record the call."""
        found = self.call(
            lambda: self.form("child", path=self.session.types.path(path)),
            lambda: self.unrecorded.child(path),
            bound=self.binds,
        )
        return self.wrapped(self.place.below(*path), found)

    def add_child(self, key: Any, data: Any) -> RecordedNode:
        """Run the package's own function and record the call."""
        at = self.session.here()
        found = self.call(
            lambda: self.form("add_child", key=self.session.types.key(key), data=self.data(key[0], data)),
            lambda: self.unrecorded.add_child(key, data),
            bound=self.binds,
            at=at,
        )
        self.recorder.checks.begins(self.place.below(key), self.registry, data, at)
        return self.wrapped(self.place.below(key), found)


_OPERATIONS: Final[Mapping[str, str]] = {"persisted": "export"}


def root_of(node: RecordedNode) -> RecordedNode:
    """Return the root of a node's tree, without recording that."""
    found = node.unrecorded
    while found.parent is not None:
        found = found.parent
    return node.wrapped(node.place._replace(keys=()), found)


class RecordedCollection:
    """A collection; ``unrecorded`` is the package's own."""

    def __init__(self, node: RecordedNode, unrecorded: Any, type_id: Any, data_type: Any) -> None:
        self.unrecorded = unrecorded
        self._node = node
        self._type = type_id
        self._data_type = data_type

    def _form(self, operation: str, **members: Any) -> LineMembers:
        return self._node.form(operation, type=self._node.session.types.machine(self._type), **members)

    def _cast(self) -> str:
        return self._node.registry.cast(self._type, self._data_type)

    def _place(self, machine_id: str) -> RecordedPlace:
        return self._node.place.below((self._type, machine_id))

    def _found(self, machine_id: str) -> RecordedNode:
        """Return the node of an ID, and record that only if it was never seen."""
        found = self.unrecorded.node(machine_id)
        known = self._node.session.known("node", found)
        return self._node.wrapped(self._place(machine_id), found) if known else self.node(machine_id)

    @property
    def type(self) -> Any:
        """The type of the package's own collection."""
        answer = self._node.session.types.machine
        return self._node.call(lambda: self._form("collection_type"), lambda: self.unrecorded.type, answer)

    def add(self, machine_id: str, data: Any) -> RecordedNode:
        """Run the package's own function and record the call."""
        at = self._node.session.here()
        found = self._node.call(
            lambda: self._form("collection_add", id=machine_id, data=self._node.data(self._type, data)),
            lambda: self.unrecorded.add(machine_id, data),
            bound=self._node.binds,
            at=at,
        )
        self._node.recorder.checks.begins(self._place(machine_id), self._node.registry, data, at)
        return self._node.wrapped(self._place(machine_id), found)

    def node(self, machine_id: str) -> RecordedNode:
        """Run the package's own function and record the call."""
        found = self._node.call(
            lambda: self._form("collection_node", id=machine_id),
            lambda: self.unrecorded.node(machine_id),
            bound=self._node.binds,
        )
        return self._node.wrapped(self._place(machine_id), found)

    def list(self) -> list[RecordedNode]:
        """Run the package's own function and record the call."""
        found = self._node.call(
            lambda: self._form("collection_list"),
            lambda: [(tuple(node.path()), node) for node in self.unrecorded.list()],
            lambda found: [self._node.session.types.path(path) for path, _ in found],
        )
        return [self._node.wrapped(self._node.place.below(path[-1]), node) for path, node in found]

    def data(self, machine_id: str) -> Any:
        """Run the package's own function and record the call."""
        at = self._node.session.here()
        data = self._node.call(
            lambda: self._form("collection_data", id=machine_id, cast=self._cast()),
            lambda: self.unrecorded.data(machine_id),
            lambda data: self._node.data(self._type, data),
            at=at,
        )
        self._node.recorder.checks.read(self._node.registry, self._place(machine_id), data, at)
        return data

    def transition(self, machine_id: str, function: Callable[[Any], Any]) -> None:
        """Run the package's own function and record the call."""
        self._node.recorder.transitioned(
            lambda: self._form("collection_transition", id=machine_id, cast=self._cast()),
            lambda recorded: self.unrecorded.transition(machine_id, recorded),
            function,
            self._node.registry,
            self._place(machine_id),
            lambda: self._found(machine_id),
        )
