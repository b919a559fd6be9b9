from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.errors import NodeIsGone, StateMachineNotFound
from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import PaletteError, PaletteMachine

from .samples import (
    NOT_SERIALIZABLE,
    Action,
    actions,
    any_of,
    class_for,
    data_for,
    outputs,
    perform,
    places,
    root,
    transition,
    trees,
)


class Interrupted(KeyboardInterrupt):
    """A user's impatience."""


class Boom(BaseException):
    """Something that no `except Exception` catches."""


failures = st.sampled_from([ValueError, PaletteError, Interrupted, SystemExit, GeneratorExit, Boom, MemoryError])
effects = st.lists(actions, max_size=4)


def fail_with(error: BaseException, node: Node, nodes: list[Node], inside: list[Action]) -> PaletteMachine:
    """Run a transition that does things, changes its data and fails. Return the data that it kept."""
    kept: list[PaletteMachine] = []

    def function(machine: PaletteMachine) -> TransitionOutput:
        for action in inside:
            perform(action, nodes)
        machine.set_state(8)
        machine.value = 8
        kept.append(machine)
        raise error

    with pytest.raises(type(error)) as raised:
        machine_transition(node, class_for(node), function)
    assert error is raised.value
    return kept[0]


@given(trees(), places, effects, failures)
def test_after_a_failure_the_state_is_the_very_one_from_before(
    nodes: list[Node], at: int, inside: list[Action], failure: type[BaseException]
) -> None:
    before = nodes[0].tree.state
    fail_with(failure("why"), any_of(nodes, at), list(nodes), inside)
    assert before is nodes[0].tree.state


@given(trees(), places, effects, outputs)
def test_data_that_does_not_serialize_makes_a_success_a_failure(
    nodes: list[Node], at: int, inside: list[Action], output: TransitionOutput
) -> None:
    before, more = nodes[0].tree.state, list(nodes)

    def do_all() -> None:
        for action in inside:
            perform(action, more)

    with pytest.raises(PaletteError, match="serialize_error"):
        transition(any_of(nodes, at), 1, NOT_SERIALIZABLE, output, do_all)
    assert before is nodes[0].tree.state


@given(trees(), places, places, effects, effects, failures)
def test_a_failure_inside_a_success_is_undone_and_nothing_else(
    nodes: list[Node], at: int, inner: int, before: list[Action], inside: list[Action], failure: type[BaseException]
) -> None:
    node, other = any_of(nodes, at), any_of(nodes, inner)
    states: list[object] = []

    def nested() -> None:
        more = list(nodes)
        for action in before:
            perform(action, more)
        states.append(node.tree.state)
        fail_with(failure("why"), other, more, inside)
        states.append(node.tree.state)

    transition(node, 5, 5, inside=nested)
    assert states[0] is states[1]
    assert b"5:5" == node.persisted().data


@given(trees(), places, st.lists(st.tuples(places, effects), min_size=1, max_size=4), failures)
def test_a_failure_undoes_everything_at_any_depth(
    nodes: list[Node], at: int, levels: list[tuple[int, list[Action]]], failure: type[BaseException]
) -> None:
    before = nodes[0].tree.state

    def descend(depth: int) -> Callable[[PaletteMachine], TransitionOutput]:
        def function(machine: PaletteMachine) -> TransitionOutput:
            if depth == len(levels):
                raise failure("at the bottom")
            place, inside = levels[depth]
            more = list(nodes)
            for action in inside:
                perform(action, more)
            target = any_of(nodes, place)
            machine_transition(target, class_for(target), descend(depth + 1))
            return TransitionOutput()

        return function

    node = any_of(nodes, at)
    with pytest.raises(failure):
        machine_transition(node, class_for(node), descend(0))
    assert before is nodes[0].tree.state


@given(trees(), places, effects, failures)
def test_data_that_a_failed_function_kept_has_nothing_to_do_with_the_tree(
    nodes: list[Node], at: int, inside: list[Action], failure: type[BaseException]
) -> None:
    node = any_of(nodes, at)
    kept = fail_with(failure("why"), node, list(nodes), inside)
    before = nodes[0].tree.state
    kept.set_state(99)
    kept.value = NOT_SERIALIZABLE
    assert before is nodes[0].tree.state
    assert 99 != machine_data(node, class_for(node)).state()
    transition(node, 2, 2, inside=lambda: kept.set_state(98))
    assert b"2:2" == node.persisted().data


@given(trees(), places, failures)
def test_after_a_failure_all_goes_on_as_if_it_had_not_been(
    nodes: list[Node], at: int, failure: type[BaseException]
) -> None:
    node = any_of(nodes, at)
    count = node.transition_count()
    fail_with(failure("why"), node, list(nodes), [])
    transition(node, 3, 3)
    assert count + 1 == node.transition_count()


def test_a_child_added_inside_a_failure_can_be_added_again() -> None:
    node, added = root(), list[Node]()

    def add() -> None:
        added.append(node.add_child(Key(1, "a"), data_for(1, 1)))
        raise Boom

    with pytest.raises(Boom):
        transition(node, inside=add)
    with pytest.raises(StateMachineNotFound):
        node.child([Key(1, "a")])
    with pytest.raises(NodeIsGone, match="1:a"):
        added[0].persisted()
    again = node.add_child(Key(1, "a"), data_for(1, 2))
    assert again is node.child([Key(1, "a")])
    assert again is not added[0]
    assert b"2:0" == again.persisted().data
