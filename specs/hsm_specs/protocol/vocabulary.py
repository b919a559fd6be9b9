"""The vocabulary in Markdown: shapes, capabilities, and every operation with its members, value and examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import msgspec
from msgspec import NODEFAULT

from hsm_model.persistence_messages import FIELDS
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import CAPABILITY_OF
from hsm_specs.language.members import members
from hsm_specs.language.messages import Capability
from hsm_specs.language.shapes import (
    HANDLES,
    Delivered,
    Executed,
    Fired,
    NodeOutputs,
    Persisted,
    PersistedChild,
    StoredTask,
    Use,
)
from hsm_specs.protocol import examples, shapes
from hsm_specs.protocol.schema import OPERATIONS

AREAS: Final[dict[type[ops.Operation], str]] = {
    get_args(ops.RegistryOperation)[0]: "Registry, tasks and executors",
    get_args(ops.TreeOperation)[0]: "Tree",
    get_args(ops.CollectionOperation)[0]: "Collections",
    get_args(ops.MachineOperation)[0]: "Machines apart from any tree",
    get_args(ops.TransactionOperation)[0]: "Transactions on workflows",
    get_args(ops.QueueOperation)[0]: "Refresh, clocks and queues",
    get_args(ops.FailoverOperation)[0]: "Failover",
    get_args(ops.ReplicationOperation)[0]: "Replication",
}
"""The headings of the vocabulary, by the operation that each stands before."""
OFFERS: Final[dict[Capability, str]] = {
    "transitions": "Transition objects can be made and used apart from any tree.",
    "collections": "There are collections.",
    "outputs": "The outputs of a tree can be read.",
    "tasks": "There are task serializers.",
    "kinds": "Serializers are given a task's kind and can refuse it. Needs `tasks`.",
    "executors": "There are executors, and `Execute` runs them.",
    "refs": "There are references to machines.",
    "identity": "Nodes have an identity that can be compared, such as that of an object.",
    "panics": 'The adapter survives a panic of a program\'s function. Only then does a script have `"fail":"panic"`.',
    "wire": "The persisted form is a message of Protocol Buffers. Needs `dialect` in the greeting.",
    "empty_data": "The data `[0,-3]` serializes to no bytes at all, and no bytes deserialize to it (section 9).",
    "objects": "Collections and transitions can be kept and used again: operations take a `collection` or `kept`. Needs"
    " `collections` and `transitions`.",
    "deep_scripts": "Lines are read and written whose JSON nests deeper than 128 levels, as that of scripts does which"
    " nest deeply (section 18).",
    "transactions": "The framework around the tree is there: workflows in a store, and access to them. Needs `tasks`.",
    "refresh": "The tasks of a workflow can be regenerated. Needs `transactions`.",
    "timers": "Cells have clocks, and stored timers fire. Needs `transactions`.",
    "outbound": "Stored outbound tasks are executed. Needs `transactions` and `executors`.",
    "failover": "There are two clusters, and the namespace of all workflows can fail over. Needs `transactions`.",
    "replication": "Events and the state of machines are replicated between clusters. Needs `failover`.",
}
"""The meaning of each capability that an adapter claims."""


class Handles(NamedTuple):
    """The members of an operation whose handles must be bound, must be if they are named, and are bound by it."""

    needs: list[str]
    may_need: list[str]
    binds: list[str]


def handles(operation: type[ops.Operation]) -> Handles:
    """Return the members of an operation that are handles."""
    found = Handles([], [], [])
    for member in members(operation):
        if member.domain in HANDLES and member.reference is not None:
            needed = member.reference.use is Use.NEEDS
            (found.may_need if needed and member.optional else found.needs if needed else found.binds).append(
                member.name
            )
    return found


def shapes_table() -> str:
    """Return the named shapes, with their JSON form and meaning."""
    rows = [(f"`{name}`", _json_form(name), shapes.descriptions()[name]) for name in shapes.SHAPES]
    for form in (Persisted, PersistedChild, NodeOutputs, StoredTask, Fired, Delivered, Executed):
        count = len(form.__struct_fields__)
        rows.append((f"`{form.__name__}`", f"array of {count}", shapes.prose(form.__doc__ or "")))
    return table(("Shape", "JSON", "Meaning"), rows)


def capabilities_table() -> str:
    """Return the capabilities, what each says and which operations it brings."""
    rows: list[tuple[str, ...]] = []
    for capability in get_args(Capability):
        brought = [f"`{ops.tag(operation)}`" for operation in OPERATIONS if CAPABILITY_OF.get(operation) == capability]
        rows.append((f"`{capability}`", OFFERS[capability], ", ".join(brought)))
    return table(("Capability", "What it says", "Operations that it brings"), rows)


def core() -> str:
    """Return the operations that every adapter has, in a sentence's list."""
    return ", ".join(f"`{ops.tag(operation)}`" for operation in OPERATIONS if operation not in CAPABILITY_OF)


def record(structure: type[msgspec.Struct]) -> str:
    """Return the members of an object, one a line."""
    return "\n".join(f"- {member}" for member in _members(structure))


def operations() -> str:
    """Return all operations, area by area."""
    return "\n\n".join(map(_section, OPERATIONS))


def wire_tables() -> str:
    """Return the messages of each wire dialect that a persisted node is made of."""
    parts: list[str] = []
    for dialect, messages in FIELDS.items():
        rows: list[tuple[str, ...]] = []
        for message in ("StateMachineNode", "ChildrenEntry", "StateMachineMap", "MachinesByIdEntry"):
            for field in messages[message]:
                # The model declares nodes inside of maps as bytes, which is the same on the wire.
                kind = "StateMachineNode" if field.type == "bytes" and field.explicit else field.type
                kind = f"`{kind}`" + (", repeated" if field.repeated else "")
                rows.append((f"`{message}`", f"`{field.name}`", str(field.number), kind))
        parts.append(f"Dialect `{dialect}`:\n\n{table(('Message', 'Field', 'Number', 'Type'), rows)}")
    return "\n\n".join(parts)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table of Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line).rstrip() + " |" for line in lines)


def encode(value: object) -> str:
    """Return a value as it stands in a line."""
    return msgspec.json.encode(value).decode()


def _section(operation: type[ops.Operation]) -> str:
    needs, may_need, binds = handles(operation)
    facts = [f"- Members: {'; '.join(_members(operation))}."]
    if needs:
        facts.append(f"- Must be bound: {', '.join(f'`{name}`' for name in needs)}.")
    if may_need:
        facts.append(f"- Must be bound if it is named: {', '.join(f'`{name}`' for name in may_need)}.")
    if binds:
        facts.append(f"- Binds: {', '.join(f'`{name}`' for name in binds)}.")
    facts.append(f"- Value: {shapes.readable(ops.SPECIFICATIONS[operation].value)}.")
    if operation in CAPABILITY_OF:
        facts.append(f"- Capability: `{CAPABILITY_OF[operation]}`.")
    parts = [
        f"### {AREAS[operation]}" if operation in AREAS else "",
        f"#### `{ops.tag(operation)}`",
        shapes.prose(operation.__doc__ or ""),
        "\n".join(facts),
        "\n".join(["```text", *_example(operation), "```"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _members(structure: type[msgspec.Struct]) -> Iterator[str]:
    hints = get_type_hints(structure, include_extras=True)
    for field in msgspec.structs.fields(structure):
        described = f"`{field.name}`, {shapes.readable(hints[field.name])}"
        default = field.default if field.default_factory is NODEFAULT else field.default_factory()
        yield described if default is NODEFAULT else f"{described}, default `{encode(default)}`"


def _example(operation: type[ops.Operation]) -> Iterator[str]:
    """Yield each operation of an example as it is sent, and below it what is observed."""
    shown = examples.example(operation)
    for sent, seen in zip(shown.operations, shown.observations, strict=True):
        yield encode(sent)
        yield f"    {encode(seen)}"


def _json_form(name: str) -> str:
    schema: dict[str, Any] = msgspec.json.schema(shapes.alias(name))
    match schema:
        case {"enum": choices}:
            return " or ".join(f"`{encode(choice)}`" for choice in choices)
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"integer from {least} to {most}"
        case {"prefixItems": items}:
            return f"array of {len(items)}"
        case {"type": "array"}:
            return "array"
        case {"type": "string", "maxLength": most}:
            return f"string of up to {most} characters"
        case _:
            return "integer or string"
