"""The invariants of workflows, their stores and their queues. They look at stored states alone, and ask no rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import UNSET

from hsm_model.framework.state import (
    CellState,
    Fate,
    LoadedWorkflow,
    OutboundTask,
    QueueTask,
    Store,
    StoredWorkflow,
    TimerTask,
)
from hsm_model.persistence import Dialect, unmarshal
from hsm_model.state import Key, NodeState, Path, find
from hsm_model.tasks import TaskKindTimer
from hsm_specs.explore.access_actions import FRACTION
from hsm_specs.explore.explorer import Edge, Graph
from hsm_specs.explore.invariant import Invariant, LeadsTo, OfEdges, answers, of_states
from hsm_specs.explore.stage import State
from hsm_specs.explore.workflow import alone, of_workflow
from hsm_specs.language import operations as ops
from hsm_specs.language.palette import PaletteDefinition
from hsm_specs.oracle.world.queues import later


class StoredTask(NamedTuple):
    """A task as it is stored: whose it is, at which transition count, what it is, and its deadline or destination."""

    path: Path
    transitions: int
    type: int
    data: bytes
    when: datetime | str


class Parts(NamedTuple):
    """The parts of a state: what is in memory, and what is in the store."""

    cell: CellState
    store: Store
    stored: StoredWorkflow
    loaded: LoadedWorkflow | None
    root: NodeState


def parts(state: State) -> Parts:
    """Return the parts of a state of a workflow."""
    world = of_workflow(state)
    (_, cell), (_, store) = alone(world.cells), alone(world.stores)
    key, stored = alone(store.workflows)
    return Parts(cell, store, stored, cell.loaded.get(key), unmarshal(stored.tree, Dialect.V1_25))


def all_tasks(store: Store) -> list[QueueTask]:
    """Return the tasks in both queues."""
    return [store.tasks[number] for number in store.tasks]


def outbound(store: Store, since: int = 0) -> Iterator[StoredTask]:
    """Yield the outbound tasks from an ID on."""
    for task in all_tasks(store):
        if isinstance(task, OutboundTask) and task.id >= since:
            ref = task.task.ref
            yield StoredTask(ref.path, ref.machine_transition_count, task.task.type, task.task.data, task.destination)


def timers(stored: StoredWorkflow) -> Iterator[StoredTask]:
    """Yield the timers of a workflow."""
    for group in stored.info.timers:
        for timer in group.tasks:
            ref = timer.ref
            yield StoredTask(ref.path, ref.machine_transition_count, timer.type, timer.data, group.deadline)


def tasks(of: Parts, since: int = 0) -> Counter[StoredTask]:
    """Return all stored tasks, outbound ones from an ID on."""
    return Counter([*outbound(of.store, since), *timers(of.stored)])


def path_of(place: ops.Path) -> Path:
    """Return a place as the model names it."""
    return tuple(Key(*key) for key in place)


def count_of(root: NodeState, path: Path) -> int:
    """Return the transition count of a machine, -1 if there is none."""
    node = find(root, path)
    return -1 if node is None else node.transition_count


def ends(graph: Graph, edge: Edge) -> tuple[Parts, Parts]:
    """Return the parts of the states before and after an action."""
    return parts(graph.states[edge.source]), parts(graph.states[edge.target])


def performed(graph: Graph, edge: Edge, *kinds: type[ops.Operation]) -> list[tuple[Any, Any]]:
    """Return the operations of some kinds that an action has, with the values that they returned, UNSET for none."""
    pairs = zip(graph.actions[edge.action].operations, edge.observations, strict=True)
    return [(operation, answer.ok) for operation, answer in pairs if isinstance(operation, kinds)]


# --- always -----------------------------------------------------------------------------------------------------------


def stored_with_their_transition(graph: Graph, edge: Edge) -> bool:
    if performed(graph, edge, ops.Refresh):
        return True
    before, after = ends(graph, edge)
    wanted = Counter[StoredTask]()
    for access, _ in performed(graph, edge, ops.AccessWorkflow):
        steps = [step for step in access.script.ops if isinstance(step, ops.MachineTransition)]
        for place, asked in {step.node: step.script.tasks for step in steps}.items():
            path = path_of(graph.scope.places[place])
            if count_of(after.root, path) > count_of(before.root, path):
                wanted.update(_stored(path, after, task) for task in later(asked, FRACTION))
    delivered = performed(graph, edge, ops.PumpTimers, ops.PumpOutbound)
    return tasks(after) - tasks(before) == wanted and (bool(delivered) or not tasks(before) - tasks(after))


def _stored(path: Path, of: Parts, task: Any) -> StoredTask:
    """Return a task of a machine as it is to be stored."""
    kind = task.kind()
    when = kind.deadline if isinstance(kind, TaskKindTimer) else kind.destination
    return StoredTask(path, count_of(of.root, path), task.type_id, b"%d" % task.payload, when)


def timers_wait(graph: Graph, edge: Edge) -> bool:
    before, _ = ends(graph, edge)
    may = {(timer.path, timer.type, timer.data) for timer in due(before)}
    return all(
        (path, task.type_id, b"%d" % task.payload) in may
        for _, fired in performed(graph, edge, ops.PumpTimers)
        for _, _, task, path, _ in fired
    )


def due(of: Parts) -> list[StoredTask]:
    """Return the timers that are due."""
    return [timer for timer in timers(of.stored) if isinstance(timer.when, datetime) and timer.when <= of.cell.now]


def stale_tasks_change_nothing(graph: Graph, edge: Edge) -> bool:
    if not performed(graph, edge, ops.PumpTimers, ops.PumpOutbound):
        return True
    before, after = ends(graph, edge)
    valid = {(task.path, task.transitions) for task in tasks(before, before.stored.info.rebuilt_at)}
    for path in map(path_of, graph.scope.places):
        count = count_of(before.root, path)
        # One that is valid makes all others of its machine stale.
        if count_of(after.root, path) != count and count_of(after.root, path) != count + ((path, count) in valid):
            return False
    return True


def refresh_leaves_what_states_call_for(graph: Graph, edge: Edge) -> bool:
    if not any(value is not UNSET for _, value in performed(graph, edge, ops.Refresh)):
        return True
    _, after = ends(graph, edge)
    wanted = Counter[StoredTask]()
    for path in map(path_of, graph.scope.places[1:]):
        node = find(after.root, path)
        if node is not None:
            machine = PaletteDefinition(path[-1].type, 0).deserialize(node.data)
            wanted.update(_stored(path, after, task) for task in machine.regenerate_tasks())
    return tasks(after, after.stored.info.rebuilt_at) == wanted


LOOKS = (ops.Stored, ops.StoredTasks, ops.TimerTasks)
"""Operations that look at a store."""


def reads_write_nothing(graph: Graph, edge: Edge) -> bool:
    done = [each for each in graph.actions[edge.action].operations if not isinstance(each, LOOKS)]
    if not all(isinstance(each, ops.AccessWorkflow) and each.access == "read" for each in done):
        return True
    before, after = ends(graph, edge)
    return before.store == after.store and not edge.counts[1]


def memory_is_what_is_stored(state: State) -> bool:
    _, _, stored, loaded, root = parts(state)
    return loaded is None or (loaded.tree.root, loaded.info, loaded.record) == (root, stored.info, stored.record)


# --- leads to ---------------------------------------------------------------------------------------------------------


def deliveries_end(graph: Graph) -> Iterator[tuple[int, bool]]:
    """Yield for each state whether no task is left but those that are seen to fail, if all are delivered for ever.

    A timer that is not due yet when the clock has come to its bound must have a task in the timer queue.
    """
    steps = {(edge.source, graph.actions[edge.action].name): edge for edge in graph.edges}
    yield from ((index, _ends(graph, index, steps)) for index, inside in enumerate(graph.inside) if inside)


DELIVERIES = ("run timers", "run outbound tasks")
CLOCK = "advance"


def _ends(graph: Graph, index: int, steps: Mapping[tuple[int, str], Edge]) -> bool:
    while True:
        visited: set[int] = set()
        while index not in visited:
            visited.add(index)
            for name in DELIVERIES:
                edge = steps.get((index, name))
                if edge is None:
                    continue
                if not _seen_to_fail(graph, edge):
                    return False
                index = edge.target
                if not graph.inside[index]:
                    return True  # What it does from there is not explored.
        clock = steps.get((index, CLOCK))
        if clock is None or not graph.inside[clock.target]:
            last = parts(graph.states[index])
            return set(timers(last.stored)) == set(due(last)) or bool(queued(last.store))
        index = clock.target


def _seen_to_fail(graph: Graph, edge: Edge) -> bool:
    """Return whether the tasks that a delivery left were seen to fail in it, or wait for the clock."""
    before, after = ends(graph, edge)
    for _, delivered in performed(graph, edge, ops.PumpOutbound):
        left = Counter((task.type, task.data.decode()) for task in outbound(after.store))
        if left != Counter((type_id, data) for type_id, data, fate, _ in delivered if fate == Fate.RETRIED):
            return False
    return all(
        fired or not set(due(before)) & set(due(after)) or any(at > after.cell.now for at in queued(after.store))
        for _, fired in performed(graph, edge, ops.PumpTimers)
    )


def queued(store: Store) -> list[datetime]:
    """Return when the tasks in the timer queue are due."""
    return [task.due for task in all_tasks(store) if isinstance(task, TimerTask)]


# --- sometimes --------------------------------------------------------------------------------------------------------


def a_timer_fires(graph: Graph, edge: Edge) -> bool:
    return any(fired for _, fired in performed(graph, edge, ops.PumpTimers))


def a_timer_is_passed_over(graph: Graph, edge: Edge) -> bool:
    before, after = ends(graph, edge)
    gone = set(due(before)) - set(due(after))
    return bool(gone) and any(not fired for _, fired in performed(graph, edge, ops.PumpTimers))


def has_fate(fate: Fate) -> OfEdges:
    """Return whether an outbound task that was given to its executor has a fate."""

    def holds(graph: Graph, edge: Edge) -> bool:
        delivered = (each for _, value in performed(graph, edge, ops.PumpOutbound) for each in value)
        return any(each[2] == fate and each[3] for each in delivered)

    return OfEdges(holds)


def written_without_knowing(graph: Graph, edge: Edge) -> bool:
    before, after = ends(graph, edge)
    failed = any(operation.when == "after" for operation, _ in performed(graph, edge, ops.FailStore))
    return failed and before.root != after.root


def made_stale_by_a_refresh(state: State) -> bool:
    of = parts(state)
    return any(task not in set(outbound(of.store, of.stored.info.rebuilt_at)) for task in outbound(of.store))


WORKFLOW_INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "tasks are stored exactly with their transition",
        "COMMIT-ATOMIC-1",
        "always",
        OfEdges(stored_with_their_transition),
    ),
    Invariant("timers wait for their deadline", "TIMER-DUE-1", "always", OfEdges(timers_wait)),
    Invariant("stale tasks change no machine", "REF-COUNT-1", "always", OfEdges(stale_tasks_change_nothing)),
    Invariant(
        "refresh leaves what states call for", "REFRESH-TASKS-1", "always", OfEdges(refresh_leaves_what_states_call_for)
    ),
    Invariant("read access leaves the store as it was", "ENV-READ-1", "always", OfEdges(reads_write_nothing)),
    Invariant(
        "memory is what is stored",
        "COMMIT-ATOMIC-3",
        "always",
        of_states(memory_is_what_is_stored),
    ),
    Invariant("every task is run, refused or seen to fail", "TIMER-ONCE-1", "always", LeadsTo(deliveries_end)),
    Invariant("a timer fires", "TIMER-ONCE-1", "sometimes", OfEdges(a_timer_fires)),
    Invariant("a stale timer is passed over", "TIMER-STALE-1", "sometimes", OfEdges(a_timer_is_passed_over)),
    Invariant("an outbound task is done", "OUTBOUND-FATE-1", "sometimes", has_fate(Fate.DONE)),
    Invariant("a stale outbound task is dropped", "OUTBOUND-FATE-2", "sometimes", has_fate(Fate.DROPPED)),
    Invariant("an outbound task is seen to fail", "OUTBOUND-FATE-3", "sometimes", has_fate(Fate.RETRIED)),
    Invariant("the store fails after it has written", "COMMIT-ATOMIC-2", "sometimes", OfEdges(written_without_knowing)),
    Invariant(
        "a refresh makes a task stale",
        "REFRESH-STALE-1",
        "sometimes",
        of_states(made_stale_by_a_refresh),
    ),
    Invariant("an accessor fails", "ENV-ERROR-2", "sometimes", answers(ops.AccessWorkflow, error="user_1")),
    Invariant(
        "a reference is stale", "REF-VERSION-1", "sometimes", answers(ops.AccessWorkflow, error="stale_reference")
    ),
)
"""The invariants of workflows, in the order in which they are reported."""
