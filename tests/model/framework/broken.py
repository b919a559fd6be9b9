"""A wrong rule for each rule of the framework: the specification with one of them replaced is to be noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hsm_model.executor import AccessType, StateMachineRef
from hsm_model.framework import FRAMEWORK_SPECIFICATION, Fate, FrameworkSemantics
from hsm_model.framework import rules as specified
from hsm_model.framework.errors import StaleReference
from hsm_model.framework.state import TimerGroup
from hsm_model.state import Path

LATER = timedelta(milliseconds=1)


def nothing(*arguments: Any) -> None:
    """Refuse nothing."""


def found_by_type_alone(root: Any, path: Path, behind: bool) -> Any:
    """Return the parent of a machine that is not there."""
    try:
        return specified.machine_found(root, path, behind)
    except StaleReference:
        return root.child(path[:-1])


def new_machines_alone(versions: Any, nodes: Any, transitioned: Any, at: Any) -> Any:
    """Leave the versions of machines that transition."""
    return specified.versions_after(versions, nodes, set(), at)


def tasks_forgotten(store: Any, key: Any, workflow: Any, tasks: Any) -> Any:
    """Write the state without its tasks."""
    return specified.written(store, key, workflow, ())


def appended(groups: tuple[TimerGroup, ...], due: Any, task: Any) -> tuple[TimerGroup, ...]:
    """Put a new timer last."""
    return (*groups, TimerGroup(due, (task,)))


def timers_kept(info: Any, next_task_id: int) -> Any:
    """Keep the timers of before a refresh."""
    return specified.rebuilt(info, next_task_id)._replace(timers=info.timers)


BROKEN: dict[str, Callable[..., Any]] = {
    "now": lambda cell: cell.now + LATER,
    "refuse_busy": nothing,
    "granted": lambda asked, task_id: AccessType.WRITE,
    "flushed": lambda info, cell, access: None,
    "mutated": lambda before, after: False,
    "stays_loaded": lambda access, failure: True,
    "refuse_older_generation": nothing,
    "may_be_behind": lambda task_id, reloaded: False,
    "machine_found": found_by_type_alone,
    "refuse_other_version": nothing,
    "refuse_other_count": nothing,
    "refuse_passive": nothing,
    "versions_after": new_machines_alone,
    "superseded": lambda task, transition, count: False,
    "require_serializer": nothing,
    "task_ref": lambda path, versions, transition, task: StateMachineRef(path, versions.initial.version, 0, transition),
    "destination": lambda task: specified.destination(task) and "dest",
    "deadline": lambda task: None,
    "transaction_ended": nothing,
    "refuse_lost_ownership": nothing,
    "refuse_later_owner": nothing,
    "refuse_stopped": nothing,
    "refuse_other_record": nothing,
    "written": tasks_forgotten,
    "timer_added": appended,
    "needs_timer_task": bool,
    "schedulable": lambda due, time: due < time + timedelta(days=1),
    "task_due": lambda due, time: due + LATER,
    "timer_time": max,
    "expired": lambda due, time: due <= time + LATER,
    "timer_skipped": lambda failure: False,
    "timer_dropped": lambda failure: False,
    "timer_task_fate": lambda due, time: Fate.DONE,
    "waits_on_standby": lambda task: False,
    "discarded_on_standby": lambda due, time: True,
    "fate": lambda failure: Fate.DONE,
    "rebuilt": timers_kept,
    "regenerated": lambda data: (),
    "refuse_missing_events": nothing,
    "refuse_other_machine": nothing,
    "is_newer": lambda definition, here, data_here, there, data_there: True,
}


def broken(rule: str) -> FrameworkSemantics:
    """Return the specification with a wrong rule."""
    return replace(FRAMEWORK_SPECIFICATION, **{rule: BROKEN[rule]})
