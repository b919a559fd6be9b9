"""The operations: the whole vocabulary in which a program speaks to an implementation.

An operation is one JSON object whose ``op`` member names it. Members that have their default are left out.
Registries, nodes and machines are named by small numbers, the *handles*, which the operation that makes or finds
one binds and which the program chooses; binding a handle again replaces it. An operation that names a handle which
nothing has bound (the operation that should have bound it failed, say) is not run and is observed as *unbound*.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Handle = Annotated[int, Meta(ge=0, le=2**31 - 1)]
"""The number that a program gives to a registry, a node or a machine."""
TypeID = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""The type of machines or tasks: a signed integer of 32 bits."""
Small = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""An integer that a floating-point number of 64 bits holds exactly."""
Key = tuple[TypeID, str]
"""The key of a node, ``[type, id]``."""
Path = tuple[Key, ...]
"""Keys from below the root to the node; empty for the root."""
Data = tuple[Small, Small]
"""A machine's data in the palette, ``[state, value]``."""
Kind = int | str
"""A task's kind: a number is a timer's deadline in milliseconds, a string an outbound task's destination."""
Task = tuple[TypeID, Small, Kind]
"""A task, ``[type, payload, kind]``."""
Cast = Literal["own", "other"]
"""What data is cast to: the class that the node's type has in the palette, or the other one."""
Failure = Literal["user_1", "user_2", "panic"]
"""How a function ends when it does not succeed: one of two named errors, or a panic (an exception of any kind)."""
Access = Literal["read", "write"]
"""The access that an executor asks its environment for."""


class Operation(Struct, frozen=True, tag_field="op", omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What all operations have in common."""


class Script(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What a function of the program's own does: runs ``ops`` in order, then succeeds with ``tasks`` or fails.

    An error of an operation inside does not end the script; a panic inside ends it and is the script's own panic.
    """

    ops: tuple[AnyOperation, ...] = ()
    tasks: tuple[Task, ...] = ()
    fail: Failure | None = None


class TransitionSpec(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A Transition: the states it may start from and the state it leads to."""

    sources: tuple[Small, ...]
    destination: Small


class RefSpec(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A Ref: workflow key (namespace ID, workflow ID, run ID), path, failover version, machine transition count."""

    path: Path
    workflow: tuple[str, str, str] = ("n", "w", "r")
    version: Small = 0
    count: Small = 0


# --- registry -------------------------------------------------------------------------------------------------------


class NewRegistry(Operation, tag="new_registry", frozen=True):
    """NewRegistry. Binds ``registry``. Answers null."""

    registry: Handle = 0


class RegisterMachine(Operation, tag="register_machine", frozen=True):
    """Registry.RegisterMachine with the palette's definition for ``type``, marked with ``tag``. Answers null."""

    type: TypeID
    tag: Small = 0
    registry: Handle = 0


class Machine(Operation, tag="machine", frozen=True):
    """Registry.Machine. Answers the tag of the definition that was found, or null if none was."""

    type: TypeID
    registry: Handle = 0


class RegisterTaskSerializer(Operation, tag="register_task_serializer", frozen=True):
    """Registry.RegisterTaskSerializer with the palette's serializer, marked with ``tag``. Answers null."""

    type: TypeID
    tag: Small = 0
    registry: Handle = 0


class TaskSerializer(Operation, tag="task_serializer", frozen=True):
    """Registry.TaskSerializer. Answers the tag of the serializer that was found, or null if none was."""

    type: TypeID
    registry: Handle = 0


class SerializeTask(Operation, tag="serialize_task", frozen=True):
    """Registry.TaskSerializer for the task's type, then its Serialize. Answers the bytes as text, null without one."""

    task: Task
    registry: Handle = 0


class DeserializeTask(Operation, tag="deserialize_task", frozen=True):
    """Registry.TaskSerializer for ``type``, then its Deserialize with the bytes of ``data`` and ``kind``.

    Answers the task, null without a serializer. The palette's serializer answers ErrInvalidTaskKind for a kind that
    its type does not have: tasks of odd types are timers, of even types outbound.
    """

    type: TypeID
    data: str
    kind: Kind
    registry: Handle = 0


class RegisterExecutor(Operation, tag="register_executor", frozen=True):
    """RegisterExecutor with an executor that reports what it was called with and then does as it is told.

    With ``access`` the executor calls Environment.Access for its ref; the accessor binds the node that it is given
    to ``bind`` and runs ``script``. Without, the executor only ends as ``script.fail`` says. Answers null.
    """

    type: TypeID
    tag: Small = 0
    access: Access | None = None
    bind: Handle | None = None
    script: Script = Script()
    registry: Handle = 0


class Execute(Operation, tag="execute", frozen=True):
    """Execute for ``task`` and ``ref``, in an environment whose clock says ``now`` (ms) and whose tree is ``node``'s.

    The adapter brings the environment: Access looks the ref's state machine path up from ``node`` with Child and
    calls the accessor. Answers null. What the executor saw is the first of ``inner``:
    ``{"ok": [tag, now, task, [workflow, path, version, count]]}``; then, if it asked for access, what
    Environment.Access was asked for: ``{"ok": "read"}``; then the observations of the script's operations.
    """

    task: Task
    ref: RefSpec
    node: Handle
    now: Small = 0
    registry: Handle = 0


# --- tree -----------------------------------------------------------------------------------------------------------


class NewRoot(Operation, tag="new_root", frozen=True):
    """NewRoot without children. Binds ``bind``. Answers null."""

    type: TypeID
    data: Data
    bind: Handle
    registry: Handle = 0


class Rehydrate(Operation, tag="rehydrate", frozen=True):
    """NewRoot with the persisted children of ``node``, taken through the implementation's own wire form.

    The new tree shares nothing with the old one. Binds ``bind``. Answers null.
    """

    node: Handle
    type: TypeID
    data: Data
    bind: Handle
    registry: Handle = 0


class Load(Operation, tag="load", frozen=True):
    """NewRoot with the children of a StateMachineNode message: ``bytes`` in base64, in the dialect of the handshake.

    The message's own count and data do not matter. Binds ``bind``. Answers null.
    """

    bytes: str
    type: TypeID
    data: Data
    bind: Handle
    registry: Handle = 0


class Marshal(Operation, tag="marshal", frozen=True):
    """Answers the persisted form of ``node``: a StateMachineNode message in base64, in the dialect of the handshake."""

    node: Handle


class Export(Operation, tag="export", frozen=True):
    """Answers the persisted form of ``node`` as structure: ``[count, data as text, [[type, id, node], ...]]``.

    Children are ordered by type, then by the bytes of the ID. Reads persistence only; nothing is deserialized.
    """

    node: Handle


class AddChild(Operation, tag="add_child", frozen=True):
    """Node.AddChild. Binds ``bind`` to the new node. Answers null."""

    node: Handle
    key: Key
    data: Data
    bind: Handle | None = None


class Child(Operation, tag="child", frozen=True):
    """Node.Child. Binds ``bind`` to the node found. Answers null."""

    node: Handle
    path: Path
    bind: Handle | None = None


class KeyOf(Operation, tag="key", frozen=True):
    """The field Node.Key. Answers ``[type, id]``, ``[0, ""]`` for the empty key of a root."""

    node: Handle


class Parent(Operation, tag="parent", frozen=True):
    """The field Node.Parent. Answers whether there is one, and binds ``bind`` to it if so."""

    node: Handle
    bind: Handle | None = None


class Same(Operation, tag="same", frozen=True):
    """Whether two handles are the identical node object (pointer equality). Answers a boolean."""

    node: Handle
    other: Handle


class PathOf(Operation, tag="path", frozen=True):
    """Node.Path. Answers ``[[type, id], ...]`` from below the root to the node."""

    node: Handle


class TransitionCount(Operation, tag="transition_count", frozen=True):
    """Node.TransitionCount. Answers the count."""

    node: Handle


class Dirty(Operation, tag="dirty", frozen=True):
    """Node.Dirty. Answers a boolean."""

    node: Handle


class Outputs(Operation, tag="outputs", frozen=True):
    """Node.Outputs. Answers ``[[path, [tasks, ...]], ...]``: for each node with outputs its path and, one list of
    tasks a transition, its outputs in order. Entries are ordered by path (type, then bytes of the ID, key by key).
    """

    node: Handle


class Clear(Operation, tag="clear", frozen=True):
    """Node.ClearTransactionState. Answers null."""

    node: Handle


class MachineData(Operation, tag="machine_data", frozen=True):
    """MachineData with T the class that ``cast`` names. Answers ``[state, value]``."""

    node: Handle
    cast: Cast = "own"


class MachineTransition(Operation, tag="machine_transition", frozen=True):
    """MachineTransition with T the class that ``cast`` names and ``script`` as the function.

    The function binds ``machine`` to the data that it is handed, before the script runs; the handle stays bound
    afterwards. Answers null; ``inner`` has the observations of the script's operations if the function was called.
    """

    node: Handle
    script: Script
    machine: Handle | None = None
    cast: Cast = "own"


# --- collection -----------------------------------------------------------------------------------------------------


class CollectionType(Operation, tag="collection_type", frozen=True):
    """NewCollection, then its field Type. Answers the type."""

    node: Handle
    type: TypeID


class CollectionAdd(Operation, tag="collection_add", frozen=True):
    """Collection.Add. Binds ``bind`` to the new node. Answers null."""

    node: Handle
    type: TypeID
    id: str
    data: Data
    bind: Handle | None = None


class CollectionNode(Operation, tag="collection_node", frozen=True):
    """Collection.Node. Binds ``bind`` to the node found. Answers null."""

    node: Handle
    type: TypeID
    id: str
    bind: Handle | None = None


class CollectionData(Operation, tag="collection_data", frozen=True):
    """Collection.Data of a collection whose T is the class that ``cast`` names. Answers ``[state, value]``."""

    node: Handle
    type: TypeID
    id: str
    cast: Cast = "own"


class CollectionList(Operation, tag="collection_list", frozen=True):
    """Collection.List. Answers the paths of the nodes listed, in the order that `outputs` has."""

    node: Handle
    type: TypeID


class CollectionTransition(Operation, tag="collection_transition", frozen=True):
    """Collection.Transition of a collection whose T is the class that ``cast`` names.

    Else as ``machine_transition``.
    """

    node: Handle
    type: TypeID
    id: str
    script: Script
    machine: Handle | None = None
    cast: Cast = "own"


# --- machine --------------------------------------------------------------------------------------------------------


class StateMachine(Operation, tag="state_machine", frozen=True):
    """Makes a machine of the palette of class A that is in no tree. Binds ``machine``. Answers null."""

    machine: Handle
    data: Data


class ReadMachine(Operation, tag="read_machine", frozen=True):
    """StateMachine.State and the value beside it. Answers ``[state, value]``."""

    machine: Handle


class SetState(Operation, tag="set_state", frozen=True):
    """StateMachine.SetState. Answers null."""

    machine: Handle
    state: Small


class SetValue(Operation, tag="set_value", frozen=True):
    """Changes the value that the palette's data has beside its state. Answers null."""

    machine: Handle
    value: Small


class RegenerateTasks(Operation, tag="regenerate_tasks", frozen=True):
    """TaskRegenerator.RegenerateTasks of the palette's machine, which depends on its state. Answers the tasks."""

    machine: Handle


class Possible(Operation, tag="possible", frozen=True):
    """NewTransition, then Transition.Possible. Answers a boolean."""

    machine: Handle
    transition: TransitionSpec


class Apply(Operation, tag="apply", frozen=True):
    """NewTransition with ``script`` as the apply function, then Transition.Apply with ``event``.

    Answers the tasks of the output; ``inner`` has first what the function saw, ``{"ok": [state, value, event]}``,
    then the observations of the script's operations; it is absent if the function was not called.
    """

    machine: Handle
    transition: TransitionSpec
    event: Small = 0
    script: Script = Script()


class StateMachinePath(Operation, tag="state_machine_path", frozen=True):
    """Ref.StateMachinePath. Answers ``[[type, id], ...]``."""

    ref: RefSpec


AnyOperation = (
    NewRegistry
    | RegisterMachine
    | Machine
    | RegisterTaskSerializer
    | TaskSerializer
    | SerializeTask
    | DeserializeTask
    | RegisterExecutor
    | Execute
    | NewRoot
    | Rehydrate
    | Load
    | Marshal
    | Export
    | AddChild
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
    | CollectionType
    | CollectionAdd
    | CollectionNode
    | CollectionData
    | CollectionList
    | CollectionTransition
    | StateMachine
    | ReadMachine
    | SetState
    | SetValue
    | RegenerateTasks
    | Possible
    | Apply
    | StateMachinePath
)

Program = tuple[AnyOperation, ...]
"""Operations run in order in a fresh world: no registry, node or machine is left of an earlier program."""
