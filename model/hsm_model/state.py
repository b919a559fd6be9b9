"""State as a value: the persisted tree and the outputs of the open transaction, immutable and hashable.

Nothing here is changed in place. An operation computes a new `TreeState` from the old one; what they have in common
is shared. Whoever keeps the old one has rolled back.
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
"""Makes a named tuple of a tuple that is as long: what a call of its class does, in half the time."""


class NodeState(NamedTuple):
    """What is persisted of one node.

    ``extra`` holds what a loaded message says beyond that, as `hsm_model.persistence` keeps it; empty for a new node.
    """

    transition_count: int
    data: bytes
    children: Children
    extra: bytes = b""


class Open(NamedTuple):
    """What is open, in the present transaction, of a node and those below it. There is one only where something is.

    ``outputs`` are those of the node's own transitions, in order; None where the node itself is not dirty. ``below``
    has the children that, or something below which, is open.
    """

    outputs: tuple[TransitionOutput, ...] | None
    below: Map[Key, Open]


NOTHING_BELOW: Map[Key, Open] = Map({})


class TreeState(NamedTuple):
    """A tree: its persisted root and what is open of it in the present transaction, None if nothing is."""

    root: NodeState
    open: Open | None


def find(root: NodeState, path: Path) -> NodeState | None:
    """The node at a path, or None. O(len(path))."""
    node = root
    for key in path:
        child = node.children.get(key)
        if child is None:
            return None
        node = child
    return node


def put(root: NodeState, path: Path, node: NodeState) -> NodeState:
    """The tree with the node at ``path`` replaced or, under an existing parent, added. Copies only the way to it."""
    if not path:
        return node
    key = path[0]
    if len(path) > 1:
        node = put(root.children[key], path[1:], node)
    return new(NodeState, (root.transition_count, root.data, root.children.insert(key, node), root.extra))


def find_open(opened: Open | None, path: Path) -> Open | None:
    """What is open at a path and below, or None. O(len(path))."""
    for key in path:
        if opened is None:
            return None
        opened = opened.below.get(key)
    return opened


def put_open(opened: Open | None, path: Path, outputs: tuple[TransitionOutput, ...]) -> Open:
    """What is open, with outputs added behind those of the node at ``path``, which is dirty in itself from now on."""
    own, below = (None, NOTHING_BELOW) if opened is None else opened
    if not path:
        return new(Open, ((own or ()) + outputs, below))
    key = path[0]
    return new(Open, (own, below.insert(key, put_open(below.get(key), path[1:], outputs))))


def without_open(opened: Open | None, path: Path) -> Open | None:
    """What is open, without the node at ``path`` and those below it."""
    if opened is None or not path:
        return None
    own, below = opened
    key = path[0]
    child = below.get(key)
    if child is None:
        return opened
    left = without_open(child, path[1:])
    below = below.discard(key) if left is None else below.insert(key, left)
    return Open(own, below) if own is not None or len(below) else None
