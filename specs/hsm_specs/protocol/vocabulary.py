"""The vocabulary in Markdown: shapes, capabilities, and every operation with its members, value and examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

import msgspec
from msgspec import NODEFAULT

from hsm_model.persistence_messages import FIELDS
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import CAPABILITY_OF
from hsm_specs.language.messages import Capability
from hsm_specs.oracle.world import predict
from hsm_specs.protocol import examples, shapes
from hsm_specs.protocol.schema import OPERATIONS
from hsm_specs.protocol.values import NodeOutputs, Persisted, PersistedChild, Values

AREAS: Final[dict[type[ops.Operation], str]] = {
    ops.NewRegistry: "Registry, tasks and executors",
    ops.NewRoot: "Tree",
    ops.CollectionType: "Collections",
    ops.StateMachine: "Machines apart from any tree",
}
"""The headings of the vocabulary, by the operation that each stands before."""
BINDS: Final[dict[type[ops.Operation], str]] = {
    ops.NewRegistry: "registry",
    ops.MachineTransition: "machine",
    ops.CollectionTransition: "machine",
    ops.StateMachine: "machine",
}
"""The members, other than ``bind``, whose handles an operation binds. It needs all others to be bound."""
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
}
"""What an adapter that claims a capability says by it."""


def tag(operation: type[ops.Operation]) -> str:
    """The name of an operation in programs."""
    return str(operation.__struct_config__.tag)


def handles(operation: type[ops.Operation]) -> tuple[list[str], list[str]]:
    """The members whose handles must be bound, and those whose handles the operation binds."""
    members = [name for name, annotation in operation.__annotations__.items() if annotation.startswith("Handle")]
    binds = [name for name in members if name == "bind" or name == BINDS.get(operation)]
    return [name for name in members if name not in binds], binds


def shapes_table() -> str:
    """The named shapes, with their JSON form and meaning."""
    rows = [(f"`{name}`", _json_form(name), shapes.descriptions()[name]) for name in shapes.SHAPES]
    for form in (Persisted, PersistedChild, NodeOutputs):
        count = len(form.__struct_fields__)
        rows.append((f"`{form.__name__}`", f"array of {count}", shapes.prose(form.__doc__ or "")))
    return table(("Shape", "JSON", "Meaning"), rows)


def capabilities_table() -> str:
    """The capabilities, what each says and which operations it brings."""
    rows: list[tuple[str, ...]] = []
    for capability in get_args(Capability):
        brought = [f"`{tag(operation)}`" for operation in OPERATIONS if CAPABILITY_OF.get(operation) == capability]
        rows.append((f"`{capability}`", OFFERS[capability], ", ".join(brought)))
    return table(("Capability", "What it says", "Operations that it brings"), rows)


def core() -> str:
    """The operations that every adapter has, in a sentence's list."""
    return ", ".join(f"`{tag(operation)}`" for operation in OPERATIONS if operation not in CAPABILITY_OF)


def record(structure: type[msgspec.Struct]) -> str:
    """The members of an object, one a line."""
    return "\n".join(f"- {member}" for member in _members(structure))


def operations() -> str:
    """All operations, area by area."""
    shown = _examples()
    return "\n\n".join(_section(operation, shown[tag(operation)]) for operation in OPERATIONS)


def wire_tables() -> str:
    """The messages of each wire dialect that a persisted node is made of."""
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
    """A table of Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line).rstrip() + " |" for line in lines)


def encode(value: object) -> str:
    """A value as it stands in a line."""
    return msgspec.json.encode(value).decode()


def _section(operation: type[ops.Operation], shown: list[str]) -> str:
    needs, binds = handles(operation)
    facts = [f"- Members: {'; '.join(_members(operation))}."]
    if needs:
        facts.append(f"- Must be bound: {', '.join(f'`{name}`' for name in needs)}.")
    if binds:
        facts.append(f"- Binds: {', '.join(f'`{name}`' for name in binds)}.")
    facts.append(f"- Value: {shapes.readable(Values.__annotations__[tag(operation)])}.")
    if operation in CAPABILITY_OF:
        facts.append(f"- Capability: `{CAPABILITY_OF[operation]}`.")
    parts = [
        f"### {AREAS[operation]}" if operation in AREAS else "",
        f"#### `{tag(operation)}`",
        shapes.prose(operation.__doc__ or ""),
        "\n".join(facts),
        "\n".join(["```text", *shown, "```"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _members(structure: type[msgspec.Struct]) -> Iterator[str]:
    for field in msgspec.structs.fields(structure):
        described = f"`{field.name}`, {shapes.readable(structure.__annotations__[field.name])}"
        default = field.default if field.default_factory is NODEFAULT else field.default_factory()
        yield described if default is NODEFAULT else f"{described}, default `{encode(default)}`"


def _examples() -> dict[str, list[str]]:
    """The lines of the tour by operation: each operation as it is sent, and below it what is observed."""
    shown: dict[str, list[str]] = {tag(operation): [] for operation in OPERATIONS}
    for operation, observation in zip(examples.TOUR, predict(examples.TOUR), strict=True):
        shown[tag(type(operation))] += [encode(operation), f"    {encode(observation)}"]
    return shown


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
        case _:
            return "integer or string"
