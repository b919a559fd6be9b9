"""Workflows in explorations: a world of the framework's model as a state, without what can only grow.

Numbers of records, transitions and owners, and IDs of tasks, go up for ever, and are compared with each other alone. A
state has small ones that compare in the same way. With one cell, which is always the owner, that is easy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, TypeVar

from hsm_model.framework import Framework
from hsm_model.framework.state import (
    NodeVersions,
    OutboundTask,
    QueueTask,
    TimerTask,
    VersionedTransition,
    WorkflowInfo,
    milliseconds,
)
from hsm_model.framework.state import World as Workflows
from hsm_model.maps import Map
from hsm_model.persistence import Dialect, unmarshal
from hsm_model.semantics import Semantics
from hsm_model.state import Key, Path, TreeState, find
from hsm_specs.explore.access_actions import set_up
from hsm_specs.explore.actions import Action
from hsm_specs.explore.scope import Scope, WorkflowBounds
from hsm_specs.explore.stage import State
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import Excluded, Unspecified, World

K = TypeVar("K")
V = TypeVar("V")
OWNER = 1
"""The range ID of the cell in all states."""


class WorkflowStage:
    """A world whose workflow can be put into any state."""

    def __init__(self, scope: Scope, semantics: Semantics, without: frozenset[str]) -> None:
        self.counts = (0, 0)
        """How often the last action has loaded the workflow and written it."""
        self._places: list[Path] = [tuple(Key(*key) for key in place) for place in scope.places]
        self._oracle = World(semantics, without)
        deque(map(self._oracle.observe, set_up(scope)), maxlen=0)
        self._framework: Framework = next(iter(self._oracle.frameworks.values()))

    def first(self) -> State:
        """Return the state of a new workflow."""
        return state_of(self._framework.world)

    def successors(
        self, state: State, actions: tuple[Action, ...]
    ) -> Iterator[tuple[int, tuple[Observation, ...], State]]:
        """Yield each specified action in a state: its index, its answer and the state afterwards."""
        oracle, framework, world = self._oracle, self._framework, of_workflow(state)
        there = {index for index, place in enumerate(self._places) if find(state.tree.root, place) is not None}
        for index, action in enumerate(actions):
            if not action.needs <= there or action.lacks in there:
                continue
            framework.world = world
            framework.loads_of.clear()
            framework.writes_of.clear()
            try:
                observations = tuple([oracle.observe(operation) for operation in action.operations])
            except (Unspecified, Excluded):
                framework.transactions.clear()
                oracle.frames.clear()
                continue
            finally:
                oracle.machines.clear()
                oracle.nodes.clear()
            self.counts = framework.loads, framework.writes
            reached = state_of(framework.world)
            yield index, observations, state if reached == state else reached


def of_workflow(state: State) -> Workflows:
    """Return the world of a state. Raise ValueError for one of a tree."""
    if state.workflow is None:
        raise ValueError("the state is that of a tree")
    return state.workflow


def alone(entries: Map[K, V]) -> tuple[K, V]:
    """Return the one entry of a map."""
    ((key, value),) = entries.items()
    return key, value


def exceeded(bounds: WorkflowBounds, state: State) -> bool:
    """Return whether a state is out of bounds: by its tasks, its clock, or a fault that has yet to show."""
    world = of_workflow(state)
    (_, cell), (_, store) = alone(world.cells), alone(world.stores)
    _, stored = alone(store.workflows)
    outbound = sum(isinstance(task, OutboundTask) for _, task in store.tasks.items())
    timers = sum(len(group.tasks) for group in stored.info.timers)
    tasks = max(outbound, timers, len(store.tasks) - outbound)
    return tasks > bounds.tasks or milliseconds(cell.now) > bounds.milliseconds or store.fault is not None


def state_of(world: Workflows) -> State:
    """Return the state of a world with one workflow in one cell."""
    (name, cell), (cluster, store) = alone(world.cells), alone(world.stores)
    key, stored = alone(store.workflows)
    loaded = cell.loaded.get(key)
    tasks = sorted((task for _, task in store.tasks.items()), key=lambda task: _order(task, stored.info))
    numbered: dict[int, QueueTask] = {number: task._replace(id=number) for number, task in enumerate(tasks, 1)}
    stale = sum(task.id < stored.info.rebuilt_at for task in tasks)
    if loaded is not None:
        record = 1 if loaded.record == stored.record else 0
        loaded = loaded._replace(info=_timeless(loaded.info, stale), record=record)
    store = store._replace(
        workflows=Map({key: stored._replace(info=_timeless(stored.info, stale), record=1)}),
        tasks=Map.of(numbered),
        next_task_id=len(tasks) + 1,
        range_id=OWNER,
        claims=Map({}),
    )
    cell = cell._replace(range_id=OWNER, loaded=Map({} if loaded is None else {key: loaded}))
    tree = TreeState(unmarshal(stored.tree, Dialect.V1_25), None) if loaded is None else loaded.tree
    return State(tree, workflow=Workflows(Map({name: cell}), Map({cluster: store})))


def _order(task: QueueTask, info: WorkflowInfo) -> tuple[Any, ...]:
    """Return a key by which to number tasks: stale ones first, then all as they are described."""
    described = (task.due,) if isinstance(task, TimerTask) else (task.task, task.destination)
    return task.id >= info.rebuilt_at, isinstance(task, TimerTask), described


def _timeless(info: WorkflowInfo, stale: int) -> WorkflowInfo:
    """Return a workflow whose transitions have no numbers, in which so many tasks are stale."""
    versions = {path: NodeVersions(*map(_numberless, each)) for path, each in info.versions.items()}
    return info._replace(
        last=_numberless(info.last), versions=Map.of(versions), rebuilt_at=stale + 1 if stale else 0, rebuilt_by=0
    )


def _numberless(at: VersionedTransition) -> VersionedTransition:
    return at._replace(transition=0)
