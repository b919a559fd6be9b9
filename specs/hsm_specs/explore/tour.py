"""Tours: programs that together try every action in every state of an explored scope.

A pair is an edge of the graph: a state, an action and its answer there. Most lead back to their own state and are
tried in one visit. For the others a walk goes on along edges that were not yet tried, else along the shortest way to a
state that has some, else starts over with a new root, which costs one operation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hsm_specs.explore.access_actions import set_up
from hsm_specs.explore.actions import ROOT_TYPE
from hsm_specs.explore.explorer import Edge, Graph
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation

LONGEST = 240
"""A program that has become longer is ended, so that a failure in it stays quick to shrink."""
FARTHEST = 8
"""The most edges that a walk follows to a state in which something is left to try."""

AT_FIRST = (0, 1)
"""How often the set-up of a part about a workflow has loaded it and written it."""


class Leg(NamedTuple):
    """A program of a tour, what each operation must answer, and the edges that it tries."""

    program: ops.Program
    expected: tuple[Observation, ...]
    edges: tuple[int, ...]
    steps: int


@dataclass(slots=True)
class Tour:
    """Programs that try all pairs of a scope between them."""

    graph: Graph
    pairs: int
    legs: list[Leg]

    @property
    def operations(self) -> int:
        """The number of operations of all programs, including set-up."""
        return sum(len(leg.program) for leg in self.legs)

    @property
    def steps(self) -> int:
        """The number of edges walked along, operations of set-ups and look-ups of nodes."""
        return sum(leg.steps for leg in self.legs)


def tour(graph: Graph) -> Tour:
    """Return a tour of an exploration that tries every edge between expanded states. Deterministic."""
    walker = Walker(graph)
    return Tour(graph, walker.left, list(walker.legs()))


class Walker:
    """Walks an explored graph until no edge is left to try."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._loops: list[list[int]] = [[] for _ in graph.states]
        self._moves: list[list[int]] = [[] for _ in graph.states]
        self._ways: list[list[int]] = [[] for _ in graph.states]
        self._pending = deque(range(len(graph.states)))
        self.left = 0
        for index, edge in enumerate(graph.edges):
            if graph.inside[edge.target]:
                self.left += 1
                (self._loops if edge.source == edge.target else self._moves)[edge.source].append(index)
        for source, moves in enumerate(self._moves):
            targets: dict[int, int] = {}
            for index in moves:
                targets.setdefault(graph.edges[index].target, index)
            self._ways[source] = list(targets.values())
            moves.reverse()

    def legs(self) -> Iterator[Leg]:
        """Yield the programs of the tour."""
        while self.left:
            walk, tried = Walk(self._graph), list[int]()
            state = self._go_on(walk, tried)
            # A late registration lasts as long as the registry does, and so does a clock. What follows needs another.
            lasting = self._graph.scope.workflow is not None
            while self.left and walk.length < LONGEST and not (lasting or self._graph.states[state].late):
                walk.start_over()
                state = self._go_on(walk, tried)
            yield Leg(tuple(walk.operations), tuple(walk.expected), tuple(tried), walk.steps)

    def _has_left(self, state: int) -> bool:
        return bool(self._loops[state] or self._moves[state])

    def _go_on(self, walk: Walk, tried: list[int]) -> int:
        """Walk from a new root until nothing near is left to try, or the program is long. Return the last state."""
        while not self._has_left(self._pending[0]):
            self._pending.popleft()
        state = self._pending[0]
        for index in self._graph.way_to(state):
            self._try(index, walk, tried)
        while walk.length < LONGEST:
            for index in self._loops[state]:
                walk.take(index)
                tried.append(index)
            self.left -= len(self._loops[state])
            self._loops[state] = []
            way = [self._moves[state][-1]] if self._moves[state] else self._nearest(state)
            if not way:
                break
            for index in way:
                self._try(index, walk, tried)
                state = self._graph.edges[index].target
        return state

    def _try(self, index: int, walk: Walk, tried: list[int]) -> None:
        walk.take(index)
        moves = self._moves[self._graph.edges[index].source]
        if index in moves:
            moves.remove(index)
            tried.append(index)
            self.left -= 1

    def _nearest(self, start: int) -> list[int]:
        """Return the shortest way to a state with something left to try, empty if there is none near."""
        edges, came = self._graph.edges, {start: -1}
        queue = deque([(start, 0)])
        while queue:
            state, distance = queue.popleft()
            if distance and self._has_left(state):
                way: list[int] = []
                while state != start:
                    way.append(came[state])
                    state = edges[came[state]].source
                return way[::-1]
            if distance < FARTHEST:
                for index in self._ways[state]:
                    target = edges[index].target
                    if target not in came:
                        came[target] = index
                        queue.append((target, distance + 1))
        return []


class Walk:
    """A program in the making, along edges of the graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.operations: list[ops.AnyOperation] = list(set_up(graph.scope))
        self.expected: list[Observation] = [Observation(ok=None)] * len(self.operations)
        self.steps = len(self.operations)
        self._counts = AT_FIRST
        self._bound = {0} if graph.scope.workflow is None else set(range(len(graph.scope.places)))

    @property
    def length(self) -> int:
        """The number of operations so far."""
        return len(self.operations)

    def start_over(self) -> None:
        """Replace the root with a new one."""
        self.operations.append(ops.NewRoot(ROOT_TYPE, (0, 0), 0))
        self.expected.append(Observation(ok=None))
        self.steps += 1
        self._bound = {0}

    def take(self, index: int) -> None:
        """Try an edge. First look up nodes again whose handles a rehydration made invalid."""
        edge: Edge = self._graph.edges[index]
        action = self._graph.actions[edge.action]
        for place in sorted(action.needs - self._bound):
            self.operations.append(ops.Child(0, self._graph.scope.places[place], place))
            self.expected.append(Observation(ok=None))
            self._bound.add(place)
            self.steps += 1
        self.steps += 1
        self.operations.extend(action.operations)
        self.expected.extend(edge.observations)
        if self._graph.scope.workflow is not None:
            self._counts = self._counts[0] + edge.counts[0], self._counts[1] + edge.counts[1]
            self.operations.append(ops.StoreCounts(0))
            self.expected.append(Observation(ok=list(self._counts)))
        if action.rehydrates:
            self._bound = {0}
        if action.makes is not None:
            self._bound.add(action.makes)
