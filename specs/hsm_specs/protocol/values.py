"""What each operation answers when it succeeds: the form of ``ok``."""

from __future__ import annotations

from msgspec import Struct

from hsm_specs.language.operations import Data, Key, Path, Task, TypeID


class Persisted(Struct, array_like=True, forbid_unknown_fields=True):
    """A persisted node, ``[count, data as text, children]``, with a list of PersistedChild."""

    count: int
    data: str
    children: tuple[PersistedChild, ...]


class PersistedChild(Struct, array_like=True, forbid_unknown_fields=True):
    """A child of a persisted node, ``[type, id, node]``."""

    type: TypeID
    id: str
    node: Persisted


class NodeOutputs(Struct, array_like=True, forbid_unknown_fields=True):
    """The outputs of one node, ``[path, outputs]``: a list with, for each transition, its list of tasks."""

    path: Path
    outputs: tuple[tuple[Task, ...], ...]


class Values(Struct, forbid_unknown_fields=True):
    """The form of ``ok``, by the name of the operation that answers it."""

    new_registry: None
    register_machine: None
    machine: int | None
    register_task_serializer: None
    task_serializer: int | None
    serialize_task: str | None
    deserialize_task: Task | None
    register_executor: None
    execute: None
    new_root: None
    rehydrate: None
    load: None
    marshal: str
    export: Persisted
    add_child: None
    child: None
    key: Key
    parent: bool
    same: bool
    path: Path
    transition_count: int
    dirty: bool
    outputs: tuple[NodeOutputs, ...]
    clear: None
    machine_data: Data
    machine_transition: None
    collection_type: TypeID
    collection_add: None
    collection_node: None
    collection_data: Data
    collection_list: tuple[Path, ...]
    collection_transition: None
    state_machine: None
    read_machine: Data
    set_state: None
    set_value: None
    regenerate_tasks: tuple[Task, ...]
    possible: bool
    apply: tuple[Task, ...]
    state_machine_path: Path
