"""The graph of a finding: the trees of its program before and after the operation whose results differ.

The program runs on the model, under the semantics that the implementation was compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

import networkx as nx

from hsm_model.framework.amendments import amend_world
from hsm_model.node import Tree
from hsm_model.state import NodeState, Path, find_open
from hsm_specs.errors import InputError
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.results.findings import Finding

BEFORE, AFTER = "before", "after"


class Shot(NamedTuple):
    """The visible members of a node."""

    state: str
    value: str
    transitions: int
    dirty: bool
    outputs: int


MANY = 500
"""The most nodes of the trees that are drawn."""
Trees = dict[Tree, dict[Path, Shot]]


def finding_graph(finding: Finding) -> nx.MultiDiGraph[str]:
    """Return the graph of a finding.

    Its ``states`` are all states of machines while the program ran. ``after`` is empty if the specification leaves
    the result of the operation open.
    """
    world = World(amend_world(names=finding.amendments), dialect=finding.dialect or "v1.25")
    states: set[str] = set()
    for operation in finding.program[: finding.where[0]]:
        with suppress(Unspecified, Excluded):
            world.observe(operation)
        states |= _states(_trees(world))
    before = _trees(world)
    names = _names(world, before)
    try:
        world.observe(finding.program[finding.where[0]])
        after = _trees(world)
    except (Unspecified, Excluded):
        after = {}
    names = _names(world, after, names)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        kind="finding", name=finding.id, requirement=finding.requirement, operation=finding.where[0]
    )
    graph.graph["states"] = sorted(states | _states(after), key=lambda text: (len(text), text))
    handles = {(node.tree, node.path()): f"n{handle}" for handle, node in sorted(world.nodes.items(), reverse=True)}
    for moment, trees, others in ((BEFORE, before, after), (AFTER, after, before)):
        for tree, shots in trees.items():
            for path, shot in shots.items():
                key = _key(moment, names[tree], path)
                graph.add_node(
                    key,
                    kind="node",
                    moment=moment,
                    tree=names[tree],
                    path=[list(each) for each in path],
                    handle=handles.get((tree, path), ""),
                    **shot._asdict(),
                    **_change(shot, others.get(tree, {}).get(path), moment, known=bool(others)),
                )
                if path:
                    graph.add_edge(_key(moment, names[tree], path[:-1]), key, key="child", kind="child")
    return graph


def _change(shot: Shot, other: Shot | None, moment: str, *, known: bool) -> dict[str, Any]:
    """Return how the operation changed a node; for the tree afterwards, the changed members with both values."""
    if not known:
        return {"change": "same", "differing": {}}
    if other is None:
        return {"change": "removed" if moment == BEFORE else "added", "differing": {}}
    differing = {
        name: [was, now]
        for name, was, now in zip(Shot._fields, other, shot, strict=True)
        if was != now and moment == AFTER
    }
    return {"change": "changed" if differing else "same", "differing": differing}


def _key(moment: str, tree: str, path: Path) -> str:
    return " ".join([moment, tree, "/".join(f"{key.type}:{key.id}" for key in path)]).rstrip()


def _trees(world: World) -> Trees:
    """Return all trees that a handle leads to, with their nodes. Raise `InputError` if those are too many."""
    trees = dict.fromkeys(node.tree for _, node in sorted(world.nodes.items()))
    found = {tree: dict(islice(_shots(tree, tree.state.root, ()), MANY + 1)) for tree in trees}
    if sum(map(len, found.values())) > MANY:
        raise InputError(
            f"The trees of this finding have more than {MANY} nodes, which no picture bears:",
            remedy="`hsmspec replay` shows its program.",
        )
    return found


def _shots(tree: Tree, node: NodeState, path: Path) -> Iterator[tuple[Path, Shot]]:
    opened = find_open(tree.state.open, path)
    state, _, value = node.data.decode("utf-8", "replace").partition(":")
    outputs = 0 if opened is None or opened.outputs is None else len(opened.outputs)
    yield path, Shot(state, value, node.transition_count, opened is not None, outputs)
    for key in sorted(node.children):
        yield from _shots(tree, node.children[key], (*path, key))


def _states(trees: Trees) -> set[str]:
    return {shot.state for shots in trees.values() for shot in shots.values()}


def _names(world: World, trees: Trees, names: Mapping[Tree, str] | None = None) -> dict[Tree, str]:
    """Name each tree after the first handle that leads to it, with a number if that name is taken."""
    found = dict(names or {})
    for tree in trees:
        if tree not in found:
            name = next(f"n{handle}" for handle, node in sorted(world.nodes.items()) if node.tree is tree)
            taken = sum(other.partition("'")[0] == name for other in found.values())
            found[tree] = name + "'" * taken
    return found
