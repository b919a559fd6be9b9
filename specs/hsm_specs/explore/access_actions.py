"""The actions of parts that are about a workflow, which is the workflow 0 in the cell 0.

What an action has stored is looked at after it. That loads nothing into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from hsm_specs.explore.actions import MACHINE, ROOT_TYPE, SCRATCH, WORKFLOW_FAMILIES, Action, children, family, named
from hsm_specs.explore.scope import Scope
from hsm_specs.language import operations as ops
from hsm_specs.language.shapes import StoreError, StoreFailure

SEEN: tuple[ops.AnyOperation, ...] = (ops.Stored(0, 0), ops.StoredTasks(0, 0), ops.TimerTasks(0, 0))
SECOND = 1_000_000
"""The microseconds by which clocks are put forward."""
FRACTION = 1
"""The microseconds by which timers are due after a whole number of seconds, so that they are just not due then."""
TIMER: ops.Task = (1, 7, 1000)
SAME_TIMER: ops.Task = (1, 6, 1000)
FAILING_TIMER: ops.Task = (3, 6, 1000)
VAIN_TIMER: ops.Task = (7, 3, 1000)
LATER_TIMER: ops.Task = (1, 5, 2000)
OUTBOUND: ops.Task = (2, 8, "x")
FAILING_OUTBOUND: ops.Task = (4, 9, "")
IDLE_TIMER: ops.Task = (9, 2, 1000)
UNUSUAL_OUTBOUND: dict[str, ops.Task] = {
    "reads": (8, 3, "x"),
    "panics": (10, 3, "x"),
    "does not exist": (12, 3, "x"),
}
"""Outbound tasks by what their executor does."""
UNSERIALIZABLE: ops.Task = (6, 1, "x")
UNREGISTERED_TIMER: ops.Task = (5, 4, 1000)
SERIALIZED = (1, 2, 3, 4, 5, 7, 8, 9, 10, 12)
"""The types of tasks that have a serializer. All but 5 and 12 have executors."""
TIMER_STATE, OUTBOUND_STATE, QUIET_STATE = 1, 2, 3
"""States of machines that call for a timer, for an outbound task, and for nothing."""
FAULTS: tuple[tuple[StoreFailure, StoreError], ...] = (
    ("before", "condition_failed"),
    ("before", "unknown_outcome"),
    ("after", "condition_failed"),
    ("after", "unknown_outcome"),
)

workflow_family = partial(family, known=WORKFLOW_FAMILIES)


def set_up(scope: Scope) -> tuple[ops.AnyOperation, ...]:
    """Return the operations that programs over a scope begin with, all of which return null."""
    registered: tuple[ops.AnyOperation, ...] = (ops.NewRegistry(), *map(ops.RegisterMachine, scope.types()))
    if scope.workflow is None:
        return *registered, ops.NewRoot(ROOT_TYPE, (0, 0), 0)
    changes = changed(SCRATCH, (), QUIET_STATE)
    works, fails = ops.Script((changes,)), ops.Script((changes,), (), "user_1")
    return (
        *registered,
        *map(ops.RegisterTaskSerializer, SERIALIZED),
        ops.DeadlineFraction(FRACTION),
        ops.NewCell(0),
        ops.RegisterTimerExecutor(0, 1, 1, SCRATCH, works),
        ops.RegisterExecutor(2, 2, "write", SCRATCH, works),
        ops.RegisterTimerExecutor(0, 3, 3, SCRATCH, fails),
        ops.RegisterExecutor(4, 4, "write", SCRATCH, fails),
        ops.RegisterTimerExecutor(0, 7, 7, SCRATCH, works, "not_found"),
        ops.RegisterExecutor(8, 8, "read", SCRATCH, ops.Script((ops.Export(SCRATCH),))),
        ops.RegisterTimerExecutor(0, 9, 9),
        ops.RegisterExecutor(10, 10, "write", SCRATCH, ops.Script((changes,), (), "panic")),
        ops.StartWorkflow(0, 0),
    )


def changed(
    node: int, tasks: tuple[ops.Task, ...], state: int, fail: ops.Failure | None = None
) -> ops.MachineTransition:
    """Return a transition to a state."""
    return ops.MachineTransition(node, ops.Script((ops.SetState(MACHINE, state),), tasks, fail), MACHINE)


def access(
    scope: Scope,
    place: int,
    *inside: ops.AnyOperation,
    kind: ops.Access = "write",
    fail: ops.Failure | None = None,
    count: int = 0,
    version: int = 1,
) -> ops.AccessWorkflow:
    """Return an access of the machine at a place."""
    path = scope.places[place]
    ref = (path, version, count) if path else None
    return ops.AccessWorkflow(0, 0, kind, place, ops.Script(inside, (), fail), ref)


def seen(name: str, operations: Iterable[ops.AnyOperation], *needs: int) -> Action:
    """Return an action after which one looks at what is stored."""
    return Action(name, (*operations, *SEEN), frozenset(needs))


def machines(scope: Scope) -> Iterator[tuple[int, str]]:
    """Yield the places below the root, with their names."""
    for place, _, _ in children(scope):
        yield place, named(scope, place)


@workflow_family("add")
def add(scope: Scope) -> Iterator[Action]:
    for place, parent, key in children(scope):
        adding = ops.AddChild(parent, key, (0, 5), SCRATCH)
        added = (access(scope, parent, adding), *SEEN)
        yield Action(f"add {named(scope, place)}", added, frozenset((parent,)), place, place)
        failing = (access(scope, parent, adding, fail="user_1"), *SEEN)
        yield Action(f"add {named(scope, place)} and fail", failing, frozenset((parent,)), place)


ASKED: Mapping[str, tuple[tuple[str, int, tuple[ops.Task, ...]], ...]] = {
    "ask-nothing": (("nothing", QUIET_STATE, ()),),
    "ask-timer": (("a timer", TIMER_STATE, (TIMER,)),),
    "ask-later-timer": (("a later timer", TIMER_STATE, (LATER_TIMER,)),),
    "ask-failing-timer": (("a timer that will fail", TIMER_STATE, (FAILING_TIMER,)),),
    "ask-unregistered-timer": (("a timer without executor", TIMER_STATE, (UNREGISTERED_TIMER,)),),
    "ask-vain-timer": (("a timer that will find nothing", TIMER_STATE, (VAIN_TIMER,)),),
    "ask-idle-timer": (("a timer that will do nothing", TIMER_STATE, (IDLE_TIMER,)),),
    "ask-two-timers": (
        ("two timers", TIMER_STATE, (TIMER, SAME_TIMER)),
        ("the same timer twice", TIMER_STATE, (TIMER, TIMER)),
    ),
    "ask-outbound": (("an outbound task", OUTBOUND_STATE, (OUTBOUND,)),),
    "ask-failing-outbound": (("an outbound task that will fail", OUTBOUND_STATE, (FAILING_OUTBOUND,)),),
    "ask-unusual-outbound": tuple(
        (f"an outbound task whose executor {does}", OUTBOUND_STATE, (task,)) for does, task in UNUSUAL_OUTBOUND.items()
    ),
    "ask-both": (("both", OUTBOUND_STATE, (TIMER, OUTBOUND)),),
}
"""By family, requests of machines: in words, the state that they go to, and the tasks."""


def asking(name: str, scope: Scope) -> Iterator[Action]:
    """Yield a transition of each machine for each thing that a family asks for."""
    for words, state, tasks in ASKED[name]:
        for place, where in machines(scope):
            yield seen(f"{where} asks for {words}", (access(scope, place, changed(place, tasks, state)),), place)


for _name in ASKED:
    workflow_family(_name)(partial(asking, _name))


@workflow_family("ask-twice")
def ask_twice(scope: Scope) -> Iterator[Action]:
    for place, where in machines(scope):
        steps = changed(place, (TIMER,), TIMER_STATE), changed(place, (OUTBOUND,), OUTBOUND_STATE)
        yield seen(f"{where} asks twice at once", (access(scope, place, *steps),), place)


@workflow_family("fail")
def fail(scope: Scope) -> Iterator[Action]:
    for place, where in machines(scope):
        step = changed(place, (TIMER, OUTBOUND), OUTBOUND_STATE)
        yield seen(f"{where} asks for both and fails", (access(scope, place, step, fail="user_1"),), place)
        yield seen(f"{where} asks for both and panics", (access(scope, place, step, fail="panic"),), place)
        undone = changed(place, (TIMER, OUTBOUND), OUTBOUND_STATE, "user_2")
        yield seen(f"{where} fails inside", (access(scope, place, undone),), place)
        unserializable = changed(place, (TIMER, UNSERIALIZABLE), OUTBOUND_STATE)
        yield seen(f"{where} asks for what has no serializer", (access(scope, place, unserializable),), place)


@workflow_family("read")
def read(scope: Scope) -> Iterator[Action]:
    yield seen("read the root", (access(scope, 0, ops.Export(0), kind="read"),))
    yield seen("write nothing", (access(scope, 0, ops.Export(0)),))
    for place, where in machines(scope):
        yield seen(f"read {where}", (access(scope, place, ops.Export(place), kind="read"),), place)


@workflow_family("read-failing")
def read_failing(scope: Scope) -> Iterator[Action]:
    yield seen("read the root and fail", (access(scope, 0, ops.Export(0), kind="read", fail="user_1"),))
    yield seen("read the root and panic", (access(scope, 0, ops.Export(0), kind="read", fail="panic"),))


@workflow_family("stale")
def stale(scope: Scope) -> Iterator[Action]:
    for place, where in machines(scope):
        step = changed(place, (TIMER,), TIMER_STATE)
        yield seen(f"{where} if it is there", (access(scope, place, step, kind="read", fail="user_1"),), 0)
        yield seen(f"{where} of another version", (access(scope, place, step, version=2),), place)
        for count in range(1, scope.counts + 1):
            at_count = access(scope, place, ops.Export(place), kind="read", count=count)
            yield seen(f"{where} if it has transitioned {count} times", (at_count,), place)


@workflow_family("nested")
def nested(scope: Scope) -> Iterator[Action]:
    inner = ops.AccessWorkflow(0, 0, "read")
    yield seen("access inside of an access", (access(scope, 0, inner),))


@workflow_family("forget")
def forget(scope: Scope) -> Iterator[Action]:
    yield seen("evict", (ops.Evict(0, 0),))
    yield seen("restart", (ops.Restart(0),))


@workflow_family("close")
def close(scope: Scope) -> Iterator[Action]:
    yield seen("close", (ops.CloseWorkflow(0, 0),))


@workflow_family("refresh")
def refresh(scope: Scope) -> Iterator[Action]:
    yield seen("refresh", (ops.Refresh(0, 0),))


@workflow_family("advance")
def advance(scope: Scope) -> Iterator[Action]:
    yield seen("advance", (ops.Advance(0, SECOND), ops.Now(0)))


@workflow_family("run-timers")
def run_timers(scope: Scope) -> Iterator[Action]:
    yield seen("run timers", (ops.PumpTimers(0, 0),))
    yield seen("run timers twice", (ops.PumpTimers(0, 0, "twice"),))
    yield seen("run timers early", (ops.PumpTimers(0, 0, "early"),))


@workflow_family("run-outbound")
def run_outbound(scope: Scope) -> Iterator[Action]:
    yield seen("run outbound tasks", (ops.PumpOutbound(0, 0),))
    yield seen("run outbound tasks twice", (ops.PumpOutbound(0, 0, None, "twice"),))
    for destination in ("", "x"):
        yield seen(f"run outbound tasks of {destination or 'nowhere'}", (ops.PumpOutbound(0, 0, destination),))


@workflow_family("fail-store")
def fail_store(scope: Scope) -> Iterator[Action]:
    for place, where in machines(scope):
        step = access(scope, place, changed(place, (TIMER, OUTBOUND), OUTBOUND_STATE))
        yield from failed(f"{where} asks for both", step, place)


@workflow_family("fail-store-add")
def fail_store_add(scope: Scope) -> Iterator[Action]:
    for place, parent, key in children(scope):
        adding = access(scope, parent, ops.AddChild(parent, key, (0, 5), SCRATCH))
        for action in failed(f"add {named(scope, place)}", adding, parent):
            yield action._replace(lacks=place)


@workflow_family("fail-store-refresh")
def fail_store_refresh(scope: Scope) -> Iterator[Action]:
    yield from failed("refresh", ops.Refresh(0, 0))


@workflow_family("fail-store-run")
def fail_store_run(scope: Scope) -> Iterator[Action]:
    yield from failed("run timers", ops.PumpTimers(0, 0))
    yield from failed("run outbound tasks", ops.PumpOutbound(0, 0))


def failed(words: str, operation: ops.AnyOperation, *needs: int) -> Iterator[Action]:
    """Yield an operation whose first write fails in each of the ways."""
    for when, error in FAULTS:
        name = f"{words} while the store fails {when} writing, {error.replace('_', ' ')}"
        yield seen(name, (ops.FailStore(0, when, error), operation), *needs)
