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
from hsm_specs.oracle.world.core import BOOLEAN, NULL, World, runs
from hsm_specs.oracle.world.unspecified import Unspecified

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


def collection(node: Node, type_id: int, cast: str = "own") -> Collection[PaletteMachine]:
    """Return a collection of the palette's data."""
    return Collection(node, type_id, class_of(type_id, cast))


@runs(ops.CollectionType)
def collection_type(world: World, op: ops.CollectionType) -> Observation:
    node = world.node(op.node)
    node.persisted()
    return Observation(ok=collection(node, op.type).type)


@runs(ops.CollectionAdd)
def collection_add(world: World, op: ops.CollectionAdd) -> Observation:
    node = collection(world.node_to_change(op.node), op.type).add(op.id, data_of(op.type, op.data))
    if op.bind is not None:
        world.nodes[op.bind] = node
    return NULL


@runs(ops.CollectionNode)
def collection_node(world: World, op: ops.CollectionNode) -> Observation:
    node = collection(world.node(op.node), op.type).node(op.id)
    if op.bind is not None:
        world.nodes[op.bind] = node
    return NULL


@runs(ops.CollectionList)
def collection_list(world: World, op: ops.CollectionList) -> Observation:
    node = world.node(op.node)
    try:
        return Observation(ok=sorted(found.path() for found in collection(node, op.type).list()))
    except NotRegistered as error:
        raise Unspecified("COLL-LIST-3", "machines of a type that is not registered are listed") from error


def was_never_loaded(world: World, node: Node) -> bool:
    """Return whether the node's data is as it came from persistence."""
    origin = world.rehydrated.get(node.tree)
    if origin is None or node.parent is None:
        return False
    first = find(origin, node.path())
    return first is not None and first[:2] == node.persisted()[:2]
