"""Mutants of the model: wrong models that the direct state machines have to catch. The docstring of each is its fault.

``with MUTANTS["open_state_is_kept"].in_place(): ...`` has the machines, which look up `hsm_model` by name, use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from inspect import getdoc
from typing import Any
from unittest.mock import patch

import hsm_model as hsm
from hsm_model import collection
from hsm_model.node import checked_bytes
from hsm_model.semantics import SPECIFICATION, Semantics, present
from hsm_model.state import Open, Path, TreeState, find_open, put, put_open, without_open
from hsm_model.tasks import checked_output

Replacements = dict[str, Any]
"""Replacements for members of `hsm_model`, by name."""


@dataclass(frozen=True)
class Mutant:
    """A wrong model. ``fault`` says what is wrong with it."""

    name: str
    fault: str
    instead: Replacements

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Replace the model by the mutant until the context ends."""
        with ExitStack() as stack:
            for name, wrong in self.instead.items():
                for module in (hsm, collection):
                    if hasattr(module, name):
                        stack.enter_context(patch.object(module, name, wrong))
            yield


MUTANTS: dict[str, Mutant] = {}


def mutant(faulty: Callable[[], Replacements]) -> Callable[[], Replacements]:
    """Make a function that returns replacements one of the `MUTANTS`, with its docstring as the fault."""
    name = faulty.__name__
    MUTANTS[name] = Mutant(name, getdoc(faulty) or "", faulty())
    return faulty


def following(semantics: Semantics) -> Replacements:
    """Return what makes new registries, and so their trees, and new transitions follow a semantics."""
    return {
        "new_registry": lambda: hsm.Registry(semantics),
        "new_transition": lambda sources, destination, apply: hsm.Transition(sources, destination, apply, semantics),
    }


def transition_that(
    rolls_back: type[BaseException] = BaseException, serializes_inside: bool = True
) -> Callable[[hsm.Node, type[Any], Callable[[Any], Any]], None]:
    """Return `hsm_model.machine_transition` in its plainest form. With the defaults nothing is wrong with it."""

    def machine_transition(node: hsm.Node, wanted: type[Any], function: Callable[[Any], Any]) -> None:
        tree, path, definition = node.tree, node.path(), node.definition
        before, known, serialized = tree.state, len(tree.handles), b""
        try:
            data = definition.deserialize(node.persisted().data)
            tree.rules.cast(data, wanted)
            tree.state = tree.rules.transition_begun(before, path)
            output = checked_output(function(data))
            if serializes_inside:
                serialized = checked_bytes(definition.serialize(data))
        except rolls_back:
            tree.state = before
            tree.forget_gone(known)
            raise
        if not serializes_inside:
            serialized = checked_bytes(definition.serialize(data))
        tree.state = tree.rules.transition_committed(tree.state, path, serialized, output)

    return machine_transition


@mutant
def open_state_is_kept() -> Replacements:
    """A failed transition keeps the outputs and the dirtiness that its function caused."""

    def rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
        return TreeState(before.root, failed.open)

    return following(replace(SPECIFICATION, transition_rolled_back=rolled_back))


@mutant
def only_exceptions_roll_back() -> Replacements:
    """An interrupt or another `BaseException` that is no `Exception` leaves what the function did until then."""
    return {"machine_transition": transition_that(rolls_back=Exception)}


@mutant
def serialization_is_outside_of_the_rollback() -> Replacements:
    """A transition whose data does not serialize leaves what its function did."""
    return {"machine_transition": transition_that(serializes_inside=False)}


@mutant
def grandchildren_survive() -> Replacements:
    """A failed transition takes away the children that it added, but not what it added below older children."""

    def rolled_back(before: TreeState, failed: TreeState, path: Path) -> TreeState:
        node, left = present(before, path), present(failed, path)
        for key, child in node.children.items():
            node = put(node, (key,), child._replace(children=left.children[key].children))
        return TreeState(put(before.root, path, node), before.open)

    return following(replace(SPECIFICATION, transition_rolled_back=rolled_back))


@mutant
def clearing_stops_at_depth_2() -> Replacements:
    """Clearing a node reaches its children and theirs, but no node further below."""

    def cleared(state: TreeState, path: Path) -> TreeState:
        left = without_open(state.open, path)
        pending: list[tuple[Path, Open | None]] = [(path, find_open(state.open, path))]
        while pending:
            place, found = pending.pop()
            if found is None:
                continue
            if len(place) > len(path) + 2 and found.outputs is not None:
                left = put_open(left, place, found.outputs)
            pending += [((*place, key), below) for key, below in found.below.items()]
        return TreeState(state.root, left)

    return following(replace(SPECIFICATION, cleared_below=cleared))


@mutant
def a_third_registration_is_accepted() -> Replacements:
    """A registry refuses the second registration of a machine type and accepts the third."""

    class Forgetful(hsm.Registry):
        def __init__(self) -> None:
            super().__init__()
            self.refused: set[int] = set()

        def register_machine(self, definition: hsm.StateMachineDefinition) -> None:
            type_id = definition.type().id
            if type_id in self.refused:
                self._machines[type_id] = definition
                return
            self.refused |= {type_id} & self._machines.keys()
            super().register_machine(definition)

    return {"new_registry": Forgetful}


PLAIN = Mutant(
    "plain", "No fault: what the mutants of the transition are made from.", {"machine_transition": transition_that()}
)
"""The control, which no machine catches."""
