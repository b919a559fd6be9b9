"""Where the specification ends, nothing is predicted."""

from __future__ import annotations

from hsm_specs.language import operations as ops
from hsm_specs.oracle.world import predict

SETUP: ops.Program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0))


def predicted(*operations: ops.AnyOperation) -> int:
    """Return for how many of the operations there is a prediction."""
    return len(predict((*SETUP, *operations))) - len(SETUP)


def nested(*, change: bool, fail: ops.Failure | None) -> ops.MachineTransition:
    inner = ops.MachineTransition(0, ops.Script((ops.SetState(1, 1),)), 1)
    after = (ops.SetState(0, 2), ops.SetValue(0, 2)) if change else ()
    return ops.MachineTransition(0, ops.Script((inner, *after), (), fail), 0)


def test_data_that_was_kept_from_a_failed_function_is_not_read() -> None:
    assert predicted(ops.MachineTransition(0, ops.Script(fail="user_1"), 0), ops.ReadMachine(0)) == 1


def test_kept_data_is_not_read_if_a_nested_transition_of_the_same_node_left_open_what_it_holds() -> None:
    assert predicted(nested(change=False, fail="user_1"), ops.ReadMachine(0)) == 1


def test_kept_data_is_not_read_even_if_the_function_set_all_of_it_after_the_nested_transition() -> None:
    assert predicted(nested(change=True, fail="user_1"), ops.ReadMachine(0)) == 1


def test_whose_data_wins_after_a_nested_transition_of_the_same_node_is_not_predicted() -> None:
    assert predicted(nested(change=False, fail=None)) == 0
    assert predicted(nested(change=True, fail=None)) == 1


def test_data_of_a_node_is_not_used_after_its_transition_has_succeeded() -> None:
    assert predicted(ops.MachineTransition(0, ops.Script(), 0), ops.ReadMachine(0)) == 1


def test_the_data_of_the_root_of_a_workflow_is_not_used() -> None:
    for inside in (ops.MachineData(5), ops.MachineTransition(5, ops.Script())):
        access = ops.AccessWorkflow(0, 0, "write", 5, ops.Script((inside,)))
        assert predicted(ops.NewCell(0), ops.StartWorkflow(0, 0), access) == 2


def test_a_node_that_a_rollback_took_away_is_not_used() -> None:
    failing = ops.MachineTransition(0, ops.Script((ops.AddChild(0, (1, "a"), (0, 0), 1),), (), "user_1"))
    assert predicted(failing, ops.TransitionCount(1)) == 1


def test_data_in_memory_that_would_not_deserialize_is_not_looked_at() -> None:
    assert predicted(ops.AddChild(0, (1, "a"), (0, -2), 1), ops.MachineData(1)) == 1
    lookup = (ops.Rehydrate(0, 1, (0, 0), 2), ops.Child(2, ((1, "a"),), 3), ops.MachineData(3))
    assert predicted(ops.AddChild(0, (1, "a"), (0, -2), 1), *lookup) == 4


def test_an_accessor_with_read_access_changes_nothing() -> None:
    executor = ops.RegisterExecutor(1, 0, "read", 5, ops.Script((ops.Clear(5),)))
    assert predicted(executor, ops.Execute((1, 0, 0), ops.RefSpec(()), 0)) == 1
