"""Handles of nodes that a rollback removed: gone for good, never the node of the same key added later, and released."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import FunctionType

import pytest
from hypothesis import given

from hsm_model.amendments import amend
from hsm_model.collection import Collection, new_collection
from hsm_model.errors import NodeIsGone, StateMachineNotFound
from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.semantics import SPECIFICATION
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import MachineA, PaletteError

from .samples import Action, actions, any_of, data_for, perform, places, root, transition, trees
from .test_rollback import effects, fail_with

KEY, BELOW = Key(1, "a"), Key(1, "b")


def rolled_back(parent: Node, key: Key = KEY) -> tuple[Node, Node]:
    """Return a child and a grandchild that a failed transition added."""
    added: list[Node] = []

    def add() -> None:
        added.append(parent.add_child(key, data_for(1)))
        added.append(added[0].add_child(BELOW, data_for(1)))
        raise PaletteError("user_1")

    with suppress(PaletteError):
        transition(parent, inside=add)
    return added[0], added[1]


METHODS: dict[str, Callable[[Node], object]] = {
    "persisted": Node.persisted,
    "transition_count": Node.transition_count,
    "child": lambda node: node.child([]),
    "children_of_type": lambda node: node.children_of_type(1),
    "child below": lambda node: node.child([BELOW]),
    "add_child": lambda node: node.add_child(Key(1, "c"), data_for(1)),
    "dirty": Node.dirty,
    "outputs": Node.outputs,
    "clear_transaction_state": Node.clear_transaction_state,
    "machine_data": lambda node: machine_data(node, MachineA),
    "machine_transition": lambda node: machine_transition(node, MachineA, lambda machine: TransitionOutput()),
    "Collection.add": lambda node: new_collection(node, 1, MachineA).add("c", MachineA(0, 0)),
    "Collection.node": lambda node: new_collection(node, 1, MachineA).node("b"),
    "Collection.list": lambda node: new_collection(node, 1, MachineA).list(),
    "Collection.data": lambda node: new_collection(node, 1, MachineA).data("b"),
    "Collection.transition": lambda node: new_collection(node, 1, MachineA).transition(
        "b", lambda machine: TransitionOutput()
    ),
}


def test_every_method_is_tried() -> None:
    methods = {name for name, value in vars(Node).items() if isinstance(value, FunctionType) and name[0] != "_"}
    assert methods == {name.split()[0] for name in METHODS if hasattr(Node, name.split()[0])} | {"path"}
    methods = {name for name, value in vars(Collection).items() if isinstance(value, FunctionType) and name[0] != "_"}
    assert methods == {name.removeprefix("Collection.") for name in METHODS if name.startswith("Collection.")}


@pytest.mark.parametrize("again", [False, True], ids=["gone", "added again"])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_removed_node_says_that_it_is_gone_and_changes_nothing(name: str, again: bool) -> None:
    parent = root()
    removed = rolled_back(parent)
    if again:
        child = parent.add_child(KEY, data_for(1, 7))
        child.add_child(BELOW, data_for(1, 7))
        transition(child)
    before = parent.tree.state
    for node in removed:
        with pytest.raises(NodeIsGone, match="state machine not found: 1:a"):
            METHODS[name](node)
        with pytest.raises(StateMachineNotFound):
            METHODS[name](node)
    assert before is parent.tree.state


def test_a_removed_node_still_says_where_it_was() -> None:
    parent = root()
    child, grandchild = rolled_back(parent)
    assert (True, KEY, parent, (KEY,)) == (child.gone, child.key, child.parent, child.path())
    assert (True, BELOW, child, (KEY, BELOW)) == (grandchild.gone, grandchild.key, grandchild.parent, grandchild.path())


def test_the_node_of_the_same_key_that_is_added_later_is_another_one() -> None:
    parent = root()
    child, grandchild = rolled_back(parent)
    again = parent.add_child(KEY, data_for(1, 7))
    below = again.add_child(BELOW, data_for(1, 7))
    assert again is parent.child([KEY])
    assert below is parent.child([KEY, BELOW])
    assert again is not child
    assert below is not grandchild
    assert not again.gone


def test_where_a_child_may_be_replaced_the_handle_of_the_former_is_gone() -> None:
    parent = root(replace(SPECIFICATION, refuse_existing=lambda parent, key: None))
    former = parent.add_child(KEY, data_for(1, 1))
    again = parent.add_child(KEY, data_for(1, 2))
    with pytest.raises(NodeIsGone):
        former.persisted()
    assert again is parent.child([KEY])
    assert b"2:0" == again.persisted().data


@given(trees(), places, effects)
def test_after_a_failure_every_node_there_was_is_there_and_no_other(
    nodes: list[Node], at: int, inside: list[Action]
) -> None:
    more = list(nodes)
    fail_with(PaletteError("user_1"), any_of(nodes, at), more, inside)
    assert [False] * len(nodes) == [node.gone for node in nodes]
    assert [True] * (len(more) - len(nodes)) == [node.gone for node in more[len(nodes) :]]
    for node in nodes:
        assert node is nodes[0].child(node.path())
    assert set(nodes) == set(nodes[0].tree.handles.values())


@given(trees(), effects, effects)
def test_a_failure_inside_a_success_removes_its_own_nodes_alone(
    nodes: list[Node], kept: list[Action], lost: list[Action]
) -> None:
    added, removed = list(nodes), list[Node]()

    def inside() -> None:
        for action in kept:
            perform(action, added)
        removed.extend(added)
        fail_with(PaletteError("user_1"), nodes[0], removed, lost)

    transition(nodes[0], inside=inside)
    assert not any(node.gone for node in added)
    assert all(node.gone for node in removed[len(added) :])


def test_where_nested_effects_are_kept_their_nodes_are_not_gone() -> None:
    parent = root(amend(names=["failed-transition-keeps-nested-effects"]))
    child, grandchild = rolled_back(parent)
    assert [False, False] == [child.gone, grandchild.gone]
    assert grandchild is parent.child([KEY, BELOW])


def test_a_thousand_rollbacks_leave_no_handle_behind() -> None:
    parent = root()
    handles = len(parent.tree.handles)
    given_out: list[weakref.ref[Node]] = []
    for number in range(1_000):
        given_out += map(weakref.ref, rolled_back(parent, Key(1, str(number))))
    gc.collect()
    assert 2_000 == len(given_out)
    assert [] == [handle for handle in given_out if handle() is not None]
    assert handles == len(parent.tree.handles)


def test_a_tree_without_handles_is_released() -> None:
    node = root()
    rolled_back(node)
    tree = weakref.ref(node)
    del node
    gc.collect()
    assert tree() is None


@given(trees(), places, actions)
def test_handles_of_nodes_that_are_there_stay_the_same_objects(nodes: list[Node], at: int, action: Action) -> None:
    looked_up: list[Node] = []

    def look() -> None:
        looked_up.extend(nodes[0].child(node.path()) for node in nodes)
        perform(action, list(nodes))
        raise PaletteError("user_1")

    with suppress(PaletteError):
        transition(any_of(nodes, at), inside=look)
    assert nodes == looked_up
    assert nodes == [nodes[0].child(node.path()) for node in nodes]
