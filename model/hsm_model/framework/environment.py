"""The environment: access to the machines of workflows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from hsm_model.executor import AccessType, Ref, StateMachineRef, WorkflowKey
from hsm_model.framework.errors import StaleState
from hsm_model.framework.transaction import Transaction, begin, locked, unloading
from hsm_model.node import Node

if TYPE_CHECKING:
    from hsm_model.framework.framework import Framework

T = TypeVar("T")


class Environment:
    """The access of executors and other callers to the workflows of a cell (docs: ``Environment``).

    The environment of a task knows the task's own reference and ID.
    """

    def __init__(self, framework: Framework, cell: str, task_ref: Ref | None = None, task_id: int = 0) -> None:
        self.framework = framework
        self.cell = cell
        self.task_ref = task_ref
        self.task_id = task_id

    def now(self) -> datetime:
        """Return the time of the cell's clock (docs: ``Environment.Now``; ENV-CLOCK-1)."""
        return self.framework.rules.now(self.framework.world.cells[self.cell])

    def access(self, ref: Ref, access_type: AccessType, accessor: Callable[[Node], T]) -> T:
        """Call the accessor with the node that the reference names, and return what it returns.

        `AccessType.WRITE` commits its changes, even if there are none and even if the workflow is closed (docs:
        ``Environment.Access``; ENV-WRITE-1, ENV-WRITE-2, ENV-WRITE-3). Raise `NotFound`, `StaleReference`,
        `NotRegistered` or `WorkflowBusy` without having called the accessor (REF-CALLED-1) and with the workflow still
        in memory (REF-LOADED-1); raise what the accessor raises (ENV-ERROR-3), and what the commit raises.
        """
        task_id = self.task_id if ref == self.task_ref else 0
        return access(
            self.framework, self.cell, ref.workflow_key, access_type, accessor, ref.state_machine_ref, task_id
        )


def access(
    framework: Framework,
    cell: str,
    workflow: WorkflowKey,
    access_type: AccessType,
    accessor: Callable[[Node], T],
    ref: StateMachineRef | None = None,
    task_id: int = 0,
) -> T:
    """Access a workflow as `Environment.access` does. Without a reference, access the root and compare nothing."""
    rules = framework.rules
    access_type = rules.granted(access_type, task_id)
    with locked(framework, cell, workflow):
        transaction = begin(framework, cell, workflow, access_type)
        try:
            node = validated(transaction, ref, task_id, reloaded=False)
        except StaleState:
            framework.set_loaded(cell, workflow, None)
            transaction = begin(framework, cell, workflow, access_type)
            node = validated(transaction, ref, task_id, reloaded=True)
        with unloading(transaction, access_type):
            result = accessor(node)
        if access_type is AccessType.READ:
            transaction.end()
        else:
            with unloading(transaction):
                transaction.commit()
        return result


def check_generation(transaction: Transaction, task_id: int) -> None:
    """Refuse a task from before all tasks were regenerated. Raise `StaleReference`.

    Where a later owner of the store did that, the cell is about to do it again, and learns that it is not the owner
    (COMMIT-OWNER-2): raise `ShardOwnershipLost`.
    """
    info = transaction.info
    if 0 < task_id < info.rebuilt_at and info.rebuilt_by > transaction.range_id:
        with unloading(transaction):
            transaction.commit(active=False)
    transaction.framework.rules.refuse_older_generation(task_id, info)


def validated(transaction: Transaction, ref: StateMachineRef | None, task_id: int, *, reloaded: bool) -> Node:
    """Return the node that a reference names, the root for None.

    Raise `StaleReference`, `StaleState` where memory may be behind the reference, or `NotRegistered`.
    """
    if ref is None:
        return transaction.root
    rules = transaction.framework.rules
    check_generation(transaction, task_id)
    behind = rules.may_be_behind(task_id, reloaded)
    node = rules.machine_found(transaction.root, ref.path, behind)
    rules.refuse_other_version(ref, transaction.info.versions[ref.path], behind)
    rules.refuse_other_count(ref, node.transition_count())
    return node
