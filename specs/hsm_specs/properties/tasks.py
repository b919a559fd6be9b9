"""Properties of task kinds and of the wire form."""

from __future__ import annotations

from base64 import b64encode

from hsm_model.persistence import Dialect, marshal
from hsm_model.state import NO_CHILDREN, Key, NodeState
from hsm_specs.language import operations as ops
from hsm_specs.properties.builder import TASKS, Builder
from hsm_specs.properties.property import shows


@shows("TASK-KIND-1", "A serializer's refusal of a wrong kind is known as that.")
def _(p: Builder) -> None:
    type_id = p.pick(1, 2, 3)
    kinds: tuple[ops.Kind, ops.Kind] = ("x", 1000) if type_id % 2 else (1000, "x")
    p.do(ops.NewRegistry(), ops.RegisterTaskSerializer(type_id))
    p.check(*(ops.DeserializeTask(type_id, str(p.number(9)), kind) for kind in kinds))


@shows("TASK-SERIAL-1", "A serialized task deserializes to the same task, given its kind.")
def _(p: Builder) -> None:
    type_id, payload, kind = p.pick(*TASKS, (3, 5, 0), (6, 2**40, "ü"))
    p.do(ops.NewRegistry(), ops.RegisterTaskSerializer(type_id))
    for number in (payload,) if p.plain else (payload, -payload):
        p.check(ops.SerializeTask((type_id, number, kind)), ops.DeserializeTask(type_id, str(number), kind))


def persisted(p: Builder) -> NodeState:
    """Return a node's persisted form with some children."""
    children = NO_CHILDREN
    for key in [Key(1, "a")] if p.plain else [Key(p.type(), p.id()) for _ in range(p.random.randrange(4))]:
        below = NO_CHILDREN.insert(Key(2, "b"), NodeState(1, b"2:2", NO_CHILDREN)) if p.sometimes() else NO_CHILDREN
        children = children.insert(key, NodeState(p.number(2**40), b"%d:%d" % p.data(), below))
    return NodeState(p.number(5), b"0:0", children)


@shows("WIRE-READ-1", "The bytes of a persisted tree load as that tree.")
def _(p: Builder) -> None:
    p.registry()
    root, node = p.fresh(), persisted(p)
    p.do(ops.Load(b64encode(marshal(node, Dialect(p.dialect))).decode(), p.type(), p.data(), root))
    p.check(ops.Export(root), *(ops.Child(root, (key,)) for key in sorted(node.children)))


NO_MACHINES: dict[str, bytes] = {"v1.24": b"\x1a\x04\x08\x01\x12\x00", "v1.25": b"\x12\x05\x0a\x011\x12\x00"}
"""A node whose children have the type 1, without any machine, by dialect."""


@shows("NODE-ADD-9", "Children can be added where persistence has their type without any machine.")
def _(p: Builder) -> None:
    p.registry()
    root = p.fresh()
    p.do(ops.Load(b64encode(NO_MACHINES[p.dialect]).decode(), p.type(), p.data(), root))
    p.check(ops.AddChild(root, (1, p.id()), p.data()), ops.Export(root))


@shows("WIRE-WRITE-1", "The bytes that a tree is persisted as are those of that tree.")
def _(p: Builder) -> None:
    line = p.line()
    p.do(p.transition(line[-1]))
    p.check(ops.Marshal(line[0]))
