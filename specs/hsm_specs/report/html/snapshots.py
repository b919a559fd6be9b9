"""Snapshots of a world: its registries, trees and machines at one moment, as a picture shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hsm_model.node import ROOT_KEY, Node, Tree
from hsm_model.registry import Registry
from hsm_model.state import Key, NodeState, Path, find, find_open
from hsm_specs.language import values
from hsm_specs.oracle.world import World

LONGEST = 44
"""Characters of a line of a picture. Longer lines are cut."""


class NodeShot(NamedTuple):
    """A node: its place as text, its handles and its content. ``transitions`` and ``dirty`` are None if unknown."""

    place: str
    handles: tuple[str, ...]
    data: str
    transitions: int | None
    dirty: bool | None
    outputs: tuple[str, ...]


class Snapshot(NamedTuple):
    """A world at one moment. Trees keep their numbers throughout a film."""

    registries: dict[str, str]
    trees: dict[int, dict[Path, NodeShot]]
    machines: dict[str, str]


NOTHING = Snapshot({}, {}, {})


class Camera:
    """A recorder of snapshots of one world."""

    def __init__(self) -> None:
        self._numbers: dict[Tree, int] = {}

    def take(self, world: World) -> Snapshot:
        """Return a snapshot of the world."""
        trees: dict[Tree, dict[Path, list[str]]] = {}
        for handle, node in sorted(world.nodes.items()):
            self._numbers.setdefault(node.tree, len(self._numbers))
            named = trees.setdefault(node.tree, {})
            if _present(node):
                named.setdefault(node.path(), []).append(f"n{handle}")
        return Snapshot(
            {f"r{handle}": _registry(registry) for handle, registry in sorted(world.registries.items())},
            {self._numbers[tree]: dict(_nodes(tree, named)) for tree, named in trees.items()},
            {
                f"m{handle}": values.data_of((slot.data.state(), slot.data.value))
                for handle, slot in sorted(world.machines.items())
                if not slot.spent
            },
        )


def persisted(structure: Any) -> dict[Path, NodeShot]:
    """Return the nodes of an exported tree. Raise ValueError or TypeError if it is not a tree."""
    found: dict[Path, NodeShot] = {}
    pending: list[tuple[Path, Any]] = [((), structure)]
    while pending:
        path, (count, data, children) = pending.pop()
        place = values.key((path[-1].type, path[-1].id)) if path else "root"
        found[path] = NodeShot(cut(place), (), cut(_data(str(data).encode())), int(count), None, ())
        pending.extend(((*path, Key(int(type_id), str(name))), child) for type_id, name, child in children)
    return found


def cut(text: str) -> str:
    """Return the text, cut if it is too long for a picture."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _present(node: Node) -> bool:
    return not node.gone and find(node.tree.state.root, node.path()) is not None


def _registry(registry: Registry) -> str:
    registered = (
        ("machines", registry._machines),
        ("serializers", registry._serializers),
        ("executors", registry._executors),
    )
    parts = [f"{what} {', '.join(map(str, sorted(types)))}" for what, types in registered if types]
    return cut("; ".join(parts) or "empty")


def _nodes(tree: Tree, named: dict[Path, list[str]]) -> Iterator[tuple[Path, NodeShot]]:
    """Yield the nodes of a tree, parents first, children in the order of their keys."""
    pending: list[tuple[Path, NodeState]] = [((), tree.state.root)]
    while pending:
        path, node = pending.pop()
        opened = find_open(tree.state.open, path)
        yield (
            path,
            NodeShot(
                place=cut(_place(tree, path)),
                handles=tuple(named.get(path, ())),
                data=cut(_data(node.data)),
                transitions=node.transition_count,
                dirty=tree.rules.dirty_below(tree.state, path),
                outputs=tuple(_output(output.tasks) for output in (opened and opened.outputs) or ()),
            ),
        )
        pending.extend(((*path, key), node.children[key]) for key in sorted(node.children, reverse=True))


def _place(tree: Tree, path: Path) -> str:
    if path:
        key: Key = path[-1]
        return values.key((key.type, key.id))
    return f"root, type {tree.handles[None, ROOT_KEY].definition.type().id}"


def _data(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    state, colon, value = text.partition(":")
    return f"state {state} value {value}" if colon else values.quoted(text)


def _output(tasks: tuple[object, ...]) -> str:
    return tasks_line([values.task((task.type_id, task.payload, task.when)) for task in tasks])  # type: ignore[attr-defined]  # the palette's


def tasks_line(tasks: Sequence[str]) -> str:
    """Return the line of an output with tasks in words."""
    return cut(f"output: {', '.join(tasks) or 'no tasks'}")
