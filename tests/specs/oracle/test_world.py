"""The model run on operations: handles, functions, and where predictions end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.members import members
from hsm_specs.language.observations import Observation
from hsm_specs.language.shapes import Domain, Reference
from hsm_specs.oracle.world import FEATURES, HANDLERS, Excluded, Unspecified, World, predict

BEGIN: ops.Program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.RegisterMachine(2), ops.NewRoot(1, (0, 0), 0))
UNBOUND = Observation(unbound=True)
NULL = Observation(ok=None)


def answers(*operations: ops.AnyOperation) -> tuple[Observation, ...]:
    """Return the values of operations on a new root."""
    observations = predict((*BEGIN, *operations))
    assert len(BEGIN) + len(operations) == len(observations)
    return observations[len(BEGIN) :]


def script(*inside: ops.AnyOperation, fail: ops.Failure | None = None) -> ops.Script:
    return ops.Script(inside, (), fail)


# --- programs ---


def test_every_operation_of_the_vocabulary_has_its_handler() -> None:
    assert set(get_args(ops.AnyOperation)) == set(HANDLERS)


@given(st.integers(0, 10**6).map(str))
def test_predictions_depend_on_the_program_alone_and_begin_alike_for_the_same_beginning(seed: str) -> None:
    program, observations = ProgramGenerator(seed).program(15)
    assert observations == predict(program)
    for length in range(len(program)):
        assert observations[:length] == predict(program[:length])


@given(st.integers(0, 10**6).map(str))
def test_a_program_that_went_through_json_is_predicted_alike(seed: str) -> None:
    program, observations = ProgramGenerator(seed).program(15)
    assert observations == predict(msgspec.json.decode(msgspec.json.encode(program), type=ops.Program))


# --- handles ---

HANDLES = (Domain.REGISTRY, Domain.NODE, Domain.MACHINE)


def naming() -> Iterator[ops.AnyOperation]:
    """Yield each operation with each handle that it needs bound to nothing and the others bound; it would bind 9."""
    for kind in ops.OPERATIONS:
        shown = next(operation for operation in ops.SPECIFICATIONS[kind].example() if isinstance(operation, kind))
        handles = {member.name: member.reference for member in members(kind) if member.domain in HANDLES}
        needed = [name for name, reference in handles.items() if reference == Reference(reference.kind)]
        for unbound in needed:
            yield replace(shown, **dict.fromkeys(handles, 9) | dict.fromkeys(needed, 0) | {unbound: 5})


NAMING = [*naming()]


@pytest.mark.parametrize("operation", NAMING, ids=lambda operation: type(operation).__name__)
def test_an_operation_that_names_what_nothing_has_bound_is_not_run(operation: ops.AnyOperation) -> None:
    assert (UNBOUND, UNBOUND, UNBOUND) == answers(operation, ops.Export(9), ops.ReadMachine(9))
    # Inside of a function, too, where it ends nothing.
    inside = answers(ops.MachineTransition(0, script(operation, ops.PathOf(0))))[0].inner
    assert (UNBOUND, Observation(ok=())) == inside


def test_every_operation_that_names_a_handle_is_among_them() -> None:
    naming = {kind for kind in ops.OPERATIONS if {"registry", "node", "machine"} & set(kind.__struct_fields__)}
    assert naming - {ops.NewRegistry, ops.StateMachine} == {type(operation) for operation in NAMING}


def test_registries_nodes_and_machines_of_one_number_are_three_things() -> None:
    found = answers(ops.StateMachine(0, (7, 7)), ops.Machine(1), ops.Export(0), ops.ReadMachine(0))
    assert [None, 0, [0, "0:0", []], (7, 7)] == [observation.ok for observation in found]


def test_binding_again_replaces_and_failing_to_bind_does_not() -> None:
    add = ops.AddChild(0, (1, "a"), (0, 0), 1)
    found = answers(add, add, ops.PathOf(1), ops.Parent(1, 1), ops.PathOf(1), ops.Parent(1, 1), ops.PathOf(1))
    assert [((1, "a"),), (), ()] == [observation.ok for observation in (found[2], found[4], found[6])]
    assert Observation(ok=False) == found[5]


def test_a_handle_that_a_function_bound_stays_bound() -> None:
    inside = script(ops.AddChild(0, (1, "a"), (0, 0), 5))
    assert Observation(ok=((1, "a"),)) == answers(ops.MachineTransition(0, inside), ops.PathOf(5))[1]


# --- functions ---


def test_an_error_inside_a_function_does_not_end_it() -> None:
    [observed] = answers(ops.MachineTransition(0, script(ops.Child(0, ((1, "lost"),)), ops.PathOf(0))))
    inside = (Observation(error="state_machine_not_found"), Observation(ok=()))
    assert Observation(ok=None, inner=inside) == observed


def test_a_panic_inside_a_function_ends_it_and_goes_on_outside() -> None:
    inner = ops.MachineTransition(0, script(ops.PathOf(0), fail="panic"))
    [observed] = answers(ops.MachineTransition(0, script(inner, ops.Dirty(0), fail="user_1")))
    inside = Observation(panic="panic", inner=(Observation(ok=()),))
    assert Observation(panic="panic", inner=(inside,)) == observed


def test_a_function_without_operations_has_nothing_inside() -> None:
    assert (NULL, Observation(error="user_2")) == answers(
        ops.MachineTransition(0, script()), ops.MachineTransition(0, script(fail="user_2"))
    )


def test_what_a_function_saw_before_its_data_failed_to_serialize_is_inside() -> None:
    [observed] = answers(ops.MachineTransition(0, script(ops.SetValue(1, -1)), 1))
    assert Observation(error="serialize_error", inner=(NULL,)) == observed


def test_a_function_that_is_not_called_has_nothing_inside_and_binds_nothing() -> None:
    wrong = ops.MachineTransition(0, script(ops.PathOf(0)), 3, "other")
    assert (Observation(error="incompatible_type"), UNBOUND) == answers(wrong, ops.ReadMachine(3))


def test_an_apply_function_sees_the_destination_the_value_and_the_event() -> None:
    apply = ops.Apply(1, ops.TransitionSpec((0,), 4), 6, ops.Script((ops.SetState(1, 5),), ((1, 2, 3),)))
    observed = answers(ops.StateMachine(1, (0, 9)), apply, ops.ReadMachine(1))
    assert Observation(ok=((1, 2, 3),), inner=(Observation(ok=(4, 9, 6)), NULL)) == observed[1]
    assert Observation(ok=(5, 9)) == observed[2]


def test_an_execution_shows_what_the_executor_was_given_then_the_access_then_the_script() -> None:
    executor = ops.RegisterExecutor(1, 7, "write", 3, script(ops.PathOf(3), fail="user_1"))
    ref = ops.RefSpec(((1, "a"),), ("ns", "wf", "run"), 2, 3)
    observed = answers(ops.AddChild(0, (1, "a"), (0, 0)), executor, ops.Execute((1, 4, 1000), ref, 0, 99))[-1]
    assert isinstance(observed.inner, tuple)
    saw = [7, 99, (1, 4, 1000), [("ns", "wf", "run"), ((1, "a"),), 2, 3]]
    assert [saw, "write", ((1, "a"),)] == [inner.ok for inner in observed.inner]
    assert "user_1" == observed.error


def test_an_executor_without_access_only_ends() -> None:
    executor = ops.RegisterExecutor(1, 0, None, None, script(ops.Clear(0), fail="user_2"))
    observed = answers(executor, ops.Execute((1, 0, 0), ops.RefSpec(()), 0))[-1]
    assert ("user_2", 1) == (observed.error, len(observed.inner or ()))


def test_an_accessor_is_not_called_where_the_ref_leads_nowhere() -> None:
    executor = ops.RegisterExecutor(1, 0, "read", 3, script(ops.PathOf(3)))
    observed = answers(executor, ops.Execute((1, 0, 0), ops.RefSpec(((1, "lost"),)), 0))[-1]
    assert ("state_machine_not_found", 2) == (observed.error, len(observed.inner or ()))


# --- where the specification ends ---

KEEP = ops.MachineTransition(0, script(), 5)
FAILED = ops.MachineTransition(0, script(fail="user_1"), 5)
FAILED_ADD = ops.MachineTransition(0, script(ops.AddChild(0, (1, "a"), (0, 0), 5), fail="user_1"))
SECOND = ops.NewRoot(1, (0, 0), 7)
READING = ops.RegisterExecutor(1, 0, "read", 8, script(ops.AddChild(8, (1, "a"), (0, 0))))
LOST_TYPE = (ops.AddChild(0, (2, "a"), (0, 0)), ops.NewRegistry(3), ops.RegisterMachine(1, registry=3))

UNSPECIFIED: dict[str, tuple[str, tuple[ops.AnyOperation, ...]]] = {
    "a registry is changed inside a function": (
        "REG-THREAD-1",
        (ops.MachineTransition(0, script(ops.RegisterMachine(3))),),
    ),
    **{
        f"a node is gone, {type(operation).__name__}": ("NODE-GONE-1", (FAILED_ADD, operation))
        for operation in NAMING
        if getattr(operation, "node", None) == 5 and not isinstance(operation, ops.Execute)
    },
    "a node is gone and there is another": (
        "NODE-GONE-1",
        (FAILED_ADD, ops.AddChild(0, (1, "a"), (0, 0), 6), ops.PathOf(5)),
    ),
    "a node is compared with one that is gone": ("NODE-GONE-1", (FAILED_ADD, ops.Same(0, 5))),
    "the other tree is changed": ("MT-TREE-1", (SECOND, ops.MachineTransition(0, script(ops.Clear(7))))),
    "a reader changes something": ("ENV-ACCESS-3", (READING, ops.Execute((1, 0, 0), ops.RefSpec(()), 0))),
    "data is read after its transition": ("DATA-DIRECT-1", (KEEP, ops.ReadMachine(5))),
    "data is read after its transition has failed": ("DATA-DIRECT-1", (FAILED, ops.ReadMachine(5))),
    "data is changed after its transition has failed": ("DATA-DIRECT-1", (FAILED, ops.SetState(5, 1))),
    "data is changed after its transition": ("DATA-DIRECT-1", (KEEP, ops.SetState(5, 1))),
    "the data of an outer transition is changed": (
        "DATA-DIRECT-1",
        (
            ops.AddChild(0, (1, "a"), (0, 0), 1),
            ops.MachineTransition(0, script(ops.MachineTransition(1, script(ops.SetState(5, 1)))), 5),
        ),
    ),
    "data that changed is looked at": (
        "MT-NESTED-3",
        (ops.MachineTransition(0, script(ops.SetState(5, 1), ops.MachineData(0)), 5),),
    ),
    "data that changed is changed by another": (
        "MT-NESTED-3",
        (ops.MachineTransition(0, script(ops.SetState(5, 1), ops.MachineTransition(0, script())), 5),),
    ),
    "data is read after another transition of it": (
        "MT-NESTED-3",
        (ops.MachineTransition(0, script(ops.MachineTransition(0, script()), ops.ReadMachine(5)), 5),),
    ),
    "whose data persists": ("MT-NESTED-3", (ops.MachineTransition(0, script(ops.MachineTransition(0, script()))),)),
    "data in memory does not deserialize": (
        "DATA-CACHE-1",
        (ops.AddChild(0, (1, "a"), (0, -2), 1), ops.MachineData(1)),
    ),
    "a type that is not registered is listed": (
        "COLL-LIST-3",
        (*LOST_TYPE, ops.Rehydrate(0, 1, (0, 0), 9, 3), ops.CollectionList(9, 2)),
    ),
}


@pytest.mark.parametrize("name", UNSPECIFIED)
def test_the_prediction_ends_where_the_specification_does(name: str) -> None:
    requirement, operations = UNSPECIFIED[name]
    world = World()
    for operation in (*BEGIN, *operations[:-1]):
        world.observe(operation)
    with pytest.raises(Unspecified) as raised:
        world.observe(operations[-1])
    assert requirement == raised.value.requirement
    assert not load_catalogue()[requirement].judged
    program = (*BEGIN, *operations, ops.NewRegistry())
    assert len(program) - 2 == len(predict(program))


def test_no_function_and_no_script_can_swallow_that_the_specification_ends() -> None:
    assert not issubclass(Unspecified, Exception)
    assert not issubclass(Excluded, Exception)


# --- features ---

PANIC = ops.MachineTransition(0, script(fail="panic"))
SWALLOWED = ops.MachineTransition(
    0, script(ops.MachineTransition(0, script(fail="user_1")), ops.SetState(5, 1), ops.SetValue(5, 1)), 5
)
NEEDING: dict[str, ops.AnyOperation] = {"panic-in-transition": PANIC, "swallowed-inner-failure": SWALLOWED}


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_kept_away_from_exactly_when_it_is_switched_off(feature: str) -> None:
    program = (*BEGIN, NEEDING[feature])
    assert len(program) == len(predict(program))
    assert len(program) == len(predict(program, without=frozenset(FEATURES) - {feature}))
    world = World(without=frozenset({feature}))
    for operation in BEGIN:
        world.observe(operation)
    with pytest.raises(Excluded, match=feature):
        world.observe(NEEDING[feature])


def test_a_panic_of_an_apply_function_outside_of_trees_needs_no_feature() -> None:
    panics = ops.Apply(1, ops.TransitionSpec((0,), 1), 0, script(fail="panic"))
    program = (*BEGIN, ops.StateMachine(1, (0, 0)), panics, ops.ReadMachine(1))
    observations = predict(program, without=frozenset(FEATURES))
    assert [None, (0, 0)] == [observation.ok for observation in (observations[-3], observations[-1])]
    assert "panic" == observations[-2].panic


# --- a bug in the model is no observation ---


def test_an_exception_that_is_none_of_an_operations_answers_is_no_observation() -> None:
    world: Any = World()
    world.registries = None
    with pytest.raises(AttributeError):
        world.observe(ops.Machine(1))
