"""Exploration, tours and shrinking"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from statistics import median

import interned
from measure import Figure, paired, rate, seconds

from hsm_model.semantics import SPECIFICATION
from hsm_specs.explore.explorer import Graph, explore
from hsm_specs.explore.scope import Scope
from hsm_specs.explore.tour import tour
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language.operations import Program
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.shrinking.shrink import shrink

SCOPE = Scope(
    name="four nodes",
    places=((), ((1, "a"),), ((1, "a"), (2, "a")), ((1, "b"),)),
    counts=2,
    outputs=2,
    actions=("add", "transition", "failing-transition", "clear", "observe"),
)
BROKEN = {
    "duplicate keys": replace(SPECIFICATION, refuse_existing=lambda parent, key: None),
    "no cast": replace(SPECIFICATION, cast=lambda data, wanted: None),
    "no rollback": replace(SPECIFICATION, transition_rolled_back=lambda before, failed, path: failed),
    "clears nothing": replace(SPECIFICATION, cleared_below=lambda state, path: state),
    "always possible": replace(SPECIFICATION, possible=lambda sources, state: True),
    "keeps the destination": replace(SPECIFICATION, apply_failed=lambda before, left: left),
}


def figures() -> Iterator[Figure]:
    """Measure on one core."""
    graph = explore(SCOPE)
    mine, other = paired(lambda: explore(SCOPE), lambda: interned.explore(SCOPE), 3)
    known = interned.explore(SCOPE)
    yield Figure(
        "explored transitions/s to those of interned tuples, same scope",
        (len(graph.edges) / mine) / (known.transitions / other),
        rate(len(graph.edges), mine, "transition"),
        rate(known.transitions, other, "transition"),
    )
    if known.states != len(graph.states):
        raise RuntimeError(f"the explorations differ: {len(graph.states)} and {known.states} states")
    made = tour(graph)
    yield Figure("steps of a tour to pairs", made.steps / made.pairs, f"{made.steps:,}", f"{made.pairs:,}")
    for times in (1, 10, 100):
        covered = covered_at_random(graph, made.steps * times)
        yield Figure(
            f"pairs covered at random in {times} times as many steps",
            covered / made.pairs,
            f"{covered:,}",
            f"{made.pairs:,}",
        )
    times = [shrinking(semantics) for semantics in BROKEN.values()]
    yield Figure(
        "seconds to shrink a failing program, median to maximum",
        median(times) / max(times),
        f"{median(times):.3f} s",
        f"{max(times):.3f} s",
    )


def covered_at_random(graph: Graph, steps: int) -> int:
    """Return how many pairs a random walk tries in so many steps, starting over where it leaves the scope."""
    random = Random(1)
    leaving: list[list[int]] = [[] for _ in graph.states]
    for index, edge in enumerate(graph.edges):
        if graph.inside[edge.target]:
            leaving[edge.source].append(index)
    tried: set[int] = set()
    state = walked = 0
    for _ in range(steps):
        edges = leaving[state]
        index = edges[int(random.random() * len(edges))]
        tried.add(index)
        state, walked = graph.edges[index].target, walked + 1
        if walked == 40:
            state = walked = 0
    return len(tried)


def shrinking(semantics: object) -> float:
    """Return how long it takes to shrink the first failing program of a soak against a broken model."""
    soak = ProgramGenerator("shrink")

    def difference(program: Program) -> Difference | None:
        return first_difference(program, predict(program), predict(program, semantics))  # type: ignore[arg-type]

    while (found := difference(program := soak.program(25)[0])) is None:
        pass
    kind = (type(found.operation), found.expected.error, found.observed.error)

    def fails(candidate: Program) -> bool:
        other = difference(candidate)
        return other is not None and (type(other.operation), other.expected.error, other.observed.error) == kind

    return seconds(lambda: shrink(program, lambda candidates: [fails(candidate) for candidate in candidates]))
