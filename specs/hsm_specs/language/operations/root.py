"""Operations that make trees, and those on the persisted form of a node."""

from __future__ import annotations

from typing import TypeAlias

from hsm_specs.language import operations as ops
from hsm_specs.language.shapes import (
    Cast,
    Data,
    Message,
    NewNodeHandle,
    NodeHandle,
    Operation,
    Persisted,
    RegisteredType,
    RegistryHandle,
    Script,
)
from hsm_specs.language.specification import Builder, Choice, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}


class Export(Operation, tag="export", frozen=True):
    """Returns the persisted form of ``node`` as structure: ``[count, data as text, [[type, id, node], ...]]``.

    Children are ordered by type, then by the bytes of the ID. Reads persistence only; nothing is deserialized.
    """

    node: NodeHandle


SPECIFIED[Export] = OperationSpec(
    reads="tree that {node} is persisted as",
    value=Persisted,
    about="MT-COMMIT-1",
    choices=(Choice(5),),
    example=lambda: (Export(0),),
)


class Rehydrate(Operation, tag="rehydrate", frozen=True):
    """NewRoot with the persisted children of ``node``, taken through the implementation's own wire form.

    The new tree shares nothing with the old one. Binds ``bind``. Returns null.
    """

    node: NodeHandle
    type: RegisteredType
    data: Data
    bind: NewNodeHandle
    registry: RegistryHandle = 0


def _poisoned(builder: Builder) -> None:
    """Add data that does not deserialize, rehydrate it, find it again and use it."""
    parent, root, node = builder.node(), builder.fresh(), builder.fresh()
    key = builder.key()
    builder.run(ops.AddChild(parent, key, (0, -2)))
    builder.run(Rehydrate(parent, 1, (0, 0), root))
    builder.bound(root)
    builder.run(ops.Child(root, (key,), node))
    for _ in range(2):
        cast: Cast = "other" if builder.random.random() < 0.3 else "own"
        if builder.random.random() < 0.6:
            builder.run(ops.MachineData(node, cast))
        else:
            builder.run(ops.MachineTransition(node, Script(tasks=((1, 0, 1000),)), None, cast))


SPECIFIED[Rehydrate] = OperationSpec(
    reads="{bind}NewRoot({registry}, type {type}, {data}, persisted children of {node})",
    value=None,
    about="ROOT-LOAD-1",
    delegates_to="new_root",
    choices=(Choice(2), Choice(1, _poisoned)),
    example=lambda: (Rehydrate(0, 1, (0, 6), 2), Export(2)),
)


class NewRoot(Operation, tag="new_root", frozen=True):
    """NewRoot without children. Binds ``bind``. Returns null."""

    type: RegisteredType
    data: Data
    bind: NewNodeHandle
    registry: RegistryHandle = 0


SPECIFIED[NewRoot] = OperationSpec(
    reads="{bind}NewRoot({registry}, type {type}, {data})",
    value=None,
    about="ROOT-NEW-1",
    modelled=Modelled(
        "new_root",
        (
            "ROOT-NEW-2",
            "ROOT-NEW-4",
            "ROOT-NEW-5",
        ),
    ),
    refusals={"not_registered": "ROOT-NEW-3", "serialize_error": "ROOT-NEW-4"},
    sets_up=True,
    choices=(Choice(1),),
    example=lambda: (NewRoot(1, (0, 5), 2), NewRoot(3, (0, 5), 3)),
)


class Load(Operation, tag="load", frozen=True):
    """NewRoot with the children of a StateMachineNode message: ``bytes`` in base64, in the dialect of the handshake.

    The message's own count and data do not matter. Binds ``bind``. Returns null.
    """

    bytes: Message
    type: RegisteredType
    data: Data
    bind: NewNodeHandle
    registry: RegistryHandle = 0


SPECIFIED[Load] = OperationSpec(
    reads="{bind}NewRoot({registry}, type {type}, {data}, children in {bytes})",
    value=None,
    about="WIRE-READ-1",
    modelled=Modelled(
        "unmarshal",
        (
            "WIRE-READ-1",
            "NODE-ADD-9",
        ),
    ),
    capability="wire",
    fixes_values=True,
    delegates_to="new_root",
    choices=(),  # Not every implementation reads the dialect that a random message would have.
    # In the dialect v1.25: the data 0:0, and a child of type 2, ID b, data 1:6 and count 3.
    example=lambda: (Load("CgMwOjASFAoBMhIPCg0KAWISCAoDMTo2oAYD", 1, (0, 0), 2), Export(2)),
)


class Marshal(Operation, tag="marshal", frozen=True):
    """Returns the persisted form of ``node``: a StateMachineNode message in base64, in the dialect of the handshake."""

    node: NodeHandle


SPECIFIED[Marshal] = OperationSpec(
    reads="bytes that {node} is persisted as",
    value=Message,
    about="WIRE-WRITE-1",
    modelled=Modelled("marshal", ("WIRE-WRITE-1",)),
    capability="wire",
    palette_only=True,
    choices=(),  # What it returns is long, and all of it is in what `export` returns.
    example=lambda: (Marshal(0),),
)

RootOperation: TypeAlias = NewRoot | Rehydrate | Load | Marshal | Export
