"""The reference model of Temporal's ``hsm`` package, as documented at v1.24.0-m3.4: a tree of persisted state machines.

State is a value: an operation computes a new one and swaps it in, and a failed one swaps nothing in. What the
documentation demands is a record of small rules (`hsm_model.semantics`), each with the IDs of its requirements.

Everything that the documentation names is exported here, with Python names: ``NewRoot`` is `new_root`,
``Node.AddChild`` is `Node.add_child`, ``ErrNotRegistered`` is `NotRegistered`. Beside that there are what persists
trees (`marshal`, `unmarshal`, `Dialect`) and the parts of references (`WorkflowKey`, `StateMachineRef`).
``docs/library.md`` has an example and the whole table of names.
"""

from hsm_model.collection import Collection, new_collection
from hsm_model.errors import (
    DuplicateRegistration,
    HsmError,
    IncompatibleType,
    InvalidTaskKind,
    InvalidTransition,
    NodeIsGone,
    NotRegistered,
    StateMachineAlreadyExists,
    StateMachineNotFound,
)
from hsm_model.executor import (
    AccessType,
    Environment,
    Executor,
    Ref,
    StateMachineRef,
    WorkflowKey,
    execute,
    register_executor,
)
from hsm_model.node import Node, PathAndOutputs, machine_data, machine_transition, new_root
from hsm_model.persistence import Dialect, MalformedPersistence, marshal, unmarshal
from hsm_model.registry import MachineType, Registry, StateMachineDefinition, new_registry
from hsm_model.state import Children, Key, NodeState
from hsm_model.tasks import (
    Task,
    TaskKind,
    TaskKindOutbound,
    TaskKindTimer,
    TaskSerializer,
    TaskType,
    TransitionOutput,
)
from hsm_model.transition import StateMachine, TaskRegenerator, Transition, new_transition

__all__ = [
    "AccessType",
    "Children",
    "Collection",
    "Dialect",
    "DuplicateRegistration",
    "Environment",
    "Executor",
    "HsmError",
    "IncompatibleType",
    "InvalidTaskKind",
    "InvalidTransition",
    "Key",
    "MachineType",
    "MalformedPersistence",
    "Node",
    "NodeIsGone",
    "NodeState",
    "NotRegistered",
    "PathAndOutputs",
    "Ref",
    "Registry",
    "StateMachine",
    "StateMachineAlreadyExists",
    "StateMachineDefinition",
    "StateMachineNotFound",
    "StateMachineRef",
    "Task",
    "TaskKind",
    "TaskKindOutbound",
    "TaskKindTimer",
    "TaskRegenerator",
    "TaskSerializer",
    "TaskType",
    "Transition",
    "TransitionOutput",
    "WorkflowKey",
    "execute",
    "machine_data",
    "machine_transition",
    "marshal",
    "new_collection",
    "new_registry",
    "new_root",
    "new_transition",
    "register_executor",
    "unmarshal",
]
