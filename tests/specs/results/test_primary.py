"""The primary finding: how long programs are, and which of several findings is the one to look at first."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.results.findings import Finding
from hsm_specs.results.primary import Size, primary, size

from ...findings import made

BEGIN: ops.Program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0))
CHILD = ops.AddChild(0, (1, "a"), (0, 0), 1)
DIRTY = ops.Dirty(0)
NESTED = ops.MachineTransition(0, ops.Script((ops.MachineTransition(0, ops.Script()),)))


def finding(requirement: str, *operations: ops.AnyOperation) -> Finding:
    return made(requirement, (*BEGIN, *operations))


@pytest.mark.parametrize(
    ("expected", "operations"),
    [
        (Size(1, 4), (DIRTY,)),
        (Size(1, 5), (CHILD, ops.Dirty(1))),
        (Size(2, 5), (CHILD, DIRTY)),
        (Size(2, 5), (ops.AddChild(0, (1, "a"), (0, 0)), DIRTY)),
        (Size(2, 6), (CHILD, ops.Child(0, ((1, "a"),), 2), ops.Dirty(2))),
        (Size(1, 6), (CHILD, ops.Child(1, (), 2), ops.Dirty(2))),
        (Size(2, 6), (CHILD, ops.AddChild(0, (1, "a"), (0, 0), 2), ops.Dirty(1))),
        (Size(3, 6), (NESTED, DIRTY)),
        (Size(3, 7), (CHILD, ops.Rehydrate(0, 1, (0, 0), 2), ops.Clear(1), ops.Dirty(2))),
        (Size(1, 4), (ops.RegisterMachine(1),)),
        (Size(2, 5), (ops.StateMachine(1, (0, 0)), ops.ReadMachine(1))),
    ],
)
def test_what_only_makes_what_others_work_on_is_set_up(expected: Size, operations: ops.Program) -> None:
    assert expected == size(finding("DIRTY-TREE-1", *operations))


def test_what_comes_after_the_difference_does_not_count() -> None:
    found = finding("DIRTY-TREE-1", DIRTY)
    assert size(found) == size(replace(found, program=(*found.program, CHILD)))


def test_of_findings_that_rely_on_none_of_the_others_the_smallest_is_primary() -> None:
    small, large = finding("REG-MACHINE-2", DIRTY), finding("REG-EXEC-2", NESTED, DIRTY)
    assert small is primary([large, small])


def test_of_equal_ones_the_first_in_the_catalogue_is_primary() -> None:
    first, second = finding("REG-MACHINE-2", DIRTY), finding("REG-EXEC-2", DIRTY)
    assert first is primary([second, first])


def test_a_finding_that_others_rely_on_goes_before_smaller_ones() -> None:
    relying, basic = finding("MT-ROLLBACK-8", DIRTY), finding("MT-ROLLBACK-1", NESTED, DIRTY)
    assert basic is primary([relying, basic])


def test_what_is_documented_goes_before_what_is_not() -> None:
    silent, documented = finding("REG-LATE-1", DIRTY), finding("MT-ROLLBACK-8", NESTED, DIRTY)
    assert documented is primary([silent, documented])


def test_without_findings_there_is_none() -> None:
    assert primary([]) is None
