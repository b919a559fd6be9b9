"""Operations on nodes: children, transitions, and what is read of nodes."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from hsm_specs.language import operations as ops
from hsm_specs.language.shapes import (
    Cast,
    Data,
    Domain,
    Key,
    NewMachineHandle,
    NewNodeHandle,
    NodeHandle,
    NodeOutputs,
    Operation,
    Path,
    RegisteredKey,
    RegisteredPath,
    Script,
    Unordered,
)
from hsm_specs.language.specification import Builder, Choice, Inner, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}
UNBOUND: Final = 99
"""A handle that the examples never bind."""


def changed(machine: int) -> tuple[ops.AnyOperation, ...]:
    """Return what the functions of examples do to their data."""
    return ops.SetState(machine, 1), ops.SetValue(machine, 8)


def function_of_machine(operation: MachineTransition | ops.CollectionTransition) -> str:
    """Return how a transition's function reads, with the handle that it binds its data to."""
    return "func()" if operation.machine is None else f"func(m{operation.machine})"


class AddChild(Operation, tag="add_child", frozen=True):
    """Node.AddChild. Binds ``bind`` to the new node. Returns null."""

    node: NodeHandle
    key: RegisteredKey
    data: Data
    bind: NewNodeHandle | None = None


SPECIFIED[AddChild] = OperationSpec(
    reads="{bind}{node}.AddChild({key}, {data})",
    value=None,
    about="NODE-ADD-1",
    modelled=Modelled(
        "Node.add_child",
        (
            "NODE-ADD-4",
            "NODE-ADD-5",
            "NODE-ADD-6",
            "NODE-ADD-9",
            "REG-LATE-1",
        ),
    ),
    refusals={
        "state_machine_already_exists": "NODE-ADD-2",
        "not_registered": "NODE-ADD-3",
        "serialize_error": "NODE-ADD-4",
    },
    sets_up=True,
    choices=(Choice(18),),
    example=lambda: (
        AddChild(0, (2, "b"), (0, 7), 2),
        AddChild(0, (2, "b"), (0, 7)),
        AddChild(0, (2, "c"), (0, -1)),
        AddChild(0, (3, "d"), (0, 7)),
    ),
)


class Child(Operation, tag="child", frozen=True):
    """Node.Child. Binds ``bind`` to the node found. Returns null."""

    node: NodeHandle
    path: RegisteredPath
    bind: NewNodeHandle | None = None


def _child(builder: Builder) -> None:
    handle, start, at = builder.fresh(), builder.node(), builder.random.random()
    if at < 0.6:
        known = builder.path(builder.node())
        depth = len(builder.path(start))
        path = known[depth:] if at < 0.4 else (*known[depth:], builder.key())
    else:
        path = (builder.key(),) if at < 0.95 else ()
    builder.run(Child(start, path, handle))
    builder.bound(handle)


SPECIFIED[Child] = OperationSpec(
    reads="{bind}{node}.Child({path})",
    value=None,
    about="NODE-CHILD-1",
    modelled=Modelled(
        "Node.child",
        (
            "NODE-CHILD-3",
            "NODE-CHILD-5",
            "NODE-CHILD-6",
            "NODE-CHILD-7",
            "NODE-CHILD-8",
        ),
    ),
    refusals={"state_machine_not_found": "NODE-CHILD-2", "not_registered": "NODE-CHILD-4"},
    sets_up=True,
    choices=(Choice(8, _child),),
    example=lambda: (Child(0, ((2, "a"),), 2), Child(0, ((2, "a"), (1, "x")), 3), Child(0, ((3, "c"),))),
)


class MachineTransition(Operation, tag="machine_transition", frozen=True):
    """MachineTransition with T the class that ``cast`` names and ``script`` as the function.

    The function binds ``machine`` to the data that it is handed, before the script runs; the handle stays bound
    afterwards. Returns null; ``inner`` has the observations of the script's operations if the function was called.
    """

    node: NodeHandle
    script: Script
    machine: NewMachineHandle | None = None
    cast: Cast = "own"


def _machine_transition(builder: Builder) -> None:
    node = builder.node()
    script, machine = builder.function(node)
    cast: Cast = "other" if builder.random.random() < 0.04 else "own"
    builder.run(MachineTransition(node, script, machine, cast))
    builder.transitioned()


SPECIFIED[MachineTransition] = OperationSpec(
    reads="MachineTransition{cast}({node})",
    function=function_of_machine,
    value=None,
    about="MT-RUN-1",
    modelled=Modelled(
        "machine_transition",
        (
            "MT-RUN-1",
            "MT-FAIL-1",
            "MT-FAIL-2",
            "MT-FAIL-4",
            "MT-NESTED-2",
            "TASK-CARRY-1",
        ),
    ),
    refusals={
        "user_1": "MT-FAIL-1",
        "user_2": "MT-FAIL-1",
        "incompatible_type": "MT-FAIL-3",
        "deserialize_error": "MT-FAIL-4",
        "serialize_error": "MT-FAIL-2",
    },
    inner=Inner(),
    choices=(Choice(26, _machine_transition),),
    example=lambda: (
        MachineTransition(1, Script(changed(2), ((1, 8, 1000), (2, 8, "dest"))), 2),
        MachineTransition(1, Script((ops.SetValue(2, 9), AddChild(1, (1, "x"), (0, 0))), (), "user_1"), 2),
        MachineTransition(1, Script((MachineTransition(0, Script(fail="panic")),))),
        MachineTransition(1, Script(fail="user_2"), cast="other"),
        MachineTransition(1, Script((Dirty(UNBOUND),))),
    ),
)


class MachineData(Operation, tag="machine_data", frozen=True):
    """MachineData with T the class that ``cast`` names. Returns ``[state, value]``."""

    node: NodeHandle
    cast: Cast = "own"


def _machine_data(builder: Builder) -> MachineData:
    return MachineData(builder.node(), "other" if builder.random.random() < 0.08 else "own")


SPECIFIED[MachineData] = OperationSpec(
    reads="MachineData{cast}({node})",
    value=Data,
    about="DATA-READ-1",
    modelled=Modelled(
        "machine_data",
        (
            "DATA-READ-1",
            "DATA-READ-2",
            "DATA-CAST-2",
            "DATA-CAST-3",
            "COLL-DATA-1",
            "COLL-DATA-2",
        ),
    ),
    refusals={"incompatible_type": "DATA-CAST-1", "deserialize_error": "DATA-READ-2"},
    choices=(Choice(8, _machine_data),),
    example=lambda: (MachineData(1), MachineData(1, "other")),
)


class Outputs(Operation, tag="outputs", frozen=True):
    """Node.Outputs. Returns ``[[path, [tasks, ...]], ...]``: for each node with outputs its path and, one list of
    tasks a transition, its outputs in order. Entries are ordered by path (type, then bytes of the ID, key by key).
    """

    node: NodeHandle


SPECIFIED[Outputs] = OperationSpec(
    reads="{node}.Outputs()",
    value=Unordered[NodeOutputs],
    about="OUT-LIST-1",
    capability="outputs",
    choices=(Choice(9),),
    example=lambda: (
        MachineTransition(1, Script((), ((1, 8, 1000), (2, 8, "dest")))),
        MachineTransition(1, Script()),
        Outputs(0),
        Clear(1),
        Outputs(0),
    ),
)


class Dirty(Operation, tag="dirty", frozen=True):
    """Node.Dirty. Returns a boolean."""

    node: NodeHandle


SPECIFIED[Dirty] = OperationSpec(
    reads="{node}.Dirty()",
    value=bool,
    about="DIRTY-TREE-1",
    choices=(Choice(8),),
    example=lambda: (Dirty(0), MachineTransition(1, Script()), Dirty(0), Dirty(UNBOUND)),
)


class Clear(Operation, tag="clear", frozen=True):
    """Node.ClearTransactionState. Returns null."""

    node: NodeHandle


SPECIFIED[Clear] = OperationSpec(
    reads="{node}.ClearTransactionState()",
    value=None,
    about="CLEAR-TREE-1",
    choices=(Choice(4),),
    example=lambda: (MachineTransition(1, Script()), Clear(1), Dirty(0)),
)


class TransitionCount(Operation, tag="transition_count", frozen=True):
    """Node.TransitionCount. Returns the count."""

    node: NodeHandle


SPECIFIED[TransitionCount] = OperationSpec(
    reads="{node}.TransitionCount()",
    value=Annotated[int, Domain.COUNT],
    about="NODE-COUNT-1",
    modelled=Modelled("Node.transition_count", ("NODE-COUNT-1",)),
    choices=(Choice(6),),
    example=lambda: (
        MachineTransition(1, Script((TransitionCount(1),))),
        TransitionCount(1),
        TransitionCount(UNBOUND),
    ),
)


class PathOf(Operation, tag="path", frozen=True):
    """Node.Path. Returns ``[[type, id], ...]`` from below the root to the node."""

    node: NodeHandle


SPECIFIED[PathOf] = OperationSpec(
    reads="{node}.Path()",
    value=Path,
    about="NODE-PATH-1",
    modelled=Modelled("Node.path", ("NODE-PATH-1",)),
    choices=(Choice(2),),
    example=lambda: (PathOf(1), PathOf(0)),
)


class KeyOf(Operation, tag="key", frozen=True):
    """The field Node.Key. Returns ``[type, id]``, ``[0, ""]`` for the empty key of a root."""

    node: NodeHandle


SPECIFIED[KeyOf] = OperationSpec(
    reads="{node}.Key",
    value=Key,
    about="NODE-KEY-1",
    modelled=Modelled(
        "Node.key",
        (
            "NODE-KEY-1",
            "ROOT-NEW-2",
        ),
    ),
    choices=(Choice(1),),
    example=lambda: (KeyOf(1), KeyOf(0)),
)


class Parent(Operation, tag="parent", frozen=True):
    """The field Node.Parent. Returns whether there is one, and binds ``bind`` to it if so."""

    node: NodeHandle
    bind: NewNodeHandle | None = None


SPECIFIED[Parent] = OperationSpec(
    reads="{bind}{node}.Parent",
    value=bool,
    about="NODE-PARENT-1",
    modelled=Modelled(
        "Node.parent",
        (
            "NODE-PARENT-1",
            "ROOT-NEW-2",
        ),
    ),
    choices=(Choice(2),),
    example=lambda: (Parent(1, 2), Parent(0, 3)),
)


class Same(Operation, tag="same", frozen=True):
    """Whether two handles are the identical node object (pointer equality). Returns a boolean."""

    node: NodeHandle
    other: NodeHandle


SPECIFIED[Same] = OperationSpec(
    reads="{node} == {other}",
    value=bool,
    about="NODE-CHILD-5",
    modelled=Modelled("Tree.handles", ("NODE-CHILD-5",)),
    capability="identity",
    choices=(Choice(2),),
    example=lambda: (Child(0, ((2, "a"),), 2), Same(1, 2), Same(0, 1)),
)

NodeOperation: TypeAlias = (
    AddChild
    | Child
    | KeyOf
    | Parent
    | Same
    | PathOf
    | TransitionCount
    | Dirty
    | Outputs
    | Clear
    | MachineData
    | MachineTransition
)
