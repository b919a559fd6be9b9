"""Replication: events make the same machines elsewhere, and sync takes newer state."""

from __future__ import annotations

import pytest

from hsm_model.errors import StateMachineNotFound
from hsm_model.framework.errors import InitialVersionMismatch, NotFound, RetryReplication

from .samples import UNABLE, A, B, Bench, ScriptError, outbound, shows


@pytest.fixture
def pair(bench: Bench) -> Bench:
    """East and west with the same workflow."""
    bench.framework.replicate_events(bench.east, bench.west, bench.workflow)
    return bench


def sync(bench: Bench) -> bool:
    return bench.framework.sync(bench.east, bench.west, bench.workflow)


def west(bench: Bench) -> object:
    return bench.west.store.workflows, bench.west.store.tasks


@shows("REPL-EVENTS-2")
def test_events_make_the_same_machines_and_tasks_elsewhere(bench: Bench) -> None:
    bench.framework.events[2] = lambda root, payload: bench.event(root, b"b")
    bench.east.event(bench.workflow, 2)
    assert 2 == bench.framework.replicate_events(bench.east, bench.west, bench.workflow)
    for path in (A, B):
        here, there = (cell.inspect(bench.workflow, path) for cell in (bench.east, bench.west))
        assert here == there
    assert 0 == bench.framework.replicate_events(bench.east, bench.west, bench.workflow)


@shows("REPL-TASKS-1")
def test_sync_takes_newer_data_and_stores_the_tasks_it_calls_for(pair: Bench) -> None:
    pair.go(number=2, value=7)
    assert sync(pair)
    assert (7, [7]) == (pair.value(pair.west), pair.payloads(pair.west))
    pair.framework.failover("west", 2)
    pair.west.pump_outbound()
    assert [7] == pair.executed


@shows("REPL-EVENTS-1")
def test_state_is_not_taken_before_its_events_are_there(bench: Bench) -> None:
    with pytest.raises(RetryReplication):
        sync(bench)
    bench.framework.replicate_events(bench.east, bench.west, bench.workflow)
    bench.east.event(bench.workflow, 1, b"b")
    before = west(bench)
    with pytest.raises(RetryReplication):
        sync(bench)
    assert before == west(bench)


@shows("REPL-NEWER-1")
def test_a_sync_without_anything_new_writes_nothing(pair: Bench) -> None:
    pair.go(number=2, value=7)
    assert sync(pair)
    before, writes = west(pair), pair.framework.writes
    assert not sync(pair)
    assert (before, writes) == (west(pair), pair.framework.writes)


@shows("REPL-NEWER-2")
def test_older_state_never_replaces_newer_state(pair: Bench) -> None:
    pair.go(value=7)
    pair.go(value=8)
    pair.framework.failover("west", 2)
    pair.go(value=9, cell=pair.west)
    assert not sync(pair)
    assert 9 == pair.value(pair.west)
    assert pair.framework.sync(pair.west, pair.east, pair.workflow)
    assert 9 == pair.value(pair.east)


@shows("REPL-NEWER-2")
def test_what_is_done_after_a_sync_is_newer_than_what_was_synced(pair: Bench) -> None:
    for value in (6, 7, 8):
        pair.go(value=value)
    sync(pair)
    pair.framework.failover("west", 1)
    pair.go(value=9, cell=pair.west)
    assert not sync(pair)
    assert pair.framework.sync(pair.west, pair.east, pair.workflow)
    assert (9, 9) == (pair.value(pair.east), pair.value(pair.west))


@shows("REPL-NEWER-1")
def test_a_sync_takes_over_when_machines_last_transitioned(pair: Bench) -> None:
    pair.east.event(pair.workflow, 1, b"b")
    pair.framework.replicate_events(pair.east, pair.west, pair.workflow)
    pair.go(value=6)
    pair.go(value=7, path=B)
    sync(pair)
    for path in (A, B):
        here, there = (cell.inspect(pair.workflow, path).versions for cell in (pair.east, pair.west))
        assert here == there


@shows("REPL-COUNT-1")
def test_transition_counts_are_local_to_a_cell(pair: Bench) -> None:
    for value in (6, 7, 8):
        pair.go(value=value)
    sync(pair)
    assert (4, 2) == tuple(cell.inspect(pair.workflow, A).transition_count for cell in (pair.east, pair.west))


@shows("REPL-MISSING-1")
def test_a_machine_that_no_event_made_cannot_be_synced(pair: Bench) -> None:
    pair.go(value=7)
    pair.add(B)
    before = west(pair)
    with pytest.raises(StateMachineNotFound):
        sync(pair)
    assert before == west(pair)


@shows("REPL-INITIAL-1")
def test_different_machines_at_one_path_are_not_synced(pair: Bench) -> None:
    pair.add(B)
    pair.framework.failover("west", 2)
    pair.west.write(pair.workflow, lambda root: pair.event(root, b"b"))
    with pytest.raises(InitialVersionMismatch):
        pair.framework.sync(pair.west, pair.east, pair.workflow)


@shows("REPL-FAIL-1")
def test_a_sync_in_which_a_machine_fails_to_regenerate_changes_nothing(pair: Bench) -> None:
    pair.go(outbound(), number=2, value=UNABLE)
    before = west(pair)
    with pytest.raises(ScriptError):
        sync(pair)
    assert (before, 5) == (west(pair), pair.value(pair.west))


def test_a_workflow_that_the_source_does_not_have_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.framework.sync(bench.west, bench.east, bench.workflow)
    with pytest.raises(NotFound):
        bench.framework.replicate_events(bench.west, bench.east, bench.workflow)
