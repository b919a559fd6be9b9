"""Amendments of the framework: what known releases do instead of one rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hsm_model.amendments import AMENDMENTS, Amendment, amend
from hsm_model.executor import AccessType
from hsm_model.framework.errors import NoDestination
from hsm_model.framework.rules import destination, is_concurrent, stays_loaded, timer_added
from hsm_model.framework.semantics import (
    FRAMEWORK_SPECIFICATION,
    FrameworkSemantics,
    framework_rules,
    with_framework,
)
from hsm_model.framework.state import EPOCH, MILLISECOND, CellState, Fate, NodeVersions, TimerGroup, WorkflowInfo
from hsm_model.persistence import PersistedTask
from hsm_model.semantics import SPECIFICATION, Semantics, states
from hsm_model.tasks import Task

FARTHEST = timedelta(days=99 * 365)
"""How far ahead v1.25.1 schedules tasks."""

PATIENCE = timedelta(minutes=15)
"""How long a timer that is due waits on a passive cell of v1.25.1."""


def whole_milliseconds(time: datetime) -> datetime:
    """Return a time without its fraction of a millisecond."""
    return time - (time - EPOCH) % MILLISECOND


@states("ENV-READ-2")
def flushed_by_any_access(info: WorkflowInfo, cell: CellState, access: AccessType) -> WorkflowInfo | None:
    """Fail the workflow task of an older failover version, under read access too."""
    older = info.workflow_task is not None and info.workflow_task < cell.namespace.version
    return info._replace(workflow_task=None) if older else None


@states("ENV-PANIC-2")
def panics_unload_only_what_changed(access: AccessType, failure: BaseException) -> bool:
    """Leave a workflow in memory after a panic too; if its tree was changed, that is another panic."""
    return stays_loaded(access, failure) or not isinstance(failure, Exception)


@states("ENV-READ-1", "ENV-ERROR-1", "OUTBOUND-READ-1")
def tasks_write(asked: AccessType, task_id: int) -> AccessType:
    """Grant a task write access, whatever it asked for."""
    return AccessType.WRITE if task_id else asked


@states("COMMIT-SUPERSEDED-1")
def nothing_superseded(task: Task, transition: int, count: int) -> bool:
    """Store the tasks of all transitions."""
    return False


@states("TIMER-DUE-1")
def expired_in_milliseconds(due: datetime, time: datetime) -> bool:
    """Compare whole milliseconds alone."""
    return whole_milliseconds(due) <= whole_milliseconds(time)


@states("TIMER-PAST-1")
def due_a_millisecond_later(due: datetime, time: datetime) -> datetime:
    """Deliver a millisecond after the deadline in whole milliseconds, or after now if even that is past.

    The queue's own time begins a millisecond after the epoch.
    """
    at, now = whole_milliseconds(due) + MILLISECOND, max(whole_milliseconds(time), EPOCH + MILLISECOND)
    return at if at >= now else now + MILLISECOND


@states("TIMER-FAR-1")
def near_deadlines_alone(due: datetime, time: datetime) -> bool:
    """Give no task to a deadline that is 99 years ahead."""
    return due <= time + FARTHEST


@states("TIMER-TERMINAL-1")
def no_timer_dropped(failure: BaseException) -> bool:
    """Let a timer that always fails undo its batch; its queue's task is then dropped, and no other one is added."""
    return False


@states("TIMER-DUE-1", "TIMER-EARLY-1")
def no_earlier_than_its_task(due: datetime, time: datetime) -> datetime:
    """Take the time of the queue's task for the clock's where it is later."""
    return max(due, time)


@states("TIMER-EARLY-1")
def early_is_done(due: datetime, time: datetime) -> Fate:
    """Remove a task from the timer queue also if it was delivered early and no timer was due."""
    return Fate.DONE


@states("TIMER-GROUP-1")
def equal_timer_replaced(groups: tuple[TimerGroup, ...], due: datetime, task: PersistedTask) -> tuple[TimerGroup, ...]:
    """Put a timer in the place of one with the same deadline, type and machine."""
    for index, group in enumerate(groups):
        if group.deadline == due:
            for place, other in enumerate(group.tasks):
                if other.type == task.type and other.ref.path == task.ref.path:
                    tasks = (*group.tasks[:place], task, *group.tasks[place + 1 :])
                    return (*groups[:index], group._replace(tasks=tasks), *groups[index + 1 :])
    return timer_added(groups, due, task)


@states("OUTBOUND-DESTINATION-1", "OUTBOUND-DESTINATION-2")
def destination_required(task: Task) -> str | None:
    """Return the destination of a task, None for a timer. Raise `NoDestination` if it is empty."""
    found = destination(task)
    if found == "":
        raise NoDestination(f"a task of type {task.type().name} has neither a deadline nor a destination")
    return found


@states("TIMER-STANDBY-1")
def concurrent_timers_do_not_wait(task: Task) -> bool:
    """Count a concurrent timer as fired on a passive cell, although no executor has run."""
    return not is_concurrent(task)


@states("TIMER-STANDBY-3")
def late_timers_discarded(due: datetime, time: datetime) -> bool:
    """Give up a task of the timer queue that has waited for a quarter of an hour."""
    return time >= due + PATIENCE


@states("REPL-NEWER-1", "REPL-NEWER-2")
def newer_by_definition(
    definition: Any, here: NodeVersions, data_here: Any, there: NodeVersions, data_there: Any
) -> bool:
    """Compare failover versions and, where they are equal, ask the machine's definition (its ``compare_state``)."""
    if here.last_update.version != there.last_update.version:
        return here.last_update.version < there.last_update.version
    compared: int = definition.compare_state(data_here, data_there)
    return compared < 0


FRAMEWORK_AMENDMENTS: dict[str, Amendment] = {
    amendment.name: amendment
    for amendment in (
        Amendment(
            "read-access-fails-workflow-task",
            "After a failover, read access too fails a started workflow task and commits that.",
            "flushed",
            flushed_by_any_access,
            ("ENV-READ-2",),
        ),
        Amendment(
            "panics-unload-only-what-changed",
            "A panic unloads a workflow only if its tree was changed.",
            "stays_loaded",
            panics_unload_only_what_changed,
            ("ENV-PANIC-2",),
        ),
        Amendment(
            "task-reads-are-writes",
            "Access with the reference of a task writes, also if it was to read.",
            "granted",
            tasks_write,
            ("ENV-READ-1", "OUTBOUND-READ-1"),
        ),
        Amendment(
            "superseded-tasks-are-stored",
            "The tasks of all transitions of a commit are stored.",
            "superseded",
            nothing_superseded,
            ("COMMIT-SUPERSEDED-1",),
        ),
        Amendment(
            "timers-expire-in-whole-milliseconds",
            "A timer fires up to a millisecond early, as the clock and the deadline are truncated to milliseconds.",
            "expired",
            expired_in_milliseconds,
            ("TIMER-DUE-1",),
        ),
        Amendment(
            "timer-tasks-are-a-millisecond-late",
            "The timer queue delivers a task at the millisecond after its deadline, or after now if that is past.",
            "task_due",
            due_a_millisecond_later,
            ("TIMER-PAST-1",),
        ),
        Amendment(
            "far-deadlines-have-no-task",
            "A deadline more than 99 years ahead has no task in the timer queue.",
            "schedulable",
            near_deadlines_alone,
            ("TIMER-FAR-1",),
        ),
        Amendment(
            "terminal-timer-failure-stops-timers",
            "A timer that always fails undoes its batch and has the queue's task dropped, so no timer fires any more.",
            "timer_dropped",
            no_timer_dropped,
            ("TIMER-TERMINAL-1",),
        ),
        Amendment(
            "early-timer-task-is-lost",
            "A task of the timer queue that is delivered early is removed although no timer was due.",
            "timer_task_fate",
            early_is_done,
            ("TIMER-EARLY-1",),
        ),
        Amendment(
            "early-timer-tasks-fire",
            "A task of the timer queue that is delivered early fires the timers that it is for.",
            "timer_time",
            no_earlier_than_its_task,
            ("TIMER-DUE-1", "TIMER-EARLY-1"),
        ),
        Amendment(
            "equal-timers-replace-each-other",
            "Of two timers of a machine with the same type and deadline only the later one is stored.",
            "timer_added",
            equal_timer_replaced,
            ("TIMER-GROUP-1",),
        ),
        Amendment(
            "outbound-tasks-need-a-destination",
            "A transaction fails if a task has an empty destination.",
            "destination",
            destination_required,
            ("OUTBOUND-DESTINATION-1",),
        ),
        Amendment(
            "standby-loses-concurrent-timers",
            "A passive cell removes a concurrent timer that is due, although nobody executed it.",
            "waits_on_standby",
            concurrent_timers_do_not_wait,
            ("TIMER-STANDBY-1",),
        ),
        Amendment(
            "standby-discards-late-timers",
            "A passive cell gives up a timer that is a quarter of an hour late; no other one of its workflow fires.",
            "discarded_on_standby",
            late_timers_discarded,
            ("TIMER-STANDBY-3",),
        ),
        Amendment(
            "definition-compares-state",
            "Of two states of one failover version, the machine's definition says which is newer.",
            "is_newer",
            newer_by_definition,
            ("REPL-NEWER-1", "REPL-NEWER-2"),
        ),
    )
}

V1_25_1 = (
    "read-access-fails-workflow-task",
    "panics-unload-only-what-changed",
    "timers-expire-in-whole-milliseconds",
    "timer-tasks-are-a-millisecond-late",
    "far-deadlines-have-no-task",
    "terminal-timer-failure-stops-timers",
    "early-timer-task-is-lost",
    "standby-loses-concurrent-timers",
    "standby-discards-late-timers",
    "definition-compares-state",
)
"""The amendments that v1.25.1 needs, beside those of its tree (`hsm_model.amendments`)."""


def amend_framework(
    rules: FrameworkSemantics = FRAMEWORK_SPECIFICATION, names: Iterable[str] = ()
) -> FrameworkSemantics:
    """Return the semantics with the named amendments made. Raise KeyError for a name that is none."""
    for name in names:
        amendment = FRAMEWORK_AMENDMENTS[name]
        rules = replace(rules, **{amendment.rule: amendment.instead})
    return rules


ALL_AMENDMENTS: dict[str, Amendment] = {**AMENDMENTS, **FRAMEWORK_AMENDMENTS}
"""The amendments of trees and of the framework, by name."""


def amend_world(semantics: Semantics = SPECIFICATION, names: Iterable[str] = ()) -> Semantics:
    """Return the semantics of trees and framework with the named amendments of either. Raise KeyError for no name."""
    names = tuple(names)
    around = [name for name in names if name in FRAMEWORK_AMENDMENTS]
    rules = amend_framework(framework_rules(semantics), around)
    amended = amend(semantics, [name for name in names if name not in FRAMEWORK_AMENDMENTS])
    return amended if rules == FRAMEWORK_SPECIFICATION else with_framework(amended, rules)
