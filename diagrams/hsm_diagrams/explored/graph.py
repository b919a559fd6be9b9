"""The folded graph of an explored scope: states that look alike are one node, and so are edges of one kind."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple, get_args

import networkx as nx
from msgspec import UNSET

from hsm_diagrams.rules import Recorder, shown_by
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import Key, find, find_open
from hsm_specs.errors import InputError
from hsm_specs.explore.actions import Action, named
from hsm_specs.explore.explorer import Edge, Graph
from hsm_specs.explore.scope import Scope, load_scopes
from hsm_specs.explore.stage import Stage, State
from hsm_specs.language import operations as ops

Fold = Literal["counts", "dirty", "presence", "none"]
"""How finely nodes are distinguished: by presence, dirtiness and count; by the first two; the first; by state."""
FOLDS: tuple[Fold, ...] = get_args(Fold)
FEW = 30
"""The number of nodes up to which a fold is legible."""


class Seen(NamedTuple):
    """The look of one place."""

    presence: str
    number: str = ""


Look = tuple[Seen, ...]


def find_part(name: str, part: str = "") -> Scope:
    """Return a part of a scope that is about a tree. Raise `InputError`, which lists them, if there is none."""
    parts = {scope.name: scope for scope in load_scopes(name) if scope.workflow is None}
    if not part:
        return next(iter(parts.values()))
    if part not in parts:
        near = get_close_matches(part, parts, 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise InputError(f"The scope {name} has no part {part!r}; there are {', '.join(parts)}.{meant}")
    return parts[part]


def fitting_fold(graph: Graph) -> Fold:
    """Return the finest fold that is legible, or the coarsest one if none is."""
    for fold in FOLDS[:-1]:
        if len({look(graph.scope, state, fold) for state in graph.states}) <= FEW:
            return fold
    return "presence"


def explored_graph(graph: Graph, fold: Fold, semantics: Semantics = SPECIFICATION) -> nx.MultiDiGraph[str]:
    """Return the folded graph of an exploration."""
    scope = graph.scope
    places = [named(scope, place) for place in range(len(scope.places))]
    folded: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        kind="explored", name=f"explored-{scope.name}", title=f"Explored states: {scope.name}"
    )
    folded.graph.update(
        places=places,
        fold=fold,
        states=len(graph.states),
        edges=len(graph.edges),
        staying=sum(edge.source == edge.target for edge in graph.edges),
        failing=sum(_failed(graph, edge) and edge.source == edge.target for edge in graph.edges),
    )
    names = [_name(graph, index, fold, places) for index in range(len(graph.states))]
    for index, state in enumerate(graph.states):
        if names[index] not in folded:
            seen = [each._asdict() for each in look(scope, state, fold)]
            folded.add_node(
                names[index], kind="states", places=seen, initial=index == 0, count=0, depth=graph.depth[index]
            )
        folded.nodes[names[index]]["count"] += 1
    for edge in graph.edges:
        if edge.source != edge.target:
            _count(folded, graph, names, edge)
    _name_requirements(folded, graph, semantics)
    return folded


def look(scope: Scope, state: State, fold: Fold) -> Look:
    """Return the look of a state."""
    return tuple(_seen(state, tuple(Key(*key) for key in place), fold) for place in scope.places)


def _seen(state: State, place: tuple[Key, ...], fold: Fold) -> Seen:
    node = find(state.tree.root, place)
    if node is None:
        return Seen("absent")
    if fold == "presence":
        return Seen("present")
    opened = find_open(state.tree.open, place)
    presence = "clean" if opened is None else "dirty" if opened.outputs is not None else "dirty below"
    if fold == "dirty":
        return Seen(presence)
    count = node.transition_count
    return Seen(presence, str(count) if fold == "none" or not count else "1+")


def _name(graph: Graph, index: int, fold: Fold, places: Sequence[str]) -> str:
    """Return the name of a look, or the number of the state if nothing is folded."""
    if fold == "none":
        return f"state {index}"
    seen = zip(places, look(graph.scope, graph.states[index], fold), strict=True)
    return ", ".join(" ".join(filter(None, (place, *each))) for place, each in seen if each.presence != "absent")


def _failed(graph: Graph, edge: Edge) -> bool:
    return edge.observations[acting(graph.actions[edge.action])].ok is UNSET


def acting(action: Action) -> int:
    """Return the index of the first operation of an action that changes something, or 0."""
    return next((index for index, each in enumerate(action.operations) if type(each) in NAMES), 0)


INSIDE = " with nested operations"
REHYDRATED = "saved and loaded again"
NAMES: dict[type[ops.Operation], str] = {
    ops.AddChild: "AddChild",
    ops.CollectionAdd: "AddChild",
    ops.MachineTransition: "MachineTransition",
    ops.CollectionTransition: "MachineTransition",
    ops.Clear: "ClearTransactionState",
    ops.Rehydrate: REHYDRATED,
    ops.RegisterMachine: "RegisterMachine",
}
"""The operations that change something; those of collections are named by what they do to the tree."""


def words_of(action: Action) -> str:
    """Return the name of an action's operation, and whether its function contains others."""
    operation = action.operations[acting(action)]
    script: ops.Script | None = getattr(operation, "script", None)
    inside = any(type(each) in NAMES for each in (script.ops if script else ()))
    return NAMES.get(type(operation), action.name) + (INSIDE if inside else "")


def _count(folded: nx.MultiDiGraph[str], graph: Graph, names: Sequence[str], edge: Edge) -> None:
    """Count an edge of the exploration on its folded edge, which keeps the first one as an example."""
    source, target = names[edge.source], names[edge.target]
    words, outcome = words_of(graph.actions[edge.action]), "failed" if _failed(graph, edge) else "success"
    key = f"{words} {outcome}"
    if not folded.has_edge(source, target, key):
        folded.add_edge(source, target, key=key, kind="operations", words=words, outcome=outcome, count=0)
        folded.edges[source, target, key]["example"] = (edge.source, edge.action)
    folded.edges[source, target, key]["count"] += 1


def _name_requirements(folded: nx.MultiDiGraph[str], graph: Graph, semantics: Semantics) -> None:
    """Execute an example of each edge again, and name the requirements of the rules that it applied."""
    recorder = Recorder(semantics)
    # One stage per action, so that applied rules can be assigned to actions.
    stages: dict[int, Stage] = {}
    for *_, data in folded.edges(data=True):
        source, action = data.pop("example")
        if action not in stages:
            stages[action] = Stage(graph.scope, recorder.recording(), frozenset())
        recorder.take()
        deque(stages[action].successors(graph.states[source], (graph.actions[action],)), maxlen=0)
        data["requirements"] = shown_by(recorder.take(), failed=data["outcome"] == "failed")
