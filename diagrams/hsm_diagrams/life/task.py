"""The graph of a task's life, folded from what the framework does with it in all states that trials lead to.

Its nodes are phases of a task, its edges what happens to it: commits, failures, time, deliveries, refreshes. Everything
in it was executed, for a task of the outbound queue and for a timer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import wraps
from typing import Any, NamedTuple

import networkx as nx

from hsm_diagrams.life.task_trials import Ending, Kind, Move, Outcome, Trial
from hsm_diagrams.life.task_world import NEW, PENDING, Followed, Seen, Stage, due, tasks
from hsm_model.framework import FRAMEWORK_SPECIFICATION, Fate, FrameworkSemantics, World
from hsm_model.semantics import requirements_of
from hsm_specs.catalogue.requirements import load_catalogue

ABSENT, ASKED, STORED, WAITING, DUE = "not asked for", "asked for", "stored", "waiting", "due"
RUNNING, DONE, REGENERATED, STALE, DROPPED, STUCK = "running", "done", "regenerated", "stale", "dropped", "stuck"
ORDER = (ABSENT, ASKED, DUE, WAITING, DROPPED, STORED, REGENERATED, RUNNING, DONE, STUCK, STALE)
"""The phases of a task, in an order for which arrows cross no text."""
MOST_TASKS = 3
"""The number of stored tasks above which a state is not tried further."""
TRIALS: tuple[Trial, ...] = (*Ending, *Outcome, *Move)
EARLY, AGAIN = "delivered early", "delivered again"
DELIVERED = "delivered"


class Lived(NamedTuple):
    """A state of the world with the task that is followed, and its phase."""

    world: World
    followed: Followed | None
    phase: str


class TaskStep(NamedTuple):
    """The result of a trial in a state. ``applied`` has the requirements of the rules that had a part in it."""

    kind: Kind
    source: Lived
    trial: Trial
    seen: Seen
    targets: tuple[Lived, ...]
    applied: tuple[str, ...]


def task_graph(rules: FrameworkSemantics = FRAMEWORK_SPECIFICATION) -> nx.MultiDiGraph[str]:
    """Return the graph of a task's life under the rules of a framework."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="life", name="task-life", title="The life of a task")
    steps = [step for kind in Kind for step in task_steps(kind, rules)]
    edges = [edge for step in steps for edge in _edges(step)]
    phases = {phase for source, target, *_ in edges for phase in (source, target)}
    for phase in sorted(phases, key=ORDER.index):
        kinds = {step.kind.value for step in steps for target in (step.source, *step.targets) if target.phase == phase}
        graph.add_node(phase, kind="phase", kinds=sorted(kinds))
    for source, target, words, failed, requirements in edges:
        _count(graph, source, target, words, failed, requirements)
    graph.graph.update(
        executions=len(steps), trials=len(TRIALS), states=len({(step.kind, step.source.world) for step in steps})
    )
    return graph


def task_steps(kind: Kind, rules: FrameworkSemantics = FRAMEWORK_SPECIFICATION) -> Iterator[TaskStep]:
    """Yield every trial that can be made in every state that trials lead to, breadth first."""
    applied: list[str] = []
    stage = Stage(kind, _recorded(rules, applied))
    first = Lived(stage.first, None, ABSENT)
    known, waiting = {_signature(stage, first)}, deque([first])
    while waiting:
        source = waiting.popleft()
        for trial in TRIALS:
            if not _applicable(stage, source, trial):
                continue
            applied.clear()
            seen = stage.perform(source.world, trial, source.followed)
            requirements = tuple(dict.fromkeys(applied))
            targets = tuple(_targets(stage, source, trial, seen))
            yield TaskStep(kind, source, trial, seen, targets, requirements)
            for target in targets:
                signature = _signature(stage, target)
                if signature not in known and len(tasks(target.world)) <= MOST_TASKS:
                    known.add(signature)
                    waiting.append(target)


def _applicable(stage: Stage, source: Lived, trial: Trial) -> bool:
    """Return whether a trial makes sense in a state."""
    match trial:
        case Ending():
            return stage.machine(source.world).name == NEW
        case Outcome():
            return source.phase not in (ABSENT, DROPPED, STUCK)
        case _ if source.phase in (DONE, DROPPED):
            return False
        case Move.TIME:
            return stage.kind is Kind.TIMER and not due(source.world) and source.phase != ABSENT
        case Move.TRANSITION:
            return stage.machine(source.world).name == PENDING
        case _:
            return source.phase != ABSENT


def _targets(stage: Stage, source: Lived, trial: Trial, seen: Seen) -> Iterator[Lived]:
    """Yield what a trial leads to: the task that was followed, and one that was stored in its place."""
    world, followed = seen.world, source.followed
    newest = stage.newest(world)
    if isinstance(trial, Ending):
        if newest is None:
            superseded = trial is Ending.SUPERSEDED and seen.failure is None
            yield Lived(world, None, DROPPED if superseded else source.phase)
        else:
            yield Lived(world, newest, _there(stage, world, newest))
        return
    if followed is None:
        return
    replaced = newest is not None and newest.delivered.id not in tasks(source.world) and source.phase != STALE
    # Of timers, the one that was stored before is gone, and not to be distinguished from the new one.
    if not (replaced and stage.kind is Kind.TIMER):
        yield Lived(world, followed, _phase(stage, source, followed, seen))
    if replaced and newest is not None:
        yield Lived(world, newest, _there(stage, world, newest))


def _phase(stage: Stage, source: Lived, followed: Followed, seen: Seen) -> str:
    """Return the phase of the task that is followed."""
    if stage.there(seen.world, followed):
        return _there(stage, seen.world, followed)
    if source.phase in (DONE, DROPPED):
        return source.phase
    return DONE if seen.called and seen.delivery is not None and seen.delivery.fate is not Fate.DROPPED else DROPPED


def _there(stage: Stage, world: World, followed: Followed) -> str:
    """Return the phase of a task that is stored."""
    if not stage.fresh(world, followed):
        return STALE
    if stage.kind is Kind.OUTBOUND:
        return STORED
    if not stage.awaited(world):
        return STUCK
    return DUE if due(world) else WAITING


def _signature(stage: Stage, lived: Lived) -> tuple[Any, ...]:
    """Return what distinguishes states: neither counts of writes nor IDs of tasks."""
    world, followed = lived.world, lived.followed
    behind = followed is not None and followed != stage.newest(world)
    return lived.phase, stage.machine(world).name, due(world), len(tasks(world)), behind


Edge = tuple[str, str, str, bool, tuple[str, ...]]


def _edges(step: TaskStep) -> Iterator[Edge]:
    """Yield the edges of a step: through a phase of its own if the task is asked for, running or regenerated."""
    source, trial, seen = step.source.phase, step.trial, step.seen
    failed = seen.failure is not None
    for target in step.targets:
        if isinstance(trial, Ending):
            yield source, ASKED, "a transition function puts it out", False, ()
            yield ASKED, target.phase, trial.value, failed, step.applied
        elif seen.called:
            yield source, RUNNING, DELIVERED, False, ()
            yield RUNNING, target.phase, trial.value, failed, step.applied
        elif isinstance(trial, Outcome):
            lost = target.phase == DROPPED or failed
            yield source, target.phase, _delivered(step), lost and source not in (STALE, DONE), step.applied
        elif target.followed != step.source.followed:
            yield source, REGENERATED, trial.value, False, step.applied
            yield REGENERATED, target.phase, "stored in its place", False, ()
        else:
            yield source, target.phase, trial.value, failed, step.applied


def _delivered(step: TaskStep) -> str:
    """Return what to call a delivery that no executor was called for."""
    if step.source.phase == DONE:
        return AGAIN
    if step.kind is Kind.TIMER and not due(step.source.world):
        return EARLY
    if step.trial in (Outcome.PASSIVE, Outcome.UNKNOWN) and step.source.phase != STALE:
        return f"{DELIVERED}: {step.trial.value}"
    return DELIVERED


def _count(
    graph: nx.MultiDiGraph[str], source: str, target: str, words: str, failed: bool, requirements: tuple[str, ...]
) -> None:
    outcome = "failed" if failed else "success"
    key = f"{words} {outcome}"
    if not graph.has_edge(source, target, key):
        graph.add_edge(source, target, key=key, kind="step", words=words, outcome=outcome, requirements=[], count=0)
    data = graph.edges[source, target, key]
    data["count"] += 1
    data["requirements"] = list(dict.fromkeys([*data["requirements"], *requirements]))


def _recorded(rules: FrameworkSemantics, applied: list[str]) -> FrameworkSemantics:
    """Return rules that record their requirements where they refuse, or decide that something is done."""
    catalogue = load_catalogue()

    def recording(rule: Callable[..., Any]) -> Callable[..., Any]:
        requirements = [name for name in requirements_of(rule) if name in catalogue]

        @wraps(rule)
        def recorded(*arguments: Any) -> Any:
            try:
                result = rule(*arguments)
            except Exception:
                applied.extend(requirements)
                raise
            if result is not None and result is not False:
                applied.extend(requirements)
            return result

        return recorded

    return type(rules)(**{each.name: recording(getattr(rules, each.name)) for each in fields(rules)})
