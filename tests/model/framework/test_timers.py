"""The timer queue: when timers fire, together with what, and what becomes of those that fail."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from hsm_model.errors import NotRegistered
from hsm_model.framework import Fate, milliseconds
from hsm_model.framework.errors import NotFound, Panic, ShardOwnershipLost
from hsm_model.node import Node

from .samples import CONCURRENT_TIMER, ORPHAN_TIMER, A, B, Bench, ScriptError, ScriptTask, go, outbound, shows, timer


def concurrent(due: float, payload: int = 0) -> ScriptTask:
    return timer(due, payload, CONCURRENT_TIMER)


def groups(bench: Bench) -> list[tuple[float, int, bool]]:
    """Return the deadlines of the workflow, how many timers each has, and whether the queue has a task for it."""
    return list(bench.east.inspect(bench.workflow, A).timers)


def fates(bench: Bench) -> list[str]:
    return [delivery.fate for delivery in bench.east.pump_timers()]


@shows("TIMER-DUE-1")
@pytest.mark.parametrize(("before", "step"), [(999.999, 0.001), (999, 1), (0, 1000), (999.1, 0.9)])
def test_a_timer_fires_at_its_deadline_and_not_before(bench: Bench, before: float, step: float) -> None:
    bench.go(timer(1000, 7))
    task = bench.east.timer_tasks()[0]
    bench.east.advance(before)
    assert ([], []) == (bench.east.pump_timers(), bench.executed)
    bench.east.run_task(task)
    assert [] == bench.executed
    bench.east.advance(step)
    assert ([Fate.DONE], [7]) == (fates(bench), bench.executed)


@shows("TIMER-DUE-1")
def test_a_timer_does_not_fire_with_one_that_is_due_less_than_a_millisecond_earlier(bench: Bench) -> None:
    bench.go(concurrent(999.9, 1))
    bench.go(concurrent(1000.9, 2))
    bench.east.advance(1000)
    bench.east.pump_timers()
    assert [1] == bench.executed
    bench.east.advance(0.9)
    bench.east.pump_timers()
    assert [1, 2] == bench.executed


@shows("TIMER-ONCE-1")
def test_a_timer_fires_once_however_often_its_task_is_delivered(bench: Bench) -> None:
    bench.go(timer(1000, 7))
    task = bench.east.timer_tasks()[0]
    bench.east.advance(1000)
    assert [Fate.DONE, Fate.DONE] == [bench.east.run_task(task).fate for _ in range(2)]
    bench.east.restart()
    bench.east.run_task(task)
    assert [7] == bench.executed


@shows("TIMER-GROUP-1")
def test_timers_fire_in_the_order_of_their_deadlines(bench: Bench) -> None:
    for due, payload in ((3000, 3), (1000, 1), (2000, 2), (1000, 4)):
        bench.go(concurrent(due, payload))
    bench.east.advance(5000)
    bench.east.pump_timers()
    assert [1, 4, 2, 3] == bench.executed


@shows("TIMER-SCHEDULE-1")
def test_only_an_earlier_first_deadline_adds_a_task(bench: Bench) -> None:
    dues = []
    for due in (60_000, 30_000, 90_000, 60_000, 30_000):
        bench.go(concurrent(due))
        dues.append(bench.due())
    assert [[60_000], *[[30_000, 60_000]] * 4] == dues
    assert [(30_000, 2, True), (60_000, 2, True), (90_000, 1, False)] == groups(bench)


@shows("TIMER-SCHEDULE-2")
def test_the_next_deadline_has_a_task_once_the_first_timers_have_fired(bench: Bench) -> None:
    bench.go(concurrent(1000, 1))
    bench.go(concurrent(2000, 2))
    bench.east.advance(1000)
    bench.east.pump_timers()
    assert ([2000], [(2000, 1, True)]) == (bench.due(), groups(bench))
    bench.east.advance(1000)
    bench.east.pump_timers()
    assert ([], [], [1, 2]) == (bench.due(), groups(bench), bench.executed)


@shows("TIMER-BATCH-1")
@pytest.mark.parametrize("failure", [ScriptError, Panic])
def test_a_failing_timer_undoes_the_timers_that_fired_with_it(bench: Bench, failure: type[BaseException]) -> None:
    def act(node: Node, payload: int) -> None:
        go(node, outbound("dest", payload), value=payload)
        if payload == 2:
            raise failure

    bench.on_timer = act
    for payload in (1, 2, 3):
        bench.go(concurrent(1000, payload))
    bench.east.advance(1000)
    before = bench.stored()
    assert [Fate.RETRIED] == fates(bench)
    assert ([1, 2], before, 5) == (bench.executed, bench.stored(), bench.value())
    bench.on_timer = lambda node, payload: None
    assert ([Fate.DONE], [1, 2, 1, 2, 3]) == (fates(bench), bench.executed)


@shows("TIMER-SKIP-1")
def test_a_timer_that_fails_with_not_found_has_fired_and_its_transition_is_kept(bench: Bench) -> None:
    def act(node: Node, payload: int) -> None:
        go(node, outbound("dest", payload), value=payload)
        raise NotFound

    bench.on_timer = act
    bench.go(timer(1000, 7))
    bench.east.advance(1000)
    assert ([Fate.DONE], 7, [7], []) == (fates(bench), bench.value(), bench.payloads(), groups(bench))


@shows("TIMER-TERMINAL-1")
def test_a_timer_without_an_executor_is_dropped_and_those_beside_it_fire(bench: Bench) -> None:
    bench.add(B)
    bench.go(timer(1000, 1, ORPHAN_TIMER))
    bench.go(timer(1000, 2), path=B)
    bench.go(timer(2000, 3), path=B)
    bench.go(concurrent(3000, 4), path=B)
    bench.east.advance(1000)
    assert [Fate.DONE] == fates(bench)
    bench.east.advance(2000)
    assert [Fate.DONE] == fates(bench)
    assert ([4], []) == (bench.executed, groups(bench))


@shows("TIMER-TERMINAL-1")
def test_what_a_dropped_timer_did_is_undone(bench: Bench) -> None:
    def act(node: Node, payload: int) -> None:
        go(node, value=payload)
        if payload == 1:
            raise NotRegistered

    bench.on_timer = act
    bench.add(B)
    bench.go(timer(1000, 1))
    bench.go(timer(1000, 2), path=B)
    bench.east.advance(1000)
    assert [Fate.DONE] == fates(bench)
    assert (5, 2) == (bench.value(), bench.value(path=B))


@shows("TIMER-STALE-1")
def test_a_timer_whose_machine_has_transitioned_is_passed_over(bench: Bench) -> None:
    bench.go(timer(1000, 1))
    bench.go()
    bench.east.advance(1000)
    assert ([Fate.DONE], [], []) == (fates(bench), bench.executed, groups(bench))


@shows("TIMER-PAST-1")
def test_a_deadline_that_is_past_is_due_at_once(bench: Bench) -> None:
    bench.east.advance(5000)
    bench.go(timer(1000, 7))
    bench.east.pump_timers()
    assert [7] == bench.executed


@shows("TIMER-EARLY-1")
def test_a_task_that_is_delivered_early_stays_in_the_queue(bench: Bench) -> None:
    bench.go(concurrent(60_000, 2))
    task = bench.east.timer_tasks()[0]
    bench.go(concurrent(30_000, 1))
    bench.east.advance(30_000)
    assert Fate.RETRIED == bench.east.run_task(task).fate
    assert ([1], [30_000, 60_000]) == (bench.executed, bench.due())
    bench.east.advance(30_000)
    bench.east.pump_timers()
    assert ([1, 2], []) == (bench.executed, bench.due())


@shows("TIMER-FAR-1")
def test_a_deadline_in_a_hundred_years_has_a_task(bench: Bench) -> None:
    bench.go(timer(100 * 366 * 86_400_000.0))
    assert [100 * 366 * 86_400_000] == bench.due()


@shows("TIMER-STANDBY-1")
@pytest.mark.parametrize("make", [timer, concurrent])
def test_on_a_passive_cell_a_due_timer_waits(bench: Bench, make: object) -> None:
    bench.go(make(1000, 7))  # type: ignore[operator]  # a function of the table above
    bench.framework.failover("west", 2)
    bench.east.advance(1000)
    before, loads = bench.stored(), bench.framework.loads
    assert ([Fate.RETRIED], [], before) == (fates(bench), bench.executed, bench.stored())
    assert loads == bench.framework.loads
    bench.framework.failover("east", 3)
    assert ([Fate.DONE], [7]) == (fates(bench), bench.executed)


@shows("TIMER-STANDBY-3")
def test_a_timer_that_has_waited_on_a_passive_cell_fires_however_late_it_is(bench: Bench) -> None:
    bench.go(timer(1000, 7))
    bench.framework.failover("west", 2)
    bench.east.advance(3_600_000)
    assert [Fate.RETRIED] == fates(bench)
    bench.framework.failover("east", 11)
    assert ([Fate.DONE], [7]) == (fates(bench), bench.executed)


@shows("TIMER-STANDBY-2")
def test_on_a_passive_cell_a_stale_timer_is_removed(bench: Bench) -> None:
    bench.go(timer(1000, 7))
    bench.go()
    bench.framework.failover("west", 2)
    bench.east.advance(1000)
    assert ([Fate.DONE], [], []) == (fates(bench), bench.executed, groups(bench))


@shows("COMMIT-OWNER-4", "COMMIT-OWNER-5")
@pytest.mark.parametrize(("make", "loaded"), [(timer, False), (outbound, True)])
def test_a_cell_that_learns_from_a_timer_that_it_is_no_longer_the_owner_unloads_the_workflow(
    bench: Bench, make: Any, loaded: bool
) -> None:
    bench.go()
    other = bench.framework.new_cell("east again", "east")
    bench.go(make("dest" if make is outbound else 0, 1), cell=other)
    [delivery] = [bench.east.run_task(task) for task in (*bench.east.timer_tasks(), *bench.east.outbound_tasks())]
    assert isinstance(delivery.failure, ShardOwnershipLost)
    assert loaded == (bench.workflow in bench.east.state.loaded)
    with nullcontext() if loaded else pytest.raises(ShardOwnershipLost):
        bench.value()


def test_a_timer_may_ask_for_another_one(bench: Bench) -> None:
    def act(node: Node, payload: int) -> None:
        go(node, timer(1000 * (payload + 1), payload + 1))

    bench.on_timer = act
    bench.go(timer(1000, 1))
    for _ in range(4):
        bench.east.advance(1000)
        bench.east.pump_timers()
    assert [1, 2, 3, 4] == bench.executed
    assert 4000 == milliseconds(bench.east.now())
