"""Sibling symmetry: states that differ only in which of two interchangeable siblings did what are held to be one.

Two places are interchangeable if they have the same parent and type and the same places below them. Then a scope's
actions do to the one what they do to the other, so that swapping the siblings' IDs maps the graph onto itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hsm_model.state import Key, NodeState, Open, TreeState
from hsm_specs.explore.scope import Scope
from hsm_specs.explore.stage import State
from hsm_specs.language.operations import Path

Signature = tuple[Any, ...]
NOTHING: Signature = ()


def symmetry(scope: Scope) -> Callable[[State], State] | None:
    """Return a function from a state to the representative of those that differ in siblings only, None without any."""
    groups = interchangeable(scope)
    if not groups:
        return None

    def canonical(state: State) -> State:
        root, opened = arranged(state.tree.root, state.tree.open, (), groups)
        return state if root is state.tree.root else State(TreeState(root, opened), *state[1:])

    return canonical


def interchangeable(scope: Scope) -> dict[Path, list[list[Key]]]:
    """Return the groups of keys that can be swapped, for each place."""
    groups: dict[Path, list[list[Key]]] = {}
    shapes: dict[tuple[Path, int, frozenset[Path]], list[Key]] = {}
    for place in scope.places[1:]:
        below = frozenset(other[len(place) :] for other in scope.places if other[: len(place)] == place)
        shapes.setdefault((place[:-1], place[-1][0], below), []).append(Key(*place[-1]))
    for (parent, _, _), keys in shapes.items():
        if len(keys) > 1:
            groups.setdefault(parent, []).append(keys)
    return groups


def arranged(
    node: NodeState, opened: Open | None, path: Path, groups: dict[Path, list[list[Key]]]
) -> tuple[NodeState, Open | None]:
    """Return a subtree with interchangeable siblings put in order, those below first."""
    children, below = node.children, None if opened is None else opened.below
    changed = False
    for key, child in node.children.items():
        before = None if below is None else below.get(key)
        arranged_child, arranged_open = arranged(child, before, (*path, key), groups)
        if arranged_child is not child:
            changed = True
            children = children.insert(key, arranged_child)
            if below is not None and arranged_open is not None:
                below = below.insert(key, arranged_open)
    for keys in groups.get(path, ()):
        found = [(children.get(key), None if below is None else below.get(key)) for key in keys]
        ordered = sorted(found, key=lambda pair: signature(*pair))
        if ordered != found:
            changed = True
            for key, (child_node, child_open) in zip(keys, ordered, strict=True):
                children = children.discard(key) if child_node is None else children.insert(key, child_node)
                if below is not None:
                    below = below.discard(key) if child_open is None else below.insert(key, child_open)
    if not changed:
        return node, opened
    arranged_node = NodeState(node.transition_count, node.data, children, node.extra)
    return arranged_node, opened if opened is None or below is None else Open(opened.outputs, below)


def signature(node: NodeState | None, opened: Open | None) -> Signature:
    """Return a sort key of a sibling that does not depend on its ID. A missing one comes last."""
    if node is None:
        return (1,)
    outputs = NOTHING if opened is None or opened.outputs is None else (1, *opened.outputs)
    below = {} if opened is None else dict(opened.below.items())
    inside = sorted((key, signature(child, below.get(key))) for key, child in node.children.items())
    return (0, node.transition_count, node.data, outputs, tuple(inside))
