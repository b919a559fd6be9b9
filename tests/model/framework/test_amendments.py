"""Amendments: each difference of a release, on its own and together with the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hsm_model.executor import AccessType
from hsm_model.framework import FRAMEWORK_SPECIFICATION, Environment, Fate
from hsm_model.framework.amendments import FRAMEWORK_AMENDMENTS, V1_25_1, amend_framework
from hsm_model.framework.errors import NoDestination, Panic
from hsm_model.node import Node
from hsm_model.semantics import requirements_of

from .samples import CONCURRENT_TIMER, ORPHAN_TIMER, A, B, Bench, go, outbound, timer


def flush_under_read(bench: Bench) -> Any:
    bench.east.start_workflow_task(bench.workflow)
    bench.framework.failover("east", 2)
    writes = bench.framework.writes
    bench.value()
    return bench.framework.writes - writes


def panic_before_anything(bench: Bench) -> Any:
    def accessor(root: Node) -> None:
        raise Panic

    loads = bench.framework.loads
    with pytest.raises(Panic):
        bench.east.write(bench.workflow, accessor)
    bench.value()
    return bench.framework.loads - loads


def read_by_a_task(bench: Bench) -> Any:
    bench.go(outbound())
    writes = bench.framework.writes
    task = bench.east.outbound_tasks()[0]
    environment = Environment(bench.framework, "east", task.ref(), task.id)
    environment.access(task.ref(), AccessType.READ, lambda node: None)
    return bench.framework.writes - writes


def two_transitions(bench: Bench) -> Any:
    def accessor(root: Node) -> None:
        go(root.child(A), outbound("dest", 1))
        go(root.child(A), outbound("dest", 2))

    bench.east.write(bench.workflow, accessor)
    return bench.payloads()


def fired_below_a_millisecond(bench: Bench) -> Any:
    bench.go(timer(999.9, 1, CONCURRENT_TIMER), timer(1000.9, 2, CONCURRENT_TIMER))
    task = bench.east.timer_tasks()[0]
    bench.east.advance(1000)
    bench.east.run_task(task)
    return bench.executed


def due_of_timers(bench: Bench) -> Any:
    bench.east.advance(500)
    found = []
    for due in (999.9, 200, 10_000):
        bench.go(timer(due))
        found.append(bench.due()[0])
        bench.east.refresh(bench.workflow)
        for task in bench.east.timer_tasks():
            bench.east.run_task(task)
    return found


def far_deadline(bench: Bench) -> Any:
    bench.go(timer(100 * 366 * 86_400_000.0))
    return len(bench.due())


def one_without_an_executor(bench: Bench) -> Any:
    bench.add(B)
    bench.go(timer(1000, 1, ORPHAN_TIMER))
    bench.go(timer(1000, 2), path=B)
    bench.east.advance(1001)
    return [delivery.fate for delivery in bench.east.pump_timers()], bench.executed, bench.due()


def delivered_early(bench: Bench) -> Any:
    bench.go(timer(1000, 1))
    bench.east.run_task(bench.east.timer_tasks()[0])
    bench.east.advance(5000)
    bench.east.pump_timers()
    return bench.executed


def fired_early(bench: Bench) -> Any:
    bench.go(timer(1000, 1))
    bench.east.run_task(bench.east.timer_tasks()[0])
    return bench.executed


def equal_timers(bench: Bench) -> Any:
    bench.go(timer(1000, 1, CONCURRENT_TIMER), timer(1000, 2, CONCURRENT_TIMER), timer(2000, 3, CONCURRENT_TIMER))
    bench.east.advance(2001)
    bench.east.pump_timers()
    return bench.executed


def without_destination(bench: Bench) -> Any:
    try:
        bench.go(outbound("", 1))
    except NoDestination:
        return "refused"
    return bench.payloads()


def concurrent_on_standby(bench: Bench) -> Any:
    bench.go(timer(1000, 1, CONCURRENT_TIMER))
    bench.framework.failover("west", 2)
    bench.east.advance(1001)
    return [delivery.fate for delivery in bench.east.pump_timers()], bench.executed


def late_on_standby(bench: Bench) -> Any:
    bench.go(timer(1000, 1))
    bench.framework.failover("west", 2)
    bench.east.advance(902_000)
    passive = [delivery.fate for delivery in bench.east.pump_timers()]
    bench.framework.failover("east", 11)
    bench.east.pump_timers()
    return passive, bench.executed


def smaller_value(bench: Bench) -> Any:
    bench.framework.replicate_events(bench.east, bench.west, bench.workflow)
    bench.go(value=-5)
    return bench.framework.sync(bench.east, bench.west, bench.workflow)


SHOWN: dict[str, tuple[Callable[[Bench], Any], Any, Any]] = {
    "read-access-fails-workflow-task": (flush_under_read, 0, 1),
    "panics-unload-only-what-changed": (panic_before_anything, 1, 0),
    "task-reads-are-writes": (read_by_a_task, 0, 1),
    "superseded-tasks-are-stored": (two_transitions, [2], [1, 2]),
    "timers-expire-in-whole-milliseconds": (fired_below_a_millisecond, [1], [1, 2]),
    "timer-tasks-are-a-millisecond-late": (due_of_timers, [999.9, 200, 10_000], [1000, 501, 10_001]),
    "far-deadlines-have-no-task": (far_deadline, 1, 0),
    "terminal-timer-failure-stops-timers": (
        one_without_an_executor,
        ([Fate.DONE], [2], []),
        ([Fate.DROPPED], [], []),
    ),
    "early-timer-task-is-lost": (delivered_early, [1], []),
    "early-timer-tasks-fire": (fired_early, [], [1]),
    "equal-timers-replace-each-other": (equal_timers, [1, 2, 3], [2, 3]),
    "outbound-tasks-need-a-destination": (without_destination, [1], "refused"),
    "standby-discards-late-timers": (late_on_standby, ([Fate.RETRIED], [1]), ([Fate.DROPPED], [])),
    "standby-loses-concurrent-timers": (concurrent_on_standby, ([Fate.RETRIED], []), ([Fate.DONE], [])),
    "definition-compares-state": (smaller_value, True, False),
}
"""Of each amendment what shows it: what is specified, and what is seen with the amendment."""


@pytest.mark.parametrize("name", FRAMEWORK_AMENDMENTS)
def test_an_amendment_shows(name: str) -> None:
    show, specified, amended = SHOWN[name]
    assert specified == show(Bench())
    assert amended == show(Bench(amend_framework(names=[name])))


@pytest.mark.parametrize("name", V1_25_1)
def test_an_amendment_shows_beside_all_others_of_v1_25_1(name: str) -> None:
    show, _, amended = SHOWN[name]
    assert amended == show(Bench(amend_framework(names=V1_25_1)))


@pytest.mark.parametrize("name", FRAMEWORK_AMENDMENTS)
def test_an_amendment_changes_requirements_that_its_rules_state(name: str) -> None:
    amendment = FRAMEWORK_AMENDMENTS[name]
    assert amendment.changes
    assert set(amendment.changes) <= set(requirements_of(getattr(FRAMEWORK_SPECIFICATION, amendment.rule)))
    assert set(amendment.changes) <= set(requirements_of(amendment.instead))


def test_no_amendment_is_the_specification() -> None:
    assert FRAMEWORK_SPECIFICATION == amend_framework()


def test_an_unknown_amendment_is_refused() -> None:
    with pytest.raises(KeyError):
        amend_framework(names=["no-such"])
