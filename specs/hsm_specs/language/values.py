"""Values and answers in words: keys, paths, data, tasks, references, errors."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import UNSET, UnsetType

from hsm_specs.language import operations as ops
from hsm_specs.language.members import given, json_shape
from hsm_specs.language.observations import ENDED, Observation, is_loss
from hsm_specs.language.shapes import Delivered, Fired, NodeOutputs, Persisted, StoredTask

ERRORS = {
    "duplicate_registration": "ErrDuplicateRegistration",
    "incompatible_type": "ErrIncompatibleType",
    "invalid_task_kind": "ErrInvalidTaskKind",
    "invalid_transition": "ErrInvalidTransition",
    "not_registered": "ErrNotRegistered",
    "condition_failed": "the store's refusal",
    "initial_version_mismatch": "an error because another machine is there",
    "retry_replication": "an error for the missing events",
    "no_destination": "an error for the missing destination",
    "no_serializer": "an error for the missing serializer",
    "not_found": "an error for the missing workflow",
    "shard_ownership_lost": "an error for the lost ownership",
    "namespace_not_active": "an error because the namespace is not active there",
    "stale_reference": "an error for the stale reference",
    "unknown_outcome": "the store's unknown outcome",
    "workflow_busy": "an error for the busy workflow",
    "workflow_closed": "an error for the closed workflow",
    "workflow_exists": "an error for the existing workflow",
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
    """Return a text in quotation marks. Characters that cannot be printed or look like others are escaped.

    Of a long text the beginning, the end and the length are shown, so that two of them look different.
    """
    plain = text.isprintable() and unicodedata.normalize("NFKC", text) == text
    shown = json.dumps(text, ensure_ascii=not plain)
    return shown if len(shown) <= 48 else f"{shown[:30]}...{shown[-12:]} ({len(text):,} characters)"


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


def machine_ref(reference: ops.MachineRef | None) -> str:
    """Return a reference to a machine of a workflow, nothing for none."""
    if reference is None:
        return ""
    at, version, count = reference
    return f", Ref({path(at)}, version {version}{f', count {count}' if count else ''})"


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
        return said(observation.ok, operation)
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


# --- the values of operations -----------------------------------------------------------------------------------------


def said(item: Any, operation: ops.AnyOperation | None) -> str:
    """Return the value of an operation in words, as JSON where it is not of the form that it should have."""
    words = _VALUES.get(type(operation))
    try:
        return value(item) if words is None else words(item)
    except (TypeError, ValueError, LookupError, AttributeError):
        return value(item)


def missing_and_extra(operation: ops.AnyOperation | None, expected: Any, observed: Any) -> tuple[list[str], list[str]]:
    """Return what an observed value lacks and what it has too much, in words; nothing of values without parts."""
    parts = _PARTS.get(type(operation))
    if parts is None:
        return [], []
    try:
        wanted, got = Counter(parts(expected)), Counter(parts(observed))
    except (TypeError, ValueError, LookupError, AttributeError):
        return [], []
    if not wanted & got and max(wanted.total(), got.total()) <= 1:
        return [], []  # The whole values say it already.
    return list((wanted - got).elements()), list((got - wanted).elements())


def persisted_data(text: str) -> str:
    """Return a node's persisted data: that of the palette by state and value, any other as text."""
    state, colon, number = text.partition(":")
    if not text:
        return "no bytes"
    return data_of((int(state), int(number))) if colon else quoted(text)


def _node(item: Any) -> str:
    count, data, children = item
    below = ", ".join(f"{key((type_id, machine_id))}: {_node(child)}" for type_id, machine_id, child in children)
    return f"count {count}, {persisted_data(data)}" + (f" {{{below}}}" if below else "")


def _nodes(item: Any, at: tuple[Any, ...] = ()) -> Iterator[str]:
    count, data, children = item
    yield f"{path(at) if at else 'the node'}: count {count}, {persisted_data(data)}"
    for type_id, machine_id, child in children:
        yield from _nodes(child, (*at, (type_id, machine_id)))


def _tasks(items: Any) -> str:
    return ", ".join(map(task, items)) if items else "no tasks"


def _place(at: Any) -> str:
    return path(at) if at else "the root"


def _outputs(item: Any) -> str:
    found = (f"{_place(at)}: " + "; ".join(map(_tasks, outputs)) for at, outputs in item)
    return " | ".join(found) if item else "no outputs"


def _each_output(item: Any) -> Iterator[str]:
    for at, outputs in item:
        yield from (
            f"output {number} of {_place(at)}: {_tasks(tasks)}" for number, tasks in enumerate(outputs, start=1)
        )


def _stored_task(item: Any) -> str:
    at, version, count, type_id, data, kind = item
    return f"{type_id}({data}, {kind_of(kind)}) of {_place(at)} at version {version}, count {count}"


def _stored_tasks(items: Any) -> str:
    return "; ".join(map(_stored_task, items)) if items else "no tasks"


def _time(microseconds: Any) -> str:
    whole, rest = divmod(microseconds, 1000)
    return f"{whole}.{rest:03}".rstrip("0") + " ms" if rest else f"{whole} ms"


def fired(item: Any) -> str:
    """Return a call of the executor of a timer, as `PumpTimers` shows it."""
    tag, now, given_task, at, count = item
    return f"executor {tag} at {_time(now)}: {task(given_task)} of {_place(at)} at count {count}"


def executed(item: Any) -> str:
    """Return a call of the executor of an outbound task, as `PumpOutbound` shows it."""
    *call, version, count = item
    return f"{fired((*call, count))}, version {version}"


def _delivered(item: Any) -> str:
    type_id, data, fate, calls = item
    return f"{type_id}({data}) {fate}: " + (" and ".join(map(executed, calls)) or "no executor")


_SHAPES: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (ops.Data, data_of),
    (ops.Key, key),
    (ops.Path, path),
    (ops.Task, task),
    (tuple[ops.Task, ...], _tasks),
    (Persisted, _node),
    (tuple[NodeOutputs, ...], _outputs),
    (tuple[StoredTask, ...], _stored_tasks),
    (tuple[Fired, ...], lambda items: "; ".join(map(fired, items)) or "no timer fires"),
    (tuple[Delivered, ...], lambda items: "; ".join(map(_delivered, items)) or "nothing is delivered"),
    (tuple[ops.Path, ...], lambda items: ", ".join(map(path, items)) if items else "no nodes"),
)
_PARTED: Final[tuple[tuple[Any, Callable[[Any], Iterator[str]]], ...]] = (
    (tuple[ops.Task, ...], lambda items: map(task, items)),
    (Persisted, _nodes),
    (tuple[NodeOutputs, ...], _each_output),
    (tuple[StoredTask, ...], lambda items: map(_stored_task, items)),
    (tuple[Fired, ...], lambda items: map(fired, items)),
    (tuple[Delivered, ...], lambda items: map(_delivered, items)),
    (tuple[ops.Path, ...], lambda items: map(path, items)),
)


def _of_shapes(known: tuple[tuple[Any, Any], ...]) -> dict[type, Any]:
    """Return for each operation what is known of the shape of its value."""
    found = {json_shape(shape): use for shape, use in known}
    values = {operation: specification.value for operation, specification in ops.SPECIFICATIONS.items()}
    shapes = {operation: json_shape(given(shape)) for operation, shape in values.items() if shape is not None}
    return {operation: found[shape] for operation, shape in shapes.items() if shape in found}


_VALUES: Final[dict[type, Callable[[Any], str]]] = _of_shapes(_SHAPES)
_PARTS: Final[dict[type, Callable[[Any], Iterator[str]]]] = _of_shapes(_PARTED)
