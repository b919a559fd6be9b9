from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.amendments import AMENDMENTS, amend
from hsm_specs.generation.random_programs import ALL_CAPABILITIES, ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import FEATURES, predict

seeds = st.integers(0, 10**6).map(str)


def nested(operations: tuple[ops.AnyOperation, ...], depth: int = 0) -> Iterator[tuple[int, ops.AnyOperation]]:
    """Yield all operations with how deep inside of functions they are."""
    for operation in operations:
        yield depth, operation
        script: ops.Script | None = getattr(operation, "script", None)
        if script is not None:
            yield from nested(script.ops, depth + 1)


def within(observations: tuple[Observation, ...]) -> Iterator[Observation]:
    for observation in observations:
        yield observation
        yield from within(observation.inner or ())


# --- repeatable ---


@given(seeds, st.integers(0, 20))
def test_the_same_seed_makes_the_same_programs(seed: str, length: int) -> None:
    first, second = ProgramGenerator(seed), ProgramGenerator(seed)
    for _ in range(3):
        assert first.program(length) == second.program(length)


def test_another_seed_makes_other_programs() -> None:
    assert ProgramGenerator("1").program(20) != ProgramGenerator("2").program(20)


def test_a_soak_goes_on_with_other_programs() -> None:
    soak = ProgramGenerator("1")
    assert soak.program(20) != soak.program(20)


def test_a_batch_is_as_many_programs_one_after_another() -> None:
    soak, other = ProgramGenerator("1"), ProgramGenerator("1")
    programs, observations = soak.batch(5, 10)
    assert [other.program(10) for _ in range(5)] == list(zip(programs, observations, strict=True))


# --- steered by the model ---


@given(seeds, st.sampled_from([None, *AMENDMENTS]), st.sets(st.sampled_from(sorted(FEATURES))))
def test_programs_are_never_unspecified_and_keep_away_from_what_is_switched_off(
    seed: str, amendment: str | None, without: set[str]
) -> None:
    semantics = amend(names=[] if amendment is None else [amendment])
    program, observations = ProgramGenerator(seed, semantics, frozenset(without)).program(20)
    assert len(program) == len(observations)
    assert observations == predict(program, semantics, frozenset(without))


@given(seeds, st.integers(0, 20))
def test_programs_are_at_most_so_long_beyond_their_set_up(seed: str, length: int) -> None:
    set_up, _ = ProgramGenerator(seed).program(0)
    program, _ = ProgramGenerator(seed).program(length)
    assert list(map(type, set_up)) == list(map(type, program[: len(set_up)]))
    # An operation that needs an object may make and use it first, and one that changes something is looked at.
    assert len(program) <= len(set_up) + 4 * length


# --- over the whole vocabulary ---


@pytest.fixture(scope="module")
def many() -> list[tuple[ops.Program, tuple[Observation, ...]]]:
    soak = ProgramGenerator("coverage")
    return [soak.program(25) for _ in range(600)]


def test_programs_have_every_operation_of_the_vocabulary_but_those_on_bytes(
    many: list[tuple[ops.Program, tuple[Observation, ...]]],
) -> None:
    counts = Counter(type(operation) for program, _ in many for operation in program)
    of_trees = set(get_args(ops.AnyOperation)) - set(get_args(ops.FrameworkOperation))
    assert of_trees - {ops.Load, ops.Marshal} == set(counts)
    assert min(counts.values()) > 10


def test_programs_for_an_implementation_with_transactions_have_those_too() -> None:
    generator = ProgramGenerator(
        "transactions",
        capabilities=ALL_CAPABILITIES | {"transactions", "refresh", "timers", "outbound", "failover", "replication"},
    )
    counts = Counter(type(operation) for _ in range(600) for operation in generator.program(25)[0])
    assert min(counts[operation] for operation in get_args(ops.FrameworkOperation)) > 10


def test_programs_nest_their_functions_three_deep(many: list[tuple[ops.Program, tuple[Observation, ...]]]) -> None:
    depths = Counter(depth for program, _ in many for depth, _ in nested(program))
    assert {0, 1, 2, 3} <= set(depths)


def test_functions_run_operations_of_many_kinds(many: list[tuple[ops.Program, tuple[Observation, ...]]]) -> None:
    inside = {type(operation) for program, _ in many for depth, operation in nested(program) if depth}
    assert inside >= {
        ops.AddChild,
        ops.MachineTransition,
        ops.Clear,
        ops.TransitionCount,
        ops.Dirty,
        ops.Outputs,
        ops.SetState,
        ops.SetValue,
        ops.ReadMachine,
        ops.Apply,
    }


def test_programs_succeed_fail_panic_and_meet_handles_that_are_not_bound(
    many: list[tuple[ops.Program, tuple[Observation, ...]]],
) -> None:
    observed = [observation for _, observations in many for observation in within(observations)]
    assert any(observation.unbound is True for observation in observed)
    assert any(observation.panic == "panic" for observation in observed)
    assert (
        sum(observation.ok == observation.ok and isinstance(observation.error, str) for observation in observed) > 100
    )


def test_transitions_end_in_every_way(many: list[tuple[ops.Program, tuple[Observation, ...]]]) -> None:
    endings = {
        str(observation.error) if isinstance(observation.error, str) else str(observation.panic or "success")
        for program, observations in many
        for operation, observation in zip(program, observations, strict=True)
        if isinstance(operation, ops.MachineTransition)
    }
    assert endings >= {"success", "user_1", "user_2", "panic", "serialize_error", "incompatible_type"}


def test_inner_transitions_fail_and_are_swallowed(many: list[tuple[ops.Program, tuple[Observation, ...]]]) -> None:
    assert any(
        isinstance(operation, ops.MachineTransition)
        and observation.ok is None
        and any(inner.error in ("user_1", "user_2") for inner in observation.inner or ())
        for program, observations in many
        for operation, observation in zip(program, observations, strict=True)
    )
