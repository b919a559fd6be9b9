"""Operations on the nodes of a tree, other than transitions."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from hsm_model.collection import Collection
from hsm_model.errors import NotRegistered
from hsm_model.node import Node, new_root
from hsm_model.persistence import Dialect, marshal, unmarshal
from hsm_model.state import Key, NodeState, find, new
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.palette import PaletteMachine, class_of
from hsm_specs.oracle.world.core import BOOLEAN, NULL, Unbound, World, runs
from hsm_specs.oracle.world.unspecified import Unspecified

CollectionUse = (
    ops.CollectionType
    | ops.CollectionAdd
    | ops.CollectionNode
    | ops.CollectionData
    | ops.CollectionList
    | ops.CollectionTransition
)
"""The operations that use a collection."""
MAX_DEPTH = 100
"""Levels below the root that a tree read from bytes may have, since `structure` and JSON nest as deeply as it."""


def data_of(type_id: int, data: ops.Data) -> PaletteMachine:
    """Return the palette's data for a node of a type."""
    return class_of(type_id)(*data)


@runs(ops.NewRoot)
def new_root_(world: World, op: ops.NewRoot) -> Observation:
    world.nodes[op.bind] = new_root(world.registry(op.registry), op.type, data_of(op.type, op.data))
    return NULL


@runs(ops.Rehydrate)
def rehydrate(world: World, op: ops.Rehydrate) -> Observation:
    registry, persisted = world.registry(op.registry), world.node(op.node).persisted()
    return _load(world, op, new_root(registry, op.type, data_of(op.type, op.data), persisted.children))


@runs(ops.Load)
def load(world: World, op: ops.Load) -> Observation:
    registry = world.registry(op.registry)
    persisted = unmarshal(b64decode(op.bytes, validate=True), Dialect(world.dialect), MAX_DEPTH)
    return _load(world, op, new_root(registry, op.type, data_of(op.type, op.data), persisted.children))


def _load(world: World, op: ops.Rehydrate | ops.Load, root: Node) -> Observation:
    world.nodes[op.bind] = root
    world.rehydrated[root.tree] = root.tree.state.root
    return NULL


@runs(ops.Marshal)
def marshal_(world: World, op: ops.Marshal) -> Observation:
    persisted = world.node(op.node).persisted()
    return Observation(ok=b64encode(marshal(persisted, Dialect(world.dialect))).decode())


def structure(node: NodeState) -> list[Any]:
    """Return the persisted form of a node as nested lists: count, data as text, children in the order of their keys."""
    children = node.children
    below = [[*key, structure(children[key])] for key in sorted(children)] if len(children) else []
    return [node.transition_count, node.data.decode(), below]


@runs(ops.Export)
def export(world: World, op: ops.Export) -> Observation:
    return Observation(ok=structure(world.node(op.node).persisted()))


@runs(ops.AddChild)
def add_child(world: World, op: ops.AddChild) -> Observation:
    key = new(Key, op.key)
    node = world.node_to_change(op.node).add_child(key, data_of(key.type, op.data))
    if op.bind is not None:
        world.nodes[op.bind] = node
    return NULL


@runs(ops.Child)
def child(world: World, op: ops.Child) -> Observation:
    node = world.node(op.node).child([new(Key, key) for key in op.path])
    if op.bind is not None:
        world.nodes[op.bind] = node
    return NULL


@runs(ops.KeyOf)
def key_of(world: World, op: ops.KeyOf) -> Observation:
    node = world.node(op.node)
    node.persisted()
    return Observation(ok=node.key)


@runs(ops.Parent)
def parent(world: World, op: ops.Parent) -> Observation:
    node = world.node(op.node)
    node.persisted()
    found = node.parent
    if found is None:
        return BOOLEAN[False]
    if op.bind is not None:
        world.nodes[op.bind] = found
    return BOOLEAN[True]


@runs(ops.Same)
def same(world: World, op: ops.Same) -> Observation:
    node, other = world.node(op.node), world.node(op.other)
    node.persisted()
    other.persisted()
    return BOOLEAN[node is other]


@runs(ops.PathOf)
def path_of(world: World, op: ops.PathOf) -> Observation:
    node = world.node(op.node)
    node.persisted()
    return Observation(ok=node.path())


@runs(ops.TransitionCount)
def transition_count(world: World, op: ops.TransitionCount) -> Observation:
    return Observation(ok=world.node(op.node).transition_count())


@runs(ops.Dirty)
def dirty(world: World, op: ops.Dirty) -> Observation:
    node = world.node(op.node)
    return BOOLEAN[node.dirty()]


@runs(ops.Outputs)
def outputs(world: World, op: ops.Outputs) -> Observation:
    node = world.node(op.node)
    found = [(path, [output.tasks for output in below]) for path, below in node.outputs()]
    found.sort()
    return Observation(ok=found)


@runs(ops.Clear)
def clear(world: World, op: ops.Clear) -> Observation:
    node = world.node_to_change(op.node)
    node.clear_transaction_state()
    return NULL


def collection(world: World, op: CollectionUse) -> Collection[PaletteMachine]:
    """Return the collection that an operation names, or a new one. Raise `Unbound`, `Unspecified`."""
    node = world.node(op.node)
    if op.collection is None:
        return Collection(node, op.type, class_of(op.type))
    kept = world.collections.get(op.collection)
    if kept is None:
        raise Unbound
    made_of, found = kept
    if made_of is not node or found.type != op.type or getattr(op, "cast", "own") != "own":
        raise Unspecified("COLL-KEEP-2", "a kept collection is named with another node, type or class")
    return found  # type: ignore[no-any-return]  # a collection of the palette's data


@runs(ops.NewCollection)
def new_collection(world: World, op: ops.NewCollection) -> Observation:
    node = world.node(op.node)
    world.collections[op.collection] = node, Collection(node, op.type, class_of(op.type))
    return NULL


@runs(ops.CollectionType)
def collection_type(world: World, op: ops.CollectionType) -> Observation:
    node = world.node(op.node)
    node.persisted()
    return Observation(ok=collection(world, op).type)


@runs(ops.CollectionAdd)
def collection_add(world: World, op: ops.CollectionAdd) -> Observation:
    world.node_to_change(op.node)
    node = collection(world, op).add(op.id, data_of(op.type, op.data))
    if op.bind is not None:
        world.nodes[op.bind] = node
    return NULL


@runs(ops.CollectionNode)
def collection_node(world: World, op: ops.CollectionNode) -> Observation:
    node = collection(world, op).node(op.id)
    if op.bind is not None:
        world.nodes[op.bind] = node
    return NULL


@runs(ops.CollectionList)
def collection_list(world: World, op: ops.CollectionList) -> Observation:
    found = collection(world, op)
    try:
        return Observation(ok=sorted(node.path() for node in found.list()))
    except NotRegistered as error:
        raise Unspecified("COLL-LIST-3", "machines of a type that is not registered are listed") from error


def was_never_loaded(world: World, node: Node) -> bool:
    """Return whether the node's data is as it came from persistence."""
    origin = world.rehydrated.get(node.tree)
    if origin is None or node.parent is None:
        return False
    first = find(origin, node.path())
    return first is not None and first[:2] == node.persisted()[:2]
