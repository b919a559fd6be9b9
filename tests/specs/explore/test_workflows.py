"""Exploration of workflows, its invariants, and the tours through it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pytest

from hsm_model.executor import AccessType
from hsm_model.framework import amendments
from hsm_model.framework.rules import superseded
from hsm_model.framework.semantics import FRAMEWORK_SPECIFICATION, with_framework
from hsm_model.framework.state import TimerGroup, WorkflowInfo
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_model.state import TreeState
from hsm_model.tasks import Task, TaskKindOutbound
from hsm_specs.explore.access_actions import set_up
from hsm_specs.explore.actions import WORKFLOWS, alphabet
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.invariants import judge
from hsm_specs.explore.scope import Scope, load_scopes
from hsm_specs.explore.tour import tour
from hsm_specs.language import operations as ops
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict

QUICK = next(part for part in load_scopes("quick") if part.workflow is not None)
ADDING = msgspec.structs.replace(QUICK, actions=("add", "forget"))
TIMERS = next(part for part in load_scopes("default") if part.name == "timers")


def under(**rules: Any) -> Semantics:
    """Return the specification with rules of the framework replaced."""
    return with_framework(SPECIFICATION, replace(FRAMEWORK_SPECIFICATION, **rules))


def broken(scope: Scope, semantics: Semantics) -> list[str]:
    """Return the names of the invariants that do not hold always."""
    judgements = judge(explore(scope, semantics), semantics)
    return [each.invariant.name for each in judgements if not each.holds and each.invariant.modality == "always"]


def outbound_forgotten(task: Task, transition: int, count: int) -> bool:
    return superseded(task, transition, count) or isinstance(task.kind(), TaskKindOutbound)


def any_time(due: datetime, time: datetime) -> bool:
    return True


def any_count(ref: Any, count: int) -> None:
    """Take every reference."""


def timers_kept(info: WorkflowInfo, next_task_id: int) -> WorkflowInfo:
    kept = tuple(group._replace(scheduled=False) for group in info.timers)
    return info._replace(timers=kept, rebuilt_at=next_task_id)


def always_writes(asked: AccessType, task_id: int) -> AccessType:
    return AccessType.WRITE


def always_stays(access: AccessType, failure: BaseException) -> bool:
    return True


def never_mutated(before: TreeState, after: TreeState) -> bool:
    return False


def never_needed(groups: tuple[TimerGroup, ...]) -> bool:
    return False


@pytest.mark.parametrize(
    ("scope", "rules", "invariant"),
    [
        (QUICK, {"superseded": outbound_forgotten}, "tasks are stored exactly with their transition"),
        (QUICK, {"expired": any_time}, "timers wait for their deadline"),
        (QUICK, {"refuse_other_count": any_count}, "stale tasks change no machine"),
        (QUICK, {"rebuilt": timers_kept}, "refresh leaves what states call for"),
        (QUICK, {"regenerated": lambda data: ()}, "refresh leaves what states call for"),
        (QUICK, {"granted": always_writes}, "read access leaves the store as it was"),
        (ADDING, {"stays_loaded": always_stays, "mutated": never_mutated}, "memory is what is stored"),
        (QUICK, {"needs_timer_task": never_needed}, "every task is run, refused or seen to fail"),
        (TIMERS, {"timer_dropped": amendments.no_timer_dropped}, "every task is run, refused or seen to fail"),
    ],
)
def test_an_invariant_and_no_other_is_violated_by_a_rule_that_breaks_it(
    scope: Scope, rules: dict[str, Any], invariant: str
) -> None:
    assert broken(scope, under(**rules)) == [invariant]


def test_tours_of_workflows_are_exact_where_rules_are_amended() -> None:
    semantics = amendments.amend_world(names=[name for name in amendments.V1_25_1 if "replicat" not in name])
    graph = explore(QUICK, semantics)
    legs = tour(graph).legs
    assert graph.edges != explore(QUICK).edges
    for leg in legs:
        assert first_difference(leg.program, leg.expected, predict(leg.program, semantics)) is None


def test_every_part_about_a_workflow_is_tried_where_all_is_offered_and_only_there() -> None:
    everything = frozenset(("tasks", "executors", "panics", *WORKFLOWS))
    assert alphabet(QUICK, everything) == alphabet(QUICK)
    for capability in WORKFLOWS:
        assert alphabet(QUICK, everything - {capability}) == ()


def test_the_set_up_of_a_part_returns_null_and_writes_the_workflow_once() -> None:
    *returned, counts = predict((*set_up(QUICK), ops.StoreCounts(0)))
    assert {None} == {observation.ok for observation in returned}
    assert counts.ok == [0, 1]


def test_states_do_not_depend_on_how_often_something_was_written_or_started() -> None:
    scope = msgspec.structs.replace(QUICK, actions=("forget", "read"))
    graph = explore(scope)
    assert {(False,), (True,)} == {
        tuple(len(cell.loaded) > 0 for _, cell in state.workflow.cells.items())
        for state in graph.states
        if state.workflow
    }
    assert len(graph.states) == 2
