"""Access to machines: what it shows, what it commits, and how it fails."""

from __future__ import annotations

import pytest

from hsm_model.errors import DuplicateRegistration
from hsm_model.executor import AccessType, WorkflowKey
from hsm_model.framework import Framework, instant
from hsm_model.framework.errors import NamespaceNotActive, NotFound, Panic, WorkflowBusy, WorkflowClosed
from hsm_model.framework.state import WORKFLOW_TYPE, Namespace
from hsm_model.node import Node
from hsm_model.registry import new_registry
from hsm_model.state import Key

from .samples import A, B, Bench, Definition, Machine, ScriptError, go, outbound, shows, value


@shows("ENV-CLOCK-1")
def test_now_is_the_clock_of_the_cell(bench: Bench) -> None:
    bench.east.advance(1000.9)
    assert instant(1000.9) == bench.east.environment().now()
    assert instant(0) == bench.west.environment().now()


@shows("REF-ACCESS-1")
def test_access_gives_the_node_of_the_reference(bench: Bench) -> None:
    bench.go(value=7)
    ref = bench.east.ref(bench.workflow, A)
    assert (7, A) == bench.east.environment().access(ref, AccessType.READ, lambda node: (value(node), node.path()))


@shows("ENV-READ-1")
def test_read_access_writes_nothing(bench: Bench) -> None:
    before, writes = bench.stored(), bench.framework.writes
    bench.east.read(bench.workflow, lambda root: None)
    assert (before, writes) == (bench.stored(), bench.framework.writes)


@shows("ENV-READ-2")
def test_read_access_writes_nothing_after_a_failover_with_a_workflow_task(bench: Bench) -> None:
    bench.east.start_workflow_task(bench.workflow)
    bench.framework.failover("east", 2)
    before, writes = bench.stored(), bench.framework.writes
    bench.east.read(bench.workflow, lambda root: None)
    assert (before, writes) == (bench.stored(), bench.framework.writes)


@shows("ENV-WRITE-4")
def test_write_access_fails_the_workflow_task_of_an_older_failover_version(bench: Bench) -> None:
    bench.east.start_workflow_task(bench.workflow)
    bench.framework.failover("east", 2)
    writes = bench.framework.writes
    bench.go()
    assert writes + 2 == bench.framework.writes
    assert bench.east.store.workflows[bench.workflow].info.workflow_task is None


@shows("ENV-WRITE-4")
def test_write_access_fails_an_older_workflow_task_on_a_passive_cell_too(bench: Bench) -> None:
    bench.east.start_workflow_task(bench.workflow)
    bench.framework.failover("west", 2)
    writes = bench.framework.writes
    with pytest.raises(NamespaceNotActive):
        bench.go()
    assert writes + 1 == bench.framework.writes
    assert bench.east.store.workflows[bench.workflow].info.workflow_task is None


def test_a_closed_workflow_has_no_workflow_task(bench: Bench) -> None:
    bench.east.start_workflow_task(bench.workflow)
    bench.east.close(bench.workflow)
    with pytest.raises(WorkflowClosed):
        bench.east.start_workflow_task(bench.workflow)
    bench.framework.failover("east", 2)
    writes = bench.framework.writes
    bench.go()
    assert writes + 1 == bench.framework.writes


def test_a_passive_cell_refuses_to_close_a_workflow_before_it_loads_it(bench: Bench) -> None:
    bench.framework.failover("west", 2)
    with pytest.raises(NamespaceNotActive):
        bench.east.close(WorkflowKey("namespace", "nobody", "run"))


def test_failovers_take_the_next_version_of_their_cluster(bench: Bench) -> None:
    framework = Framework(bench.framework.registry, clusters=("one", "two"))
    two, one = framework.new_cell("first", "two"), framework.new_cell("second", "one")
    assert Namespace("one", 1) == two.state.namespace
    seen = []
    for cell in (one, two, two, one, one, two):
        cell.failover()
        seen.append(one.state.namespace)
        assert two.state.namespace == one.state.namespace
    assert [("one", 1), ("two", 2), ("two", 2), ("one", 11), ("one", 11), ("two", 12)] == seen


@shows("ENV-WRITE-1")
def test_write_access_commits_what_the_accessor_did(bench: Bench) -> None:
    bench.go(outbound("dest", 3), value=7)
    bench.east.restart()
    assert (7, [3]) == (bench.value(), bench.payloads())


def test_the_first_access_of_a_workflow_loads_it_and_later_ones_do_not(bench: Bench) -> None:
    workflow, loads = bench.east.start("other"), bench.framework.loads
    for _ in range(3):
        bench.east.write(workflow, lambda root: None)
        bench.east.read(workflow, lambda root: None)
    assert loads + 1 == bench.framework.loads


@shows("ENV-WRITE-2")
def test_write_access_that_does_nothing_writes_once(bench: Bench) -> None:
    writes, before = bench.framework.writes, bench.east.store.workflows[bench.workflow]
    bench.east.write(bench.workflow, lambda root: None)
    after = bench.east.store.workflows[bench.workflow]
    assert (writes + 1, before.record + 1, before.tree) == (bench.framework.writes, after.record, after.tree)


@shows("ENV-WRITE-3")
def test_a_closed_workflow_is_written_like_a_running_one(bench: Bench) -> None:
    bench.east.close(bench.workflow)
    bench.go(outbound(), value=7)
    bench.east.pump_outbound()
    assert (7, [0]) == (bench.value(), bench.executed)


def boom(node: Node) -> None:
    go(node.child(A), outbound(), value=9)
    raise ScriptError("boom")


@shows("ENV-ERROR-3")
def test_the_error_of_an_accessor_is_its_own(bench: Bench) -> None:
    error = ScriptError("boom")

    def accessor(root: Node) -> None:
        raise error

    for access in (bench.east.read, bench.east.write):
        with pytest.raises(ScriptError) as raised:
            access(bench.workflow, accessor)
        assert error is raised.value


@shows("ENV-ERROR-1")
def test_an_error_under_read_access_leaves_the_workflow_in_memory(bench: Bench) -> None:
    loads = bench.framework.loads
    with pytest.raises(KeyError):
        bench.east.read(bench.workflow, lambda root: {}[0])
    bench.value()
    assert loads == bench.framework.loads


@shows("ENV-ERROR-2")
def test_an_error_under_write_access_discards_all_and_unloads(bench: Bench) -> None:
    before, loads = bench.stored(), bench.framework.loads
    with pytest.raises(ScriptError):
        bench.east.write(bench.workflow, boom)
    assert (5, loads + 1, before) == (bench.value(), bench.framework.loads, bench.stored())


@shows("ENV-PANIC-1")
def test_a_panic_leaves_the_store_as_it_was(bench: Bench) -> None:
    before = bench.stored()

    def accessor(root: Node) -> None:
        go(root.child(A), outbound(), value=9)
        raise Panic

    with pytest.raises(Panic):
        bench.east.write(bench.workflow, accessor)
    assert (5, before) == (bench.value(), bench.stored())


@shows("ENV-PANIC-2")
def test_a_panic_unloads_the_workflow(bench: Bench) -> None:
    def accessor(root: Node) -> None:
        raise Panic

    for access in (bench.east.read, bench.east.write):
        loads = bench.framework.loads
        with pytest.raises(Panic):
            access(bench.workflow, accessor)
        bench.value()
        assert loads + 1 == bench.framework.loads


@shows("ENV-READ-3", "ENV-READ-4")
@pytest.mark.parametrize("mutate", [lambda root: go(root.child(A)), lambda root: root.add_child(B[0], Machine(0, 0))])
def test_an_accessor_that_changes_the_tree_under_read_access_panics(bench: Bench, mutate: object) -> None:
    before, loads = bench.stored(), bench.framework.loads
    with pytest.raises(Panic):
        bench.east.read(bench.workflow, mutate)  # type: ignore[arg-type]  # a function of the table above
    assert (5, before) == (bench.value(), bench.stored())
    assert loads + 1 == bench.framework.loads


@shows("ENV-READ-5")
def test_data_written_into_under_read_access_is_seen_until_it_is_unloaded(bench: Bench) -> None:
    before = bench.stored()
    bench.east.read(bench.workflow, lambda root: bench.framework.write_into(root.child(A), Machine(0, 99)))
    assert (99, before) == (bench.value(), bench.stored())
    bench.east.evict(bench.workflow)
    assert 5 == bench.value()


@shows("ENV-READ-5")
def test_data_written_into_is_not_stored_by_a_later_commit(bench: Bench) -> None:
    bench.east.read(bench.workflow, lambda root: bench.framework.write_into(root.child(A), Machine(0, 99)))
    bench.east.write(bench.workflow, lambda root: None)
    assert 99 == bench.value()
    bench.east.restart()
    assert 5 == bench.value()


@shows("ENV-READ-5")
def test_data_written_into_twice_is_not_stored_either(bench: Bench) -> None:
    for new in (98, 99):
        bench.east.read(bench.workflow, lambda root, v=new: bench.framework.write_into(root.child(A), Machine(0, v)))
    bench.east.write(bench.workflow, lambda root: None)
    assert 99 == bench.value()
    bench.east.restart()
    assert 5 == bench.value()


@shows("ENV-READ-5")
def test_a_read_access_in_which_the_cell_restarts_leaves_nothing_in_memory(bench: Bench) -> None:
    def accessor(root: Node) -> None:
        bench.framework.write_into(root.child(A), Machine(0, 99))
        bench.east.restart()

    bench.east.read(bench.workflow, accessor)
    assert 5 == bench.value()


def test_data_is_written_into_during_an_access_alone(bench: Bench) -> None:
    node = bench.east.read(bench.workflow, lambda root: root.child(A))
    with pytest.raises(ValueError, match="no access"):
        bench.framework.write_into(node, Machine(0, 99))


@shows("ENV-READ-5")
def test_data_written_into_is_stored_once_its_machine_transitions(bench: Bench) -> None:
    bench.east.read(bench.workflow, lambda root: bench.framework.write_into(root.child(A), Machine(0, 99)))
    bench.go(value=7)
    bench.east.restart()
    assert 7 == bench.value()


@shows("ENV-LOCK-1")
def test_an_access_inside_of_another_one_is_busy(bench: Bench) -> None:
    def accessor(root: Node) -> None:
        with pytest.raises(WorkflowBusy):
            bench.value()
        go(root.child(A), value=7)

    bench.east.write(bench.workflow, accessor)
    assert 7 == bench.value()


@shows("ENV-LOCK-2")
@pytest.mark.parametrize("failure", [ScriptError, Panic, NotFound])
def test_the_lock_is_released_however_an_access_ends(bench: Bench, failure: type[BaseException]) -> None:
    def accessor(root: Node) -> None:
        raise failure

    for access in (bench.east.read, bench.east.write):
        with pytest.raises(failure):
            access(bench.workflow, accessor)
        assert frozenset() == bench.east.state.locked


def test_an_access_of_another_workflow_inside_of_one_is_not_busy(bench: Bench) -> None:
    other = bench.east.start("other")

    def accessor(root: Node) -> None:
        bench.east.write(other, lambda inner: inner.add_child(Key(1, "z"), Machine(0, 3)))

    bench.east.write(bench.workflow, accessor)
    assert 3 == bench.east.inspect(other, [(1, "z")]).data.value


def test_a_workflow_that_is_not_there_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.west.read(bench.workflow, lambda root: None)


def test_an_accessor_may_write_into_the_data_of_an_outer_access(bench: Bench) -> None:
    other = bench.east.start("other")

    def accessor(root: Node) -> None:
        bench.east.read(other, lambda inner: bench.framework.write_into(root.child(A), Machine(0, 99)))

    bench.east.read(bench.workflow, accessor)
    assert 99 == bench.value()
    assert [] == bench.framework.transactions


def test_events_and_timer_executors_are_registered_once(bench: Bench) -> None:
    with pytest.raises(DuplicateRegistration):
        bench.framework.register_event(1, bench.event)
    with pytest.raises(DuplicateRegistration):
        bench.framework.register_timer_executor(1, bench.fire)


def test_frameworks_may_share_a_registry_whose_type_of_roots_nothing_else_has(bench: Bench) -> None:
    other = Framework(bench.framework.registry).new_cell("east")
    assert {} == dict(other.store.workflows.items())
    registry = new_registry()
    registry.register_machine(Definition(WORKFLOW_TYPE.id))
    with pytest.raises(DuplicateRegistration):
        Framework(registry)
