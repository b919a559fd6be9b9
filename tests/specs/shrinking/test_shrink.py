"""Shrinking: what comes out fails still, is smaller, and nothing more can be left out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.shrinking.edits import edited, edits
from hsm_specs.shrinking.shrink import least, measure, renumber, shrink
from hsm_specs.stateful.implementation import Model

from ..broken import BROKEN

Holds = Callable[[ops.Program], bool]


def all_at_once(fails: Holds) -> Callable[[Sequence[ops.Program]], list[bool]]:
    return lambda candidates: [fails(candidate) for candidate in candidates]


def differs(semantics: Semantics) -> Holds:
    """Return whether a program distinguishes a broken semantics from the specification."""
    broken = Model(semantics)
    return lambda program: first_difference(program, predict(program), broken.run(program)) is not None


def failing_program(fails: Holds) -> ops.Program:
    """Return a random program that fails."""
    soak = ProgramGenerator("shrink")
    return next(program for program, _ in (soak.program(20) for _ in range(3_000)) if fails(program))


def nested(operations: Sequence[ops.AnyOperation]) -> Iterator[ops.AnyOperation]:
    for operation in operations:
        yield operation
        script: ops.Script | None = getattr(operation, "script", None)
        if script is not None:
            yield from nested(script.ops)


SMALLEST = {
    "duplicates are not refused": 3,
    "what is not registered is not found": 2,
    "existing children are replaced": 6,
    "wrong casts succeed": 4,
    "impossible transitions are made": 6,
    "root without children": 6,
    "id taken by any type": 6,
    "children of all types": 6,
    "begun counting twice": 6,
    "committed output first": 6,
    "nothing rolled back": 5,
    "failed-transition-keeps-nested-effects": 5,
    "failed-apply-keeps-destination": 4,
    "dirty alone": 6,
    "outputs at relative paths": 6,
    "cleared alone": 7,
    "everything cleared": 9,
    "cleared with children": 6,
}
"""Broken rules, with the most operations (those in functions not counted) of a program that shows it."""


@pytest.fixture(scope="module", params=SMALLEST)
def shrunk(request: pytest.FixtureRequest) -> tuple[str, ops.Program, ops.Program]:
    """Return the broken semantics, a program that shows it, and that program shrunk."""
    fails = differs(BROKEN[request.param])
    program = failing_program(fails)
    return request.param, program, shrink(program, all_at_once(fails))


Shrunk = tuple[str, ops.Program, ops.Program]


def test_what_comes_out_fails_still(shrunk: Shrunk) -> None:
    name, _, smallest = shrunk
    assert differs(BROKEN[name])(smallest)


def test_what_comes_out_is_no_larger(shrunk: Shrunk) -> None:
    _, program, smallest = shrunk
    assert measure(smallest) <= measure(program)


def test_what_comes_out_is_small(shrunk: Shrunk) -> None:
    name, _, smallest = shrunk
    assert len(smallest) <= SMALLEST[name]


def test_nothing_single_can_be_left_out_or_made_simpler(shrunk: Shrunk) -> None:
    name, _, smallest = shrunk
    fails, form = differs(BROKEN[name]), msgspec.to_builtins(smallest)
    for edit in edits(form):
        candidate = edited(form, (edit,))
        if candidate is not None and measure(candidate) < measure(smallest):
            assert not fails(candidate), edit


def test_the_same_program_shrinks_to_the_same(shrunk: Shrunk) -> None:
    name, program, smallest = shrunk
    assert smallest == shrink(program, all_at_once(differs(BROKEN[name])))


def test_what_came_out_cannot_be_shrunk_again(shrunk: Shrunk) -> None:
    name, _, smallest = shrunk
    assert measure(smallest) == measure(shrink(smallest, all_at_once(differs(BROKEN[name]))))


def test_handles_are_counted_from_nought(shrunk: Shrunk) -> None:
    _, _, smallest = shrunk
    assert smallest == renumber(smallest)


# --- on whatever fails ---

WANTED: dict[str, tuple[Holds, int]] = {
    "an operation": (lambda program: any(isinstance(op, ops.Dirty) for op in nested(program)), 1),
    "two operations": (
        lambda program: {ops.Dirty, ops.AddChild} <= {type(operation) for operation in nested(program)},
        2,
    ),
    "an operation inside of a function": (
        lambda program: any(isinstance(op, ops.MachineTransition) and op.script.ops for op in program),
        1,
    ),
    "a failure": (
        lambda program: any(getattr(op, "script", ops.Script()).fail == "user_2" for op in nested(program)),
        1,
    ),
    "an order": (
        lambda program: (
            "AddChild MachineTransition"
            in " ".join(type(op).__name__ for op in program if isinstance(op, ops.AddChild | ops.MachineTransition))
        ),
        2,
    ),
}


ADDITION = ops.AddChild(5, (2, "b"), (0, 1))
LOOKUP = ops.Child(6, (ADDITION.key,), 7)


def in_access(*inside: ops.AnyOperation, bind: int, ref: ops.MachineRef | None = None) -> ops.AccessWorkflow:
    return ops.AccessWorkflow(0, 0, "write", bind, ops.Script(inside), ref)


def test_two_accesses_become_one_and_a_lookup_becomes_the_addition() -> None:
    transition = ops.MachineTransition(7, ops.Script())
    program = (in_access(ADDITION, bind=5), ops.Restart(0), in_access(LOOKUP, transition, bind=6))

    def wanted(candidate: ops.Program) -> bool:
        bound: set[int | None] = set()
        for operation in nested(candidate):
            bound.add(getattr(operation, "bind", None))
            if isinstance(operation, ops.MachineTransition):
                return operation.node in bound and any(isinstance(each, ops.AddChild) for each in nested(candidate))
        return False

    smallest = shrink(program, all_at_once(wanted))
    assert 3 == len(list(nested(smallest)))


def test_a_reference_shrinks_to_one_that_any_count_matches() -> None:
    program = (in_access(bind=1, ref=((ADDITION.key,), 1, 3)),)

    def wanted(candidate: ops.Program) -> bool:
        return any(isinstance(each, ops.AccessWorkflow) and each.ref is not None for each in candidate)

    (smallest,) = shrink(program, all_at_once(wanted))
    assert isinstance(smallest, ops.AccessWorkflow)
    assert smallest.ref is not None
    assert 0 == smallest.ref[2]


@pytest.mark.parametrize("name", WANTED)
def test_a_program_shrinks_to_what_is_wanted_of_it_and_nothing_else(name: str) -> None:
    wanted, operations = WANTED[name]
    smallest = shrink(failing_program(wanted), all_at_once(wanted))
    assert wanted(smallest)
    assert operations == len(smallest)


def test_a_program_of_which_everything_is_wanted_stays_but_for_its_handles() -> None:
    program, _ = ProgramGenerator("1").program(10)
    assert renumber(program) == shrink(
        program, all_at_once(lambda candidate: candidate in (program, renumber(program)))
    )


def test_a_program_that_does_not_fail_stays() -> None:
    program, _ = ProgramGenerator("1").program(10)
    assert program == shrink(program, all_at_once(lambda candidate: False))


def test_a_flaky_failure_comes_to_an_end() -> None:
    program, _ = ProgramGenerator("1").program(20)
    answers = iter([True, False] * 100_000)
    assert measure(shrink(program, all_at_once(lambda candidate: next(answers)))) <= measure(program)


def test_candidates_are_tried_in_few_rounds() -> None:
    fails, rounds = differs(BROKEN["cleared alone"]), list[int]()

    def failing(candidates: Sequence[ops.Program]) -> list[bool]:
        rounds.append(len(candidates))
        return [fails(candidate) for candidate in candidates]

    shrink(failing_program(fails), failing)
    assert len(rounds) < 60
    assert sum(rounds) < 3_000


# --- renumbering ---


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_renumbering_changes_no_answer_and_is_done_once(seed: str) -> None:
    program, observations = ProgramGenerator(seed).program(20)
    renumbered = renumber(program)
    assert observations == predict(renumbered)
    assert renumbered == renumber(renumbered)


def test_the_specification_is_told_from_itself_by_nothing() -> None:
    fails = differs(SPECIFICATION)
    soak = ProgramGenerator("none")
    assert not any(fails(soak.program(20)[0]) for _ in range(100))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 60), st.data())
def test_whole_operations_are_left_out_until_none_can_be(length: int, data: st.DataObject) -> None:
    needed = frozenset(data.draw(st.sets(st.integers(0, length - 1), max_size=6))) | {length - 1}
    program = (ops.NewRegistry(),) * length
    kept = least(program, lambda candidates: [needed <= set(candidate) for candidate in candidates])
    assert tuple(sorted(needed)) == kept


def test_of_what_does_not_fail_nothing_is_left_out() -> None:
    assert (0, 1, 2) == least((ops.NewRegistry(),) * 3, lambda candidates: [False] * len(candidates))
