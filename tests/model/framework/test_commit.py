"""Commits: state and tasks together or neither, once, and only by the owner of the active cell."""

from __future__ import annotations

import pytest

from hsm_model.framework import StoreError, When
from hsm_model.framework.errors import (
    ConditionFailed,
    NamespaceNotActive,
    NoSerializer,
    ShardOwnershipLost,
    UnknownOutcome,
)
from hsm_model.node import Node

from .samples import (
    CONCURRENT_OUTBOUND,
    UNSERIALIZABLE,
    A,
    B,
    Bench,
    ScriptTask,
    go,
    outbound,
    shows,
    timer,
)

FAILURES = {StoreError.CONDITION: ConditionFailed, StoreError.UNKNOWN: UnknownOutcome}


@shows("COMMIT-ATOMIC-1", "COMMIT-ATOMIC-3", "COMMIT-ERROR-1")
@pytest.mark.parametrize("error", StoreError)
def test_if_the_store_fails_before_it_writes_neither_state_nor_tasks_are_stored(
    bench: Bench, error: StoreError
) -> None:
    before = bench.stored()
    bench.east.fail_store(When.BEFORE, error)
    with pytest.raises(FAILURES[error]):
        bench.go(outbound(), timer(1000), value=9)
    assert (before, 5) == (bench.stored(), bench.value())


@shows("COMMIT-ATOMIC-2", "COMMIT-ATOMIC-3", "COMMIT-ERROR-1")
@pytest.mark.parametrize("error", StoreError)
def test_if_the_store_fails_after_it_wrote_both_state_and_tasks_are_stored(bench: Bench, error: StoreError) -> None:
    bench.east.fail_store(When.AFTER, error)
    with pytest.raises(FAILURES[error]):
        bench.go(outbound("dest", 3), timer(1000), value=9)
    assert (9, [3], [1000]) == (bench.value(), bench.payloads(), bench.due())


@shows("COMMIT-ATOMIC-1", "COMMIT-ATOMIC-3")
def test_a_write_succeeds_after_one_that_failed(bench: Bench) -> None:
    bench.east.fail_store(When.BEFORE, StoreError.UNKNOWN)
    with pytest.raises(UnknownOutcome):
        bench.go(value=8)
    bench.go(outbound("dest", 3), value=9)
    assert (9, [3]) == (bench.value(), bench.payloads())


@shows("COMMIT-SERIALIZER-1")
def test_a_task_without_serializer_makes_the_commit_fail(bench: Bench) -> None:
    before = bench.stored()
    with pytest.raises(NoSerializer):
        bench.go(outbound(), ScriptTask(UNSERIALIZABLE, 0, "dest"), value=9)
    assert (before, 5) == (bench.stored(), bench.value())


@shows("COMMIT-CLEAR-1")
@pytest.mark.parametrize("forget", [lambda bench: None, lambda bench: bench.east.restart()])
def test_outputs_are_stored_once(bench: Bench, forget: object) -> None:
    bench.go(outbound("dest", 3))
    forget(bench)  # type: ignore[operator]  # a function of the table above
    bench.east.write(bench.workflow, lambda root: None)
    bench.go(path=A)
    assert [3] == bench.payloads()


@shows("COMMIT-REF-1")
def test_a_stored_task_has_its_reference_workflow_and_an_id(bench: Bench) -> None:
    bench.go(outbound("dest", 3), outbound("dest", 4))
    one, other = bench.east.outbound_tasks()
    assert (bench.workflow, bench.east.ref(bench.workflow, A).state_machine_ref) == (one.workflow, one.task.ref)
    assert one.id != other.id


@shows("COMMIT-QUEUE-1")
def test_the_kind_decides_the_queue(bench: Bench) -> None:
    bench.go(outbound("dest", 3), timer(1000, 4))
    assert ([3], [1000]) == (bench.payloads(), bench.due())


@shows("COMMIT-SUPERSEDED-1", "REF-COUNT-2")
def test_a_superseded_task_is_not_stored(bench: Bench) -> None:
    def accessor(root: Node) -> None:
        go(root.child(A), outbound("dest", 1), outbound("dest", 2, CONCURRENT_OUTBOUND))
        go(root.child(A), outbound("dest", 3))

    bench.east.write(bench.workflow, accessor)
    assert [2, 3] == bench.payloads()
    assert [0, 3] == [task.task.ref.machine_transition_count for task in bench.east.outbound_tasks()]


@shows("COMMIT-PASSIVE-1")
def test_on_a_passive_cell_the_accessor_runs_and_the_commit_is_refused(bench: Bench) -> None:
    bench.framework.failover("west", 2)
    before, called = bench.stored(), []
    with pytest.raises(NamespaceNotActive):
        bench.east.write(bench.workflow, lambda root: (called.append(root), go(root.child(A), value=9)))
    assert (1, before, 5) == (len(called), bench.stored(), bench.value())


@shows("COMMIT-VERSIONS-1")
def test_versions_tell_when_a_machine_was_added_and_when_it_last_transitioned(bench: Bench) -> None:
    bench.add(B)
    bench.framework.failover("east", 2)
    bench.go(path=A)
    a, b = (bench.east.inspect(bench.workflow, path).versions for path in (A, B))
    assert (1, 2) == (a.initial.version, a.last_update.version)
    assert b.initial == b.last_update
    assert 1 == b.last_update.version


def test_a_write_is_refused_if_another_cell_has_written_meanwhile(bench: Bench) -> None:
    def accessor(root: Node) -> None:
        go(root.child(A), value=8)
        other = bench.framework.new_cell("east again", "east")
        bench.go(value=9, cell=other)

    with pytest.raises(ShardOwnershipLost):
        bench.east.write(bench.workflow, accessor)
    assert 9 == bench.framework.new_cell("third", "east").inspect(bench.workflow, A).data.value


@shows("COMMIT-CONDITION-1")
def test_a_cell_with_an_old_record_in_memory_does_not_overwrite_a_newer_one(bench: Bench) -> None:
    other = bench.framework.new_cell("east again", "east")
    bench.go(value=9, cell=other)
    bench.framework.set_cell("east", bench.east.state._replace(range_id=bench.east.store.range_id))
    with pytest.raises(ConditionFailed):
        bench.go(value=8)
    assert 9 == bench.value()


@shows("COMMIT-OWNER-1")
def test_a_cell_that_is_no_longer_the_owner_does_not_write_but_reads(bench: Bench) -> None:
    bench.framework.new_cell("east again", "east")
    before = bench.stored()
    assert 5 == bench.value()
    with pytest.raises(ShardOwnershipLost):
        bench.go(value=9)
    assert before == bench.stored()
    bench.east.restart()
    bench.go(value=9)
    assert 9 == bench.value()


@shows("COMMIT-OWNER-1")
def test_a_restart_inside_of_an_access_loses_it(bench: Bench) -> None:
    before = bench.stored()
    with pytest.raises(ShardOwnershipLost):
        bench.east.write(bench.workflow, lambda root: (go(root.child(A), value=9), bench.east.restart()))
    assert (before, 5, frozenset()) == (bench.stored(), bench.value(), bench.east.state.locked)


@shows("COMMIT-OWNER-3")
@pytest.mark.parametrize("unknown", [False, True])
def test_a_cell_that_knows_that_it_is_not_the_owner_loads_and_writes_nothing(bench: Bench, unknown: bool) -> None:
    other = bench.east.start("other")
    bench.east.read(other, lambda root: None)
    bench.framework.new_cell("east again", "east")
    if unknown:
        bench.east.fail_store(When.BEFORE, StoreError.UNKNOWN)
    with pytest.raises(UnknownOutcome if unknown else ShardOwnershipLost):
        bench.go(value=9)
    bench.east.fail_store(When.BEFORE, StoreError.CONDITION)
    with pytest.raises(ShardOwnershipLost):
        bench.value()
    bench.east.read(other, lambda root: None)
    with pytest.raises(ShardOwnershipLost):
        bench.east.write(other, lambda root: None)
    bench.east.restart()
    with pytest.raises(ConditionFailed):
        bench.go(value=9)
    assert 5 == bench.value()


def test_an_earlier_world_can_be_gone_back_to(bench: Bench) -> None:
    before = bench.framework.world
    bench.go(outbound(), value=9)
    after = bench.framework.world
    bench.framework.world = before
    assert (5, []) == (bench.value(), bench.payloads())
    bench.go(outbound(), value=9)
    assert after == bench.framework.world
    assert hash(after) == hash(bench.framework.world)
