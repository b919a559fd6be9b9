"""The persisted form of trees, references and tasks: reads and writes the bytes of the real package.

A node on the wire is a ``StateMachineNode`` message in one of two dialects (`Dialect`). `NodeState.extra` keeps the
rest of a message that was read, and it is written again: unknown fields, the versioned transitions of v1.25, which the
documentation does not have, and maps without machines. Unknown fields in the entries of maps are lost, as in the
protobuf libraries.

Equal states have equal bytes: known fields in the order of their numbers, the entries of maps in the order of their
keys, then unknown fields as they were read. `NodeState.extra` is meaningful in its own dialect only and is left out of
the other one.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from hsm_model.executor import StateMachineRef
from hsm_model.persistence_messages import Dialect, messages
from hsm_model.state import Children, Key, NodeState

__all__ = [
    "Dialect",
    "MalformedPersistence",
    "PersistedTask",
    "marshal",
    "marshal_ref",
    "marshal_task",
    "unmarshal",
    "unmarshal_ref",
    "unmarshal_task",
]

# The first byte of `extra` says which dialect the rest, a StateMachineNode without what the model knows, is in.
_MARKS = {Dialect.V1_24: b"\x18", Dialect.V1_25: b"\x19"}
_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,9}")


class MalformedPersistence(ValueError):
    """Bytes that are not a valid persisted form, or a state that has none."""


class PersistedTask(NamedTuple):
    """A persisted task: a reference to its machine, its type and its serialized data."""

    ref: StateMachineRef
    type: int
    data: bytes


def marshal(node: NodeState, dialect: Dialect) -> bytes:
    """Return the bytes of a node and all below it.

    Raise `MalformedPersistence` for a state that the dialect cannot hold: numbers too large, IDs that are not Unicode.
    """
    # Each node with the place of its parent, parents first; backwards, children come before their parents.
    nodes: list[tuple[int, Key, NodeState]] = [(-1, Key(0, ""), node)]
    for place, (_, _, parent) in enumerate(nodes):
        nodes.extend((place, key, child) for key, child in parent.children.items())
    done: list[dict[Key, bytes] | None] = [None] * len(nodes)
    while True:
        parent_place, key, node = nodes.pop()
        serialized = _marshal(node, done.pop() or {}, dialect)
        if not nodes:
            return serialized
        siblings = done[parent_place]
        if siblings is None:
            siblings = done[parent_place] = {}
        siblings[key] = serialized


def unmarshal(data: bytes, dialect: Dialect, max_depth: int | None = None) -> NodeState:
    """Return the node that bytes represent.

    Raise `MalformedPersistence` if they represent none, have a type that is not a number, or have nodes more than
    ``max_depth`` levels below the root. Reading takes time that grows with bytes times depth, so set a limit for bytes
    from an untrusted source.
    """
    # Each node with the place of its parent and its depth, parents first.
    read: list[_Read] = [_unmarshal(data, dialect, -1, Key(0, ""), 0)]
    for place, node in enumerate(read):
        if node.children and max_depth is not None and node.depth >= max_depth:
            raise MalformedPersistence(f"there are nodes deeper than {max_depth} levels below the root")
        read.extend(_unmarshal(child, dialect, place, key, node.depth + 1) for key, child in node.children.items())
        node.children.clear()
    done: list[dict[Key, NodeState] | None] = [None] * len(read)
    while True:
        node = read.pop()
        state = NodeState(node.transition_count, node.data, Children.of(done.pop() or {}), node.extra)
        if not read:
            return state
        siblings = done[node.parent]
        if siblings is None:
            siblings = done[node.parent] = {}
        siblings[node.key] = state


def _marshal(node: NodeState, children: dict[Key, bytes], dialect: Dialect) -> bytes:
    """Return the bytes of a node, given those of its children."""
    message = _new("StateMachineNode", _left_over(node.extra, dialect), dialect)
    kept = {entry.key: entry.value for entry in message.children}
    message.ClearField("children")
    no_machines = _new("StateMachineMap", b"", dialect)
    machines: dict[int | str, dict[str, bytes]] = {type_on_wire: {} for type_on_wire in kept}
    for (type_id, machine_id), child in children.items():
        machines.setdefault(_type_on_wire(type_id, dialect), {})[machine_id] = child
    for type_on_wire, by_id in sorted(machines.items(), key=_key):
        entry = message.children.add(key=type_on_wire, value=kept.get(type_on_wire, no_machines))
        for machine_id, child in sorted(by_id.items(), key=_key):
            _set(entry.value.machines_by_id.add(value=child), key=machine_id)
    _set(message, transition_count=node.transition_count, data=node.data)
    return _bytes(message)


class _Read(NamedTuple):
    """A node whose message was read, with the bytes of its children and the place of its parent among the nodes."""

    parent: int
    key: Key
    depth: int
    transition_count: int
    data: bytes
    extra: bytes
    children: dict[Key, bytes]


def _unmarshal(data: bytes, dialect: Dialect, parent: int, key: Key, depth: int) -> _Read:
    """Return a node whose children are still bytes."""
    message = _new("StateMachineNode", data, dialect)
    children: dict[Key, bytes] = {}
    # Of entries with the same key, the last one counts.
    maps = {entry.key: entry.value for entry in message.children}
    message.ClearField("children")
    for type_on_wire, machines in maps.items():
        type_id = _type_from_wire(type_on_wire)
        by_id = {entry.key: entry.value for entry in machines.machines_by_id}
        children.update((Key(type_id, machine_id), child) for machine_id, child in by_id.items())
        machines.ClearField("machines_by_id")
        if not by_id or machines.ByteSize():
            message.children.add(key=type_on_wire).value.CopyFrom(machines)
    count, own_data = message.transition_count, message.data
    message.ClearField("transition_count")
    message.ClearField("data")
    left_over = _bytes(message)
    extra = _MARKS[dialect] + left_over if left_over else b""
    return _Read(parent, key, depth, count, own_data, extra, children)


def _key(item: tuple[Any, Any]) -> Any:
    return item[0]


def marshal_ref(ref: StateMachineRef) -> bytes:
    """Return the bytes of a ``StateMachineRef`` of v1.24. Raise `MalformedPersistence` as `marshal` does."""
    return _bytes(_ref_message(ref))


def unmarshal_ref(data: bytes) -> StateMachineRef:
    """Return the reference that bytes represent, without unknown fields. Raise `MalformedPersistence`."""
    return _ref(_new("StateMachineRef", data))


def marshal_task(task: PersistedTask) -> bytes:
    """Return the bytes of a ``StateMachineTaskInfo`` of v1.24. Raise `MalformedPersistence` as `marshal` does."""
    message = _new("StateMachineTaskInfo")
    message.ref.CopyFrom(_ref_message(task.ref))
    _set(message, type=task.type, data=task.data)
    return _bytes(message)


def unmarshal_task(data: bytes) -> PersistedTask:
    """Return the task that bytes represent, without unknown fields. Raise `MalformedPersistence`."""
    message = _new("StateMachineTaskInfo", data)
    return PersistedTask(_ref(message.ref), message.type, message.data)


def _ref_message(ref: StateMachineRef) -> Any:
    message = _new("StateMachineRef")
    for type_id, machine_id in ref.path:
        _set(message.path.add(), type=type_id, id=machine_id)
    _set(
        message,
        mutable_state_namespace_failover_version=ref.mutable_state_namespace_failover_version,
        mutable_state_transition_count=ref.mutable_state_transition_count,
        machine_transition_count=ref.machine_transition_count,
    )
    return message


def _ref(message: Any) -> StateMachineRef:
    return StateMachineRef(
        tuple(Key(key.type, key.id) for key in message.path),
        message.mutable_state_namespace_failover_version,
        message.mutable_state_transition_count,
        message.machine_transition_count,
    )


def _new(name: str, data: bytes = b"", dialect: Dialect = Dialect.V1_24) -> Any:
    classes, decode_error = messages(dialect)
    try:
        return classes[name].FromString(data)
    except decode_error as error:
        raise MalformedPersistence(f"these {len(data)} bytes are not a {name} of {dialect}: {error}") from error


def _set(message: Any, **fields: object) -> None:
    for name, value in fields.items():
        try:
            setattr(message, name, value)
        except ValueError as error:
            raise MalformedPersistence(f"{name} cannot be {value!r}: {error}") from error


def _bytes(message: Any) -> bytes:
    serialized: bytes = message.SerializeToString()
    return serialized


def _left_over(extra: bytes, dialect: Dialect) -> bytes:
    if extra and extra[:1] not in _MARKS.values():
        raise MalformedPersistence(f"extra begins with {extra[:1]!r}, which is no dialect's mark")
    return extra[1:] if extra[:1] == _MARKS[dialect] else b""


def _type_on_wire(type_id: int, dialect: Dialect) -> int | str:
    if not -(2**31) <= type_id < 2**31:
        raise MalformedPersistence(f"type {type_id} does not fit into 32 bits")
    return type_id if dialect is Dialect.V1_24 else str(type_id)


def _type_from_wire(type_on_wire: int | str) -> int:
    if isinstance(type_on_wire, str) and not _DECIMAL.fullmatch(type_on_wire):
        raise MalformedPersistence(f"type {type_on_wire!r} is not a decimal number")
    type_id = int(type_on_wire)
    _type_on_wire(type_id, Dialect.V1_24)
    return type_id
