"""The protobuf messages of package ``temporal.server.api.persistence.v1`` that persist trees, in each wire dialect.

They are built on first use from the tables below. Each dialect has a pool of its own, since both have the same names,
as other code in the process may too. Two declarations differ from the real ones but are the same on the wire:

- Maps are declared as the repeated entries that they are on the wire, so that their order is ours, not the runtime's.
- The nodes in a ``StateMachineMap`` are declared as bytes, so that trees are read and written one level at a time. As
  nested messages, they would hit the parser's limit of 100 levels at a depth of 25 nodes.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

PACKAGE = "temporal.server.api.persistence.v1"


class Dialect(StrEnum):
    """A wire format of nodes, named after the first release that writes it."""

    V1_24 = "v1.24"
    """Types are numbers."""
    V1_25 = "v1.25"
    """Types are strings, as in all later releases."""


class Field(NamedTuple):
    """A field: its name, its number and its type, which is the name of a scalar or of another message."""

    name: str
    number: int
    type: str
    repeated: bool = False
    explicit: bool = False
    """Whether a scalar is written even if it is zero or empty, like the keys and values of maps."""


_MACHINES_BY_ID = {
    "StateMachineMap": (Field("machines_by_id", 1, "MachinesByIdEntry", repeated=True),),
    "MachinesByIdEntry": (Field("key", 1, "string", explicit=True), Field("value", 2, "bytes", explicit=True)),
}

FIELDS: dict[Dialect, dict[str, tuple[Field, ...]]] = {
    Dialect.V1_24: {
        "StateMachineNode": (
            Field("transition_count", 1, "int64"),
            Field("data", 2, "bytes"),
            Field("children", 3, "ChildrenEntry", repeated=True),
        ),
        "ChildrenEntry": (Field("key", 1, "int32", explicit=True), Field("value", 2, "StateMachineMap")),
        **_MACHINES_BY_ID,
        "StateMachineKey": (Field("type", 1, "int32"), Field("id", 2, "string")),
        "StateMachineRef": (
            Field("path", 1, "StateMachineKey", repeated=True),
            Field("mutable_state_namespace_failover_version", 2, "int64"),
            Field("mutable_state_transition_count", 3, "int64"),
            Field("machine_transition_count", 4, "int64"),
        ),
        "StateMachineTaskInfo": (
            Field("ref", 1, "StateMachineRef"),
            Field("type", 2, "int32"),
            Field("data", 3, "bytes"),
        ),
    },
    Dialect.V1_25: {
        "StateMachineNode": (
            Field("data", 1, "bytes"),
            Field("children", 2, "ChildrenEntry", repeated=True),
            Field("initial_versioned_transition", 3, "VersionedTransition"),
            Field("last_update_versioned_transition", 4, "VersionedTransition"),
            Field("transition_count", 100, "int64"),
        ),
        "ChildrenEntry": (Field("key", 1, "string", explicit=True), Field("value", 2, "StateMachineMap")),
        **_MACHINES_BY_ID,
        "VersionedTransition": (
            Field("namespace_failover_version", 1, "int64"),
            Field("transition_count", 2, "int64"),
        ),
    },
}


class Messages(NamedTuple):
    """The message classes of one dialect by name, and the error that the runtime raises for invalid bytes."""

    classes: dict[str, Any]
    decode_error: type[Exception]


@cache
def messages(dialect: Dialect) -> Messages:
    """Return the messages of a dialect, which are built once."""
    # The runtime takes longer to import than the whole model, and only persistence needs it.
    from google.protobuf import descriptor_pool, message, message_factory  # noqa: PLC0415

    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(_file(dialect).SerializeToString())
    classes = {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        for name in FIELDS[dialect]
    }
    return Messages(classes, message.DecodeError)


def _file(dialect: Dialect) -> Any:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto  # noqa: PLC0415  # as above

    file = FileDescriptorProto(name=f"{dialect}.proto", package=PACKAGE, syntax="proto3")
    for name, fields in FIELDS[dialect].items():
        message = file.message_type.add(name=name)
        for field in fields:
            _declare(message, field)
    return file


def _declare(message: Any, field: Field) -> None:
    declared = message.field.add(name=field.name, number=field.number)
    declared.label = declared.LABEL_REPEATED if field.repeated else declared.LABEL_OPTIONAL
    if field.type in ("int32", "int64", "string", "bytes"):
        declared.type = getattr(declared, f"TYPE_{field.type.upper()}")
    else:
        declared.type = declared.TYPE_MESSAGE
        declared.type_name = f".{PACKAGE}.{field.type}"
    if field.explicit:
        # A proto3 field that records whether it is set is the only member of a oneof.
        declared.proto3_optional = True
        declared.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")
