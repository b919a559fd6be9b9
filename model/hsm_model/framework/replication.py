"""Refresh and replication: regenerate tasks from the states of machines, and take state from another cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hsm_model.executor import WorkflowKey
from hsm_model.framework.errors import NotFound
from hsm_model.framework.state import Event, StoredWorkflow
from hsm_model.framework.transaction import Transaction, locked, nodes_below, writing
from hsm_model.node import machine_data, machine_transition
from hsm_model.persistence import Dialect, unmarshal
from hsm_model.state import NodeState, Path, put
from hsm_model.tasks import TransitionOutput

if TYPE_CHECKING:
    from hsm_model.framework.framework import Framework


def refresh(framework: Framework, cell: str, workflow: WorkflowKey) -> None:
    """Regenerate the tasks of all machines of a workflow, in active and in passive cells (REFRESH-PASSIVE-1).

    The machines themselves stay as they are (REFRESH-STATE-1). Raise what a machine raises, with nothing changed
    (REFRESH-FAIL-1).
    """
    with writing(framework, cell, workflow) as transaction:
        info = framework.rules.rebuilt(transaction.info, framework.store(cell).next_task_id)
        transaction.info = info._replace(rebuilt_by=transaction.range_id)
        for path, node in nodes_below(transaction.tree.state.root).items():
            if path:
                data = machine_data(transaction.root.child(path), object)
                tasks = framework.rules.regenerated(data)
                transaction.regenerated += ((path, node.transition_count, task) for task in tasks)
        transaction.commit(active=False)


def apply_event(framework: Framework, cell: str, workflow: WorkflowKey, type_id: int, payload: bytes) -> None:
    """Apply an event to a workflow's tree in a transaction, and add it to the workflow's history."""
    with writing(framework, cell, workflow) as transaction:
        _apply(transaction, Event(type_id, payload, transaction.next_transition()))
        transaction.commit()


def replicate_events(framework: Framework, source: str, target: str, workflow: WorkflowKey) -> int:
    """Apply in another cell the events that it does not have, each in a transaction. Return how many these were.

    They have the same effects as in the source (REPL-EVENTS-2). The workflow is started there if it is missing. Raises
    `NotFound` if the source does not have it.
    """
    there = _stored(framework, source, workflow)
    known, cell = 0, framework.world.cells[target]
    if framework.store(target).workflows.get(workflow) is None:
        framework.create(target, workflow, there.info.versions[()].initial, active=False)
    elif not there.info.events:
        with locked(framework, target, workflow):
            framework.rules.refuse_stopped(cell.range_id in cell.stopped)
    else:
        with writing(framework, target, workflow) as transaction:
            known = len(transaction.info.events)
    for event in there.info.events[known:]:
        with writing(framework, target, workflow) as transaction:
            _apply(transaction, event)
            transaction.commit(active=False, at=event.at)
    return len(there.info.events[known:])


def _apply(transaction: Transaction, event: Event) -> None:
    transaction.framework.events[event.type](transaction.root, event.payload)
    transaction.info = transaction.info._replace(events=(*transaction.info.events, event))


def sync(framework: Framework, source: str, target: str, workflow: WorkflowKey) -> bool:
    """Take from another cell the state of the machines that are newer there, and regenerate their tasks.

    Return whether there were any; if not, nothing is written (REPL-TASKS-1, REPL-NEWER-1, REPL-COUNT-1). Raises
    `RetryReplication`, `StateMachineNotFound`, `InitialVersionMismatch`, or what regeneration raises, with nothing
    changed (REPL-EVENTS-1, REPL-MISSING-1, REPL-INITIAL-1, REPL-FAIL-1).
    """
    there, rules = _stored(framework, source, workflow), framework.rules
    cell = framework.world.cells[target]
    if framework.store(target).workflows.get(workflow) is None:
        rules.refuse_stopped(cell.range_id in cell.stopped)
        rules.refuse_missing_events(None, there.info)
    with writing(framework, target, workflow) as transaction:
        rules.refuse_missing_events(transaction.info, there.info)
        incoming = nodes_below(unmarshal(there.tree, Dialect.V1_25))
        for path, node in incoming.items():
            if path:
                _sync_node(transaction, path, node, there)
        if transaction.synced:
            transaction.commit(active=False, at=there.info.last)
        return bool(transaction.synced)


def _stored(framework: Framework, cell: str, workflow: WorkflowKey) -> StoredWorkflow:
    stored = framework.store(cell).workflows.get(workflow)
    if stored is None:
        raise NotFound(f"there is no workflow {workflow.workflow_id}")
    return stored


def _sync_node(transaction: Transaction, path: Path, incoming: NodeState, there: StoredWorkflow) -> None:
    """Take the state of one machine if it is newer, and regenerate its tasks."""
    rules, node = transaction.framework.rules, transaction.root.child(path)
    here, versions = transaction.info.versions[path], there.info.versions[path]
    data, incoming_data = machine_data(node, object), node.definition.deserialize(incoming.data)
    if not rules.is_newer(node.definition, here, data, versions, incoming_data):
        return
    rules.refuse_other_machine(here, versions)
    tree = transaction.tree
    tree.state = tree.state._replace(root=put(tree.state.root, path, node.persisted()._replace(data=incoming.data)))
    machine_transition(node, object, lambda synced: TransitionOutput(rules.regenerated(synced)))
    transaction.synced[path] = versions.last_update
