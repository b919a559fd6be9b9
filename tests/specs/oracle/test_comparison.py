from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hsm_model.persistence import Dialect, marshal
from hsm_model.state import NO_CHILDREN, Children, Key, NodeState
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.world import predict

seeds = st.integers(0, 10**6).map(str)


def ok(value: Any, *inner: Observation) -> Observation:
    return Observation(ok=value, inner=inner) if inner else Observation(ok=value)


def judge(operation: ops.AnyOperation, expected: Observation, observed: Observation) -> Difference | None:
    return first_difference((operation,), [expected], [observed])


def same(operation: ops.AnyOperation, expected: Observation, observed: Observation) -> bool:
    return judge(operation, expected, observed) is None


# --- whole programs ---


@given(seeds)
def test_a_prediction_is_no_different_from_itself_sent_through_json(seed: str) -> None:
    program, expected = ProgramGenerator(seed).program(15)
    observed = msgspec.json.decode(msgspec.json.encode(expected), type=tuple[Observation, ...])
    assert None is first_difference(program, expected, observed)


@given(seeds, st.data())
def test_an_answer_that_is_another_is_the_first_difference(seed: str, data: st.DataObject) -> None:
    program, expected = ProgramGenerator(seed).program(15)
    index = data.draw(st.integers(0, len(program) - 1))
    observed = list(expected)
    observed[index] = Observation(error="other")
    found = first_difference(program, expected, observed)
    assert found is not None
    assert index == found.where[0]


def test_only_what_something_is_predicted_of_is_judged() -> None:
    program = (ops.NewRegistry(), ops.Machine(1))
    observed = [ok(None), Observation(panic="!")]
    assert None is first_difference(program, [ok(None)], observed)
    assert None is not first_difference(program, [ok(None), ok(None)], observed)


# --- order ---

TASK = [1, 0, 1000]
ENTRIES = [[[], [[TASK]]], [[[1, "a"]], [[], [TASK]]], [[[1, "a"], [2, "b"]], [[]]]]


@given(st.permutations(ENTRIES))
def test_the_nodes_of_outputs_are_a_set(entries: list[Any]) -> None:
    assert same(ops.Outputs(0), ok(ENTRIES), ok(entries))


def test_the_outputs_of_a_node_are_a_sequence_and_so_are_their_tasks() -> None:
    one, other = [1, 0, 1000], [2, 0, "x"]
    assert not same(ops.Outputs(0), ok([[[], [[one], [other]]]]), ok([[[], [[other], [one]]]]))
    assert not same(ops.Outputs(0), ok([[[], [[one, other]]]]), ok([[[], [[other, one]]]]))


def test_a_set_knows_how_often_it_has_something() -> None:
    assert not same(ops.CollectionList(0, 1), ok([[[1, "a"]]]), ok([[[1, "a"]], [[1, "a"]]]))
    assert not same(ops.Outputs(0), ok(ENTRIES), ok([*ENTRIES, ENTRIES[0]]))


@given(st.permutations([[[1, "a"]], [[1, "b"]], [[1, ""]]]))
def test_a_list_is_a_set(paths: list[Any]) -> None:
    assert same(ops.CollectionList(0, 1), ok([[[1, ""]], [[1, "a"]], [[1, "b"]]]), ok(paths))


STORED_TASKS = [[[[1, "a"]], 1, 1, 1, "7", kind] for kind in ("x", 1000, "", 5000)]


@given(st.permutations(STORED_TASKS))
def test_stored_tasks_are_a_set_whatever_their_kinds_are(tasks: list[Any]) -> None:
    assert same(ops.StoredTasks(0, 0), ok(STORED_TASKS), ok(tasks))
    assert not same(ops.StoredTasks(0, 0), ok(STORED_TASKS), ok(tasks[1:]))


def test_the_children_of_an_export_are_sets_at_every_level() -> None:
    leaf = [0, "0:0", []]
    ordered = [0, "0:0", [[1, "a", [1, "0:0", [[1, "x", leaf], [2, "x", leaf]]]], [1, "b", leaf]]]
    other = [0, "0:0", [[1, "b", leaf], [1, "a", [1, "0:0", [[2, "x", leaf], [1, "x", leaf]]]]]]
    assert same(ops.Export(0), ok(ordered), ok(other))
    assert not same(ops.Export(0), ok(ordered), ok([1, *other[1:]]))


def test_the_keys_of_a_path_and_the_tasks_of_a_machine_are_sequences() -> None:
    keys, tasks = [[1, "a"], [1, "b"]], [[1, 0, 1], [1, 0, 2]]
    assert not same(ops.PathOf(0), ok(keys), ok(keys[::-1]))
    assert not same(ops.RegenerateTasks(0), ok(tasks), ok(tasks[::-1]))
    assert not same(ops.StateMachinePath(ops.RefSpec(())), ok(keys), ok(keys[::-1]))


# --- values ---


@pytest.mark.parametrize(
    ("expected", "observed"),
    [
        (True, 1),
        (False, 0),
        (1, True),
        (0, False),
        (1, 1.0),
        (1.0, 1),
        (0, None),
        (None, 0),
        ("", None),
        ([], None),
        (1, "1"),
    ],
)
def test_values_that_json_tells_apart_are_told_apart(expected: Any, observed: Any) -> None:
    assert not same(ops.Dirty(0), ok(expected), ok(observed))
    assert not same(ops.PathOf(0), ok([[expected]]), ok([[observed]]))


def test_tuples_and_lists_are_alike() -> None:
    assert same(ops.PathOf(0), ok((Key(1, "a"),)), ok([[1, "a"]]))


@pytest.mark.parametrize("value", [None, 5, "text", [1], [[1, "a"]], [[], 5], {"a": 1}, [0, "0:0", [5]]])
@pytest.mark.parametrize("operation", [ops.Outputs(0), ops.Export(0), ops.CollectionList(0, 1), ops.Marshal(0)])
def test_an_answer_of_another_shape_is_a_difference_and_no_exception(operation: ops.AnyOperation, value: Any) -> None:
    expected = {ops.Outputs: ENTRIES, ops.Export: [0, "0:0", []], ops.CollectionList: [[[1, "a"]]], ops.Marshal: "CAE="}
    assert not same(operation, ok(expected[type(operation)]), ok(value))


# --- kinds of answers ---

ANSWERS = {
    "value": ok(1),
    "null": ok(None),
    "error": Observation(error="not_registered"),
    "another error": Observation(error="user_1"),
    "panic": Observation(panic="panic"),
    "unbound": Observation(unbound=True),
}


@pytest.mark.parametrize("expected", ANSWERS)
@pytest.mark.parametrize("observed", ANSWERS)
def test_an_answer_is_only_what_it_is(expected: str, observed: str) -> None:
    assert (expected == observed) == same(ops.TransitionCount(0), ANSWERS[expected], ANSWERS[observed])


def test_the_text_of_a_panic_and_the_message_of_an_error_are_not_compared() -> None:
    assert same(ops.Dirty(0), Observation(panic="panic"), Observation(panic="runtime error: nil map"))
    assert same(ops.Dirty(0), Observation(error="other"), Observation(error="other", message="why"))


# --- the persisted form ---

LEAF = NodeState(1, b"2:3", NO_CHILDREN)
TREE = NodeState(0, b"0:0", Children.of({Key(1, "a"): LEAF, Key(2, "b"): LEAF}))
BACKWARDS = NodeState(0, b"0:0", Children.of({Key(2, "b"): LEAF, Key(1, "a"): LEAF}))


def written(node: NodeState, dialect: Dialect) -> str:
    return b64encode(marshal(node, dialect)).decode()


@pytest.mark.parametrize("dialect", ["v1.24", "v1.25"])
def test_bytes_are_compared_by_what_they_say(dialect: Any) -> None:
    first, second, other = (written(node, Dialect(dialect)) for node in (TREE, BACKWARDS, LEAF))
    program = (ops.Marshal(0),)
    assert None is first_difference(program, [ok(first)], [ok(second)], dialect)
    assert None is not first_difference(program, [ok(first)], [ok(other)], dialect)
    assert None is not first_difference(program, [ok(first)], [ok("not base64!")], dialect)


def test_bytes_of_the_other_dialect_are_a_difference() -> None:
    first, second = written(TREE, Dialect("v1.25")), written(TREE, Dialect("v1.24"))
    assert None is not first_difference((ops.Marshal(0),), [ok(first)], [ok(second)], "v1.25")


# --- inside of functions ---

INSIDE = ops.MachineTransition(1, ops.Script((ops.Dirty(1), ops.Outputs(1))), 2)
OUTSIDE = ops.MachineTransition(0, ops.Script((ops.TransitionCount(0), INSIDE)), 1)


def test_a_difference_inside_of_functions_is_located_by_the_way_to_it() -> None:
    deep = ok(None, ok(1), ok(None, ok(True), ok([])))
    other = ok(None, ok(1), ok(None, ok(True), ok([[[], [[]]]])))
    found = first_difference((ops.NewRegistry(), OUTSIDE), [ok(None), deep], [ok(None), other])
    assert Difference((1, 1, 1), ops.Outputs(1), ok([]), ok([[[], [[]]]])) == found


def test_what_is_inside_is_judged_by_its_own_operation() -> None:
    one = [[[], [[]]], [[[1, "a"]], [[]]]]
    deep, other = (ok(None, ok(1), ok(None, ok(True), ok(entries))) for entries in (one, one[::-1]))
    assert None is judge(OUTSIDE, deep, other)


def test_what_is_inside_comes_before_the_operation_around_it() -> None:
    found = judge(OUTSIDE, ok(None, ok(1)), Observation(error="user_1", inner=(ok(2),)))
    assert found is not None
    assert (0, 0) == found.where


@pytest.mark.parametrize("inner", [(), (ok(1),), (ok(1), ok(None), ok(None))])
def test_more_or_less_inside_is_a_difference_of_the_operation_around_it(inner: tuple[Observation, ...]) -> None:
    found = judge(OUTSIDE, ok(None, ok(1), ok(None)), ok(None, *inner))
    assert found is not None
    assert ((0,), OUTSIDE) == (found.where, found.operation)


def test_what_a_function_saw_belongs_to_no_operation() -> None:
    apply = ops.Apply(0, ops.TransitionSpec((0,), 1), 5, ops.Script((ops.ReadMachine(0),)))
    found = judge(apply, ok([], ok([1, 0, 5]), ok([1, 0])), ok([], ok([0, 0, 5]), ok([1, 0])))
    assert found is not None
    assert ((0, 0), None) == (found.where, found.operation)
    found = judge(apply, ok([], ok([1, 0, 5]), ok([1, 0])), ok([], ok([1, 0, 5]), ok([0, 0])))
    assert found is not None
    assert ((0, 1), ops.ReadMachine(0)) == (found.where, found.operation)


# --- executors ---

RUN = ops.Execute((1, 0, 0), ops.RefSpec(()), 0)
LISTING = ops.Script((ops.CollectionList(9, 1),))
COUNTING = ops.Script((ops.TransitionCount(9),))


def executing(*before: ops.AnyOperation, run: ops.Execute = RUN) -> Difference | None:
    """Return the difference between a list and its reverse, observed inside an execution after some operations."""
    paths = [[[1, "a"]], [[1, "b"]]]
    nulls = [ok(None)] * len(before)
    expected, observed = (ok(None, ok([0]), ok("read"), ok(listed)) for listed in (paths, paths[::-1]))
    return first_difference((*before, run), [*nulls, expected], [*nulls, observed])


def test_what_an_executor_did_is_judged_by_the_operations_of_its_script() -> None:
    assert None is executing(ops.RegisterExecutor(1, 0, "read", 9, LISTING))
    assert None is not executing(ops.RegisterExecutor(1, 0, "read", 9, COUNTING))


def test_the_executor_is_the_one_that_was_registered_first_for_the_type_in_the_registry() -> None:
    listing, counting = (ops.RegisterExecutor(1, 0, "read", 9, script) for script in (LISTING, COUNTING))
    assert None is executing(listing, counting)
    assert None is not executing(counting, listing)
    assert None is executing(replace(counting, type=2), listing, replace(counting, type=3))
    assert None is executing(replace(counting, registry=1), listing)
    assert None is executing(counting, ops.NewRegistry(0), listing)
    assert None is executing(listing, ops.NewRegistry(1), counting)
    assert None is executing(counting, replace(listing, registry=1), run=replace(RUN, registry=1))


def test_a_program_with_executors_is_judged_against_the_model() -> None:
    program: ops.Program = (
        ops.NewRegistry(),
        ops.RegisterMachine(1),
        ops.NewRoot(1, (0, 0), 0),
        ops.RegisterExecutor(1, 7, "read", 9, ops.Script((ops.PathOf(9),), (), "user_1")),
        RUN,
    )
    expected = predict(program)
    assert "user_1" == expected[-1].error
    assert None is first_difference(program, expected, expected)
