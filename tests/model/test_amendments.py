from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from hypothesis import given

from hsm_model.amendments import AMENDMENTS, Amendment, amend
from hsm_model.node import Node
from hsm_model.semantics import SPECIFICATION, Semantics, requirements_of
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language.palette import MachineA, PaletteError

from .samples import any_of, data_for, places, root, transition, trees

each = pytest.mark.parametrize("amendment", AMENDMENTS.values(), ids=AMENDMENTS)


@each
def test_an_amendment_replaces_exactly_one_rule(amendment: Amendment) -> None:
    amended = amend(names=[amendment.name])
    changed = [
        rule.name for rule in fields(Semantics) if getattr(amended, rule.name) is not getattr(SPECIFICATION, rule.name)
    ]
    assert [amendment.rule] == changed


@each
def test_what_an_amendment_changes_are_requirements_that_its_rule_states(amendment: Amendment) -> None:
    assert amendment.changes
    assert set(amendment.changes) <= set(load_catalogue())
    assert set(amendment.changes) <= set(requirements_of(getattr(SPECIFICATION, amendment.rule)))
    assert set(amendment.changes) <= set(requirements_of(amendment.instead))
    assert amendment.statement.endswith(".")


def test_amendments_of_different_rules_go_together_in_any_order() -> None:
    names = ["add-child-dirties", "failed-apply-keeps-destination", "clear-empties-whole-log"]
    assert amend(names=names) == amend(names=reversed(names))
    assert SPECIFICATION == amend()


def test_an_amendment_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        amend(names=["no-such-thing"])


def failing(inside: Callable[[], object]) -> Callable[[], object]:
    def function() -> object:
        inside()
        raise PaletteError("user_1")

    return function


def test_a_child_that_is_added_is_dirty_and_so_are_those_above_it() -> None:
    node = root(amend(names=["add-child-dirties"]))
    child = node.add_child(Key(1, "a"), data_for(1))
    assert (True, True, []) == (child.dirty(), node.dirty(), node.outputs())
    child.clear_transaction_state()
    assert (False, False) == (child.dirty(), node.dirty())


def test_what_a_failed_function_did_stays_but_its_own_count_and_data() -> None:
    node = root(amend(names=["failed-transition-keeps-nested-effects"]))

    def nested() -> None:
        transition(node.add_child(Key(1, "a"), data_for(1)), 5, 5)

    with pytest.raises(PaletteError):
        transition(node, inside=failing(nested))
    child = node.child([Key(1, "a")])
    assert (1, b"5:5", True) == (child.transition_count(), child.persisted().data, child.dirty())
    assert (0, b"0:0") == (node.transition_count(), node.persisted().data)
    assert [((Key(1, "a"),), (TransitionOutput(),))] == node.outputs()


def test_a_failed_apply_stays_in_the_destination() -> None:
    def fail(machine: MachineA, event: object) -> TransitionOutput:
        raise PaletteError("user_1")

    machine = MachineA(0, 0)
    with pytest.raises(PaletteError):
        Transition((0,), 3, fail, amend(names=["failed-apply-keeps-destination"])).apply(machine, None)
    assert 3 == machine.state()


@given(trees(), places)
def test_clearing_any_node_empties_the_log_and_resets_dirt_below_it_alone(nodes: list[Node], at: int) -> None:
    tree, node = nodes[0].tree, any_of(nodes, at)
    tree.rules = replace(tree.rules, cleared_below=AMENDMENTS["clear-empties-whole-log"].instead)
    depth = len(node.path())
    others_dirty = any(entry.path[:depth] != node.path() for entry in nodes[0].outputs())
    node.clear_transaction_state()
    assert [] == nodes[0].outputs()
    assert not node.dirty()
    assert others_dirty == nodes[0].dirty()
