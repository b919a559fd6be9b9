"""Two graphs of the same kind merged: nodes and edges that both have, and those that only one has."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import networkx as nx

ChangeKind = Literal["same", "removed", "added", "changed"]
Data = Mapping[str, Any]


class Sameness(NamedTuple):
    """The members that decide whether nodes and edges of two graphs are the same.

    Edges between the same nodes are the same if their ``of_edge`` members are. ``nodes`` and ``edges`` are compared.
    """

    of_edge: tuple[str, ...]
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()


def compared(
    before: nx.MultiDiGraph[str], after: nx.MultiDiGraph[str], sameness: Sameness, /, **attributes: Hashable
) -> nx.MultiDiGraph[str]:
    """Merge two graphs, with a ``change`` on each node and each edge.

    An edge that differs has ``instead``: where the same operation leads on the other side.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="differences")
    graph.graph.update(attributes)
    for node in dict.fromkeys([*before, *after]):
        sides = (before.nodes.get(node), after.nodes.get(node))
        graph.add_node(node, **_merged(sides, sameness.nodes))
    former, latter = _edges(before, sameness), _edges(after, sameness)
    for key in dict.fromkeys([*former, *latter]):
        source, target, *words = key
        merged = _merged((former.get(key), latter.get(key)), sameness.edges)
        other = {"removed": latter, "added": former}.get(merged["change"], {})
        instead = sorted(there for there in _targets(other, source, words) if there != target)
        graph.add_edge(source, target, key=" ".join(words), instead=instead, words=words[0], **_without(merged))
    return graph


def differing(graph: nx.MultiDiGraph[str]) -> dict[str, int]:
    """Count the nodes and edges by change, without those that are the same."""
    changes = [data["change"] for _, data in graph.nodes(data=True)]
    changes += [data["change"] for *_, data in graph.edges(data=True)]
    return {change: changes.count(change) for change in ("added", "removed", "changed") if change in changes}


Key = tuple[str, ...]


def _edges(graph: nx.MultiDiGraph[str], sameness: Sameness) -> dict[Key, Data]:
    return {
        (source, target, *(data[name] for name in sameness.of_edge)): data
        for source, target, data in graph.edges(data=True)
    }


def _targets(edges: Mapping[Key, Data], source: str, words: Sequence[str]) -> Iterator[str]:
    """Yield where an operation leads on one side, whatever its outcome."""
    for start, end, *others in edges:
        if start == source and others[0] == words[0] and others[2:] == list(words[2:]):
            yield end


def _merged(sides: tuple[Data | None, Data | None], members: Sequence[str]) -> dict[str, Any]:
    before, after = sides
    change: ChangeKind = "same"
    differing: list[str] = []
    if before is None:
        change = "added"
    elif after is None:
        change = "removed"
    elif differing := [member for member in members if before[member] != after[member]]:
        change = "changed"
    return {**(before or {}), **(after or {}), "change": change, "differing": differing}


def _without(data: Data) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("words", "key", "instead")}
