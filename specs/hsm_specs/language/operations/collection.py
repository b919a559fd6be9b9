"""Operations on collections."""

from __future__ import annotations

from typing import TypeAlias

from hsm_specs.language import operations as ops
from hsm_specs.language.operations.node import changed, function_of_machine
from hsm_specs.language.shapes import (
    ID,
    Cast,
    CollectionHandle,
    Data,
    MachineType,
    NewCollectionHandle,
    NewMachineHandle,
    NewNodeHandle,
    NodeHandle,
    Operation,
    Path,
    RegisteredType,
    Script,
    Unordered,
)
from hsm_specs.language.specification import Builder, Choice, Inner, Modelled, OperationSpec

SPECIFIED: dict[type[Operation], OperationSpec] = {}


class NewCollection(Operation, tag="new_collection", frozen=True):
    """NewCollection with the class of data that belongs to the type. Binds ``collection`` to it. Returns null.

    An operation that names the handle as its ``collection`` uses that object in place of a new one. Its ``node`` and
    ``type`` are those that the collection was made with, and its ``cast`` is ``own``.
    """

    node: NodeHandle
    type: RegisteredType
    collection: NewCollectionHandle


def _keep_collection(builder: Builder) -> CollectionList:
    node, type_id, kept = builder.node(), builder.type(), builder.fresh()
    builder.run(NewCollection(node, type_id, kept))
    builder.run(CollectionList(node, type_id, kept))
    builder.run(CollectionAdd(node, type_id, builder.id(), builder.data(), None, kept))
    return CollectionList(node, type_id, kept)


SPECIFIED[NewCollection] = OperationSpec(
    reads="{collection}NewCollection({node}, type {type})",
    value=None,
    about="COLL-KEEP-1",
    modelled=Modelled("new_collection", ("COLL-KEEP-1",)),
    capability="objects",
    sets_up=True,
    choices=(Choice(1, _keep_collection),),
    example=lambda: (
        NewCollection(0, 2, 0),
        CollectionList(0, 2, 0),
        CollectionAdd(0, 2, "b", (0, 7), None, 0),
        CollectionList(0, 2, 0),
    ),
)


class CollectionType(Operation, tag="collection_type", frozen=True):
    """NewCollection, then its field Type. Returns the type."""

    node: NodeHandle
    type: MachineType
    collection: CollectionHandle | None = None


SPECIFIED[CollectionType] = OperationSpec(
    reads="NewCollection({node}, type {type}){collection}.Type",
    value=MachineType,
    about="COLL-TYPE-1",
    modelled=Modelled("Collection.type", ("COLL-TYPE-1",)),
    capability="collections",
    choices=(Choice(1),),
    example=lambda: (CollectionType(0, 2),),
)


class CollectionAdd(Operation, tag="collection_add", frozen=True):
    """Collection.Add. Binds ``bind`` to the new node. Returns null."""

    node: NodeHandle
    type: RegisteredType
    id: ID
    data: Data
    bind: NewNodeHandle | None = None
    collection: CollectionHandle | None = None


SPECIFIED[CollectionAdd] = OperationSpec(
    reads="{bind}NewCollection({node}, type {type}){collection}.Add({id}, {data})",
    value=None,
    about="COLL-ADD-1",
    modelled=Modelled(
        "Collection.add",
        (
            "COLL-ADD-1",
            "COLL-ADD-3",
        ),
    ),
    refusals={
        "state_machine_already_exists": "COLL-ADD-2",
        "not_registered": "COLL-ADD-3",
        "serialize_error": "COLL-ADD-3",
    },
    delegates_to="add_child",
    capability="collections",
    sets_up=True,
    choices=(Choice(4),),
    example=lambda: (CollectionAdd(0, 2, "b", (0, 7), 2), CollectionAdd(0, 2, "b", (0, 0))),
)


class CollectionNode(Operation, tag="collection_node", frozen=True):
    """Collection.Node. Binds ``bind`` to the node found. Returns null."""

    node: NodeHandle
    type: RegisteredType
    id: ID
    bind: NewNodeHandle | None = None
    collection: CollectionHandle | None = None


SPECIFIED[CollectionNode] = OperationSpec(
    reads="{bind}NewCollection({node}, type {type}){collection}.Node({id})",
    value=None,
    about="COLL-NODE-1",
    modelled=Modelled("Collection.node", ("COLL-NODE-1",)),
    refusals={"state_machine_not_found": "COLL-NODE-2", "not_registered": "NODE-CHILD-4"},
    delegates_to="child",
    capability="collections",
    sets_up=True,
    choices=(Choice(3),),
    example=lambda: (CollectionNode(0, 2, "a", 2), CollectionNode(0, 2, "c", 3)),
)


class CollectionData(Operation, tag="collection_data", frozen=True):
    """Collection.Data of a collection whose T is the class that ``cast`` names. Returns ``[state, value]``."""

    node: NodeHandle
    type: RegisteredType
    id: ID
    cast: Cast = "own"
    collection: CollectionHandle | None = None


SPECIFIED[CollectionData] = OperationSpec(
    reads="NewCollection{cast}({node}, type {type}){collection}.Data({id})",
    value=Data,
    about="COLL-DATA-1",
    modelled=Modelled(
        "Collection.data",
        (
            "COLL-DATA-1",
            "COLL-DATA-2",
        ),
    ),
    refusals={
        "state_machine_not_found": "COLL-DATA-2",
        "incompatible_type": "COLL-DATA-2",
        "deserialize_error": "COLL-DATA-2",
        "not_registered": "NODE-CHILD-4",
    },
    delegates_to="machine_data",
    capability="collections",
    choices=(Choice(3),),
    example=lambda: (
        CollectionData(0, 2, "a"),
        CollectionData(0, 2, "a", "other"),
        # Data that does not deserialize, where it comes from persistence.
        CollectionAdd(0, 2, "b", (0, -2)),
        ops.Rehydrate(0, 1, (0, 0), 2),
        CollectionData(2, 2, "b"),
    ),
)


class CollectionList(Operation, tag="collection_list", frozen=True):
    """Collection.List. Returns the paths of the nodes listed, in the order that `outputs` has."""

    node: NodeHandle
    type: MachineType
    collection: CollectionHandle | None = None


SPECIFIED[CollectionList] = OperationSpec(
    reads="NewCollection({node}, type {type}){collection}.List()",
    value=Unordered[Path],
    about="COLL-LIST-1",
    capability="collections",
    choices=(Choice(3),),
    example=lambda: (CollectionAdd(0, 2, "b", (0, 7)), CollectionList(0, 2), CollectionList(1, 2)),
)


class CollectionTransition(Operation, tag="collection_transition", frozen=True):
    """Collection.Transition of a collection whose T is the class that ``cast`` names.

    Else as ``machine_transition``.
    """

    node: NodeHandle
    type: RegisteredType
    id: ID
    script: Script
    machine: NewMachineHandle | None = None
    cast: Cast = "own"
    collection: CollectionHandle | None = None


def _collection_transition(builder: Builder) -> None:
    node = builder.node()
    script, machine = builder.function(node)
    builder.run(CollectionTransition(node, builder.type(), builder.id(), script, machine))
    builder.transitioned()


SPECIFIED[CollectionTransition] = OperationSpec(
    reads="NewCollection{cast}({node}, type {type}){collection}.Transition({id})",
    function=function_of_machine,
    value=None,
    about="COLL-TRANS-1",
    modelled=Modelled(
        "Collection.transition",
        (
            "COLL-TRANS-1",
            "COLL-TRANS-2",
        ),
    ),
    refusals={
        "state_machine_not_found": "COLL-TRANS-2",
        "incompatible_type": "COLL-TRANS-2",
        "deserialize_error": "COLL-TRANS-2",
        "serialize_error": "COLL-TRANS-2",
        "user_1": "COLL-TRANS-2",
        "user_2": "COLL-TRANS-2",
        "not_registered": "NODE-CHILD-4",
    },
    delegates_to="machine_transition",
    capability="collections",
    inner=Inner(),
    choices=(Choice(4, _collection_transition),),
    example=lambda: (CollectionTransition(0, 2, "a", Script((*changed(2), ops.ReadMachine(2)), ((1, 8, 2000),)), 2),),
)

CollectionOperation: TypeAlias = (
    CollectionType
    | NewCollection
    | CollectionAdd
    | CollectionNode
    | CollectionData
    | CollectionList
    | CollectionTransition
)
