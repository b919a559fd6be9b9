"""Moments of an example: its tree, its store and its queues, as pictures with what has changed since the last one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from hsm_model import Key, Node, NodeState, Registry, Task, TaskKindOutbound, TaskKindTimer
from hsm_model.framework import Cell, OutboundTask
from hsm_model.framework.queues import stored_task
from hsm_model.persistence import Dialect, unmarshal
from hsm_model.state import Path, TreeState, find_open
from hsm_specs.report.html.changes import sentences
from hsm_specs.report.html.snapshots import NOTHING, NodeShot, Snapshot, cut
from hsm_specs.report.html.views import Pool, Reference

MEMORY, STORE = 0, 1
"""The numbers of the trees of a picture."""


class Look(Protocol):
    """Takes a picture of an example, for its story."""

    def __call__(self, caption: str, root: Node | None = None) -> None:
        """Take a picture. ``root`` is the tree in memory, if there is one."""


class Moment(NamedTuple):
    """A picture of an example with its caption. ``changes`` says in words what has changed."""

    caption: str
    picture: Reference
    changes: str
    snapshot: Snapshot


class Album:
    """The moments of an example, in a list for each scene."""

    def __init__(self, pool: Pool) -> None:
        self.cell: Cell | None = None
        """The cell whose store, queues and clock are in the pictures, if the example has one."""
        self._pool = pool
        self._taken: list[Moment] = []
        self._last = NOTHING

    def __call__(self, caption: str, root: Node | None = None) -> None:
        """Take a picture."""
        now = _snapshot(self.cell, root)
        before = self._before(now)
        picture = self._pool.add(before or now, now)
        assert picture is not None  # noqa: S101  # there is a tree
        self._taken.append(Moment(caption, picture, "; ".join(sentences(before, now)) if before else "", now))
        self._last = now

    def _before(self, now: Snapshot) -> Snapshot | None:
        """Return what a picture is compared with: the last one, or nothing for the first."""
        if self._last == NOTHING:
            return None
        trees = {number: tree for number, tree in self._last.trees.items() if number in now.trees}
        if MEMORY in now.trees and STORE in self._last.trees:
            # What is in memory was loaded from the store, clean.
            stored = self._last.trees[STORE]
            trees[MEMORY] = {path: shot._replace(dirty=False) for path, shot in stored.items()}
        return self._last._replace(trees=trees)

    def scene(self) -> tuple[Moment, ...]:
        """Return the pictures since the last scene."""
        taken = tuple(self._taken)
        self._taken.clear()
        return taken


def _snapshot(cell: Cell | None, root: Node | None) -> Snapshot:
    trees: dict[int, dict[Path, NodeShot]] = {}
    if root is not None:
        trees[MEMORY] = _shots(root.tree.state, root.tree.registry, "" if cell is None else " in memory")
    if cell is None:
        return Snapshot({}, trees, {})
    workflows = cell.store.workflows
    for name in workflows:
        stored = TreeState(unmarshal(workflows[name].tree, Dialect.V1_25), None)
        shots = _shots(stored, cell.framework.registry, " in the store")
        trees[STORE] = {path: shot._replace(dirty=None) for path, shot in shots.items()}
    return Snapshot(dict(_queues(cell)), trees, {})


def _queues(cell: Cell) -> Iterator[tuple[str, str]]:
    """Yield the clock and the queues as text."""
    outbound = [_said(_task(cell, task)) for task in cell.outbound_tasks()]
    yield "clock:", f"{cell.now():%H:%M}"
    yield "outbound queue:", ", ".join(outbound) or "empty"
    yield "timer queue:", ", ".join(f"due at {task.due:%H:%M}" for task in cell.timer_tasks()) or "empty"


def _task(cell: Cell, task: OutboundTask) -> Task:
    return stored_task(cell.framework, task.task, TaskKindOutbound(task.destination))


def _shots(state: TreeState, registry: Registry, where: str) -> dict[Path, NodeShot]:
    """Return the nodes of a tree, as they are drawn."""
    found: dict[Path, NodeShot] = {}
    pending: list[tuple[Path, NodeState]] = [((), state.root)]
    while pending:
        path, node = pending.pop()
        opened = find_open(state.open, path)
        outputs = (opened.outputs if opened is not None else None) or ()
        found[path] = NodeShot(
            place=_place(registry, path[-1]) if path else f"workflow{where}",
            handles=(),
            data=cut(_data(registry, path, node.data)),
            transitions=node.transition_count,
            dirty=registry.semantics.dirty_below(state, path),
            outputs=tuple(cut(f"output: {', '.join(map(_said, output.tasks)) or 'no tasks'}") for output in outputs),
        )
        pending.extend(((*path, key), node.children[key]) for key in sorted(node.children, reverse=True))
    return found


def _place(registry: Registry, key: Key) -> str:
    return f"{registry.required_machine(key.type).type().name} {key.id}"


def _data(registry: Registry, path: Path, data: bytes) -> str:
    """Return the state of a machine, or the name of its type if it has none."""
    if not path:
        return "the root"
    machine = registry.required_machine(path[-1].type).deserialize(data)
    return str(machine.state().value) if hasattr(machine, "state") else type(machine).__name__.lower()


def _said(task: Task) -> str:
    """Return a task in words."""
    kind = task.kind()
    match kind:
        case TaskKindOutbound(destination):
            return f"{task.type().name} to the {destination}"
        case TaskKindTimer(deadline):
            return f"{task.type().name} until {deadline:%H:%M}"
        case _:
            raise TypeError(kind)
