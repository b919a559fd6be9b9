"""Nodes: handles on the places of a tree, and the operations on them.

Every operation computes a new state and commits it with one assignment. Whatever is raised meanwhile, by user code or
by an interrupt, either the state is the one from before or the whole effect is there. A rollback is written twice, in a
handler and in one around it, so that an interrupt inside the first leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from hsm_model.errors import NodeIsGone
from hsm_model.registry import Registry, StateMachineDefinition
from hsm_model.semantics import text_of
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState, Path, TreeState, find, new
from hsm_model.tasks import TransitionOutput, checked_output, close_awaitable

T = TypeVar("T")

ROOT_KEY = Key(0, "")
SHALLOW = 32
"""Down to this depth a node keeps its path. Below, it is computed, so that a chain of nodes takes linear space."""


class PathAndOutputs(NamedTuple):
    """The outputs of one node, in the order of its transitions (docs: ``PathAndOutputs``)."""

    path: Path
    outputs: tuple[TransitionOutput, ...]


class Tree:
    """The state and the registry that the nodes of one tree share. Operations replace the state.

    ``handles`` has the node that was returned for each key under each node, so that the same node is returned again.
    """

    __slots__ = ("handles", "registry", "rules", "state")

    def __init__(self, registry: Registry, state: TreeState) -> None:
        self.registry = registry
        self.rules = registry.semantics
        self.state = state
        self.handles: dict[tuple[Node | None, Key], Node] = {}

    def forget_gone(self, known: int) -> None:
        """Drop the handles made since there were ``known`` of them whose nodes are not in the present state."""
        handles = self.handles
        for place, node in list(islice(reversed(handles.items()), len(handles) - known)):
            if find(self.state.root, node.path()) is None:
                node.gone = True
                del handles[place]


class Node:
    """A handle on a place in a tree (docs: ``Node``).

    ``key`` is the node's key in its parent, empty for the root (ROOT-NEW-2, NODE-KEY-1); ``parent`` is None for the
    root (ROOT-NEW-2, NODE-PARENT-1).

    A rollback removes the nodes that were added in the failed transition. Their handles stay ``gone``, even if the same
    key is added again later: ``key``, ``parent`` and `path` still say where the node was, and everything else,
    including the operations of a collection, raises `NodeIsGone`.
    """

    __slots__ = ("__weakref__", "_path", "definition", "gone", "key", "parent", "tree")

    def __init__(self, tree: Tree, key: Key, parent: Node | None, definition: StateMachineDefinition) -> None:
        self.tree = tree
        self.key = key
        self.parent = parent
        self.definition = definition
        self.gone = False
        self._path: Path | None = () if parent is None else None
        tree.handles[parent, key] = self

    def path(self) -> Path:
        """Return the keys from below the root to the node; empty for the root (docs: ``Node.Path``; NODE-PATH-1)."""
        path = self._path
        if path is not None:
            return path
        above = None if self.parent is None else self.parent._path
        if above is not None and len(above) < SHALLOW:
            self._path = path = (*above, self.key)
            return path
        keys: list[Key] = []
        node = self
        while path is None and node.parent is not None:
            keys.append(node.key)
            node = node.parent
            path = node._path
        keys.reverse()
        path = (*(path or ()), *keys)
        if len(path) <= SHALLOW:
            self._path = path
        return path

    def persisted(self) -> NodeState:
        """Return what is persisted of the node and all below it."""
        path = self._path
        node = None if self.gone else find(self.tree.state.root, self.path() if path is None else path)
        if node is None:
            raise NodeIsGone(text_of(self.path()))
        return node

    def transition_count(self) -> int:
        """Return the number of successful transitions of the machine (docs: ``Node.TransitionCount``; NODE-COUNT-1)."""
        return self.persisted().transition_count

    def child(self, path: Sequence[Key]) -> Node:
        """Return the node at a path below this one, found level by level (docs: ``Node.Child``; NODE-CHILD-1).

        The empty path leads to this node (NODE-CHILD-3). Raise the error of the first level that fails (NODE-CHILD-6):
        `NotRegistered` for a type that is not registered, else `StateMachineNotFound` (NODE-CHILD-2, -4). Raise
        TypeError for anything but a sequence of keys.
        """
        tree, node, state = self.tree, self, self.persisted()
        keys: Sequence[Any] = path  # checked here, not by the compiler's own conversions
        for key in keys:
            if type(key) is not Key:
                require_path(path, key)
            definition: Any = tree.registry.machine(key.type)
            if definition is None:
                tree.rules.unregistered_sought(state, key)
            state = tree.rules.child_found(state, key)
            node = tree.handles.get((node, key)) or Node(tree, key, node, definition)
        return node

    def children_of_type(self, type_id: int) -> list[Node]:
        """Return the children of a type, in no particular order. O(their number). Raise as `child` does."""
        tree, state = self.tree, self.persisted()
        found: list[Node] = []
        for key in tree.rules.keys_of_type(state, type_id):
            definition = tree.registry.required_machine(type_id)
            tree.rules.child_found(state, key)
            found.append(tree.handles.get((self, key)) or Node(tree, key, self, definition))
        return found

    def add_child(self, key: Key, data: Any) -> Node:
        """Add a child with the data given and return it (docs: ``Node.AddChild``; NODE-ADD-1, NODE-ADD-8).

        Raise `StateMachineAlreadyExists`, `NotRegistered` or what serialization raises, checked in this order
        (NODE-ADD-2, -3, -4, -6); then nothing has changed (NODE-ADD-5). Raise TypeError if ``key`` is not a `Key` or if
        ``serialize`` returns no bytes.
        """
        tree, rules, parent = self.tree, self.tree.rules, self.persisted()
        if type(key) is not Key or type(key.id) is not str:
            require_key(key)
        rules.refuse_existing(parent, key)
        definition: Any = tree.registry.required_machine(key.type)
        above = self._path
        path = (*(self.path() if above is None else above), key)
        after = before = tree.state
        known = len(tree.handles)
        try:
            try:
                serialized = definition.serialize(data)
                if type(serialized) is not bytes:
                    serialized = checked_bytes(serialized)
                if tree.state is not before:
                    # Serialization used the tree, and may have added the same child.
                    rules.refuse_existing(self.persisted(), key)
                after = rules.child_added(tree.state, path, serialized)
                former = tree.handles.get((self, key))
                if former is not None:
                    former.gone = True
                    del tree.handles[self, key]
                tree.state = after
                child = Node(tree, key, self, definition)
                if above is not None and len(above) < SHALLOW:
                    child._path = path
                return child
            except BaseException:
                tree.state = after
                if len(tree.handles) > known:
                    tree.forget_gone(known)
                raise
        except BaseException:
            tree.state = after
            if len(tree.handles) > known:
                tree.forget_gone(known)
            raise

    def dirty(self) -> bool:
        """Return whether this node or one below it has transitioned (docs: ``Node.Dirty``; DIRTY-TREE-1, -2, -3)."""
        if self.gone:
            raise NodeIsGone(text_of(self.path()))
        tree, path = self.tree, self._path
        return tree.rules.dirty_below(tree.state, self.path() if path is None else path)

    def outputs(self) -> list[PathAndOutputs]:
        """Return the outputs of this node and all below it, the nodes in no particular order.

        Paths are from the root (docs: ``Node.Outputs``; OUT-LIST-1 to OUT-LIST-5).
        """
        if self.gone:
            raise NodeIsGone(text_of(self.path()))
        tree = self.tree
        return [new(PathAndOutputs, entry) for entry in tree.rules.outputs_below(tree.state, self.path())]

    def clear_transaction_state(self) -> None:
        """Reset outputs and dirtiness of this node and all below it.

        Nothing else changes (docs: ``Node.ClearTransactionState``; CLEAR-TREE-1 to CLEAR-TREE-5).
        """
        if self.gone:
            raise NodeIsGone(text_of(self.path()))
        tree, path = self.tree, self._path
        tree.state = tree.rules.cleared_below(tree.state, self.path() if path is None else path)


def new_root(registry: Registry, type_id: int, data: Any, children: Children = NO_CHILDREN) -> Node:
    """Return the root of a new tree with the data, and the persisted children, given (docs: ``NewRoot``; ROOT-NEW-1).

    The children of a persisted tree rehydrate it (ROOT-LOAD-1). Raise `NotRegistered`, else what serialization raises
    (ROOT-NEW-3, -4, -5), or TypeError if ``serialize`` returns no bytes.
    """
    definition: Any = registry.required_machine(type_id)
    serialized = checked_bytes(definition.serialize(data))
    return Node(Tree(registry, registry.semantics.root_made(serialized, children)), ROOT_KEY, None, definition)


def machine_data(node: Node, wanted: type[T]) -> T:
    """Return the machine's data, deserialized now into an object of the caller's own (docs: ``MachineData``).

    (DATA-READ-1.) ``wanted`` is a class or a runtime-checkable protocol. Raise what deserialization raises
    (DATA-READ-2), else `IncompatibleType` (DATA-CAST-1), or TypeError if instances of ``wanted`` cannot be recognized
    at run time.
    """
    tree = node.tree
    before, known = tree.state, len(tree.handles)
    try:
        try:
            data = node.definition.deserialize(node.persisted().data)
            tree.rules.cast(data, wanted)
        except BaseException:
            tree.state = before
            if len(tree.handles) > known:
                tree.forget_gone(known)
            raise
    except BaseException:
        tree.state = before
        if len(tree.handles) > known:
            tree.forget_gone(known)
        raise
    wanted_data: T = data
    return wanted_data


def machine_transition(node: Node, wanted: type[T], function: Callable[[T], TransitionOutput]) -> None:
    """Run a function on the machine's data and persist the data that it leaves (docs: ``MachineTransition``; MT-RUN-1).

    On success the count is one higher, the data is persisted, the output recorded and the node dirty (MT-COMMIT-1 to
    MT-COMMIT-4). Raise what `machine_data` raises, without running the function (MT-FAIL-3, -4). Raise what the
    function or the serialization after it raises (MT-FAIL-1, -2), and TypeError if the function returns anything but a
    `TransitionOutput` or ``serialize`` returns no bytes. After any of these, an interrupt included, the tree is what it
    was before, whatever was done to it meanwhile (MT-ROLLBACK-1 to MT-ROLLBACK-12).
    """
    tree, path = node.tree, node._path
    if path is None:
        path = node.path()
    rules = tree.rules
    # What they return is checked here, not by the compiler's own conversions.
    definition: Any = node.definition
    run: Callable[[Any], Any] = function
    after = before = tree.state
    known, begun = len(tree.handles), False
    try:
        try:
            data = definition.deserialize(node.persisted().data)
            rules.cast(data, wanted)
            tree.state = rules.transition_begun(tree.state, path)
            begun = True
            output = run(data)
            if type(output) is not TransitionOutput or type(output.tasks) is not tuple:
                output = checked_output(output)
            serialized = definition.serialize(data)
            if type(serialized) is not bytes:
                serialized = checked_bytes(serialized)
            after = rules.transition_committed(tree.state, path, serialized, output)
            tree.state = after
        except BaseException:
            # No call comes before the assignment, so that no signal is handled before it.
            failed, tree.state = tree.state, after
            if begun and after is before:
                tree.state = after = rules.transition_rolled_back(before, failed, path)
            if len(tree.handles) > known:
                tree.forget_gone(known)
            raise
    except BaseException:
        tree.state = after
        if len(tree.handles) > known:
            tree.forget_gone(known)
        raise


def require_key(key: object) -> None:
    """Raise TypeError for what is not a key with a text as its ID."""
    machine_id = key.id if isinstance(key, Key) else None
    if not isinstance(machine_id, str):
        raise TypeError(f"a child's key is a Key of an int and a str, not {key!r}")


def require_path(path: object, member: object) -> None:
    """Raise TypeError for a path with a member that is not a key."""
    if isinstance(path, Key):
        raise TypeError(f"a path is a sequence of keys, not one key: write child([{path!r}])")
    if not isinstance(member, Key):
        raise TypeError(f"a path is a sequence of Key, and {member!r} is none")


def checked_bytes(serialized: object) -> bytes:
    """Return what a definition's ``serialize`` returned. Raise TypeError if it is not ``bytes``."""
    if not isinstance(serialized, bytes):
        close_awaitable(serialized)
        raise TypeError(f"serialize must return bytes, not {type(serialized).__name__}")
    return serialized
