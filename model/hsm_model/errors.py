"""The documented errors, one class each, with a code that never changes and the documented text."""

from __future__ import annotations

from typing import ClassVar


class HsmError(Exception):
    """An error that the documentation names.

    ``code`` is its stable name in observations and reports; ``text`` is the message that the documentation gives it.
    The message of an error begins with that text, and a detail follows behind a colon where there is one.
    """

    code: ClassVar[str]
    text: ClassVar[str]

    def __str__(self) -> str:
        detail = super().__str__()
        return f"{self.text}: {detail}" if detail else self.text


class DuplicateRegistration(HsmError):
    """A type is registered twice (docs: ``ErrDuplicateRegistration``; REG-MACHINE-2, REG-TASK-2, REG-EXEC-2)."""

    code = "duplicate_registration"
    text = "duplicate registration"


class NotRegistered(HsmError):
    """A type is not registered (docs: ``ErrNotRegistered``; ROOT-NEW-3, NODE-ADD-3, EXEC-RUN-2)."""

    code = "not_registered"
    text = "not registered"


class IncompatibleType(HsmError):
    """Data is not of the class that it is cast to (docs: ``ErrIncompatibleType``; DATA-CAST-1, MT-FAIL-3)."""

    code = "incompatible_type"
    text = "state machine data was cast into an incompatible type"


class InvalidTaskKind(HsmError):
    """A task serializer may raise it for the wrong kind (docs: ``ErrInvalidTaskKind``; TASK-KIND-1)."""

    code = "invalid_task_kind"
    text = "invalid task kind"


class InvalidTransition(HsmError):
    """A transition is applied in a state that is not a source (docs: ``ErrInvalidTransition``; TRANS-APPLY-2)."""

    code = "invalid_transition"
    text = "invalid transition"


class StateMachineAlreadyExists(HsmError):
    """The parent already has the key (docs: ``ErrStateMachineAlreadyExists``; NODE-ADD-2, COLL-ADD-2)."""

    code = "state_machine_already_exists"
    text = "state machine already exists"


class StateMachineNotFound(HsmError):
    """There is no machine at a path (docs: ``ErrStateMachineNotFound``; NODE-CHILD-2, COLL-NODE-2)."""

    code = "state_machine_not_found"
    text = "state machine not found"


class NodeIsGone(StateMachineNotFound):
    """A handle is used after a rollback removed its node. The documentation does not say what happens then."""
