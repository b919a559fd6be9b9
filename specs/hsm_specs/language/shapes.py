"""The shapes of the values in programs and observations.

A shape is a type as msgspec reads it. Beyond that, each place where a value stands carries its `Domain`, and each place
that names something which operations make carries a `Reference`. What the suite knows of an operation's members and of
its value is derived from them: the schema, which handles must be bound, what an operation depends on, how members are
shown and simplified, and which names a recording may choose freely.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple, TypeVar

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from hsm_specs.language.operations import AnyOperation


class Domain(Enum):
    """The meaning of the values of a place. Values of different domains are never compared with each other."""

    # An enumeration hashes names in Python, which takes a tenth of the time of generating.
    __hash__ = object.__hash__

    REGISTRY = auto()
    NODE = auto()
    MACHINE = auto()
    COLLECTION = auto()
    TRANSITION = auto()
    CELL = auto()
    WORKFLOW = auto()
    MACHINE_TYPE = auto()
    TASK_TYPE = auto()
    ID = auto()
    STATE = auto()
    VALUE = auto()
    DATA = auto()
    """A state and a value."""
    PERSISTED_DATA = auto()
    """Data as the palette serializes it."""
    PAYLOAD = auto()
    TASK_DATA = auto()
    """A payload as the palette serializes it."""
    DEADLINE = auto()
    DESTINATION = auto()
    NAMESPACE_ID = auto()
    WORKFLOW_ID = auto()
    RUN_ID = auto()
    FAILOVER_VERSION = auto()
    COUNT = auto()
    TAG = auto()
    EVENT = auto()
    TIME = auto()
    MESSAGE = auto()
    """A StateMachineNode message in base64."""
    CAST = auto()
    ACCESS = auto()
    FAILURE = auto()
    STORE_FAILURE = auto()
    EXPECTED = auto()
    """A version or a count that a machine is compared with."""
    MICROSECONDS = auto()
    """A span of time, or a time after the Unix epoch."""
    DELIVERY = auto()
    ENDING = auto()
    CLUSTER = auto()
    FATE = auto()


class Use(Enum):
    """How an operation uses the thing that one of its members names."""

    NEEDS = auto()
    """The operation needs it: the handle must be bound, the type should be registered."""
    MAKES = auto()
    """The operation binds the handle, or registers the type."""
    ASKS = auto()
    """The operation asks whether there is one."""


Thing = Literal[
    "registry",
    "node",
    "machine",
    "collection",
    "transition",
    "cell",
    "workflow",
    "machine type",
    "serializer",
    "executor",
]


class Reference(NamedTuple):
    """A place names something that operations make: by a handle, or by a type that is registered."""

    kind: Thing
    use: Use = Use.NEEDS


UNORDERED = "unordered"
"""Marks a list whose order means nothing."""
T = TypeVar("T")
Unordered = Annotated[tuple[T, ...], UNORDERED]

# --- numbers and names ------------------------------------------------------------------------------------------------

Handle = Annotated[int, Meta(ge=0, le=2**31 - 1)]
"""The number of a registry, node, machine, collection, transition, cell or workflow, chosen by the program."""
TypeID = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""The type of machines or tasks: a signed integer of 32 bits."""
LARGEST: Final = 2**53 - 1
"""The largest number up to which a floating-point number of 64 bits holds all integers."""
EARLIEST: Final = -62_135_596_800_000
"""The beginning of the year 1, in milliseconds after the Unix epoch."""
LATEST: Final = 253_402_300_799_999
"""The end of the year 9999, in milliseconds after the Unix epoch."""
Small = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
"""An integer that a floating-point number of 64 bits holds exactly, as do its neighbors."""
Natural = Annotated[int, Meta(ge=0, le=LARGEST)]
"""A number of things."""
Instant = Annotated[int, Meta(ge=EARLIEST, le=LATEST)]
"""Milliseconds after the Unix epoch, in the years 1 to 9999, so that calendars of all languages have it."""
Text = Annotated[str, Meta(max_length=4096)]
"""Unicode text of up to 4,096 code points, without surrogates. May be empty."""

HANDLES: Final = frozenset(
    (
        Domain.REGISTRY,
        Domain.NODE,
        Domain.MACHINE,
        Domain.COLLECTION,
        Domain.TRANSITION,
        Domain.CELL,
        Domain.WORKFLOW,
    )
)
"""The domains whose values are handles."""
RegistryHandle = Annotated[Handle, Domain.REGISTRY, Reference("registry")]
NewRegistryHandle = Annotated[Handle, Domain.REGISTRY, Reference("registry", Use.MAKES)]
NodeHandle = Annotated[Handle, Domain.NODE, Reference("node")]
NewNodeHandle = Annotated[Handle, Domain.NODE, Reference("node", Use.MAKES)]
MachineHandle = Annotated[Handle, Domain.MACHINE, Reference("machine")]
NewMachineHandle = Annotated[Handle, Domain.MACHINE, Reference("machine", Use.MAKES)]
CollectionHandle = Annotated[Handle, Domain.COLLECTION, Reference("collection")]
NewCollectionHandle = Annotated[Handle, Domain.COLLECTION, Reference("collection", Use.MAKES)]
TransitionHandle = Annotated[Handle, Domain.TRANSITION, Reference("transition")]
NewTransitionHandle = Annotated[Handle, Domain.TRANSITION, Reference("transition", Use.MAKES)]
CellHandle = Annotated[Handle, Domain.CELL, Reference("cell")]
NewCellHandle = Annotated[Handle, Domain.CELL, Reference("cell", Use.MAKES)]
WorkflowHandle = Annotated[Handle, Domain.WORKFLOW, Reference("workflow")]
NewWorkflowHandle = Annotated[Handle, Domain.WORKFLOW, Reference("workflow", Use.MAKES)]

MachineType = Annotated[TypeID, Domain.MACHINE_TYPE]
RegisteredType = Annotated[TypeID, Domain.MACHINE_TYPE, Reference("machine type")]
SoughtType = Annotated[TypeID, Domain.MACHINE_TYPE, Reference("machine type", Use.ASKS)]
NewType = Annotated[TypeID, Domain.MACHINE_TYPE, Reference("machine type", Use.MAKES)]
TaskType = Annotated[TypeID, Domain.TASK_TYPE]
SerializerType = Annotated[TypeID, Domain.TASK_TYPE, Reference("serializer")]
NewSerializerType = Annotated[TypeID, Domain.TASK_TYPE, Reference("serializer", Use.MAKES)]
ExecutorType = Annotated[TypeID, Domain.TASK_TYPE, Reference("executor")]
NewExecutorType = Annotated[TypeID, Domain.TASK_TYPE, Reference("executor", Use.MAKES)]

ID = Annotated[Text, Domain.ID]
State = Annotated[Small, Domain.STATE]
Value = Annotated[Small, Domain.VALUE]
Payload = Annotated[Small, Domain.PAYLOAD]
Event = Annotated[Small, Domain.EVENT]
Tag = Annotated[Small, Domain.TAG]
FoundTag = Annotated[int, Domain.TAG]
Time = Annotated[Instant, Domain.TIME]
Count = Annotated[Natural, Domain.COUNT]
FailoverVersion = Annotated[Small, Domain.FAILOVER_VERSION]
Message = Annotated[str, Domain.MESSAGE]
TaskData = Annotated[str, Domain.TASK_DATA]

# --- composed of them -------------------------------------------------------------------------------------------------

Key = tuple[MachineType, ID]
"""The key of a node, ``[type, id]``."""
Path = tuple[Key, ...]
"""Keys from below the root to the node; empty for the root."""
Data = Annotated[tuple[State, Value], Domain.DATA]
"""A machine's data in the palette, ``[state, value]``."""
Kind = Annotated[Instant, Domain.DEADLINE] | Annotated[Text, Domain.DESTINATION]
"""A task's kind: a number is a timer's deadline (`Instant`), a string an outbound task's destination (`Text`)."""
Task = tuple[TaskType, Payload, Kind]
"""A task, ``[type, payload, kind]``."""
Cast = Annotated[Literal["own", "other"], Domain.CAST]
"""The target of a cast: the class that the node's type has in the palette, or the other one."""
Failure = Annotated[Literal["user_1", "user_2", "panic"], Domain.FAILURE]
"""The way in which a function fails: one of two named errors, or a panic (an exception of any kind)."""
Access = Annotated[Literal["read", "write"], Domain.ACCESS]
"""The access that an executor asks its environment for."""
StoreFailure = Annotated[Literal["before", "after"], Domain.STORE_FAILURE]
"""When a write fails: before it has changed the store, or after."""
StoreError = Annotated[Literal["condition_failed", "unknown_outcome"], Domain.STORE_FAILURE]
"""The error of a write that fails: the store has refused it, or it is not known whether it took place."""

Delivery = Annotated[Literal["once", "twice"], Domain.DELIVERY]
"""How often a queue delivers each task: a second time as well if it has not learned that the first one succeeded."""
TimerDelivery = Annotated[Literal["once", "twice", "early"], Domain.DELIVERY]
"""How a timer queue delivers its tasks: like a `Delivery`, or also those whose time has not come."""
Ending = Annotated[Literal["script", "not_found"], Domain.ENDING]
"""How an executor ends whose script succeeds: like the script, or with the error that it has not found something."""
Span = Annotated[int, Meta(ge=0, le=10**13), Domain.MICROSECONDS]
"""Microseconds, up to those of 115 days."""
Fraction = Annotated[int, Meta(ge=0, le=999), Domain.MICROSECONDS]
"""Microseconds that are less than a millisecond."""
Cluster = Annotated[Literal[0, 1], Domain.CLUSTER]
"""One of the two clusters, which have a store each."""
Fate = Annotated[Literal["done", "dropped", "retried"], Domain.FATE]
"""The outcome for a task: its executor succeeded, it is gone although none has, or it stays in its queue."""

RegisteredKey = tuple[RegisteredType, ID]
RegisteredPath = tuple[RegisteredKey, ...]
SerializableTask = tuple[SerializerType, Payload, Kind]
ExecutableTask = tuple[ExecutorType, Payload, Kind]
Workflow = tuple[
    Annotated[Text, Domain.NAMESPACE_ID], Annotated[Text, Domain.WORKFLOW_ID], Annotated[Text, Domain.RUN_ID]
]

MachineRef = tuple[Path, Annotated[Small, Domain.EXPECTED], Annotated[Natural, Domain.EXPECTED]]
"""A reference to a machine of a workflow, ``[path, version, count]``."""


class Script(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A function of the program: it runs ``ops`` in order, then succeeds with ``tasks`` or fails.

    An error of an operation inside does not end the script; a panic inside ends it and is the script's own panic.
    """

    ops: tuple[AnyOperation, ...] = ()
    tasks: tuple[Task, ...] = ()
    fail: Failure | None = None


class TransitionSpec(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A Transition: the states it may start from and the state it leads to."""

    sources: tuple[State, ...]
    destination: State


class RefSpec(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A Ref: workflow key (namespace ID, workflow ID, run ID), path, failover version, machine transition count."""

    path: Path
    workflow: Workflow = ("n", "w", "r")
    version: FailoverVersion = 0
    count: Count = 0


# --- values -----------------------------------------------------------------------------------------------------------


class Persisted(Struct, array_like=True, forbid_unknown_fields=True):
    """A persisted node, ``[count, data as text, children]``, with a list of PersistedChild."""

    count: Annotated[int, Domain.COUNT]
    data: Annotated[str, Domain.PERSISTED_DATA]
    children: Unordered[PersistedChild]


class PersistedChild(Struct, array_like=True, forbid_unknown_fields=True):
    """A child of a persisted node, ``[type, id, node]``."""

    type: MachineType
    id: ID
    node: Persisted


class NodeOutputs(Struct, array_like=True, forbid_unknown_fields=True):
    """The outputs of one node, ``[path, outputs]``: a list with, for each transition, its list of tasks."""

    path: Path
    outputs: tuple[tuple[Task, ...], ...]


class StoredTask(Struct, array_like=True, forbid_unknown_fields=True):
    """A stored task, ``[path, version, count, type, data, kind]``: its reference, and the task as serialized."""

    path: Path
    version: Annotated[int, Domain.FAILOVER_VERSION]
    count: Annotated[int, Domain.COUNT]
    type: TaskType
    data: TaskData
    kind: Kind


class Fired(Struct, array_like=True, forbid_unknown_fields=True):
    """A call of the executor of a timer, ``[tag, now, task, path, count]``; the last two are its node's."""

    tag: Tag
    now: Annotated[int, Domain.MICROSECONDS]
    task: Task
    path: Path
    count: Annotated[int, Domain.COUNT]


class Executed(Struct, array_like=True, forbid_unknown_fields=True):
    """A call of the executor of an outbound task, ``[tag, now, task, path, version, count]``."""

    tag: Tag
    now: Annotated[int, Domain.MICROSECONDS]
    task: Task
    path: Path
    version: Annotated[int, Domain.FAILOVER_VERSION]
    count: Annotated[int, Domain.COUNT]


class Delivered(Struct, array_like=True, forbid_unknown_fields=True):
    """A delivery of an outbound task, ``[type, data, fate, calls]``: as serialized, and an Executed for each call."""

    type: TaskType
    data: TaskData
    fate: Fate
    calls: tuple[Executed, ...]


Seen = tuple[State, Value, Event]
"""The arguments of an apply function."""
Called = tuple[Tag, Time, Task, tuple[Workflow, Path, FailoverVersion, Count]]
"""The arguments of an executor."""


class Operation(Struct, frozen=True, tag_field="op", omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """An operation: the members that all of them have."""
