"""Atomic commit: whatever fails, a state is stored exactly if the task is that its transition asked for.

Each transition writes a number that was never used before into its machine and asks for an outbound task with the same
number. So what is stored can be read off: a machine's number is that of the last task that it has stored.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hsm_model.framework import FRAMEWORK_SPECIFICATION, StoreError, When
from hsm_model.framework.errors import FrameworkError, Panic
from hsm_model.node import Node
from hsm_model.persistence import Dialect, unmarshal
from hsm_model.state import Path, find

from .samples import CONCURRENT_OUTBOUND, UNSERIALIZABLE, A, B, Bench, ScriptError, ScriptTask, go, outbound

PATHS = st.sampled_from([A, B])
INITIAL = {A: [5], B: [0]}
"""The numbers that the machines have at first."""


class AtomicCommit(RuleBasedStateMachine):
    """Writes that succeed and fail in all ways."""

    semantics = FRAMEWORK_SPECIFICATION

    @initialize()
    def start(self) -> None:
        self.bench = Bench(self.semantics)
        self.bench.add(B)
        self.number = 100
        self.committed: dict[Path, list[int]] = {A: [], B: []}

    def write(self, path: Path, spoil: Callable[[Node], None] = lambda root: None) -> bool:
        """Write a new number, and let something fail. Return whether the write succeeded."""
        self.number += 1
        number = self.number

        def accessor(root: Node) -> None:
            go(root.child(path), outbound("dest", number, CONCURRENT_OUTBOUND), value=number)
            spoil(root)

        try:
            self.bench.east.write(self.bench.workflow, accessor)
        except (FrameworkError, ScriptError, Panic):
            return False
        self.committed[path].append(number)
        return True

    @rule(path=PATHS)
    def write_successfully(self, path: Path) -> None:
        assert self.write(path)

    @rule(path=PATHS, error=st.sampled_from(StoreError))
    def fail_before_the_write(self, path: Path, error: StoreError) -> None:
        self.bench.east.fail_store(When.BEFORE, error)
        assert not self.write(path)

    @rule(path=PATHS, error=st.sampled_from(StoreError))
    def fail_after_the_write(self, path: Path, error: StoreError) -> None:
        self.bench.east.fail_store(When.AFTER, error)
        assert not self.write(path)
        self.committed[path].append(self.number)

    @rule(path=PATHS, failure=st.sampled_from([ScriptError, Panic]))
    def fail_in_the_accessor(self, path: Path, failure: type[BaseException]) -> None:
        def spoil(root: Node) -> None:
            raise failure

        assert not self.write(path, spoil)

    @rule(path=PATHS)
    def ask_for_a_task_without_serializer(self, path: Path) -> None:
        assert not self.write(path, lambda root: go(root.child(B), ScriptTask(UNSERIALIZABLE, 0, "dest")))

    @rule(path=PATHS)
    def swallow_a_failed_transition(self, path: Path) -> None:
        def spoil(root: Node) -> None:
            with pytest.raises(ScriptError):
                go(root.child(B), outbound("dest", 1), value=-1)

        assert self.write(path, spoil)

    @rule(path=PATHS)
    def restart_inside(self, path: Path) -> None:
        assert not self.write(path, lambda root: self.bench.east.restart())

    @rule()
    def write_nothing(self) -> None:
        self.bench.east.write(self.bench.workflow, lambda root: None)

    @rule()
    def restart(self) -> None:
        self.bench.east.restart()

    @rule()
    def evict(self) -> None:
        self.bench.east.evict(self.bench.workflow)

    @rule(path=PATHS)
    def write_on_a_passive_cell(self, path: Path) -> None:
        self.bench.framework.failover("west", 2)
        assert not self.write(path)
        self.bench.framework.failover("east", 2)

    @invariant()
    def tasks_are_those_of_the_committed_transitions(self) -> None:
        """COMMIT-ATOMIC-1, COMMIT-ATOMIC-2, COMMIT-CLEAR-1."""
        assert sorted(self.committed[A] + self.committed[B]) == sorted(self.bench.payloads())

    @invariant()
    def the_store_has_the_last_committed_number(self) -> None:
        """COMMIT-ATOMIC-1, ENV-ERROR-2, ENV-PANIC-1."""
        tree = unmarshal(self.bench.east.store.workflows[self.bench.workflow].tree, Dialect.V1_25)
        for path, numbers in self.committed.items():
            node = find(tree, path)
            assert node is not None
            assert (numbers or INITIAL[path])[-1] == int(node.data.split(b":")[1])

    @invariant()
    def memory_agrees_with_the_store(self) -> None:
        """COMMIT-ATOMIC-3."""
        for path, numbers in self.committed.items():
            assert (numbers or INITIAL[path])[-1] == self.bench.value(path=path)

    @invariant()
    def nothing_is_locked(self) -> None:
        """ENV-LOCK-2."""
        assert frozenset() == self.bench.east.state.locked


TestAtomicCommit = AtomicCommit.TestCase
TestAtomicCommit.settings = settings(max_examples=60, stateful_step_count=25)
