"""The tree that an operation works on, as it is before it: a line for each node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.node import Node
from hsm_model.semantics import SPECIFICATION
from hsm_specs.language import values
from hsm_specs.language.messages import Dialect
from hsm_specs.language.operations import Program
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.oracle.world.tree import structure

SHOWN = 12
"""Nodes of a tree that are shown."""
Place = tuple[tuple[int, str], ...]


def tree_before(
    program: Program, index: int, amendments: Sequence[str] = (), dialect: Dialect | None = None
) -> list[str]:
    """The tree of the node that an operation names, as the model has it then; empty if it names none that is bound."""
    handle = getattr(program[index], "node", None)
    if handle is None or not AMENDMENTS.keys() >= set(amendments):
        return []
    world = World(amend(SPECIFICATION, amendments), dialect=dialect or "v1.25")
    try:
        for earlier in program[:index]:
            world.observe(earlier)
        return _lines(world, world.node(handle)) if handle in world.nodes else []
    except (Unspecified, Excluded, UnicodeDecodeError):
        return []


def _lines(world: World, node: Node) -> list[str]:
    root = node
    while root.parent is not None:
        root = root.parent
    names: dict[Place, list[str]] = {}
    for handle, other in sorted(world.nodes.items()):
        if other.tree is root.tree and not other.gone:
            names.setdefault(tuple(other.path()), []).append(f"n{handle}")
    outputs: dict[Place, Sequence[Any]] = {tuple(path): emitted for path, emitted in root.outputs()}
    lines = list(_nodes(structure(root.persisted()), (), names, outputs))
    if len(lines) > SHOWN:
        lines[SHOWN - 1 :] = [f"... and {len(lines) - SHOWN + 1} nodes more"]
    return lines


def _nodes(
    tree: Any, place: Place, names: Mapping[Place, list[str]], outputs: Mapping[Place, Sequence[Any]]
) -> Iterator[str]:
    count, data, children = tree
    name = values.key(place[-1]) if place else "root"
    emitted = ""
    if place in outputs:
        tasks = ", ".join(values.task(task) for output in outputs[place] for task in output.tasks)
        emitted = f", put out {tasks or 'no tasks'}"
    handles = f"  = {', '.join(names[place])}" if place in names else ""
    yield f"{'  ' * len(place)}{name}: {_data(data)}, count {count}{emitted}{handles}"
    for type_id, machine_id, child in sorted(children, key=lambda entry: entry[:2]):
        yield from _nodes(child, (*place, (type_id, machine_id)), names, outputs)


def _data(data: str) -> str:
    """The data of the palette's machines in words, other data as it is."""
    state, colon, value = data.partition(":")
    try:
        return values.data_of((int(state), int(value)))
    except ValueError:
        return f"data {values.quoted(data)}" if colon else "no data"
