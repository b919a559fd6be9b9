"""An observation: the outcome of one operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct, UnsetType


class Observation(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """The outcome of one operation. Exactly one of ``ok``, ``error``, ``panic`` and ``unbound`` is present.

    ``ok`` is the value, null where the operation has none. ``error`` is a code: one of the documented errors, one of
    the palette's, or ``other`` for an error that is none of them. ``panic`` is the text of a panic (an exception that
    is no error of the package). ``unbound`` is true for an operation that was not run, as a handle it names is bound to
    nothing. ``inner`` has the observations made inside the operation's function, if that was called and made any.
    ``message`` is free text for people; it is never compared, nor is the text of a panic.
    """

    ok: Any = UNSET
    error: str | UnsetType = UNSET
    panic: str | UnsetType = UNSET
    unbound: bool | UnsetType = UNSET
    inner: tuple[Observation, ...] | UnsetType = UNSET
    message: str | UnsetType = UNSET


DOCUMENTED_ERRORS = (
    "duplicate_registration",
    "incompatible_type",
    "invalid_task_kind",
    "invalid_transition",
    "not_registered",
    "state_machine_already_exists",
    "state_machine_not_found",
)
PALETTE_ERRORS = ("user_1", "user_2", "serialize_error", "deserialize_error")
FRAMEWORK_ERRORS = (
    "condition_failed",
    "initial_version_mismatch",
    "namespace_not_active",
    "no_destination",
    "no_serializer",
    "not_found",
    "retry_replication",
    "shard_ownership_lost",
    "stale_reference",
    "unknown_outcome",
    "workflow_busy",
    "workflow_closed",
    "workflow_exists",
)
"""The errors of the framework around the tree, which the documentation does not name."""
OTHER_ERROR = "other"
ENDED = "ended"
"""The code of an operation at which the implementation ended. No adapter sends it."""
NO_ANSWER = "no_answer"
"""The code of an operation that was not answered in time. No adapter sends it."""


def is_loss(observation: Observation) -> bool:
    """Return whether an operation ended the implementation or was not answered in time."""
    return observation.error in (ENDED, NO_ANSWER)


def at(observations: Sequence[Observation], where: tuple[int, ...]) -> Observation | None:
    """Return the observation at a place, inside functions too; None where there is none."""
    found: Observation | None = None
    for index in where:
        if index >= len(observations):
            return None
        found = observations[index]
        observations = found.inner or ()
    return found
