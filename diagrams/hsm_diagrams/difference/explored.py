"""Differences between two explorations of a scope: the same action in the same state, under two semantics.

States that both sides reach are compared by where each action leads and what it returns. Differences that look
alike are one edge.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import NamedTuple

import networkx as nx
from msgspec import UNSET

from hsm_diagrams.explored.graph import NAMES, acting
from hsm_diagrams.rules import Recorder
from hsm_model.semantics import SPECIFICATION, Semantics, requirements_of
from hsm_model.state import Key, NodeState, TreeState, find, find_open
from hsm_specs.explore.actions import Action, named
from hsm_specs.explore.explorer import Graph, explore
from hsm_specs.explore.scope import Scope
from hsm_specs.explore.stage import Stage, State
from hsm_specs.language import operations as ops

CLEAN, DIRTY, WITHOUT_OUTPUT, BELOW = "clean", "dirty", "dirty without output", "dirty below"
SAME = "same"
COUNTS, DATA, OUTPUTS, ANSWER = "TransitionCount()", "data", "Outputs()", "answer"
"""The members that can differ in states that look alike."""


class DifferenceKind(NamedTuple):
    """The key by which differences are grouped: an operation, its ending on each side, and the rules to blame.

    ``stays`` says on which sides the look of the state does not change, ``alike`` whether both sides look the same
    afterwards. ``rules`` are the applied rules that the sides do not share.
    """

    words: str
    failed: tuple[bool, bool]
    stays: tuple[bool, bool]
    alike: bool
    rules: tuple[str, ...]


class Example(NamedTuple):
    """The first state in which a kind of difference shows: its look, and the looks of both results."""

    source: str
    before: str
    after: str
    state: State
    action: int


@dataclass(slots=True)
class ExploredDifference:
    """A kind of difference: the states in which it shows, the first of them, and what differs besides the looks."""

    kind: DifferenceKind
    example: Example
    states: set[State] = field(default_factory=set)
    differing: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison of two explorations of a scope: its size, and all kinds of differences, by depth."""

    before: Graph
    after: Graph
    states: int
    executions: int
    differing: int
    kinds: tuple[ExploredDifference, ...]
    moves: Mapping[str, Mapping[str, str]]
    """The first operation that leads from one look to another on both sides."""


@cache
def compare(scope: Scope, semantics: tuple[Semantics, Semantics]) -> Compared:
    """Compare the explorations of a scope under two semantics."""
    before, after = (_explored(scope, each) for each in semantics)
    blamed = _Blame(scope, semantics)
    other = {state: index for index, state in enumerate(after.states) if after.inside[index]}
    there = {(edge.source, edge.action): edge for edge in after.edges}
    common = [(index, other[state]) for index, state in enumerate(before.states) if state in other]
    inside = {index: second for index, second in common if before.inside[index]}
    kinds: dict[DifferenceKind, ExploredDifference] = {}
    moves: dict[str, dict[str, str]] = {}
    looks = [look(before, state) for state in before.states]
    executions = differing = 0
    for edge in before.edges:
        if edge.source not in inside or (inside[edge.source], edge.action) not in there:
            continue
        executions += 1
        second = there[inside[edge.source], edge.action]
        reached = before.states[edge.target], after.states[second.target]
        if reached[0] == reached[1] and edge.observations == second.observations:
            if looks[edge.source] != looks[edge.target]:
                moves.setdefault(looks[edge.source], {}).setdefault(
                    looks[edge.target], words_of(before.actions[edge.action])
                )
            continue
        differing += 1
        state, action = before.states[edge.source], before.actions[edge.action]
        example = Example(looks[edge.source], look(before, reached[0]), look(after, reached[1]), state, edge.action)
        failed = tuple(each.observations[acting(action)].ok is UNSET for each in (edge, second))
        stays = example.before == example.source, example.after == example.source
        alike = example.before == example.after
        kind = DifferenceKind(words_of(action), (failed[0], failed[1]), stays, alike, blamed.rules(state, action))
        difference = kinds.setdefault(kind, ExploredDifference(kind, example))
        difference.states.add(state)
        difference.differing.update(
            _what_differs(before, *reached, same_answer=edge.observations == second.observations)
        )
    return Compared(before, after, len(inside), executions, differing, tuple(kinds.values()), moves)


@cache
def _explored(scope: Scope, semantics: Semantics) -> Graph:
    """Explore a scope. The result is cached: the specification and each release are compared several times."""
    return explore(scope, semantics)


def difference_graph(found: Compared, semantics: tuple[Semantics, Semantics]) -> nx.MultiDiGraph[str]:
    """Return the graph of the differences, each kind by its example, with common paths that lead to them.

    A difference inside a function is left out if the same operation differs by itself.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="explored differences")
    graph.graph.update(
        scope=found.before.scope.name, states=found.states, executions=found.executions, differing=found.differing
    )
    first = look(found.before, found.before.states[0])
    graph.add_node(first)
    shown = [difference for difference in found.kinds if not _repeats(difference.kind, found.kinds)]
    for number, difference in enumerate(shown):
        for source, target, data in _edges(difference):
            requirements = _requirements(difference.kind.rules, semantics)
            graph.add_edge(source, target, key=f"{data['change']} {number}", requirements=requirements, **data)
    drawn = list(graph)
    for source in dict.fromkeys(difference.example.source for difference in shown):
        others = [node for node in drawn if node not in (first, source)] if source != first else []
        for start, target, words in _way(found, [first], source) or _way(found, others, source):
            graph.add_edge(start, target, key=f"{SAME} {words}", change=SAME, words=words, requirements=[])
    for node in graph:
        graph.nodes[node]["initial"] = node == first
    return graph


def _requirements(rules: Sequence[str], semantics: tuple[Semantics, Semantics]) -> list[str]:
    """Return the requirements of the rules that replace the specification's."""
    replaced = [
        getattr(each, rule)
        for rule in rules
        for each in semantics
        if getattr(each, rule) is not getattr(SPECIFICATION, rule)
    ]
    return list(dict.fromkeys(name for rule in replaced for name in requirements_of(rule)))


def _repeats(kind: DifferenceKind, kinds: Sequence[ExploredDifference]) -> bool:
    """Return whether a difference inside a function also shows outside of one."""
    inside = kind.words.partition(" with ")[2].removesuffix(" inside").split(" and ")
    return any(other.kind.words in inside and other.kind.rules == kind.rules for other in kinds)


class _Blame:
    """A search for the rules that an action applies in a state and that differ between the sides."""

    def __init__(self, scope: Scope, semantics: tuple[Semantics, Semantics]) -> None:
        names = [rule.name for rule in fields(Semantics)]
        self._differing = [name for name in names if len({getattr(each, name) for each in semantics}) > 1]
        self._recorders = [Recorder(each) for each in semantics]
        # A stage knows one alphabet, so it is given one for each action.
        self._scope = scope
        self._stages: dict[Action, list[Stage]] = {}

    def rules(self, state: State, action: Action) -> tuple[str, ...]:
        """Return the names of these rules."""
        if action not in self._stages:
            self._stages[action] = [Stage(self._scope, each.recording(), frozenset()) for each in self._recorders]
        applied: set[str] = set()
        for recorder, stage in zip(self._recorders, self._stages[action], strict=True):
            recorder.take()
            deque(stage.successors(state, (action,)), maxlen=0)
            applied.update(each.rule for each in recorder.take())
        return tuple(name for name in self._differing if name in applied)


def look(graph: Graph, state: State) -> str:
    """Return the look of a state: the presence and the dirtiness of each place."""
    seen: list[str] = []
    for number, place in enumerate(graph.scope.places):
        path = tuple(Key(*key) for key in place)
        if find(state.tree.root, path) is not None:
            seen.append(f"{named(graph.scope, number)} {_dirtiness(state.tree, path)}")
    return ", ".join(seen)


def words_of(action: Action) -> str:
    """Return the name of an action's operation, and of those inside its function."""
    operation = action.operations[acting(action)]
    script: ops.Script | None = getattr(operation, "script", None)
    inside = dict.fromkeys(NAMES[type(each)] for each in (script.ops if script else ()) if type(each) in NAMES)
    name = NAMES.get(type(operation), action.name)
    return f"{name} with {' and '.join(inside)} inside" if inside else name


def _dirtiness(tree: TreeState, path: tuple[Key, ...]) -> str:
    opened = find_open(tree.open, path)
    if opened is None:
        return CLEAN
    if opened.outputs is None:
        return BELOW
    return DIRTY if opened.outputs else WITHOUT_OUTPUT


def _what_differs(graph: Graph, one: State, other: State, *, same_answer: bool) -> Iterator[str]:
    """Yield what differs between two states that look alike, or between the returned values."""
    paths = [tuple(Key(*key) for key in place) for place in graph.scope.places]
    nodes = [(find(one.tree.root, path), find(other.tree.root, path)) for path in paths]
    pairs: list[tuple[NodeState, NodeState]] = [(a, b) for a, b in nodes if a is not None and b is not None]
    if any(a.transition_count != b.transition_count for a, b in pairs):
        yield COUNTS
    if any(a.data != b.data for a, b in pairs):
        yield DATA
    if any(_outputs(one, path) != _outputs(other, path) for path in paths):
        yield OUTPUTS
    if not same_answer:
        yield ANSWER


def _outputs(state: State, path: tuple[Key, ...]) -> object:
    opened = find_open(state.tree.open, path)
    return None if opened is None else opened.outputs


def _edges(difference: ExploredDifference) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield the edges that show a difference: where the first side leads, and where the second does."""
    kind, example = difference.kind, difference.example
    of_kind = {"states": len(difference.states), "words": kind.words, "rules": list(kind.rules), "differing": []}
    if kind.alike:
        of_kind["differing"] = [name for name in (COUNTS, DATA, OUTPUTS, ANSWER) if name in difference.differing]
        yield example.source, example.after, of_kind | {"change": "changed", "failed": kind.failed[1], "instead": ""}
        return
    if not kind.stays[0]:
        instead = example.source if kind.stays[1] else ""
        yield (
            example.source,
            example.before,
            of_kind | {"change": "removed", "failed": kind.failed[0], "instead": instead},
        )
    if not kind.stays[1]:
        instead = example.source if kind.stays[0] else ""
        yield example.source, example.after, of_kind | {"change": "added", "failed": kind.failed[1], "instead": instead}


WayStep = tuple[str, str, str]
"""The source and the target of a step, and its operation."""


def _way(found: Compared, starts: Sequence[str], target: str) -> list[WayStep]:
    """Return a shortest path to a look that takes only steps common to both sides; empty if there is none."""
    known: dict[str, WayStep | None] = dict.fromkeys(starts)
    waiting = deque(starts)
    while waiting and target not in known:
        source = waiting.popleft()
        for reached, words in found.moves.get(source, {}).items():
            if reached not in known:
                known[reached] = (source, reached, words)
                waiting.append(reached)
    way: list[WayStep] = []
    while (step := known.get(target)) is not None:
        way.append(step)
        target = step[0]
    return way[::-1]
