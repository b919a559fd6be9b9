"""The rules behind an expectation."""

from __future__ import annotations

import pytest

from hsm_model.amendments import amend
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.attribution import rules_behind
from hsm_specs.language import operations as ops
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES, Property

BEGIN: ops.Program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0))
FAILING = ops.MachineTransition(0, ops.Script((ops.AddChild(0, (1, "a"), (0, 0)),), (), "user_1"))


def names(program: ops.Program, *where: int, semantics: Semantics = SPECIFICATION) -> list[str]:
    return [rule.name for rule in rules_behind(program, where or (len(program) - 1,), semantics)]


@pytest.mark.parametrize("shown", PROPERTIES.values(), ids=lambda shown: shown.requirement)
def test_a_rule_that_states_the_requirement_is_behind_its_evidence(shown: Property) -> None:
    stating = [
        rule
        for case in shown.cases(0, 8)
        for index in case.evidence
        for rule in rules_behind(case.program, (index,))
        if shown.requirement in rule.requirements
    ]
    assert stating


def test_the_nearest_rule_comes_first() -> None:
    assert "outputs_below" == names((*BEGIN, FAILING, ops.Outputs(0)))[0]
    assert "transition_rolled_back" == names((*BEGIN, FAILING, ops.TransitionCount(0)))[0]
    assert "root_made" == names((*BEGIN, ops.TransitionCount(0)))[0]


def test_the_rules_of_nested_operations_are_behind_what_comes_after() -> None:
    assert "child_added" in names((*BEGIN, FAILING, ops.Export(0)))


def test_inside_a_function_the_transition_has_begun_and_is_not_over() -> None:
    program = (*BEGIN, ops.MachineTransition(0, ops.Script((ops.TransitionCount(0), ops.Dirty(0)), (), "user_1")))
    inside = names(program, 3, 0)
    assert "transition_begun" == inside[0]
    assert "transition_rolled_back" not in inside
    assert "dirty_below" not in inside


def test_an_amended_rule_has_its_own_name() -> None:
    amended = amend(SPECIFICATION, ["failed-transition-keeps-nested-effects"])
    program = (*BEGIN, FAILING, ops.Export(0))
    assert "only_own_count_rolled_back" == names(program, semantics=amended)[0]


def test_what_asks_no_rule_is_told_by_the_models_own_operation() -> None:
    assert names((*BEGIN, ops.PathOf(0))).index("Node.path") >= 0
    assert ["Ref.state_machine_path"] == names((ops.StateMachinePath(ops.RefSpec(())),))


def test_each_rule_is_told_once() -> None:
    told = names((*BEGIN, FAILING, FAILING, ops.Export(0)))
    assert len(set(told)) == len(told)


def test_the_record_of_rules_leaves_predictions_alone() -> None:
    program = (*BEGIN, FAILING, ops.Export(0))
    before = predict(program)
    rules_behind(program, (4,))
    assert before == predict(program)
