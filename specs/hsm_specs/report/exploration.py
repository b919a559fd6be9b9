"""The report of an exploration: figures, and the shortest program that leads to each problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from hsm_specs.explore.explorer import Graph
from hsm_specs.explore.invariant import Judgement
from hsm_specs.explore.tour import Tour, Walk
from hsm_specs.report.rendering import Styled, example_lines


class HeldInvariant(Struct, frozen=True):
    """An invariant and whether it holds."""

    name: str
    requirement: str
    modality: str
    holds: bool
    checked: int


class Exploration(Struct, frozen=True):
    """The figures of one part of a scope. Those of the tour are 0 where none was made."""

    part: str
    states: int
    transitions: int
    depth: int
    seconds: float
    actions: int
    pairs: int
    steps: int
    programs: int
    operations: int
    invariants: tuple[HeldInvariant, ...]


def exploration_of(graph: Graph, tour: Tour | None, judgements: Sequence[Judgement]) -> Exploration:
    """Return the figures of an exploration, its tour and its invariants."""
    return Exploration(
        part=graph.scope.name,
        states=len(graph.states),
        transitions=len(graph.edges),
        depth=max(graph.depth),
        seconds=graph.seconds,
        actions=len(graph.actions),
        pairs=0 if tour is None else tour.pairs,
        steps=0 if tour is None else tour.steps,
        programs=0 if tour is None else len(tour.legs),
        operations=0 if tour is None else tour.operations,
        invariants=tuple(
            HeldInvariant(
                judgement.invariant.name,
                judgement.invariant.requirement,
                judgement.invariant.modality,
                judgement.holds,
                judgement.checked,
            )
            for judgement in judgements
        ),
    )


def trace(graph: Graph, judgement: Judgement) -> Iterator[Styled]:
    """Yield the shortest program that leads to what breaks an invariant, with the answer of each operation."""
    edges = [] if judgement.edge is None else [judgement.edge]
    state = judgement.state if judgement.edge is None else graph.edges[judgement.edge].source
    if state is None:
        return
    walk = Walk(graph)
    for index in [*graph.way_to(state), *edges]:
        walk.take(index)
    yield from example_lines(tuple(walk.operations), tuple(walk.expected), frozenset((len(walk.operations) - 1,)))
