"""Actions: the alphabet of an exploration. A place's node has the place's index as its handle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple

from hsm_specs.explore.scope import Scope
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.messages import Capability

ROOT_TYPE = 1
OLD_ROOT = 900
"""The handle that keeps the root of the tree which a rehydration left."""
SCRATCH = 800
"""The handle of nodes that are looked up for no other use."""
MACHINE, INNER, KEPT = 1, 2, 3
"""The handles of data handed to functions: of the outer one, of the nested one, and of one that keeps it."""
UNREGISTERED = 9
TASK: ops.Task = (1, 7, 1000)
OTHER_TASK: ops.Task = (2, 8, "x")


class Action(NamedTuple):
    """Operations that are tried together in a state.

    ``needs`` are the places that must have a node, ``lacks`` the one that must not. ``makes`` is the place that has a
    node afterwards, ``registers`` and ``rehydrates`` say what becomes of the registry and the tree.
    """

    name: str
    operations: tuple[ops.AnyOperation, ...]
    needs: frozenset[int]
    lacks: int | None = None
    makes: int | None = None
    registers: bool = False
    rehydrates: bool = False


Family = Callable[[Scope], Iterator[Action]]
FAMILIES: dict[str, Family] = {}
WORKFLOW_FAMILIES: dict[str, Family] = {}
"""The families of parts that are about workflows."""
WORKFLOWS: frozenset[Capability] = frozenset(("transactions", "timers", "outbound", "refresh"))
"""The capabilities that an implementation needs to be tried in parts that are about workflows."""


def family(name: str, known: dict[str, Family] = FAMILIES) -> Callable[[Family], Family]:
    """Make a function a family of actions, by the name that scopes know it by."""

    def register(function: Family) -> Family:
        known[name] = function
        return function

    return register


def families(scope: Scope) -> dict[str, Family]:
    """Return the families that a scope may name."""
    import_module("hsm_specs.explore.access_actions")  # It is made of what is here, and makes them.

    return FAMILIES if scope.workflow is None else WORKFLOW_FAMILIES


def is_tried(scope: Scope, offered: frozenset[Capability]) -> bool:
    """Return whether an implementation offers enough for anything in a scope to be tried."""
    return scope.workflow is None or offered >= WORKFLOWS


def alphabet(scope: Scope, offered: frozenset[Capability] | None = None) -> tuple[Action, ...]:
    """Return the actions of a scope in a stable order; with ``offered`` only those that need nothing else."""
    if offered is not None and not is_tried(scope, offered):
        return ()
    known = families(scope)
    actions = (action for name in scope.actions for action in known[name](scope))
    return tuple(action for action in actions if offered is None or capabilities_of(action.operations) <= offered)


def one(name: str, operation: ops.AnyOperation, *needs: int) -> Action:
    """Return an action that is one operation and makes nothing."""
    return Action(name, (operation,), frozenset(needs))


def named(scope: Scope, place: int) -> str:
    """Return a place in words."""
    return "/".join(f"{type_id}:{machine_id}" for type_id, machine_id in scope.places[place]) or "root"


def children(scope: Scope) -> Iterator[tuple[int, int, ops.Key]]:
    """Yield each place below the root, as its index, its parent's index and its key."""
    for place, path in enumerate(scope.places):
        if path:
            yield place, scope.places.index(path[:-1]), path[-1]


def changed(machine: int, value: int = 1) -> tuple[ops.AnyOperation, ...]:
    """Return what a function does to its data."""
    return (ops.SetState(machine, 1), ops.SetValue(machine, value))


def transition(
    node: int,
    inside: tuple[ops.AnyOperation, ...] = (),
    tasks: tuple[ops.Task, ...] = (TASK,),
    fail: ops.Failure | None = None,
    machine: int = MACHINE,
) -> ops.MachineTransition:
    """Return a transition that runs operations and then changes its data."""
    return ops.MachineTransition(node, ops.Script((*inside, *changed(machine)), tasks, fail), machine)


@family("add")
def add(scope: Scope) -> Iterator[Action]:
    for place, parent, key in children(scope):
        adding = ops.AddChild(parent, key, (0, 0), place)
        yield Action(f"add {named(scope, place)}", (adding,), frozenset((parent,)), place, place)
        again = ops.AddChild(parent, key, (0, 5), SCRATCH)
        yield one(f"add {named(scope, place)} again", again, parent, place)


@family("add-refused")
def add_refused(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        where = named(scope, place)
        yield one(f"add unserializable to {where}", ops.AddChild(place, (1, "x"), (0, -1)), place)
        yield one(f"add unregistered to {where}", ops.AddChild(place, (UNREGISTERED, "x"), (0, 0)), place)


@family("collection-add")
def collection_add(scope: Scope) -> Iterator[Action]:
    for place, parent, (type_id, machine_id) in children(scope):
        adding = ops.CollectionAdd(parent, type_id, machine_id, (0, 0), place)
        yield Action(f"add {named(scope, place)} to its collection", (adding,), frozenset((parent,)), place, place)
        again = ops.CollectionAdd(parent, type_id, machine_id, (0, 5), SCRATCH)
        yield one(f"add {named(scope, place)} to its collection again", again, parent, place)


@family("transition")
def transitions(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        yield one(f"transition {named(scope, place)}", transition(place), place)


@family("transition-without-task")
def transitions_without_task(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        yield one(f"transition {named(scope, place)} without task", transition(place, tasks=()), place)


@family("transition-other-task")
def transitions_with_other_task(scope: Scope) -> Iterator[Action]:
    last = len(scope.places) - 1
    yield one(f"transition {named(scope, last)} with another task", transition(last, tasks=(OTHER_TASK, TASK)), last)


@family("collection-transition")
def collection_transitions(scope: Scope) -> Iterator[Action]:
    for place, parent, (type_id, machine_id) in children(scope):
        script = ops.Script(changed(MACHINE), (TASK,))
        operation = ops.CollectionTransition(parent, type_id, machine_id, script, MACHINE)
        yield one(f"transition {named(scope, place)} by its collection", operation, parent, place)
    missing = ops.CollectionTransition(0, 1, "missing", ops.Script(), MACHINE)
    yield one("transition a missing member", missing, 0)


@family("failing-transition")
def failing_transitions(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        where = named(scope, place)
        yield one(f"fail in {where}", transition(place, fail="user_1"), place)
        unserializable = ops.Script((ops.SetValue(MACHINE, -1),), (TASK,))
        yield one(f"make {where} unserializable", ops.MachineTransition(place, unserializable, MACHINE), place)
        kept = (
            ops.StateMachine(KEPT, (0, 0)),
            transition(place, fail="user_2", machine=KEPT),
            ops.SetValue(KEPT, 77),
            ops.MachineData(place),
        )
        yield Action(f"fail in {where} and change what was kept", kept, frozenset((place,)))


@family("panicking-transition")
def panicking_transitions(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        yield one(f"panic in {named(scope, place)}", transition(place, fail="panic"), place)


@family("wrong-cast")
def wrong_casts(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        where = named(scope, place)
        yield one(f"read {where} as the wrong type", ops.MachineData(place, "other"), place)
        script = ops.Script(changed(MACHINE))
        yield one(
            f"transition {where} as the wrong type", ops.MachineTransition(place, script, MACHINE, "other"), place
        )


@family("nested-transition")
def nested_transitions(scope: Scope) -> Iterator[Action]:
    for outer in range(len(scope.places)):
        for inner in range(len(scope.places)):
            pair = f"{named(scope, inner)} inside {named(scope, outer)}"
            nested = transition(inner, machine=INNER)
            failing = transition(inner, fail="user_2", machine=INNER)
            yield one(f"transition {pair}", transition(outer, (nested,)), outer, inner)
            yield one(f"transition {pair} and fail", transition(outer, (nested,), fail="user_1"), outer, inner)
            swallowed = ops.MachineTransition(outer, ops.Script((failing,)), MACHINE)
            yield one(f"fail in {pair} and go on", swallowed, outer, inner)


@family("nested-add")
def nested_adds(scope: Scope) -> Iterator[Action]:
    for outer in range(len(scope.places)):
        for place, parent, key in children(scope):
            adding = ops.AddChild(parent, key, (0, 0), place)
            pair = f"{named(scope, place)} inside a transition of {named(scope, outer)}"
            needs = frozenset((outer, parent))
            yield Action(f"add {pair}", (transition(outer, (adding,)),), needs, place, place)
            probe = ops.AddChild(parent, key, (0, 0), SCRATCH)
            failing = (transition(outer, (probe,), fail="user_1"), ops.Child(parent, (key,), SCRATCH))
            yield Action(f"add {pair} that fails", failing, needs, place)


@family("nested-clear")
def nested_clears(scope: Scope) -> Iterator[Action]:
    for outer in range(len(scope.places)):
        yield one(f"clear inside {named(scope, outer)}", transition(outer, (ops.Clear(0),)), 0, outer)
        failing = transition(outer, (ops.Clear(0),), fail="user_1")
        yield one(f"clear inside {named(scope, outer)} that fails", failing, 0, outer)


@family("clear")
def clears(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        yield one(f"clear {named(scope, place)}", ops.Clear(place), place)


@family("observe")
def observers(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        where = named(scope, place)
        yield one(f"dirty {where}", ops.Dirty(place), place)
        yield one(f"outputs {where}", ops.Outputs(place), place)
        yield one(f"data {where}", ops.MachineData(place), place)
        yield one(f"count {where}", ops.TransitionCount(place), place)
    yield one("export root", ops.Export(0), 0)


@family("identity")
def identities(scope: Scope) -> Iterator[Action]:
    for place in range(len(scope.places)):
        where = named(scope, place)
        yield one(f"path {where}", ops.PathOf(place), place)
        yield one(f"key {where}", ops.KeyOf(place), place)
    for place, parent, key in children(scope):
        where = named(scope, place)
        yield Action(f"parent {where}", (ops.Parent(place, SCRATCH), ops.PathOf(SCRATCH)), frozenset((place,)))
        found = (ops.Child(parent, (key,), SCRATCH), ops.Same(place, SCRATCH))
        yield Action(f"find {where} again", found, frozenset((place, parent)))


@family("child")
def lookups(scope: Scope) -> Iterator[Action]:
    for place, path in enumerate(scope.places):
        where = named(scope, place)
        yield Action(f"child {where}", (ops.Child(0, path, SCRATCH),), frozenset((0, place)))
        yield Action(f"child {where}, absent", (ops.Child(0, path, SCRATCH),), frozenset((0,)), place)
    yield one("child of an unregistered type", ops.Child(0, ((UNREGISTERED, "a"),)), 0)


@family("collection")
def collections(scope: Scope) -> Iterator[Action]:
    parents = sorted({(parent, key[0]) for _, parent, key in children(scope)})
    for parent, type_id in parents:
        yield one(f"list type {type_id} of {named(scope, parent)}", ops.CollectionList(parent, type_id), parent)
        foreign = f"list type {type_id + 1}, next to {type_id}, of {named(scope, parent)}"
        yield one(foreign, ops.CollectionList(parent, type_id + 1), parent)
    for place, parent, (type_id, machine_id) in children(scope):
        where = named(scope, place)
        yield one(f"member {where}", ops.CollectionNode(parent, type_id, machine_id, SCRATCH), parent)
        yield one(f"data of member {where}", ops.CollectionData(parent, type_id, machine_id), parent)


@family("rehydrate")
def rehydrations(scope: Scope) -> Iterator[Action]:
    keep = ops.Child(0, (), OLD_ROOT)
    yield Action("rehydrate", (keep, ops.Rehydrate(0, 1, (0, 0), 0)), frozenset((0,)), rehydrates=True)
    old = (keep, ops.Rehydrate(0, 1, (0, 0), 0), ops.Export(OLD_ROOT), ops.Outputs(OLD_ROOT), ops.Dirty(OLD_ROOT))
    yield Action("rehydrate and look at the old tree", old, frozenset((0,)), rehydrates=True)


@family("late")
def late(scope: Scope) -> Iterator[Action]:
    yield Action("register the late type", (ops.RegisterMachine(scope.late),), frozenset(), registers=True)
    yield one("look up the late type", ops.Machine(scope.late))
    yield one("child of the late type", ops.Child(0, ((scope.late, "x"),)), 0)


@family("poison")
def poison(scope: Scope) -> Iterator[Action]:
    for place, parent, key in children(scope):
        adding = ops.AddChild(parent, key, (0, -2), place)
        yield Action(f"add {named(scope, place)} poisoned", (adding,), frozenset((parent,)), place, place)
