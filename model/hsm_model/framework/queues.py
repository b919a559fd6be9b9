"""The queues: what happens when the timer queue or the outbound queue of a cell delivers a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hsm_model.errors import NotRegistered
from hsm_model.executor import AccessType, execute
from hsm_model.framework.environment import Environment, access, check_generation, validated
from hsm_model.framework.errors import Panic, ShardOwnershipLost, TaskRetry
from hsm_model.framework.state import Fate, OutboundTask, QueueTask, TimerGroup, TimerTask
from hsm_model.framework.transaction import Transaction, writing
from hsm_model.persistence import PersistedTask
from hsm_model.tasks import Task, TaskKind, TaskKindOutbound, TaskKindTimer

if TYPE_CHECKING:
    from hsm_model.framework.framework import Framework


class Delivery(NamedTuple):
    """The result of delivering a task. ``failure`` is the error that ended its execution, if there was one."""

    task: QueueTask
    fate: Fate
    failure: BaseException | None


def deliver(framework: Framework, cell: str, task: QueueTask) -> Delivery:
    """Execute a task in a cell, whether or not it is in the queue, and remove it from there if it is finished.

    The executor is that of the task's type (OUTBOUND-EXECUTE-1). Where the namespace was active when the task was
    stored does not matter (OUTBOUND-FAILBACK-1). A cell that is no longer the owner goes on while it does not
    know.
    """
    rules, failure, fate = framework.rules, None, None
    try:
        refuse_former_owner(framework, cell, task)
        if isinstance(task, TimerTask):
            fate = deliver_timer(framework, cell, task)
        elif framework.world.cells[cell].active():
            ref, environment = task.ref(), Environment(framework, cell, task.ref(), task.id)
            execute(framework.registry, environment, ref, stored_task(framework, task.task, _kind(task)))
        else:
            access(framework, cell, task.workflow, AccessType.READ, _look, task.task.ref, task.id)
            raise TaskRetry("the active cell has not executed the task yet")
    except (Exception, Panic) as raised:
        failure = raised
    fate = fate or rules.fate(failure)
    if isinstance(failure, TaskRetry) and isinstance(task, TimerTask):
        now = rules.now(framework.world.cells[cell])
        fate = Fate.DROPPED if rules.discarded_on_standby(task.due, now) else fate
    store = framework.store(cell)
    if fate is not Fate.RETRIED and store.tasks.get(task.id) == task:
        framework.set_store(cell, store._replace(tasks=store.tasks.discard(task.id)))
    return Delivery(task, fate, failure)


def refuse_former_owner(framework: Framework, cell: str, task: QueueTask) -> None:
    """Stop the cell if a later owner of its store has stored the task. Raise `ShardOwnershipLost` if it has stopped.

    The transaction of timers in which it learns of it unloads the workflow, like any that fails (COMMIT-OWNER-4). An
    outbound task leaves it in memory (COMMIT-OWNER-5).
    """
    state = framework.world.cells[cell]
    framework.rules.refuse_stopped(state.range_id in state.stopped)
    try:
        framework.rules.refuse_later_owner(state.range_id, task.id, framework.store(cell))
    except ShardOwnershipLost:
        framework.set_cell(cell, state._replace(stopped=state.stopped | {state.range_id}))
        if isinstance(task, TimerTask) and task.workflow not in state.locked:
            framework.set_loaded(cell, task.workflow, None)
        raise


def _kind(task: OutboundTask) -> TaskKind:
    return TaskKindOutbound(task.destination)


def _look(node: object) -> None:
    """Access a node and do nothing."""


def stored_task(framework: Framework, task: PersistedTask, kind: TaskKind) -> Task:
    """Return a task as its machine made it. Raise `NotRegistered`, or what its serializer raises."""
    serializer = framework.registry.task_serializer(task.type)
    if serializer is None:
        raise NotRegistered(f"serializer of task type {task.type} is not registered")
    stored: Task = serializer.deserialize(task.data, kind)
    return stored


def deliver_timer(framework: Framework, cell: str, task: TimerTask) -> Fate:
    """Fire the timers of a workflow that are due, in one transaction, and return the fate of the task."""
    rules = framework.rules
    with writing(framework, cell, task.workflow) as transaction:
        check_generation(transaction, task.id)
        time = rules.timer_time(task.due, rules.now(framework.world.cells[cell]))
        fired = 0
        for group in transaction.info.timers:
            if not rules.expired(group.deadline, time):
                break
            for timer in group.tasks:
                fire(transaction, group, timer)
            fired += 1
        if fired:
            transaction.info = transaction.info._replace(timers=transaction.info.timers[fired:])
            transaction.commit(active=framework.world.cells[cell].active())
    return rules.timer_task_fate(task.due, time)


def fire(transaction: Transaction, group: TimerGroup, timer: PersistedTask) -> None:
    """Call the executor of a timer, or look at it on a passive cell.

    Raise what undoes the whole batch: `TaskRetry` on a passive cell, else what the executor raised.
    """
    framework, tree = transaction.framework, transaction.tree
    before, known = tree.state, len(tree.handles)
    try:
        task = stored_task(framework, timer, TaskKindTimer(group.deadline))
        node = validated(transaction, timer.ref, 0, reloaded=True)
        if framework.world.cells[transaction.cell].active():
            executor: Any = framework.timer_executors.get(timer.type)
            if executor is None:
                raise NotRegistered(f"executor of timer type {timer.type} is not registered")
            executor(Environment(framework, transaction.cell), node, task)
        elif framework.rules.waits_on_standby(task):
            raise TaskRetry("the active cell has not fired the timer yet")
    except Exception as failure:
        if framework.rules.timer_dropped(failure):
            tree.state = before
            tree.forget_gone(known)
        elif not framework.rules.timer_skipped(failure):
            raise
