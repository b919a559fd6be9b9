"""State as a value: the persisted tree and the outputs of the open transaction, immutable and hashable.

Nothing here is changed in place. An operation computes a new `TreeState` from the old one and shares with it what is
the same. To roll back is to keep the old one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hsm_model.children import NO_CHILDREN, Children, Key
from hsm_model.maps import Map
from hsm_model.tasks import TransitionOutput

__all__ = [
    "NOTHING_BELOW",
    "NO_CHILDREN",
    "Children",
    "Key",
    "NodeState",
    "Open",
    "Path",
    "TreeState",
    "find",
    "find_open",
    "new",
    "put",
    "put_open",
    "without_open",
]

Path = tuple[Key, ...]
"""Keys from below the root to a node; empty for the root itself."""
new: Final = tuple.__new__
"""Makes a named tuple from a tuple of the same length, in half the time that a call of its class takes."""


class NodeState(NamedTuple):
    """The persisted state of one node.

    ``extra`` holds whatever else a loaded message contains, as `hsm_model.persistence` keeps it; empty for a new node.
    """

    transition_count: int
    data: bytes
    children: Children
    extra: bytes = b""


class Open(NamedTuple):
    """The present transaction at a node and those below it. Exists only for dirty nodes and their ancestors.

    ``outputs`` are those of the node's own transitions, in order, or None if the node itself is not dirty. ``below``
    has the children that are dirty or have a dirty node below them.
    """

    outputs: tuple[TransitionOutput, ...] | None
    below: Map[Key, Open]


NOTHING_BELOW: Map[Key, Open] = Map({})
NOT_OPEN = Open(None, NOTHING_BELOW)
"""A node that is not dirty, with no dirty one below it. States never contain it."""


class TreeState(NamedTuple):
    """A tree: its persisted root, and its open transaction, or None if nothing is dirty."""

    root: NodeState
    open: Open | None


def find(root: NodeState, path: Path) -> NodeState | None:
    """Return the node at a path, or None. O(len(path))."""
    node = root
    for key in path:
        child = node.children.get(key)
        if child is None:
            return None
        node = child
    return node


def put(root: NodeState, path: Path, node: NodeState) -> NodeState:
    """Return the tree with the node at ``path`` replaced or, under an existing parent, added.

    Copies only the way to it. O(len(path)).
    """
    if not path:
        return node
    depth = len(path) - 1
    if depth:
        above = [root]
        for key in path[:depth]:
            root = root.children[key]
            above.append(root)
        while depth:
            parent = above[depth]
            children = parent.children.insert(path[depth], node)
            node = new(NodeState, (parent.transition_count, parent.data, children, parent.extra))
            depth -= 1
        root = above[0]
    return new(NodeState, (root.transition_count, root.data, root.children.insert(path[0], node), root.extra))


def find_open(opened: Open | None, path: Path) -> Open | None:
    """Return what is open at a path and below, or None. O(len(path))."""
    for key in path:
        if opened is None:
            return None
        opened = opened.below.get(key)
    return opened


def put_open(opened: Open | None, path: Path, outputs: tuple[TransitionOutput, ...]) -> Open:
    """Return what is open, with outputs appended to those of the node at ``path``, which becomes dirty.

    O(len(path)).
    """
    own, below = NOT_OPEN if opened is None else opened
    if not path:
        return new(Open, (outputs if own is None else own + outputs, below))
    depth = len(path) - 1
    if depth:
        above = [new(Open, (own, below))]
        for key in path[:depth]:
            opened = below.get(key) or NOT_OPEN
            above.append(opened)
            below = opened.below
        grown = put_open(below.get(path[depth]), (), outputs)
        while depth:
            own, below = above[depth]
            grown = new(Open, (own, below.insert(path[depth], grown)))
            depth -= 1
        own, below = above[0]
    else:
        grown = put_open(below.get(path[0]), (), outputs)
    return new(Open, (own, below.insert(path[0], grown)))


def without_open(opened: Open | None, path: Path) -> Open | None:
    """Return what is open without the node at ``path`` and those below it. O(len(path))."""
    if opened is None or not path:
        return None
    above: list[Open] = []
    cut: Open | None = opened
    for key in path:
        if cut is None:
            return opened
        above.append(cut)
        cut = cut.below.get(key)
    if cut is None:
        return opened
    left: Open | None = None
    for key in reversed(path):
        own, below = above.pop()
        below = below.discard(key) if left is None else below.insert(key, left)
        left = Open(own, below) if own is not None or len(below) else None
    return left
