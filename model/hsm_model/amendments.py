"""Amendments: how known releases differ from one rule, by the names that lists of known deviations use.

Some are readings: where a sentence of the documentation allows another reading than the specification's, an
implementation conforms that follows it consistently.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from hsm_model.errors import NotRegistered
from hsm_model.maps import Map
from hsm_model.semantics import (
    SPECIFICATION,
    PathOutputs,
    Semantics,
    child_added,
    dirty_below,
    outputs_below,
    present,
    states,
)
from hsm_model.state import Key, NodeState, Open, Path, TreeState, put, put_open, without_open


@dataclass(frozen=True, slots=True)
class Amendment:
    """One rule replaced. ``changes`` are the requirements that no longer hold."""

    name: str
    statement: str
    rule: str
    instead: Any
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading(Amendment):
    """Another reading of a sentence. ``question`` is what the sentence leaves open; an answer excludes the others."""

    question: str


@states("DIRTY-TREE-3")
def child_added_dirty(state: TreeState, path: Path, data: bytes) -> TreeState:
    """Return the tree with a new child that is dirty and has no output."""
    root, opened = child_added(state, path, data)
    return TreeState(root, put_open(opened, path, ()))


@states("MT-ROLLBACK-5", "MT-ROLLBACK-6", "MT-ROLLBACK-7", "MT-ROLLBACK-12")
def only_own_count_rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    """Return the tree with everything that nested operations did, and the node's own count lowered by one."""
    count, data, children, extra = present(failed, path)
    return TreeState(put(failed.root, path, NodeState(count - 1, data, children, extra)), failed.open)


@states("TRANS-APPLY-5")
def apply_failed_stays(before: Hashable, left: Hashable) -> Hashable:
    """Return the state that the failed apply function left: the destination, unless it set another."""
    return left


@states("CLEAR-TREE-2", "CLEAR-TREE-3", "CLEAR-TREE-4")
def whole_tree_cleared(state: TreeState, path: Path) -> TreeState:
    """Return the tree without any outputs and with nothing dirty."""
    return TreeState(state.root, None)


@states("OUT-LIST-4")
def outputs_anywhere(state: TreeState, path: Path) -> list[PathOutputs]:
    """Return the outputs of the whole tree, whichever node is asked."""
    return outputs_below(state, ())


@states("DIRTY-TREE-2")
def dirty_anywhere(state: TreeState, path: Path) -> bool:
    """Return whether any node of the whole tree has transitioned, whichever node is asked."""
    return dirty_below(state, ())


@states("NODE-CHILD-4")
def missing_before_unregistered(parent: NodeState, key: Key) -> None:
    """Refuse to look up a child whose type is not registered; one that is missing is not found in any case."""
    if key in parent.children:
        raise NotRegistered(f"machine type {key.type}")


@states("CLEAR-TREE-2", "CLEAR-TREE-3", "CLEAR-TREE-4")
def whole_log_cleared(state: TreeState, path: Path) -> TreeState:
    """Return the tree without any outputs. Only the node and those below it are no longer dirty."""
    left = without_open(state.open, path)
    return TreeState(state.root, None if left is None else without_outputs(left))


def without_outputs(opened: Open) -> Open:
    """Return the same nodes as dirty, without any outputs."""
    order, parents = [opened], list[tuple[int, Key]]()
    for index, (_, below) in enumerate(order):
        for key, child in below.items():
            order.append(child)
            parents.append((index, key))
    emptied: list[dict[Key, Open]] = [{} for _ in order]
    while True:
        number = len(emptied) - 1
        last = Open(None if order[number].outputs is None else (), Map.of(emptied.pop()))
        if not number:
            return last
        parent, key = parents[number - 1]
        emptied[parent][key] = last


AMENDMENTS: dict[str, Amendment] = {
    amendment.name: amendment
    for amendment in (
        Amendment(
            "add-child-dirties",
            "Adding a child makes it dirty, although it has no output.",
            "child_added",
            child_added_dirty,
            ("DIRTY-TREE-3",),
        ),
        Amendment(
            "failed-transition-keeps-nested-effects",
            "A failed transition undoes its own count and data only; what nested operations did stays.",
            "transition_rolled_back",
            only_own_count_rolled_back,
            ("MT-ROLLBACK-5", "MT-ROLLBACK-6", "MT-ROLLBACK-7", "MT-ROLLBACK-12"),
        ),
        Amendment(
            "failed-apply-keeps-destination",
            "A failed apply leaves the machine in the destination.",
            "apply_failed",
            apply_failed_stays,
            ("TRANS-APPLY-5",),
        ),
        Reading(
            "outputs-of-whole-tree",
            "Outputs of any node are those of the whole tree.",
            "outputs_below",
            outputs_anywhere,
            ("OUT-LIST-4",),
            "whose outputs a node has",
        ),
        Reading(
            "dirty-by-whole-tree",
            "Any node is dirty once a node of the whole tree has transitioned.",
            "dirty_below",
            dirty_anywhere,
            ("DIRTY-TREE-2",),
            "whose transitions make a node dirty",
        ),
        Reading(
            "missing-before-unregistered",
            "A missing child is not found, even if its type is not registered.",
            "unregistered_sought",
            missing_before_unregistered,
            ("NODE-CHILD-4",),
            "which error a missing child of an unregistered type has",
        ),
        Reading(
            "clear-resets-whole-tree",
            "Clearing any node resets the outputs and the dirt of the whole tree.",
            "cleared_below",
            whole_tree_cleared,
            ("CLEAR-TREE-3",),
            "what clearing a node resets",
        ),
        Reading(
            "clear-empties-whole-log",
            "Clearing any subtree resets the outputs of the whole tree.",
            "cleared_below",
            whole_log_cleared,
            ("CLEAR-TREE-3",),
            "what clearing a node resets",
        ),
    )
}
READINGS: dict[str, Reading] = {name: found for name, found in AMENDMENTS.items() if isinstance(found, Reading)}
"""The amendments that are readings. Those of one question stand together, after those that they do not depend on."""


def amend(semantics: Semantics = SPECIFICATION, names: Iterable[str] = ()) -> Semantics:
    """Return the semantics with the named amendments. Raise KeyError for an unknown name."""
    for name in names:
        amendment = AMENDMENTS[name]
        semantics = replace(semantics, **{amendment.rule: amendment.instead})
    return semantics
