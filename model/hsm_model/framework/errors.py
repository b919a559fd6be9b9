"""The errors of the framework. Like those of the tree they have a code that never changes."""

from __future__ import annotations

from typing import ClassVar


class FrameworkError(Exception):
    """An error of the framework around the tree. ``code`` is its stable name in observations and reports."""

    code: ClassVar[str]


class NotFound(FrameworkError):
    """A workflow or a machine does not exist. Timer executors may raise it to have their timer skipped."""

    code = "not_found"


class StaleReference(NotFound):
    """A reference does not match the machine that it leads to, or leads nowhere."""

    code = "stale_reference"


class StaleState(FrameworkError):
    """The state in memory may be older than the reference. It never leaves the environment."""

    code = "stale_state"


class WorkflowBusy(FrameworkError):
    """The workflow is locked by another access."""

    code = "workflow_busy"


class WorkflowExists(FrameworkError):
    """The workflow that is to be started is there already."""

    code = "workflow_exists"


class WorkflowClosed(FrameworkError):
    """The workflow that is to be closed is closed already."""

    code = "workflow_closed"


class NamespaceNotActive(FrameworkError):
    """A cell in which the namespace is passive is to commit."""

    code = "namespace_not_active"


class NoSerializer(FrameworkError):
    """A task cannot be stored, because its type has no serializer."""

    code = "no_serializer"


class NoDestination(FrameworkError):
    """A task cannot be stored, because it has neither a deadline nor a destination."""

    code = "no_destination"


class ConditionFailed(FrameworkError):
    """The store refuses a write: the record is not the one that was loaded, or the store says so."""

    code = "condition_failed"


class UnknownOutcome(FrameworkError):
    """It is not known whether a write took place."""

    code = "unknown_outcome"


class ShardOwnershipLost(FrameworkError):
    """Another cell has become the owner of the store."""

    code = "shard_ownership_lost"


class TaskRetry(FrameworkError):
    """A task is to stay in its queue: here the namespace is passive, and the active cell has not dealt with it yet."""

    code = "task_retry"


class RetryReplication(FrameworkError):
    """Events are missing, which have to be replicated first."""

    code = "retry_replication"


class InitialVersionMismatch(FrameworkError):
    """Two cells have different machines at one path."""

    code = "initial_version_mismatch"


class Panic(BaseException):
    """The counterpart of a panic in Go. It is no `Exception`, so executors do not catch it by accident."""

    code: ClassVar[str] = "panic"
