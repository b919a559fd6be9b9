"""Differences between trees: the parts in which the observed value is not the expected one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from hsm_model.state import Key, Path

What = Literal["count", "data", "children", "dirty", "outputs"]
PartKind = Literal["missing", "extra", "moved", "order", "number", "tasks", "content", "other"]


@dataclass(frozen=True, slots=True)
class TreePart:
    """A part of a tree that is different: what it is, of which node, and in which way.

    ``missing`` and ``extra`` are wholes that should or should not be there; of outputs, ``moved`` are those that are
    at other paths, ``order`` and ``number`` are about the outputs of one node, ``tasks`` about the number and order of
    the tasks in one output, and ``content`` about a task.
    """

    what: What
    path: Path
    kind: PartKind = "other"


def of_exports(expected: Any, observed: Any, path: Path = ()) -> Iterator[TreePart]:
    """Yield the different parts of two trees as `Export` returns them, paths beginning at the exported node."""
    try:
        count, data, children = expected
        other_count, other_data, other_children = observed
        mine = {Key(type_id, machine_id): node for type_id, machine_id, node in children}
        theirs = {Key(type_id, machine_id): node for type_id, machine_id, node in other_children}
    except (TypeError, ValueError):
        yield TreePart("data", path)
        return
    if count != other_count:
        yield TreePart("count", path)
    if data != other_data:
        yield TreePart("data", path)
    for key in mine.keys() | theirs.keys():
        if key not in theirs:
            yield TreePart("children", (*path, key), "missing")
        elif key not in mine:
            yield TreePart("children", (*path, key), "extra")
        else:
            yield from of_exports(mine[key], theirs[key], (*path, key))


def of_outputs(expected: Any, observed: Any) -> Iterator[TreePart]:
    """Yield the different parts of two values of `Outputs`."""
    try:
        mine = {tuple(Key(*key) for key in path): _plain(outputs) for path, outputs in expected}
        theirs = {tuple(Key(*key) for key in path): _plain(outputs) for path, outputs in observed}
    except TypeError:
        yield TreePart("outputs", ())
        return
    if mine.keys() != theirs.keys() and sorted(map(str, mine.values())) == sorted(map(str, theirs.values())):
        yield from (TreePart("outputs", path, "moved") for path in mine.keys() - theirs.keys())
        return
    for path in sorted(mine.keys() | theirs.keys()):
        if path not in theirs:
            yield TreePart("outputs", path, "missing")
        elif path not in mine:
            yield TreePart("outputs", path, "extra")
        elif mine[path] != theirs[path]:
            yield TreePart("outputs", path, _kind(mine[path], theirs[path]))


def _kind(expected: list[Any], observed: list[Any]) -> PartKind:
    """Return in which way the outputs of one node are different."""
    if len(expected) != len(observed):
        return "number"
    if sorted(map(str, expected)) == sorted(map(str, observed)):
        return "order"
    wrong = [(mine, theirs) for mine, theirs in zip(expected, observed, strict=True) if mine != theirs]
    if any(len(mine) != len(theirs) or sorted(map(str, mine)) == sorted(map(str, theirs)) for mine, theirs in wrong):
        return "tasks"
    return "content"


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
