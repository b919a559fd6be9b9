"""The model with the amendments of v1.25.1 shows what was measured of the real history service.

Times are milliseconds after the first one of each measurement.
"""

from __future__ import annotations

from typing import Any

import pytest

from hsm_model.amendments import amend
from hsm_model.framework import Fate
from hsm_model.framework.amendments import V1_25_1, amend_framework
from hsm_model.framework.errors import NamespaceNotActive, NotFound, Panic
from hsm_model.node import Node, machine_transition

from .samples import CONCURRENT_TIMER, ORPHAN_TIMER, A, B, Bench, Machine, ScriptError, ScriptTask, go, outbound, timer

TREE = ("add-child-dirties", "failed-transition-keeps-nested-effects", "failed-apply-keeps-destination")


@pytest.fixture
def release() -> Bench:
    return Bench(amend_framework(names=V1_25_1), amend(names=TREE))


def concurrent(due: float, payload: int = 0) -> ScriptTask:
    return timer(due, payload, CONCURRENT_TIMER)


def run(bench: Bench, due: float) -> Any:
    """Deliver the task of the timer queue that is due then. Return its fate and the payloads that were executed."""
    bench.executed.clear()
    task = next(task for task, when in zip(bench.east.timer_tasks(), bench.due(), strict=True) if when == due)
    return bench.east.run_task(task).fate, list(bench.executed)


def test_a_timer_and_an_outbound_task_are_stored(release: Bench) -> None:
    release.go(timer(10_000), outbound())
    assert ([10_001], 1) == (release.due(), len(release.payloads()))


def test_a_timer_task_too_early_does_nothing_and_a_stale_one_writes(release: Bench) -> None:
    release.go(timer(10_000))
    task = release.east.timer_tasks()[0]
    writes = release.framework.writes
    assert Fate.DONE == release.east.run_task(task).fate
    assert writes == release.framework.writes
    release.go()
    release.east.advance(10_000)
    assert Fate.DONE == release.east.run_task(task).fate
    assert (writes + 2, []) == (release.framework.writes, release.executed)


def test_only_earlier_deadlines_add_tasks(release: Bench) -> None:
    release.add(B)
    seen = []
    for due, path in ((60_000, A), (30_000, A), (90_000, A), (60_000, B)):
        release.go(concurrent(due), path=path)
        seen.append(release.due())
    assert [[60_001], *[[30_001, 60_001]] * 3] == seen


def test_a_poisonous_timer_undoes_its_batch_and_not_found_keeps_it(release: Bench) -> None:
    release.add(B)
    release.go(concurrent(60_000, 1))
    release.go(concurrent(60_000, 2), path=B)
    release.east.advance(100_000)
    failure: list[type[Exception]] = [ScriptError, NotFound]

    def act(node: Node, payload: int) -> None:
        go(node, value=payload)
        if payload == 1:
            raise failure[0]

    release.on_timer = act
    assert (Fate.RETRIED, [1]) == run(release, 60_001)
    assert 5 == release.value()
    failure.pop(0)
    task = release.east.timer_tasks()[0]
    assert (Fate.DONE, [1, 2]) == run(release, 60_001)
    assert (1, 2) == (release.value(), release.value(path=B))
    release.executed.clear()
    assert (Fate.DONE, []) == (release.east.run_task(task).fate, release.executed)


def test_deadlines_are_truncated_to_milliseconds(release: Bench) -> None:
    release.go(concurrent(1000.9, 1))
    assert [1001] == release.due()
    release.east.advance(1000)
    assert (Fate.DONE, [1]) == run(release, 1001)


def test_two_deadlines_less_than_a_millisecond_apart_fire_together(release: Bench) -> None:
    release.go(concurrent(999.9, 1), concurrent(1000.9, 2))
    release.east.advance(1000)
    assert [1000] == release.due()
    assert (Fate.DONE, [1, 2]) == run(release, 1000)


def test_a_deadline_in_a_hundred_years_has_no_task(release: Bench) -> None:
    release.go(concurrent(100 * 366 * 86_400_000.0))
    assert [] == release.due()


def test_a_deadline_in_the_past_is_due_a_millisecond_from_now(release: Bench) -> None:
    release.east.advance(3_601_000)
    release.go(concurrent(1000, 1))
    assert [3_601_001] == release.due()
    assert (Fate.DONE, [1]) == run(release, 3_601_001)


def test_of_two_transitions_the_second_has_its_tasks_stored(release: Bench) -> None:
    def accessor(root: Node) -> None:
        go(root.child(A), outbound("d", 1))
        go(root.child(A), outbound("d", 2), outbound("e", 3))

    release.east.write(release.workflow, accessor)
    assert [2, 3] == release.payloads()


def test_an_executor_that_is_missing_stops_all_timers(release: Bench) -> None:
    release.add(B)
    release.go(timer(1000, 1, ORPHAN_TIMER))
    release.go(timer(2000, 2), path=B)
    release.east.advance(1001)
    assert (Fate.DROPPED, []) == run(release, 1001)
    release.east.advance(4000)
    assert [] == release.due()
    assert 2 == len(release.east.inspect(release.workflow, A).timers)


def test_a_passive_cell_runs_the_accessor_and_refuses_the_commit(release: Bench) -> None:
    release.framework.failover("west", 2)
    called = []
    with pytest.raises(NamespaceNotActive):
        release.east.write(release.workflow, called.append)
    assert 1 == len(called)


def test_after_a_failback_the_old_task_runs_and_its_timer_is_passed_over(release: Bench) -> None:
    release.on_outbound = lambda node, payload: go(node, value=payload)
    release.go(outbound("d", 7), timer(1000, 8))
    release.framework.failover("west", 2)
    release.east.advance(2000)
    assert [Fate.RETRIED] == [delivery.fate for delivery in release.east.pump_outbound()]
    assert (Fate.RETRIED, []) == run(release, 1001)
    release.framework.failover("east", 11)
    assert [Fate.DONE] == [delivery.fate for delivery in release.east.pump_outbound()]
    assert (Fate.DONE, []) == run(release, 1001)
    versions = release.east.inspect(release.workflow, A).versions
    assert (1, 11) == (versions.initial.version, versions.last_update.version)


def test_a_refresh_makes_the_earlier_tasks_stale(release: Bench) -> None:
    release.go(outbound("d", 1), timer(1000, 2), number=2, value=3)
    release.east.refresh(release.workflow)
    release.east.advance(3000)
    fates = [release.east.run_task(task).fate for task in (*release.east.outbound_tasks(), *release.east.timer_tasks())]
    assert [Fate.DROPPED, Fate.DONE, Fate.DROPPED] == fates
    assert [3] == release.executed


def test_read_access_after_a_failover_writes_if_a_workflow_task_was_started(release: Bench) -> None:
    release.east.start_workflow_task(release.workflow)
    release.framework.failover("east", 2)
    writes = release.framework.writes
    release.value()
    assert writes + 1 == release.framework.writes


def test_a_child_that_a_failed_transition_added_is_committed(release: Bench) -> None:
    def accessor(root: Node) -> None:
        def function(machine: Machine) -> Any:
            root.add_child(B[0], Machine(0, 9))
            raise ScriptError("boom")

        with pytest.raises(ScriptError):
            machine_transition(root.child(A), Machine, function)

    release.east.write(release.workflow, accessor)
    release.east.restart()
    assert (5, 9) == (release.value(), release.value(path=B))


def test_read_access_that_transitions_panics(release: Bench) -> None:
    before, loads = release.stored(), release.framework.loads
    with pytest.raises(Panic):
        release.east.read(release.workflow, lambda root: go(root.child(A), value=9))
    assert (5, before, loads + 1) == (release.value(), release.stored(), release.framework.loads)


def test_sync_takes_two_transitions_as_one(release: Bench) -> None:
    framework, east, west = release.framework, release.east, release.west
    framework.replicate_events(east, west, release.workflow)
    assert not framework.sync(east, west, release.workflow)
    release.go(number=2, value=6)
    release.go(number=2, value=7)
    assert framework.sync(east, west, release.workflow)
    assert (3, 2) == tuple(cell.inspect(release.workflow, A).transition_count for cell in (east, west))
    assert [2] == [task.task.ref.machine_transition_count for task in west.outbound_tasks()]
    writes = framework.writes
    assert not framework.sync(east, west, release.workflow)
    assert writes == framework.writes
