"""Changes between two snapshots: marked parts for a picture, and sentences as its text alternative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from hsm_model.state import Path
from hsm_specs.report.html.snapshots import NodeShot, Snapshot

Status = Literal["", "new", "gone", "changed"]


class Part(NamedTuple):
    """A piece of text, marked if it changed."""

    text: str
    changed: bool = False


class Row(NamedTuple):
    """A registry or a machine."""

    name: str
    text: str
    status: Status


class Box(NamedTuple):
    """A node of a picture: its depth, its status and its lines."""

    depth: int
    status: Status
    place: Part
    handles: str
    facts: tuple[Part, ...]
    outputs: tuple[Part, ...]


class FailureContext(NamedTuple):
    """A picture before layout. Each tree is a list of boxes."""

    rows: tuple[Row, ...]
    trees: tuple[tuple[Box, ...], ...]


def context(before: Snapshot, after: Snapshot) -> FailureContext:
    """Return the picture after an operation, with changes marked. Removed nodes are still in it."""
    return FailureContext(
        (*_rows(before.registries, after.registries), *_rows(before.machines, after.machines)),
        tuple(
            tuple(_boxes(before.trees.get(number, {}), after.trees.get(number, {})))
            for number in sorted(before.trees.keys() | after.trees.keys())
        ),
    )


def sentences(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield the changes as sentences."""
    for row in context(before, after).rows:
        if row.status == "gone":
            yield f"{row.name} is gone"
        elif row.status:
            yield f"{row.name}: {row.text}"
    several = len(before.trees.keys() | after.trees.keys()) > 1
    for number in sorted(before.trees.keys() | after.trees.keys()):
        was, now = before.trees.get(number, {}), after.trees.get(number, {})
        prefix = f"tree {number + 1}, " if several else ""
        for path in sorted(was.keys() | now.keys()):
            yield from (prefix + said for said in _said(was.get(path), now.get(path)))


def _said(was: NodeShot | None, now: NodeShot | None) -> Iterator[str]:
    if now is None:
        yield f"{'' if was is None else was.place} is gone"
    elif was is None:
        yield f"{now.place} is new"
    else:
        parts: list[str] = []
        if was.data != now.data:
            parts.append(f"{was.data} became {now.data}")
        if was.transitions != now.transitions:
            parts.append(f"count {was.transitions} became {now.transitions}")
        if was.dirty != now.dirty:
            parts.append("became dirty" if now.dirty else "became clean")
        if was.outputs != now.outputs:
            parts.append(f"{len(was.outputs)} outputs became {len(now.outputs)}")
        if parts:
            yield f"{now.place}: {', '.join(parts)}"


def _rows(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Row]:
    for name in dict.fromkeys([*was, *now]):
        if name not in now:
            yield Row(name, was[name], "gone")
        else:
            yield Row(name, now[name], "new" if name not in was else "changed" if was[name] != now[name] else "")


def _boxes(was: Mapping[Path, NodeShot], now: Mapping[Path, NodeShot]) -> Iterator[Box]:
    for path in sorted(was.keys() | now.keys()):
        yield _box(len(path), was.get(path), now.get(path))


def _box(depth: int, was: NodeShot | None, now: NodeShot | None) -> Box:
    shown = now or was
    assert shown is not None  # noqa: S101  # a path is in one of the snapshots
    other = shown if was is None or now is None else was
    facts = [Part(shown.data, shown.data != other.data)]
    if shown.transitions is not None:
        facts.append(Part(f"count {shown.transitions}", shown.transitions != other.transitions))
    if shown.dirty is not None:
        facts.append(Part("dirty" if shown.dirty else "clean", shown.dirty != other.dirty))
    kept = _common(other.outputs, shown.outputs)
    outputs = [Part(output, index >= kept) for index, output in enumerate(shown.outputs)]
    if lost := len(other.outputs) - kept:
        outputs.append(Part(f"{lost} output{'s' * (lost > 1)} gone", True))
    status: Status = "gone" if now is None else "new" if was is None else ""
    place = Part(shown.place, shown.place != other.place)
    if not status and any(part.changed for part in (place, *facts, *outputs)):
        status = "changed"
    return Box(depth, status, place, " ".join(shown.handles), tuple(facts), tuple(outputs))


def _common(was: tuple[str, ...], now: tuple[str, ...]) -> int:
    """Return the length of the common prefix of outputs."""
    for index, (one, other) in enumerate(zip(was, now, strict=False)):
        if one != other:
            return index
    return min(len(was), len(now))
