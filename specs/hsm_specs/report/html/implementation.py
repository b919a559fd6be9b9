"""The tree of an implementation as far as its answer shows it: the model's, with what the answer says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from hsm_model.state import Key, Path
from hsm_specs.language import operations as ops
from hsm_specs.language import values
from hsm_specs.language.observations import Observation
from hsm_specs.report.html.snapshots import NodeShot, Snapshot, cut, tasks_line

UNKNOWN = "data not told"
"""The data of a node that an implementation has, of which no answer tells more."""
_ABSENT = ("state_machine_not_found",)
_ADDING = ops.AddChild | ops.CollectionAdd
_MAKING = ops.NewRoot | ops.Rehydrate | ops.Load
_SEEKING = ops.Child | ops.CollectionNode | ops.CollectionData


class _Place(NamedTuple):
    """A node of a snapshot."""

    tree: int
    path: Path


def implementation(
    model: Snapshot, operation: ops.AnyOperation, wanted: Observation, got: Observation
) -> Snapshot | None:
    """Return the implementation's trees after an operation, None if its answer shows nothing that differs in them."""
    try:
        shown = _shown(model, operation, wanted, got)
    except (TypeError, ValueError, LookupError):  # What an implementation sends may have any form.
        return None
    return None if shown == model else shown


def _shown(model: Snapshot, operation: ops.AnyOperation, wanted: Observation, got: Observation) -> Snapshot | None:
    value = None if got.ok is UNSET else got.ok
    match operation:
        case ops.ReadMachine() if value is not None:
            return model._replace(machines={**model.machines, f"m{operation.machine}": values.data_of(value)})
        case ops.NewRoot() | ops.Rehydrate() | ops.Load() | ops.AddChild() | ops.CollectionAdd():
            return _refused(model, operation, wanted, got)
        case _:
            pass
    at = _find(model, getattr(operation, "node", None))
    if at is None:
        return None
    match operation:
        case ops.MachineData() if value is not None:
            return _changed(model, at, data=_data(value))
        case ops.TransitionCount() if value is not None:
            return _changed(model, at, transitions=int(value))
        case ops.Dirty() if value is not None:
            return _changed(model, at, dirty=bool(value))
        case ops.KeyOf() if value is not None:
            return _changed(model, at, place=cut(values.key(value)))
        case ops.Outputs() if value is not None:
            return _outputs(model, at, value)
        case ops.Child() | ops.CollectionNode() | ops.CollectionData():
            return _sought(model, at, operation, got)
        case ops.CollectionList() if value is not None:
            return _listed(model, at, operation.type, value)
        case _:
            return None


def _find(snapshot: Snapshot, handle: int | None) -> _Place | None:
    name = f"n{handle}"
    for number, nodes in snapshot.trees.items():
        for path, node in nodes.items():
            if name in node.handles:
                return _Place(number, path)
    return None


def _with(snapshot: Snapshot, tree: int, nodes: Mapping[Path, NodeShot]) -> Snapshot:
    return snapshot._replace(trees={**snapshot.trees, tree: dict(nodes)})


def _changed(snapshot: Snapshot, at: _Place, **facts: Any) -> Snapshot:
    nodes = snapshot.trees[at.tree]
    return _with(snapshot, at.tree, {**nodes, at.path: nodes[at.path]._replace(**facts)})


def _without(snapshot: Snapshot, at: _Place) -> Snapshot:
    nodes = snapshot.trees[at.tree]
    return _with(snapshot, at.tree, {path: node for path, node in nodes.items() if path[: len(at.path)] != at.path})


def _added(snapshot: Snapshot, at: _Place) -> Snapshot:
    key = at.path[-1]
    return _with(
        snapshot,
        at.tree,
        {
            **snapshot.trees[at.tree],
            at.path: NodeShot(cut(values.key((key.type, key.id))), (), UNKNOWN, None, None, ()),
        },
    )


def _refused(
    snapshot: Snapshot, operation: _MAKING | _ADDING, wanted: Observation, got: Observation
) -> Snapshot | None:
    """Return the trees without the node that the model made and the implementation refused."""
    if wanted.ok is UNSET or got.error is UNSET:
        return None
    if isinstance(operation, _MAKING):
        at = _find(snapshot, operation.bind)
    else:
        above = _find(snapshot, operation.node)
        at = above and _Place(above.tree, (*above.path, _key_of(operation)))
    return None if at is None or at.path not in snapshot.trees[at.tree] else _without(snapshot, at)


def _key_of(operation: _ADDING) -> Key:
    return Key(*operation.key) if isinstance(operation, ops.AddChild) else Key(operation.type, operation.id)


def _sought(snapshot: Snapshot, above: _Place, operation: _SEEKING, got: Observation) -> Snapshot | None:
    """Return the trees with the node that was sought present or absent, as the answer says."""
    below = (
        tuple(Key(*each) for each in operation.path)
        if isinstance(operation, ops.Child)
        else (Key(operation.type, operation.id),)
    )
    at = _Place(above.tree, (*above.path, *below))
    present = at.path in snapshot.trees[at.tree]
    if got.error in _ABSENT:
        return _without(snapshot, at) if present else None
    if got.ok is UNSET:
        return None
    shown = snapshot if present else _added(snapshot, at)
    return _changed(shown, at, data=_data(got.ok)) if isinstance(operation, ops.CollectionData) else shown


def _listed(snapshot: Snapshot, above: _Place, type_id: int, paths: Any) -> Snapshot:
    """Return the trees with the children of a type that were listed, and no other children of it."""
    listed = {tuple(Key(int(type_), str(id)) for type_, id in path) for path in paths}
    depth = len(above.path) + 1
    for path in [*snapshot.trees[above.tree]]:
        if len(path) == depth and path[:-1] == above.path and path[-1].type == type_id and path not in listed:
            snapshot = _without(snapshot, _Place(above.tree, path))
    for path in sorted(listed):
        if path and path not in snapshot.trees[above.tree]:
            snapshot = _added(snapshot, _Place(above.tree, path))
    return snapshot


def _outputs(snapshot: Snapshot, above: _Place, outputs: Any) -> Snapshot:
    """Return the trees with the outputs of the nodes at and below a place, as the answer says."""
    told = {
        tuple(Key(int(type_), str(id)) for type_, id in path): tuple(
            tasks_line([values.task(task) for task in tasks]) for tasks in each
        )
        for path, each in outputs
    }
    nodes = dict(snapshot.trees[above.tree])
    for path, node in nodes.items():
        if path[: len(above.path)] == above.path or path in told:
            nodes[path] = node._replace(outputs=told.get(path, ()))
    return _with(snapshot, above.tree, nodes)


def _data(value: Any) -> str:
    state, number = value
    return f"state {state} value {number}"
