"""The semantics of the framework: the record of its rules.

It is made like `hsm_model.semantics`: an operation asks the record, and another semantics is the record with a rule
replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hsm_model.executor import AccessType, StateMachineRef
from hsm_model.framework import rules
from hsm_model.framework.state import (
    CellState,
    Fate,
    NodeVersions,
    QueueTask,
    Store,
    StoredWorkflow,
    TimerGroup,
    VersionedTransition,
    WorkflowInfo,
)
from hsm_model.maps import Map
from hsm_model.node import Node
from hsm_model.persistence import PersistedTask
from hsm_model.semantics import Semantics
from hsm_model.state import NodeState, Path, TreeState
from hsm_model.tasks import Task


@dataclass(frozen=True, slots=True)
class FrameworkSemantics:
    """One rule for each thing that an operation of the framework asks. The defaults are the specification."""

    now: Callable[[CellState], datetime] = rules.now
    refuse_busy: Callable[[bool], None] = rules.refuse_busy
    granted: Callable[[AccessType, int], AccessType] = rules.granted
    flushed: Callable[[WorkflowInfo, CellState, AccessType], WorkflowInfo | None] = rules.flushed
    mutated: Callable[[TreeState, TreeState], bool] = rules.mutated
    stays_loaded: Callable[[AccessType, BaseException], bool] = rules.stays_loaded
    refuse_older_generation: Callable[[int, WorkflowInfo], None] = rules.refuse_older_generation
    may_be_behind: Callable[[int, bool], bool] = rules.may_be_behind
    machine_found: Callable[[Node, Path, bool], Node] = rules.machine_found
    refuse_other_version: Callable[[StateMachineRef, NodeVersions, bool], None] = rules.refuse_other_version
    refuse_other_count: Callable[[StateMachineRef, int], None] = rules.refuse_other_count
    refuse_passive: Callable[[CellState], None] = rules.refuse_passive
    versions_after: Callable[
        [Map[Path, NodeVersions], Mapping[Path, NodeState], set[Path], VersionedTransition], Map[Path, NodeVersions]
    ] = rules.versions_after
    superseded: Callable[[Task, int, int], bool] = rules.superseded
    require_serializer: Callable[[object | None, Task], None] = rules.require_serializer
    task_ref: Callable[[Path, NodeVersions, int, Task], StateMachineRef] = rules.task_ref
    destination: Callable[[Task], str | None] = rules.destination
    deadline: Callable[[Task], datetime | None] = rules.deadline
    transaction_ended: Callable[[Node], None] = rules.transaction_ended
    refuse_lost_ownership: Callable[[int, Store], None] = rules.refuse_lost_ownership
    refuse_later_owner: Callable[[int, int, Store], None] = rules.refuse_later_owner
    refuse_stopped: Callable[[bool], None] = rules.refuse_stopped
    refuse_other_record: Callable[[int, StoredWorkflow | None], None] = rules.refuse_other_record
    written: Callable[[Store, Any, StoredWorkflow, tuple[QueueTask, ...]], Store] = rules.written
    timer_added: Callable[[tuple[TimerGroup, ...], datetime, PersistedTask], tuple[TimerGroup, ...]] = rules.timer_added
    needs_timer_task: Callable[[tuple[TimerGroup, ...]], bool] = rules.needs_timer_task
    schedulable: Callable[[datetime, datetime], bool] = rules.schedulable
    task_due: Callable[[datetime, datetime], datetime] = rules.task_due
    timer_time: Callable[[datetime, datetime], datetime] = rules.timer_time
    expired: Callable[[datetime, datetime], bool] = rules.expired
    timer_skipped: Callable[[BaseException], bool] = rules.timer_skipped
    timer_dropped: Callable[[BaseException], bool] = rules.timer_dropped
    timer_task_fate: Callable[[datetime, datetime], Fate] = rules.timer_task_fate
    waits_on_standby: Callable[[Task], bool] = rules.waits_on_standby
    discarded_on_standby: Callable[[datetime, datetime], bool] = rules.discarded_on_standby
    fate: Callable[[BaseException | None], Fate] = rules.fate
    rebuilt: Callable[[WorkflowInfo, int], WorkflowInfo] = rules.rebuilt
    regenerated: Callable[[Any], tuple[Task, ...]] = rules.regenerated
    refuse_missing_events: Callable[[WorkflowInfo | None, WorkflowInfo], None] = rules.refuse_missing_events
    refuse_other_machine: Callable[[NodeVersions, NodeVersions], None] = rules.refuse_other_machine
    is_newer: Callable[[Any, NodeVersions, Any, NodeVersions, Any], bool] = rules.is_newer


FRAMEWORK_SPECIFICATION = FrameworkSemantics()
"""The rules of the documentation and, where it is silent, those that the releases agree on."""


_AROUND: dict[int, tuple[Semantics, FrameworkSemantics]] = {}
"""The rules of the framework that go with rules of trees, by the identity of these, which are kept for it."""
_MADE: dict[tuple[Semantics, FrameworkSemantics], Semantics] = {}


def with_framework(semantics: Semantics, rules: FrameworkSemantics) -> Semantics:
    """Return rules of trees, equal to the given ones, with which these rules of the framework go."""
    made = _MADE.get((semantics, rules))
    if made is None:
        made = _MADE[semantics, rules] = replace(semantics)
        _AROUND[id(made)] = made, rules
    return made


def framework_rules(semantics: Semantics) -> FrameworkSemantics:
    """Return the rules of the framework that go with rules of trees: those of the specification if none were given."""
    found = _AROUND.get(id(semantics))
    return FRAMEWORK_SPECIFICATION if found is None else found[1]
