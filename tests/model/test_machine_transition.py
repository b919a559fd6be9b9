from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.errors import IncompatibleType
from hsm_model.node import Node, machine_data, machine_transition
from hsm_model.tasks import TransitionOutput
from hsm_specs.language.palette import MachineA, PaletteMachine, PaletteTask

from .samples import any_of, class_for, numbers, other_class, outputs, places, root, transition, trees


@given(trees(), places, numbers, numbers, outputs)
def test_a_success_persists_counts_records_and_dirties(
    nodes: list[Node], at: int, state: int, value: int, output: TransitionOutput
) -> None:
    node = any_of(nodes, at)
    count, earlier = node.transition_count(), own_outputs(node)
    transition(node, state, value, output)
    assert b"%d:%d" % (state, value) == node.persisted().data
    assert count + 1 == node.transition_count()
    assert (*earlier, output) == own_outputs(node)
    assert node.dirty()


@given(trees(), places, outputs)
def test_a_success_changes_no_other_node(nodes: list[Node], at: int, output: TransitionOutput) -> None:
    node = any_of(nodes, at)
    others = [other for other in nodes if other is not node]
    before = [(other.persisted()[:2], own_outputs(other)) for other in others]
    transition(node, 3, 3, output)
    assert before == [(other.persisted()[:2], own_outputs(other)) for other in others]


@given(trees(), places)
def test_the_function_is_run_once_with_the_machines_data(nodes: list[Node], at: int) -> None:
    node = any_of(nodes, at)
    expected = machine_data(node, class_for(node))
    seen: list[tuple[int, int]] = []

    def function(machine: PaletteMachine) -> TransitionOutput:
        seen.append((machine.state(), machine.value))
        return TransitionOutput()

    machine_transition(node, class_for(node), function)
    assert [(expected.state(), expected.value)] == seen


@given(trees(), places)
def test_a_wrong_type_is_refused_and_the_function_not_run(nodes: list[Node], at: int) -> None:
    node, before = any_of(nodes, at), nodes[0].tree.state
    with pytest.raises(IncompatibleType):
        machine_transition(node, other_class(node), lambda machine: pytest.fail("the function was run"))
    assert before is nodes[0].tree.state


@given(trees(), places, places, st.integers(1, 3))
def test_a_transition_inside_a_function_counts_and_persists_like_any_other(
    nodes: list[Node], at: int, inside: int, times: int
) -> None:
    node, other = any_of(nodes, at), any_of(nodes, inside)
    before = {it: it.transition_count() for it in (node, other)}

    def nested() -> None:
        for _ in range(times):
            transition(other, 5, 5)

    transition(node, 6, 6, inside=nested)
    assert before[node] + 1 + (times if node is other else 0) == node.transition_count()
    assert b"6:6" == node.persisted().data
    if node is not other:
        assert before[other] + times == other.transition_count()
        assert b"5:5" == other.persisted().data


def test_the_count_is_one_higher_already_inside_the_function() -> None:
    node, seen = root(), list[int]()
    transition(node, inside=lambda: seen.append(node.transition_count()))
    assert [1] == seen


def test_data_that_the_function_kept_is_the_callers_own_afterwards() -> None:
    node, kept = root(), list[PaletteMachine]()

    def keep(machine: MachineA) -> TransitionOutput:
        kept.append(machine)
        return TransitionOutput()

    machine_transition(node, MachineA, keep)
    kept[0].set_state(9)
    assert 0 == machine_data(node, MachineA).state()


def test_an_output_without_tasks_is_one() -> None:
    node = root()
    transition(node)
    transition(node, output=TransitionOutput((PaletteTask(1, 0, 0),)))
    assert (TransitionOutput(), TransitionOutput((PaletteTask(1, 0, 0),))) == own_outputs(node)


def own_outputs(node: Node) -> tuple[TransitionOutput, ...]:
    """Return the outputs of the node itself."""
    return next((entry.outputs for entry in node.outputs() if entry.path == node.path()), ())
