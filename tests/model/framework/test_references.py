"""References: which ones are stale, and when the workflow is loaded again."""

from __future__ import annotations

from typing import Any

import pytest

from hsm_model.errors import NotRegistered
from hsm_model.executor import AccessType, Ref, StateMachineRef
from hsm_model.framework.errors import StaleReference
from hsm_model.state import Key

from .samples import A, B, Bench, go, shows


def ref(bench: Bench, path: Any = A, version: int = 1, count: int = 1) -> Ref:
    return Ref(bench.workflow, StateMachineRef(path, version, 0, count))


def called(bench: Bench, reference: Ref, access: AccessType = AccessType.READ) -> bool:
    """Return whether the accessor was called."""
    calls: list[Any] = []
    try:
        bench.east.environment().access(reference, access, calls.append)
    finally:
        assert len(calls) < 2
    return bool(calls)


@shows("REF-COUNT-1", "REF-VERSION-1", "REF-MISSING-1", "REF-CALLED-1")
@pytest.mark.parametrize("access", AccessType)
@pytest.mark.parametrize(
    "stale",
    [{"count": 2}, {"count": 7}, {"version": 2}, {"version": 0}, {"path": B}, {"path": (*A, Key(2, "c"))}],
)
def test_a_reference_that_does_not_match_is_stale_and_calls_nothing(
    bench: Bench, stale: dict[str, Any], access: AccessType
) -> None:
    calls: list[Any] = []
    before = bench.stored()
    with pytest.raises(StaleReference):
        bench.east.environment().access(ref(bench, **stale), access, calls.append)
    assert ([], before) == (calls, bench.stored())


@shows("REF-ACCESS-1")
def test_a_reference_that_matches_is_followed(bench: Bench) -> None:
    assert called(bench, ref(bench))


@shows("REF-COUNT-2")
def test_a_count_of_0_matches_every_machine(bench: Bench) -> None:
    assert called(bench, ref(bench, count=0))
    bench.go()
    assert called(bench, ref(bench, count=0))


@shows("REF-COUNT-1")
def test_a_reference_is_stale_once_its_machine_has_transitioned(bench: Bench) -> None:
    reference = bench.east.ref(bench.workflow, A)
    bench.go()
    with pytest.raises(StaleReference):
        called(bench, reference)


@shows("REF-MISSING-2")
def test_a_type_that_is_not_registered_is_no_stale_reference(bench: Bench) -> None:
    with pytest.raises(NotRegistered):
        called(bench, ref(bench, (Key(9, "z"),)))


@shows("REF-RELOAD-1")
@pytest.mark.parametrize(("stale", "loads"), [({"count": 7}, 0), ({"version": 2}, 1), ({"path": B}, 1)])
def test_memory_that_may_be_behind_is_loaded_once_more(bench: Bench, stale: dict[str, Any], loads: int) -> None:
    before = bench.framework.loads
    with pytest.raises(StaleReference):
        called(bench, ref(bench, **stale))
    assert before + loads == bench.framework.loads


@shows("REF-RELOAD-1")
def test_state_that_another_owner_wrote_is_found_by_loading_again(bench: Bench) -> None:
    other = bench.framework.new_cell("east again", "east")
    other.write(bench.workflow, lambda root: bench.event(root, b"b"))
    assert called(bench, ref(bench, B))


@shows("REF-LOADED-1")
def test_refusing_a_reference_leaves_the_workflow_in_memory(bench: Bench) -> None:
    with pytest.raises(StaleReference):
        called(bench, ref(bench, count=7), AccessType.WRITE)
    loads = bench.framework.loads
    bench.value()
    assert loads == bench.framework.loads


@shows("REF-VERSION-1", "REF-VERSION-2", "COMMIT-VERSIONS-1")
def test_a_machine_added_after_a_failover_has_the_new_version(bench: Bench) -> None:
    bench.framework.failover("east", 3)
    bench.add(B)
    assert called(bench, ref(bench, B, version=3, count=0))
    assert called(bench, ref(bench, A, version=1, count=1))
    bench.east.write(bench.workflow, lambda root: go(root.child(A)))
    assert called(bench, ref(bench, A, version=1, count=2))
