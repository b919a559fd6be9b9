"""The explorer: all states of the model within a scope, breadth first, and what every action does in each of them.

States are values, so going back to one is an assignment and finding it again a look-up by its hash. Equal states are
one object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import find, find_open, new
from hsm_specs.explore.actions import Action, alphabet
from hsm_specs.explore.scope import Scope
from hsm_specs.explore.stage import Stage, State
from hsm_specs.explore.workflow import WorkflowStage, exceeded
from hsm_specs.language.messages import Capability
from hsm_specs.language.observations import Observation


class Edge(NamedTuple):
    """The effect of one action in one state. ``target`` is the state afterwards, the source if nothing changed.

    ``counts`` are how often a workflow was loaded meanwhile, and written.
    """

    source: int
    action: int
    target: int
    observations: tuple[Observation, ...]
    counts: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Graph:
    """An exploration.

    ``origin`` has the edge by which each state was first reached, ``inside`` whether it was gone on from.
    """

    scope: Scope
    actions: tuple[Action, ...]
    states: list[State]
    edges: list[Edge] = field(default_factory=list)
    origin: list[int | None] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    seconds: float = 0.0

    def way_to(self, state: int) -> list[int]:
        """Return a shortest sequence of edges, by their indexes, from the first state to a state."""
        way: list[int] = []
        while (edge := self.origin[state]) is not None:
            way.append(edge)
            state = self.edges[edge].source
        return way[::-1]


Canonical = Callable[[State], State]
Watch = Callable[[State, Action, tuple[Observation, ...], State], None]


def explore(
    scope: Scope,
    semantics: Semantics = SPECIFICATION,
    without: frozenset[str] = frozenset(),
    canonical: Canonical | None = None,
    offered: frozenset[Capability] | None = None,
) -> Graph:
    """Return everything the model does within a scope. Deterministic.

    ``canonical`` maps states to one of those that are held to be the same; with ``offered`` only actions are tried that
    need no other capabilities.
    """
    began = perf_counter()
    stage = (Stage if scope.workflow is None else WorkflowStage)(scope, semantics, without)
    first = stage.first()
    graph = Graph(scope, alphabet(scope, offered), [first], origin=[None], depth=[0], inside=[True])
    known = {first: 0}
    states, edges = graph.states, graph.edges
    source = 0
    while source < len(states):
        if graph.inside[source]:
            state = states[source]
            for index, observations, reached in stage.successors(state, graph.actions):
                if reached is state:
                    target = source
                else:
                    after = reached if canonical is None else canonical(reached)
                    found = known.get(after)
                    if found is None:
                        target = known[after] = len(states)
                        states.append(after)
                        graph.origin.append(len(edges))
                        graph.depth.append(graph.depth[source] + 1)
                        graph.inside.append(within(scope, after))
                    else:
                        target = found
                edges.append(new(Edge, (source, index, target, observations, stage.counts)))
        source += 1
    graph.seconds = perf_counter() - began
    return graph


def within(scope: Scope, state: State) -> bool:
    """Return whether the exploration continues from a state."""
    for place in scope.places:
        node = find(state.tree.root, place)  # type: ignore[arg-type]  # keys by any other name
        if node is not None:
            if node.transition_count > scope.counts:
                return False
            opened = find_open(state.tree.open, place)  # type: ignore[arg-type]  # see above
            if opened is not None and opened.outputs is not None and len(opened.outputs) > scope.outputs:
                return False
    return scope.workflow is None or not exceeded(scope.workflow, state)
