"""Counting how often transitions are possible: numbers that no machine declares, found along the paths of exploration.

A transition on a cycle of states could be taken for ever. If the data of the machine ends that, as a count of retries
does, the most times that it occurs on a path is its limit.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from hsm_diagrams.difference.limits import Limit, Taken
from hsm_diagrams.machine.trials import state_name
from hsm_specs.machines.check.exploration import Bounds, Exploration, Place, explore
from hsm_specs.machines.check.subject import subject_of
from hsm_specs.machines.names import NamedMachine

BOUNDS = Bounds(configurations=1_000, steps=60)
"""The bounds of what is explored. Beyond them, a limit is taken for none."""


def limits(machine: NamedMachine) -> dict[Taken, Limit]:
    """Return how often each transition on a cycle of states is possible; nothing for a machine that fails."""
    try:
        explored = explore(subject_of(machine), BOUNDS, faults=False)
    except Exception:
        if not machine.imported:
            raise
        return {}
    taken = list(_taken(explored))
    cyclic = _cyclic((each.source, each.target) for *_, each in taken)
    found: dict[Taken, Limit] = {}
    refusing = _refusing(explored, taken)
    for each in dict.fromkeys(each for *_, each in taken):
        if cyclic.get(each.source) == cyclic.get(each.target):
            times = None if explored.bound else _most(explored, taken, each)
            found[each] = Limit(times, each in refusing)
    return found


Step = tuple[Place, Place, Taken]


def _taken(explored: Exploration) -> Iterator[Step]:
    """Yield each transition with the places that it led between."""
    for place in explored.places:
        for edge in place.edges:
            if edge.target is not None:
                for each in edge.outcome.transitions:
                    if each.fired.move:
                        # The name of a transition, or the state and the event of a declared move.
                        name = each.fired.move[:2][-1]
                        yield place, edge.target, Taken(each.source, name, each.target)


def _cyclic(moves: Iterator[tuple[str, str]]) -> dict[str, int]:
    """Return for each state on a cycle the number of the cycles that it is on."""
    graph: nx.DiGraph[str] = nx.DiGraph(list(moves))
    return {
        state: number
        for number, together in enumerate(nx.strongly_connected_components(graph))
        for state in together
        if len(together) > 1 or graph.has_edge(state, state)
    }


def _refusing(explored: Exploration, taken: list[Step]) -> set[Taken]:
    """Return the transitions that cannot be taken in some configuration of their state."""
    leaving: dict[int, set[Taken]] = {}
    for place, _, each in taken:
        leaving.setdefault(id(place), set()).add(each)
    every = {each for *_, each in taken}
    return {
        each
        for each in every
        for place in explored.places
        if not place.more
        and state_name(place.machine.state()) == each.source
        and each not in leaving.get(id(place), ())
    }


def _most(explored: Exploration, taken: list[Step], counted: Taken) -> int | None:
    """Return the most times that a transition occurs on a path, None if it occurs on a cycle."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(map(id, explored.places))
    graph.add_edges_from(
        (id(place), id(edge.target)) for place in explored.places for edge in place.edges if edge.target is not None
    )
    whole: nx.DiGraph[int] = nx.condensation(graph)
    group: dict[int, int] = whole.graph["mapping"]
    counts: dict[tuple[int, int], int] = {}
    for place, target, each in taken:
        if each == counted:
            ends = group[id(place)], group[id(target)]
            if ends[0] == ends[1]:
                return None
            counts[ends] = 1
    most: dict[int, int] = {}
    for node in nx.topological_sort(whole):
        most[node] = max(
            (most[before] + counts.get((before, node), 0) for before in whole.predecessors(node)), default=0
        )
    return max(most.values(), default=0)
