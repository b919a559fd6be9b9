"""The documented errors, one class each, with a code that never changes."""

from __future__ import annotations

from typing import ClassVar


class HsmError(Exception):
    """An error that the documentation names. ``code`` is its stable name in observations and reports."""

    code: ClassVar[str]


class DuplicateRegistration(HsmError):
    """A type is registered again (seed: ``ErrDuplicateRegistration``; REG-MACHINE-2, REG-TASK-2, REG-EXEC-2)."""

    code = "duplicate_registration"


class NotRegistered(HsmError):
    """A type that is asked for is not registered (seed: ``ErrNotRegistered``; ROOT-NEW-3, NODE-ADD-3, EXEC-RUN-2)."""

    code = "not_registered"


class IncompatibleType(HsmError):
    """Data is not of the class that it was to be cast to (seed: ``ErrIncompatibleType``; DATA-CAST-1, MT-FAIL-3)."""

    code = "incompatible_type"


class InvalidTaskKind(HsmError):
    """For task serializers to raise when given the wrong kind (seed: ``ErrInvalidTaskKind``; TASK-KIND-1)."""

    code = "invalid_task_kind"


class InvalidTransition(HsmError):
    """A transition is applied in a state that is no source (seed: ``ErrInvalidTransition``; TRANS-APPLY-2)."""

    code = "invalid_transition"


class StateMachineAlreadyExists(HsmError):
    """A key is added that the parent has (seed: ``ErrStateMachineAlreadyExists``; NODE-ADD-2, COLL-ADD-2)."""

    code = "state_machine_already_exists"


class StateMachineNotFound(HsmError):
    """There is no machine at a path (seed: ``ErrStateMachineNotFound``; NODE-CHILD-2, COLL-NODE-2)."""

    code = "state_machine_not_found"


class NodeIsGone(StateMachineNotFound):
    """A handle is used whose node a rollback took away. The documentation does not say what that does."""
