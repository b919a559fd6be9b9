"""The outbound queue: by destination, and what becomes of tasks."""

from __future__ import annotations

from typing import Any

import pytest

from hsm_model.errors import NotRegistered
from hsm_model.executor import AccessType, Environment, Ref, register_executor
from hsm_model.framework import Fate
from hsm_model.framework.errors import NotFound, Panic, StaleReference
from hsm_model.node import Node

from .samples import CONCURRENT_OUTBOUND, ORPHAN_OUTBOUND, UNSERIALIZABLE, B, Bench, ScriptError, go, outbound, shows


def fates(bench: Bench) -> list[str]:
    return [delivery.fate for delivery in bench.east.pump_outbound()]


@shows("OUTBOUND-DESTINATION-1")
def test_a_task_is_stored_with_its_destination_which_may_be_empty(bench: Bench) -> None:
    bench.go(outbound("one", 1), outbound("", 2), outbound("two", 3))
    bench.east.restart()
    assert ["one", "", "two"] == [task.destination for task in bench.east.outbound_tasks()]
    assert [2] == [int(task.task.data) for task in bench.east.outbound_tasks("")]


@shows("OUTBOUND-DESTINATION-2")
def test_a_destination_is_delivered_alone(bench: Bench) -> None:
    bench.go(outbound("one", 1), outbound("two", 2))
    bench.east.pump_outbound("two")
    assert ([2], [1]) == (bench.executed, bench.payloads())


@shows("OUTBOUND-FATE-1", "OUTBOUND-EXECUTE-1")
def test_a_task_that_was_executed_leaves_the_queue(bench: Bench) -> None:
    bench.on_outbound = lambda node, payload: go(node, value=payload)
    bench.go(outbound("dest", 7))
    assert ([Fate.DONE], [7], 7, []) == (fates(bench), bench.executed, bench.value(), bench.payloads())


def test_a_task_that_is_delivered_again_is_stale_once_its_machine_has_transitioned(bench: Bench) -> None:
    bench.on_outbound = lambda node, payload: go(node, value=payload)
    bench.go(outbound("dest", 7))
    task = bench.east.outbound_tasks()[0]
    assert [Fate.DONE, Fate.DROPPED] == [bench.east.run_task(task).fate for _ in range(2)]
    assert [7] == bench.executed


@shows("OUTBOUND-READ-1")
def test_a_task_that_reads_writes_nothing(bench: Bench) -> None:
    def execute(environment: Environment, ref: Ref, task: Any) -> None:
        environment.access(ref, AccessType.READ, lambda node: None)

    register_executor(bench.framework.registry, ORPHAN_OUTBOUND, execute)
    bench.go(outbound("dest", 7, ORPHAN_OUTBOUND))
    writes = bench.framework.writes
    assert ([Fate.DONE], writes) == (fates(bench), bench.framework.writes)


@shows("OUTBOUND-FATE-2")
def test_a_stale_task_leaves_the_queue_without_being_executed(bench: Bench) -> None:
    bench.go(outbound("dest", 7))
    bench.go()
    (delivery,) = bench.east.pump_outbound()
    assert Fate.DROPPED == delivery.fate
    assert isinstance(delivery.failure, StaleReference)
    assert ([], []) == (bench.executed, bench.payloads())


@shows("REF-COUNT-2")
def test_a_concurrent_task_is_valid_after_its_machine_has_transitioned(bench: Bench) -> None:
    bench.go(outbound("dest", 7, CONCURRENT_OUTBOUND))
    bench.go()
    assert ([Fate.DONE], [7]) == (fates(bench), bench.executed)


@shows("OUTBOUND-FATE-3")
def test_a_task_without_an_executor_leaves_the_queue(bench: Bench) -> None:
    bench.go(outbound("dest", 7, ORPHAN_OUTBOUND))
    assert ([Fate.DROPPED], []) == (fates(bench), bench.payloads())


@shows("OUTBOUND-FATE-3", "OUTBOUND-FATE-4")
@pytest.mark.parametrize("failure", [ScriptError, Panic, ValueError])
def test_a_task_stays_in_the_queue_whose_executor_fails(bench: Bench, failure: type[BaseException]) -> None:
    def act(node: Node, payload: int) -> None:
        go(node, outbound("dest", 8), value=payload)
        raise failure

    bench.on_outbound = act
    bench.go(outbound("dest", 7))
    before = bench.stored()
    assert ([Fate.RETRIED], before) == (fates(bench), bench.stored())
    bench.on_outbound = lambda node, payload: None
    assert ([Fate.DONE], [7, 7]) == (fates(bench), bench.executed)


@shows("OUTBOUND-FATE-3")
def test_a_task_whose_executor_finds_nothing_leaves_the_queue(bench: Bench) -> None:
    def act(node: Node, payload: int) -> None:
        raise NotFound

    bench.on_outbound = act
    bench.go(outbound("dest", 7))
    assert ([Fate.DROPPED], 5) == (fates(bench), bench.value())


@shows("OUTBOUND-STANDBY-1", "OUTBOUND-STANDBY-2")
def test_on_a_passive_cell_a_valid_task_stays_and_a_stale_one_leaves(bench: Bench) -> None:
    bench.go(outbound("dest", 7))
    bench.framework.failover("west", 2)
    assert ([Fate.RETRIED], [], [7]) == (fates(bench), bench.executed, bench.payloads())
    bench.framework.failover("east", 3)
    bench.go()
    bench.framework.failover("west", 4)
    assert ([Fate.DROPPED], [], []) == (fates(bench), bench.executed, bench.payloads())


@shows("OUTBOUND-FAILBACK-1")
def test_a_task_from_before_a_failover_is_valid_if_its_machine_has_not_transitioned(bench: Bench) -> None:
    bench.on_outbound = lambda node, payload: go(node, value=payload)
    bench.go(outbound("dest", 7))
    bench.framework.failover("west", 2)
    bench.framework.failover("east", 11)
    assert ([Fate.DONE], [7], 7) == (fates(bench), bench.executed, bench.value())


@shows("COMMIT-OWNER-2")
def test_a_cell_that_is_no_longer_the_owner_neither_executes_nor_drops_tasks(bench: Bench) -> None:
    other = bench.framework.new_cell("east again", "east")
    bench.add(B, other)
    bench.go(outbound("dest", 7), path=B, cell=other)
    assert ([Fate.RETRIED], [], [7]) == (fates(bench), bench.executed, bench.payloads())
    assert [Fate.DONE] == [delivery.fate for delivery in other.pump_outbound()]


def test_a_task_that_cannot_be_read_any_more_is_dropped(bench: Bench) -> None:
    bench.go(outbound("dest", 7))
    task = bench.east.outbound_tasks()[0]
    unreadable = task._replace(task=task.task._replace(type=UNSERIALIZABLE))
    delivery = bench.east.run_task(unreadable)
    assert Fate.DROPPED == delivery.fate
    assert isinstance(delivery.failure, NotRegistered)
    assert [7] == bench.payloads()
