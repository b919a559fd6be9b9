"""The recorder: wrong implementations are found and named in what it recorded."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from hsm_model import collection, errors, node, transition
from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.machines import callbacks
from hsm_model.machines.callbacks import Callback, CallbackState, MachineVariant
from hsm_model.registry import Registry
from hsm_model.semantics import SPECIFICATION
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.traces.recorder import Package

from .recorded import CALLBACK, URL, Workflow, applied, life_of_a_callback, life_of_a_callback_once, tree


def wrong(name: str) -> Package:
    """Return the model with one rule amended."""
    semantics = amend(SPECIFICATION, [name])
    return Package(
        new_registry=lambda: Registry(semantics),
        new_transition=lambda *parts: transition.Transition(*parts, semantics),
    )


def fails_inside(hsm) -> None:
    """Let a failing function add a child and apply a transition object in vain, then look at the tree."""
    root = tree(hsm)
    child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
    other = root.add_child(Key(CALLBACK, "b"), Callback(variant=MachineVariant()))

    def function(data):
        hsm.machine_transition(other, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
        root.add_child(Key(CALLBACK, "c"), Callback(variant=None))
        made = hsm.new_transition((CallbackState.STANDBY,), CallbackState.FAILED, lambda data, event: 1 // 0)
        with suppress(ZeroDivisionError):
            made.apply(data, "event")
        raise LookupError

    with suppress(LookupError):
        hsm.machine_transition(child, Callback, function)
    other.transition_count()
    with suppress(errors.StateMachineNotFound):
        root.child([Key(CALLBACK, "c")])
    root.dirty()


def test_a_transition_that_fails_inside_conforms(record) -> None:
    assert "" == record(fails_inside).requirement


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("add-child-dirties", life_of_a_callback),
        ("failed-transition-keeps-nested-effects", fails_inside),
        ("failed-apply-keeps-destination", fails_inside),
    ],
)
def test_an_amended_model_deviates_from_what_it_amends(record, name, run) -> None:
    def tried(hsm) -> None:
        with suppress(AssertionError):
            run(hsm)

    assert record(tried, wrong(name)).requirement in AMENDMENTS[name].changes


@pytest.mark.parametrize(
    ("broken", "requirement"),
    [
        ({"transition_rolled_back": lambda before, now, path: now}, "MT-ROLLBACK-1"),
        ({"cleared_below": lambda state, path: state}, "CLEAR-TREE-2"),
        ({"refuse_existing": lambda parent, key: None}, "NODE-ADD-2"),
    ],
)
def test_a_wrong_rule_is_found_and_named(record, broken, requirement) -> None:
    def run(hsm) -> None:
        root = tree(hsm)
        root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        with suppress(errors.StateMachineAlreadyExists):
            root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        child = root.child([Key(CALLBACK, "a")])
        with suppress(ZeroDivisionError):
            hsm.machine_transition(child, Callback, lambda data: 1 // 0)
        child.transition_count()
        hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
        root.outputs()
        root.clear_transaction_state()
        root.dirty()

    assert "" == record(run).requirement
    semantics = replace(SPECIFICATION, **broken)
    assert requirement == record(run, Package(new_registry=lambda: Registry(semantics))).requirement


class Wrapped:
    """A node with something else about it."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inside, name)


class CountsTwice(Wrapped):
    def transition_count(self) -> int:
        return 2 * self.inside.transition_count()


class Raises(Wrapped):
    def dirty(self) -> bool:
        raise OSError("the disk is full")


def opened(found: Any) -> Any:
    return found.inside if isinstance(found, Wrapped) else found


def of_nodes(kind: type[Wrapped]) -> Package:
    """Return the model with other roots."""
    return Package(
        new_root=lambda *arguments: kind(node.new_root(*arguments)),
        machine_data=lambda found, wanted: node.machine_data(opened(found), wanted),
        machine_transition=lambda found, wanted, function: node.machine_transition(opened(found), wanted, function),
        new_collection=lambda found, *more: collection.new_collection(opened(found), *more),
    )


def transitions_of_a_root(hsm) -> None:
    root = tree(hsm)
    hsm.machine_transition(root, Workflow, lambda data: TransitionOutput())
    root.dirty()
    root.transition_count()


def test_a_wrong_count_is_found(record) -> None:
    assert "" == record(transitions_of_a_root).requirement
    assert record(transitions_of_a_root, of_nodes(CountsTwice)).requirement in ("NODE-COUNT-1", "MT-COMMIT-2")


def test_what_the_package_raises_is_recorded_and_raised(record) -> None:
    judged = record(transitions_of_a_root, of_nodes(Raises), raises=OSError)
    assert "DIRTY" in judged.requirement
    assert {"panic": "OSError"} in [line["saw"] for line in judged.lines if "saw" in line]


def test_a_function_that_is_not_called_or_called_twice_is_found(record) -> None:
    def lazy(found, wanted, function) -> None:
        node.machine_transition(found, wanted, lambda data: TransitionOutput())

    def eager(found, wanted, function) -> None:
        node.machine_transition(found, wanted, lambda data: function(data) and function(data))

    for run in (lazy, eager):
        judged = record(transitions_of_a_root, Package(machine_transition=run))
        assert "deviates" == judged.traces[0].verdict
        assert judged.requirement in ("MT-RUN-1", "MACH-STATE-1")


def test_an_apply_that_sets_no_state_is_found(record) -> None:
    class Forgets(transition.Transition):
        def apply(self, machine, event):
            return self.apply_function(machine, event)

    judged = record(life_of_a_callback_once, Package(new_transition=Forgets))
    assert "TRANS-APPLY-1" == judged.requirement
