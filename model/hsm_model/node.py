"""Nodes: handles on the places of a tree, and the operations on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from hsm_model.registry import Registry, StateMachineDefinition
from hsm_model.semantics import present
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState, Path, TreeState, find, new
from hsm_model.tasks import TransitionOutput

T = TypeVar("T")

ROOT_KEY = Key(0, "")


class PathAndOutputs(NamedTuple):
    """The outputs of one node, in the order of its transitions (seed: ``PathAndOutputs``)."""

    path: Path
    outputs: tuple[TransitionOutput, ...]


class Tree:
    """What the nodes of one tree share: the present state, which operations replace, and the registry.

    ``handles`` has the node that was given out for each place, so that the same node is given out again.
    """

    __slots__ = ("handles", "registry", "rules", "state")

    def __init__(self, registry: Registry, state: TreeState) -> None:
        self.registry = registry
        self.rules = registry.semantics
        self.state = state
        self.handles: dict[Path, Node] = {}


class Node:
    """A handle on a place in a tree (seed: ``Node``).

    ``key`` is the node's key in its parent, empty for the root (ROOT-NEW-2, NODE-KEY-1); ``parent`` is None for the
    root (ROOT-NEW-2, NODE-PARENT-1). Methods raise `NodeIsGone` where a rollback took the node away.
    """

    __slots__ = ("_path", "definition", "key", "parent", "replaced", "tree")

    def __init__(
        self, tree: Tree, key: Key, parent: Node | None, path: Path, definition: StateMachineDefinition
    ) -> None:
        self.tree = tree
        self.key = key
        self.parent = parent
        self.definition = definition
        self.replaced = False
        self._path = path
        tree.handles[path] = self

    def path(self) -> Path:
        """The keys from below the root to the node; empty for the root (seed: ``Node.Path``; NODE-PATH-1)."""
        return self._path

    def persisted(self) -> NodeState:
        """What is persisted of the node and all below it."""
        node = find(self.tree.state.root, self._path)
        return present(self.tree.state, self._path) if node is None else node

    def transition_count(self) -> int:
        """How many transitions of the machine have succeeded (seed: ``Node.TransitionCount``; NODE-COUNT-1)."""
        return self.persisted().transition_count

    def child(self, path: Sequence[Key]) -> Node:
        """The node at a path below this one, found level by level; this one for the empty path (NODE-CHILD-1, -3).

        Raises the error of the first level that fails: `NotRegistered` for a type that is not registered, else
        `StateMachineNotFound` (seed: ``Node.Child``; NODE-CHILD-2, -4, -6).
        """
        tree = self.tree
        node, state = self, self.persisted()
        for key in path:
            place = (*node._path, key)
            definition = tree.registry.required_machine(key.type)
            state = tree.rules.child_found(state, key)
            node = tree.handles.get(place) or Node(tree, key, node, place, definition)
        return node

    def add_child(self, key: Key, data: Any) -> Node:
        """Adds a child with the data given (seed: ``Node.AddChild``; NODE-ADD-1, NODE-ADD-8).

        Raises `StateMachineAlreadyExists`, `NotRegistered` or what serialization raises, looked for in this order
        (NODE-ADD-2, -3, -4, -6), and then has changed nothing (NODE-ADD-5).
        """
        tree, rules = self.tree, self.tree.rules
        rules.refuse_existing(self.persisted(), key)
        definition = tree.registry.required_machine(key.type)
        serialized = definition.serialize(data)
        place = (*self._path, key)
        tree.state = rules.child_added(tree.state, place, serialized)
        former = tree.handles.get(place)
        if former is not None:
            former.replaced = True
        return Node(tree, key, self, place, definition)

    def dirty(self) -> bool:
        """Whether this node or one below it has transitioned (seed: ``Node.Dirty``; DIRTY-TREE-1, -2, -3)."""
        return self.tree.rules.dirty_below(self.tree.state, self._path)

    def outputs(self) -> list[PathAndOutputs]:
        """The outputs of this node and all below it; nodes come in no particular order.

        Paths are from the root (seed: ``Node.Outputs``; OUT-LIST-1 to OUT-LIST-5).
        """
        return [new(PathAndOutputs, entry) for entry in self.tree.rules.outputs_below(self.tree.state, self._path)]

    def clear_transaction_state(self) -> None:
        """Resets outputs and dirtiness of this node and all below it.

        Nothing else changes (seed: ``Node.ClearTransactionState``; CLEAR-TREE-1 to CLEAR-TREE-5).
        """
        self.tree.state = self.tree.rules.cleared_below(self.tree.state, self._path)


def new_root(registry: Registry, type_id: int, data: Any, children: Children = NO_CHILDREN) -> Node:
    """The root of a new tree with the data, and the persisted children, given (ROOT-NEW-1, ROOT-LOAD-1).

    Raises `NotRegistered`, else what serialization raises (seed: ``NewRoot``; ROOT-NEW-3, -4, -5).
    """
    definition = registry.required_machine(type_id)
    state = registry.semantics.root_made(definition.serialize(data), children)
    return Node(Tree(registry, state), ROOT_KEY, None, (), definition)


def machine_data(node: Node, wanted: type[T]) -> T:
    """The machine's data, deserialized now into an object of the caller's own (seed: ``MachineData``; DATA-READ-1).

    Raises what deserialization raises (DATA-READ-2), else `IncompatibleType` (DATA-CAST-1).
    """
    data = node.definition.deserialize(node.persisted().data)
    node.tree.rules.cast(data, wanted)
    wanted_data: T = data
    return wanted_data


def machine_transition(node: Node, wanted: type[T], function: Callable[[T], TransitionOutput]) -> None:
    """Runs a function on the machine's data and persists what it made of it (seed: ``MachineTransition``; MT-RUN-1).

    On success the count is one higher, the data is persisted, the output recorded and the node dirty (MT-COMMIT-1 to
    MT-COMMIT-4). Raises what `machine_data` raises, without running the function (MT-FAIL-3, -4); raises what the
    function or the serialization after it raises (MT-FAIL-1, -2), and then the tree is what it was before, whatever was
    done to it meanwhile (MT-ROLLBACK-1 to MT-ROLLBACK-12).
    """
    tree, rules, path = node.tree, node.tree.rules, node._path
    data = machine_data(node, wanted)
    before = tree.state
    tree.state = rules.transition_begun(before, path)
    try:
        output = function(data)
        serialized = node.definition.serialize(data)
    except BaseException:
        tree.state = rules.transition_rolled_back(before, tree.state, path)
        raise
    tree.state = rules.transition_committed(tree.state, path, serialized, output)
