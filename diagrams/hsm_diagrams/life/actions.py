"""The operations that explore the life of a node: on the node, on the root above it, on a sibling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hsm_specs.explore.actions import MACHINE, SCRATCH, TASK, Action, transition
from hsm_specs.explore.scope import Scope
from hsm_specs.language import operations as ops

ROOT, NODE, SIBLING = 0, 1, 2
"""The places, which are also the handles of their nodes."""
KEY, SIBLING_KEY = (1, "a"), (1, "b")
PATH = (KEY,)
ALONE = Scope(name="one child under a root", places=((), PATH), counts=2, outputs=2, actions=())
"""The scope of a node's life."""
TWO = Scope(name="two children under a root", places=((), PATH, (SIBLING_KEY,)), counts=1, outputs=1, actions=())
"""The scope that shows how siblings affect each other."""


class LifeTrial(NamedTuple):
    """An action with its name. ``ending`` says how the node's own function ends."""

    words: str
    action: Action
    ending: str = ""


def trials(scope: Scope) -> tuple[LifeTrial, ...]:
    """Return the trials for every state of a scope."""
    alone = [*_own(), *_inside_of_the_root()]
    return tuple(alone if len(scope.places) == 2 else [*alone, *_by_the_sibling()])


def _one(words: str, operation: ops.AnyOperation, *needs: int, ending: str = "") -> LifeTrial:
    return LifeTrial(words, Action(words, (operation,), frozenset(needs)), ending)


def _adding(bind: int, key: ops.Key = KEY) -> ops.AddChild:
    return ops.AddChild(ROOT, key, (0, 0), bind)


def _watched(script: ops.Script, cast: ops.Cast = "own") -> ops.MachineTransition:
    """Return a transition of the node whose function observes the node first."""
    looking = (ops.TransitionCount(NODE), ops.Dirty(NODE))
    return ops.MachineTransition(NODE, ops.Script((*looking, *script.ops), script.tasks, script.fail), MACHINE, cast)


def _own() -> Iterator[LifeTrial]:
    yield LifeTrial("AddChild", Action("add", (_adding(NODE),), frozenset((ROOT,)), NODE, NODE))
    yield _one("AddChild again", _adding(SCRATCH), ROOT, NODE)
    changing = (ops.SetState(MACHINE, 1), ops.SetValue(MACHINE, 1))
    transitions: dict[str, ops.Script] = {
        "the transition function succeeds": ops.Script(changing, (TASK,)),
        "the transition function returns an error": ops.Script(changing, (TASK,), "user_1"),
        "the transition function panics": ops.Script(changing, (TASK,), "panic"),
        "its data does not serialize": ops.Script((ops.SetValue(MACHINE, -1),), (TASK,)),
    }
    for ending, script in transitions.items():
        yield _one("MachineTransition", _watched(script), NODE, ending=ending)
    yield _one("MachineTransition as the wrong type", _watched(ops.Script(), "other"), NODE)
    yield _one("ClearTransactionState", ops.Clear(NODE), NODE)
    yield _one("ClearTransactionState", ops.Clear(ROOT), ROOT, NODE)
    again = Action("rehydrate", (ops.Rehydrate(ROOT, 1, (0, 0), ROOT),), frozenset((ROOT,)), rehydrates=True)
    yield LifeTrial("saved and loaded again", again)


def _inside_of_the_root() -> Iterator[LifeTrial]:
    """Yield failing functions, of the root and of the node itself, that change the node first."""
    failing = (transition(ROOT, (_adding(SCRATCH),), fail="user_1"),)
    lost = Action("add inside and fail", failing, frozenset((ROOT,)), NODE)
    yield LifeTrial("AddChild inside a function that fails", lost)
    inner = transition(NODE, machine=MACHINE + 1)
    yield _one("MachineTransition inside one that fails", transition(ROOT, (inner,), fail="user_1"), ROOT, NODE)
    yield _one("MachineTransition inside its own, which fails", transition(NODE, (inner,), fail="user_1"), NODE)
    clearing = transition(ROOT, (ops.Clear(NODE),), fail="user_1")
    yield _one("ClearTransactionState inside a function that fails", clearing, ROOT, NODE)


def _by_the_sibling() -> Iterator[LifeTrial]:
    adding = Action("add sibling", (_adding(SIBLING, SIBLING_KEY),), frozenset((ROOT,)), SIBLING, SIBLING)
    yield LifeTrial("AddChild of a sibling", adding)
    yield _one("MachineTransition of a sibling", transition(SIBLING), SIBLING)
    yield _one("ClearTransactionState of a sibling", ops.Clear(SIBLING), SIBLING)
