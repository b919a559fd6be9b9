"""The graph of a node's life, folded from all states of a small scope.

Its nodes are phases of a node, its edges operations. Everything in it was executed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import networkx as nx
from msgspec import UNSET

from hsm_diagrams.life.actions import ALONE, PATH, LifeTrial, trials
from hsm_diagrams.rules import Applied, Recorder, named, shown_by
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import Key, find
from hsm_model.state import Path as Place
from hsm_specs.explore.explorer import within
from hsm_specs.explore.scope import Scope
from hsm_specs.explore.stage import Stage, State
from hsm_specs.language.observations import Observation
from hsm_specs.language.values import answer

ABSENT, ADDED, DIRTY, INSIDE = "absent", "added", "dirty", "in transition"
CLEARED, REHYDRATED, WITHOUT_OUTPUT = "cleared", "rehydrated", "dirty without output"
ORDER = (ABSENT, ADDED, INSIDE, DIRTY, WITHOUT_OUTPUT, CLEARED, REHYDRATED)
"""The phases of a node, in the order of the drawing."""
PLACE: Place = tuple(Key(*key) for key in PATH)


class Lived(NamedTuple):
    """A state of the exploration with the phase of its node."""

    state: State
    phase: str


@dataclass(frozen=True, slots=True)
class LifeStep:
    """The result of a trial in a state. ``applied`` are the rules that it applied."""

    source: Lived
    trial: LifeTrial
    target: Lived
    observation: Observation
    applied: Sequence[Applied]

    @property
    def failed(self) -> bool:
        """Return whether the operation failed."""
        return self.observation.ok is UNSET

    @property
    def called(self) -> Sequence[Observation]:
        """Return what the node's function observed; empty if none was called."""
        return (self.observation.inner or ()) if self.trial.ending else ()


def life_graph(semantics: Semantics = SPECIFICATION, scope: Scope = ALONE) -> nx.MultiDiGraph[str]:
    """Return the graph of a node's life under a semantics."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="life", name="node-life", title="The life of a node")
    steps = list(lived(semantics, scope))
    seen = {step.source for step in steps} | {step.target for step in steps}
    phases = {each.phase for each in seen} | {INSIDE for step in steps if step.called}
    for phase in sorted(phases, key=ORDER.index):
        graph.add_node(phase, kind="phase", **_facts(phase, seen, semantics), saw=[], endings=[])
    applied: set[str] = set()
    for step in steps:
        applied.update(each.rule for each in step.applied)
        _add(graph, step, semantics)
    graph.graph.update(
        states=len({each.state for each in seen}),
        executions=len(steps),
        trials=len(trials(scope)),
        scope=scope.name,
        rules=sorted(applied),
    )
    return graph


def lived(semantics: Semantics, scope: Scope) -> Iterator[LifeStep]:
    """Yield every trial in every state of a scope, breadth first."""
    recorder = Recorder(semantics)
    every = trials(scope)
    # One stage per trial, so that applied rules can be assigned to trials.
    stages = [(trial, Stage(scope, recorder.recording(), frozenset())) for trial in every]
    first = Lived(stages[0][1].first(), ABSENT)
    known, waiting = {first}, deque([first])
    while waiting:
        source = waiting.popleft()
        for trial, stage in stages:
            recorder.take()
            for _, observations, state in stage.successors(source.state, (trial.action,)):
                target = Lived(state, _phase(source, trial, state, semantics))
                yield LifeStep(source, trial, target, observations[0], recorder.take())
                if target not in known:
                    known.add(target)
                    if within(scope, target.state):
                        waiting.append(target)


def _phase(before: Lived, trial: LifeTrial, after: State, semantics: Semantics) -> str:
    """Return the phase of the node after a trial."""
    tree = after.tree
    if find(tree.root, PLACE) is None:
        return ABSENT
    if semantics.dirty_below(tree, PLACE):
        return DIRTY if semantics.outputs_below(tree, PLACE) else WITHOUT_OUTPUT
    if trial.action.rehydrates:
        return REHYDRATED
    if before.phase == ABSENT:
        return ADDED
    return CLEARED if before.phase in (DIRTY, WITHOUT_OUTPUT) else before.phase


def _facts(phase: str, seen: set[Lived], semantics: Semantics) -> dict[str, Any]:
    """Return the values that the node's methods return in all states of a phase."""
    trees = [each.state.tree for each in seen if each.phase == phase]
    nodes = [node for tree in trees if (node := find(tree.root, PLACE)) is not None]
    return {
        "counts": sorted({node.transition_count for node in nodes}),
        "dirty": sorted({semantics.dirty_below(tree, PLACE) for tree in trees}) if nodes else [],
        "outputs": sorted({sum(len(outputs) for _, outputs in semantics.outputs_below(tree, PLACE)) for tree in trees})
        if nodes
        else [],
    }


def _add(graph: nx.MultiDiGraph[str], step: LifeStep, semantics: Semantics) -> None:
    """Add the edges of a step: one, or two if it called a function of the node."""
    source, target = step.source.phase, step.target.phase
    answered = answer(step.observation)
    if not step.called:
        requirements = shown_by(step.applied, failed=step.failed)
        _edge(graph, source, target, step.trial.words, step.failed, requirements, answered)
        return
    begun = [name for each in named(step.applied, "transition_begun") for name in each.requirements]
    _edge(graph, source, INSIDE, step.trial.words, False, begun, "")
    ended = shown_by(_end(step), failed=step.failed)
    _edge(graph, INSIDE, target, step.trial.ending, step.failed, ended, answered, source)
    saw, endings = graph.nodes[INSIDE]["saw"], graph.nodes[INSIDE]["endings"]
    for what in _sight(step, semantics):
        if what not in saw:
            saw.append(what)
    if step.failed and step.trial.ending not in endings:
        endings.append(step.trial.ending)


def _end(step: LifeStep) -> list[Applied]:
    return [each for each in step.applied if each.rule in ("transition_committed", "transition_rolled_back")]


def _sight(step: LifeStep, semantics: Semantics) -> Iterator[str]:
    """Yield what the function observed of its node, relative to the state before."""
    tree = step.source.state.tree
    node = find(tree.root, PLACE)
    count, dirty = step.called[0].ok, step.called[1].ok
    if node is not None and isinstance(count, int):
        yield f"TransitionCount() {count - node.transition_count:+d}"
    yield "Dirty() as before" if dirty == semantics.dirty_below(tree, PLACE) else f"Dirty() {str(dirty).lower()}"


def _edge(
    graph: nx.MultiDiGraph[str],
    source: str,
    target: str,
    words: str,
    failed: bool,
    requirements: Sequence[str],
    answered: str,
    origin: str = "",
) -> None:
    """Count an execution on the edge of its kind. ``origin`` is the phase before the node's function was called."""
    outcome = "failed" if failed else "success"
    key = f"{words} {outcome} {origin}".rstrip()
    if not graph.has_edge(source, target, key):
        graph.add_edge(
            source,
            target,
            key=key,
            kind="step",
            words=words,
            outcome=outcome,
            origin=origin,
            requirements=list(requirements),
            answers=[],
            count=0,
        )
    data = graph.edges[source, target, key]
    data["count"] += 1
    data["requirements"] = list(dict.fromkeys([*data["requirements"], *requirements]))
    if answered and answered not in data["answers"]:
        data["answers"].append(answered)
