"""Kept collections and transitions: what the model says, which capability they need, and that caching is found."""

from __future__ import annotations

import sys

import pytest

from hsm_specs.adapter import Adapter
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict
from hsm_specs.properties import PROPERTIES

STEP = ops.TransitionSpec((0,), 1)
SETUP: ops.Program = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.RegisterMachine(2),
    ops.NewRoot(1, (0, 0), 0),
    ops.NewCollection(0, 2, 0),
    ops.StateMachine(0, (0, 0)),
    ops.NewTransition(STEP, 0),
)


def predicted(*operations: ops.AnyOperation) -> tuple[Observation, ...]:
    return predict((*SETUP, *operations))[len(SETUP) :]


def test_a_kept_collection_lists_what_was_added_after_it_was_made() -> None:
    added = ops.AddChild(0, (2, "a"), (0, 0))
    before, _, after = predicted(ops.CollectionList(0, 2, 0), added, ops.CollectionList(0, 2, 0))
    assert [] == before.ok
    assert [((2, "a"),)] == after.ok


def test_a_kept_transition_answers_by_the_state_of_now_and_runs_the_script_of_its_application() -> None:
    script = ops.Script((ops.SetValue(0, 7),), ((1, 2, 3),))
    first, applied, last, read = predicted(
        ops.Possible(0, STEP, 0), ops.Apply(0, STEP, 5, script, 0), ops.Possible(0, STEP, 0), ops.ReadMachine(0)
    )
    assert (True, False) == (first.ok, last.ok)
    assert ((1, 2, 3),) == applied.ok
    assert (1, 7) == read.ok


@pytest.mark.parametrize("operation", [ops.CollectionList(0, 2, 9), ops.Possible(0, STEP, 9)])
def test_a_handle_of_nothing_is_unbound(operation: ops.AnyOperation) -> None:
    assert (Observation(unbound=True),) == predicted(operation)


@pytest.mark.parametrize(
    "operation",
    [
        ops.CollectionList(0, 1, 0),
        ops.CollectionData(0, 2, "a", "other", 0),
        ops.Possible(0, ops.TransitionSpec((), 1), 0),
    ],
)
def test_nothing_is_said_of_an_object_that_is_named_as_another(operation: ops.AnyOperation) -> None:
    assert predicted(operation) == ()


def test_only_programs_with_kept_objects_need_the_capability() -> None:
    assert "objects" in capabilities_of([ops.CollectionList(0, 2, 0)])
    assert "objects" in capabilities_of([ops.MachineTransition(0, ops.Script((ops.Possible(0, STEP, 0),)))])
    assert "objects" in capabilities_of([ops.NewCollection(0, 2, 0)])
    assert capabilities_of([ops.CollectionList(0, 2)]) == {"collections"}


@pytest.mark.parametrize(
    ("mutant", "requirement", "others"),
    [
        ("list-is-cached", "COLL-KEEP-1", ("COLL-LIST-1", "COLL-LIST-2", "COLL-ADD-1")),
        ("nodes-are-cached", "COLL-KEEP-1", ("COLL-NODE-1", "COLL-NODE-2", "COLL-ADD-1")),
        ("possible-is-cached", "TRANS-KEEP-1", ("TRANS-POSSIBLE-1", "TRANS-POSSIBLE-2", "TRANS-APPLY-2")),
        ("applies-once", "TRANS-KEEP-1", ("TRANS-APPLY-1", "TRANS-APPLY-6", "TRANS-NEW-1")),
    ],
)
def test_an_implementation_that_caches_is_found_by_keeping_alone(
    mutant: str, requirement: str, others: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    with Adapter.start([sys.executable, "-m", "plain_mutants", mutant]) as adapter:

        def differs(name: str) -> bool:
            programs = [case.program for case in PROPERTIES[name].cases(1, 8)]
            observed = adapter.run(programs)
            pairs = zip(programs, observed, strict=True)
            return any(first_difference(program, predict(program), seen) is not None for program, seen in pairs)

        assert differs(requirement)
        assert [] == [name for name in others if differs(name)]
