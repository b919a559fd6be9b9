"""Refresh: tasks are regenerated, and earlier ones are stale."""

from __future__ import annotations

import pytest

from hsm_model.framework import Fate
from hsm_model.framework.errors import WorkflowBusy

from .samples import CONCURRENT_OUTBOUND, UNABLE, B, Bench, ScriptError, outbound, shows, timer


@shows("REFRESH-TASKS-1")
def test_refresh_stores_the_tasks_that_the_states_call_for(bench: Bench) -> None:
    bench.add(B)
    bench.go(number=1, value=3)
    bench.go(number=2, value=4, path=B)
    bench.east.refresh(bench.workflow)
    assert ([4], [1000]) == (bench.payloads(), bench.due())
    bench.east.advance(1000)
    bench.east.pump_timers()
    bench.east.pump_outbound()
    assert [3, 4] == bench.executed


@shows("REFRESH-STALE-1")
def test_tasks_from_before_a_refresh_are_stale(bench: Bench) -> None:
    bench.go(outbound("dest", 1), outbound("dest", 2, CONCURRENT_OUTBOUND), timer(500, 3), number=2, value=4)
    before = [*bench.east.outbound_tasks(), *bench.east.timer_tasks()]
    bench.east.refresh(bench.workflow)
    bench.east.advance(1000)
    assert [Fate.DROPPED] * 3 == [bench.east.run_task(task).fate for task in before]
    assert [] == bench.executed
    assert [Fate.DONE] == [delivery.fate for delivery in bench.east.pump_outbound()]
    assert [4] == bench.executed


@shows("REFRESH-TIMERS-1")
def test_refresh_replaces_all_timers(bench: Bench) -> None:
    bench.go(timer(500, 3), number=1, value=4)
    bench.east.refresh(bench.workflow)
    assert ((1000, 1, True),) == bench.east.inspect(bench.workflow, B[:0]).timers


@shows("REFRESH-STATE-1")
def test_refresh_changes_no_machine(bench: Bench) -> None:
    bench.go(number=2)
    before = bench.east.store.workflows[bench.workflow]
    bench.east.refresh(bench.workflow)
    after = bench.east.store.workflows[bench.workflow]
    assert (before.tree, before.info.versions) == (after.tree, after.info.versions)


@shows("REFRESH-FAIL-1")
def test_a_refresh_in_which_a_machine_fails_changes_nothing(bench: Bench) -> None:
    bench.add(B)
    bench.go(outbound("dest", 1), number=2)
    bench.go(number=1, value=UNABLE, path=B)
    before = bench.stored()
    with pytest.raises(ScriptError):
        bench.east.refresh(bench.workflow)
    assert before == bench.stored()
    bench.east.pump_outbound()
    assert [1] == bench.executed


@shows("REFRESH-PASSIVE-1")
def test_refresh_works_on_a_passive_cell(bench: Bench) -> None:
    bench.go(number=2, value=4)
    bench.framework.failover("west", 2)
    bench.east.refresh(bench.workflow)
    assert [4] == bench.payloads()


@shows("REFRESH-STALE-1")
def test_refresh_twice_leaves_one_live_task(bench: Bench) -> None:
    bench.go(number=2, value=4)
    for _ in range(3):
        bench.east.refresh(bench.workflow)
    bench.east.pump_outbound()
    assert [4] == bench.executed


def test_a_refresh_inside_of_an_access_is_busy(bench: Bench) -> None:
    def accessor(root: object) -> None:
        with pytest.raises(WorkflowBusy):
            bench.east.refresh(bench.workflow)

    bench.east.write(bench.workflow, accessor)
