"""Judges executions against the tasks that transitions put out, as far as a trace shows both.

The framework around the package runs the tasks; a trace records when an executor was called, and with which task and
reference. The calls are checked against what the package's documentation demands of the framework, without a model of
it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from msgspec import UNSET, Struct

from hsm_model.node import Tree
from hsm_model.state import Key, Path, find
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import Excluded, Unspecified, World

DEADLINE: Final = "TASK-DEADLINE-1"
PUT_OUT: Final = "TASK-ATOMIC-1"
ONCE: Final = "TASK-MAP-1"
STALE: Final = "REF-MATCH-1"
CLOCK: Final = "ENV-NOW-1"
OBLIGATIONS: Final = (DEADLINE, ONCE, STALE, CLOCK)
"""The obligations of the framework that executions can show to be kept."""
Put = tuple[Tree, Path, Any]
"""A task, by its tree and the path of the node whose transition put it out."""


class Misexecution(Struct, frozen=True):
    """An execution that should not have been: the requirement that it breaks, and what was expected and seen.

    One that is not ``documented`` happens where queues deliver tasks more than once, or a shard moves.
    """

    requirement: str
    expected: str
    observed: str
    documented: bool = True


class Executions:
    """Follows the operations of a trace.

    Only tasks of nodes whose life is in the trace from its beginning are judged: others may have been put out before.
    Recorders write executions whose tree they do not know with a root that was made up, of which nothing is known.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._put: Counter[Put] = Counter()
        self._done: Counter[Put] = Counter()
        self._seen: dict[tuple[Tree, Path], int] = {}
        self._now = 0
        self._lost = False
        self.kept: Counter[str] = Counter()
        """How often executions kept each of the obligations."""

    def follow(self, operation: ops.AnyOperation) -> Misexecution | None:
        """Run an operation that was answered as expected. Return what is wrong with an execution."""
        if self._lost:
            return None
        try:
            answered = self._world.observe(operation)
        except (Unspecified, Excluded):
            self._lost = True
            return None
        if isinstance(operation, ops.Execute):
            return self._executed(operation, answered)
        self._collect()
        return None

    def close(self) -> None:
        """Drop the world."""
        self._world.close()

    def _collect(self) -> None:
        """Count the tasks that were put out since the last call."""
        seen: dict[tuple[Tree, Path], int] = {}
        for tree in {node.tree: None for node in self._world.nodes.values()}:
            if tree.state.open is None:
                continue
            for path, outputs in tree.rules.outputs_below(tree.state, ()):
                place = tree, tuple(path)
                before = self._seen.get(place, 0)
                seen[place] = len(outputs)
                for output in outputs[before if before <= len(outputs) else 0 :]:
                    self._put.update((*place, tuple(task)) for task in output.tasks)  # type: ignore[arg-type]  # the palette's
        self._seen = seen

    def _executed(self, operation: ops.Execute, answered: Observation) -> Misexecution | None:
        node = self._world.nodes.get(operation.node)
        if node is None or not answered.inner:
            return None
        now, before = operation.now, self._now
        self._now = max(now, before)
        tree, path = node.tree, tuple(Key(*key) for key in operation.ref.path)
        root = tree.state.root
        found = find(root, path)
        if found is None or (not root.transition_count and not len(root.children)):
            return None
        put = tree, path, tuple(operation.task)
        deadline = operation.task[2]
        if tree not in self._world.rehydrated and not self._put[put]:
            return Misexecution(PUT_OUT, "a task that a transition put out", "one that none has put out")
        count = operation.ref.count
        if count and count != found.transition_count:
            return Misexecution(STALE, f"a reference to count {found.transition_count}", f"one to count {count}")
        if now and isinstance(deadline, int) and now < deadline:
            return Misexecution(DEADLINE, f"not before {deadline} ms", f"at {now} ms")
        if now and now < before:
            return Misexecution(CLOCK, f"not before {before} ms", f"at {now} ms", documented=False)
        if tree not in self._world.rehydrated and self._done[put] >= self._put[put]:
            return Misexecution(ONCE, "executed once for each time it was put out", "executed again", documented=False)
        timed = {DEADLINE: now and isinstance(deadline, int), CLOCK: now and before}
        known = {STALE: count, ONCE: tree not in self._world.rehydrated}
        self.kept.update(name for name, shown in (timed | known).items() if shown)
        if answered.error is UNSET and answered.panic is UNSET:
            self._done[put] += 1
        return None
