"""Invariants: named statements about an exploration, each with the requirement that it is about.

*Always* must hold of every state or edge. *Sometimes* must hold of at least one: it guards against an exploration in
which nothing of interest happens, and in which *always* would hold for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from hsm_model.semantics import Semantics
from hsm_specs.explore.explorer import Edge, Graph
from hsm_specs.explore.stage import State
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation


@dataclass(frozen=True, slots=True)
class OfStates:
    """A statement about single states, under the semantics that was explored."""

    holds: Callable[[State, Semantics], bool]


@dataclass(frozen=True, slots=True)
class OfEdges:
    """A statement about what an action does in a state."""

    holds: Callable[[Graph, Edge], bool]


@dataclass(frozen=True, slots=True)
class LeadsTo:
    """A statement about what each state leads to. It yields the index of each and whether it holds there."""

    holds: Callable[[Graph], Iterator[tuple[int, bool]]]


Statement = OfStates | OfEdges | LeadsTo


@dataclass(frozen=True, slots=True)
class Invariant:
    """A named statement about an exploration and the requirement that it is about."""

    name: str
    requirement: str
    modality: Literal["always", "sometimes"]
    statement: Statement


@dataclass(frozen=True, slots=True)
class Judgement:
    """An invariant held against an exploration.

    ``witness`` is an edge (its index) that breaks an *always* or shows a *sometimes*; for a statement about states
    or what they lead to, ``state`` is the state. Both are None where there is none.
    """

    invariant: Invariant
    holds: bool
    checked: int
    edge: int | None = None
    state: int | None = None


def answers(operation: type[ops.Operation], **wanted: object) -> OfEdges:
    """Return whether an operation of a class, also inside a function, has such an answer."""

    def seen(done: ops.AnyOperation, observation: Observation) -> bool:
        if isinstance(done, operation) and all(getattr(observation, name) == value for name, value in wanted.items()):
            return True
        script: ops.Script | None = getattr(done, "script", None)
        return script is not None and any(map(seen, script.ops, observation.inner or ()))

    def holds(graph: Graph, edge: Edge) -> bool:
        return any(map(seen, graph.actions[edge.action].operations, edge.observations))

    return OfEdges(holds)


def of_states(holds: Callable[[State], bool]) -> OfStates:
    """Return a statement that does not depend on the semantics."""
    return OfStates(lambda state, _: holds(state))
