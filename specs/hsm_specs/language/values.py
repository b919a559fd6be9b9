"""Values and answers in words: keys, paths, data, tasks, references, errors."""

from __future__ import annotations

import json
from typing import Any, Final

from msgspec import UNSET, UnsetType

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import ENDED, Observation, is_loss

ERRORS = {
    "duplicate_registration": "ErrDuplicateRegistration",
    "incompatible_type": "ErrIncompatibleType",
    "invalid_task_kind": "ErrInvalidTaskKind",
    "invalid_transition": "ErrInvalidTransition",
    "not_registered": "ErrNotRegistered",
    "state_machine_already_exists": "ErrStateMachineAlreadyExists",
    "state_machine_not_found": "ErrStateMachineNotFound",
    "user_1": "the function's error user_1",
    "user_2": "the function's error user_2",
    "serialize_error": "the serializer's error",
    "deserialize_error": "the deserializer's error",
    "other": "an error that is none of the documented ones",
}

_NULLS: Final[dict[type, str]] = {
    operation: specification.null for operation, specification in ops.SPECIFICATIONS.items()
}


def quoted(text: str) -> str:
    """Return a text in quotation marks, with what cannot be printed escaped."""
    shown = json.dumps(text, ensure_ascii=not text.isprintable())
    return shown if len(shown) <= 48 else shown[:45] + '..."'


def key(item: ops.Key) -> str:
    """Return the key of a node."""
    return f"{item[0]}/{quoted(item[1])}"


def path(items: ops.Path) -> str:
    """Return a path of keys."""
    return "[" + ", ".join(map(key, items)) + "]"


def data_of(content: ops.Data) -> str:
    """Return a machine's data."""
    state, value = content
    return f"state {state} value {value}" if value else f"state {state}"


def task(item: ops.Task) -> str:
    """Return a task with its kind."""
    type_id, payload, kind = item
    return f"{type_id}({payload}, {kind_of(kind)})"


def ref(reference: ops.RefSpec) -> str:
    """Return a reference to a machine."""
    workflow = "" if reference.workflow == ("n", "w", "r") else ", workflow " + "/".join(reference.workflow)
    version = f", version {reference.version}" if reference.version else ""
    count = f", count {reference.count}" if reference.count else ""
    return f"Ref({path(reference.path)}{workflow}{version}{count})"


def answer(observation: Observation, operation: ops.AnyOperation | None = None) -> str:
    """Return the outcome of an operation as text."""
    if is_loss(observation):
        return _loss(observation)
    if not isinstance(observation.error, UnsetType):
        name = ERRORS.get(observation.error, f"an error of the unknown code {quoted(observation.error)}")
        message = observation.message
        return name if isinstance(message, UnsetType) or not message else f"{name} ({_short(message)})"
    if not isinstance(observation.panic, UnsetType):
        return "a panic" if observation.panic == "panic" else f"a panic ({_short(observation.panic)})"
    if observation.unbound is not UNSET:
        return "not run, since a name in it stands for nothing"
    if observation.ok is not None:
        return value(observation.ok)
    return _NULLS.get(type(operation), "success")


def _loss(observation: Observation) -> str:
    message = "" if isinstance(observation.message, UnsetType) else observation.message
    if observation.error == ENDED:
        return f"ends the implementation ({_short(message)})" if message else "ends the implementation"
    return _short(message) or "gives no answer in time"


def value(item: Any) -> str:
    """Return a value as compact JSON."""
    try:
        return json.dumps(item, ensure_ascii=False, separators=(", ", ": ")).encode("utf-8", "replace").decode()
    except (TypeError, ValueError):
        return str(item)


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:500]).split())
    return line if len(line) <= 120 else line[:117] + "..."


def kind_of(kind: ops.Kind) -> str:
    """Return the kind of a task."""
    return f"to {quoted(kind)}" if isinstance(kind, str) else f"at {kind} ms"
