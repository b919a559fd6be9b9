"""Staleness: a reference is followed exactly if its machine is the one, and in the state, that it was made for.

The test keeps its own count of the transitions of each machine, and the failover version in which it was added.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from hsm_model.executor import AccessType, Ref, StateMachineRef
from hsm_model.framework import FRAMEWORK_SPECIFICATION, Fate, OutboundTask
from hsm_model.framework.errors import StaleReference
from hsm_model.node import Node
from hsm_model.state import Key, Path

from .samples import CONCURRENT_OUTBOUND, OUTBOUND, Bench, ScriptError, go, outbound

PATHS = st.sampled_from([(Key(1, "a"),), (Key(1, "b"),), (Key(1, "a"), Key(2, "c"))])

LATER = st.sampled_from([0, 0, 1, 2])


class Staleness(RuleBasedStateMachine):
    """References and tasks of all ages."""

    semantics = FRAMEWORK_SPECIFICATION

    references = Bundle("references")
    tasks = Bundle("tasks")

    @initialize()
    def start(self) -> None:
        self.bench = Bench(self.semantics)
        self.version = 1
        self.added: dict[Path, int] = {(Key(1, "a"),): 1}
        self.counts: dict[Path, int] = {(Key(1, "a"),): 1}
        self.refreshed_at = 0

    def fresh(self, ref: Ref) -> bool:
        """Return whether the test's own books match a reference."""
        path, version, _, count = ref.state_machine_ref
        return self.added.get(path) == version and count in (0, self.counts[path])

    @rule(path=PATHS)
    def add(self, path: Path) -> None:
        if path not in self.added and (len(path) == 1 or path[:1] in self.added):
            self.bench.add(path)
            self.added[path], self.counts[path] = self.version, 0

    @rule(path=PATHS)
    def transition(self, path: Path) -> None:
        if path in self.added:
            self.bench.go(path=path)
            self.counts[path] += 1

    @rule(path=PATHS)
    def fail_to_transition(self, path: Path) -> None:
        def accessor(root: Node) -> None:
            go(root.child(path))
            raise ScriptError("boom")

        if path in self.added:
            try:
                self.bench.east.write(self.bench.workflow, accessor)
            except ScriptError:
                return
            raise AssertionError("the error is lost")

    @rule(
        target=references, path=PATHS, version=st.sampled_from([0, 0, 1, 2]), count=st.sampled_from([0, 0, 1, -1, None])
    )
    def make_a_reference(self, path: Path, version: int, count: int | None) -> Ref:
        """Return a reference that is right or a little wrong, or that says nothing of the count."""
        return self.ref(path, version, 0 if count is None else self.counts.get(path, 0) + count)

    def ref(self, path: Path, later: int, count: int) -> Ref:
        return Ref(self.bench.workflow, StateMachineRef(path, self.added.get(path, 1) + later, 0, count))

    @rule(target=tasks, number=st.sampled_from([OUTBOUND, CONCURRENT_OUTBOUND]), path=PATHS)
    def ask_for_a_task(self, number: int, path: Path) -> tuple[OutboundTask, Ref] | None:
        """Return a task, and the reference that it should have."""
        if path not in self.added:
            return None
        self.bench.go(outbound("dest", 0, number), path=path)
        self.counts[path] += 1
        expected = self.ref(path, 0, 0 if number == CONCURRENT_OUTBOUND else self.counts[path])
        return self.bench.east.outbound_tasks()[-1], expected

    @rule(version=st.integers(1, 4))
    def fail_over(self, version: int) -> None:
        self.version = version
        self.bench.framework.failover("east", version)

    @rule()
    def restart(self) -> None:
        self.bench.east.restart()

    @rule()
    def refresh(self) -> None:
        self.refreshed_at = self.bench.east.store.next_task_id
        self.bench.east.refresh(self.bench.workflow)

    @rule(ref=references, access=st.sampled_from(AccessType))
    def access(self, ref: Ref, access: AccessType) -> None:
        """REF-ACCESS-1, REF-COUNT-1, REF-COUNT-2, REF-VERSION-1, REF-MISSING-1, REF-CALLED-1."""
        called: list[Path] = []
        try:
            self.bench.east.environment().access(ref, access, lambda node: called.append(node.path()))
        except StaleReference:
            assert not self.fresh(ref)
            assert [] == called
        else:
            assert self.fresh(ref)
            assert [ref.state_machine_path()] == called

    @rule(asked=tasks)
    def deliver(self, asked: tuple[OutboundTask, Ref] | None) -> None:
        """OUTBOUND-FATE-1, OUTBOUND-FATE-2, REFRESH-STALE-1, OUTBOUND-FAILBACK-1, COMMIT-REF-1."""
        if asked is not None:
            task, ref = asked
            before = len(self.bench.executed)
            valid = self.fresh(ref) and task.id >= self.refreshed_at
            assert (Fate.DONE if valid else Fate.DROPPED) == self.bench.east.run_task(task).fate
            assert valid == len(self.bench.executed) - before

    @invariant()
    def counts_are_those_of_the_successful_transitions(self) -> None:
        for path, count in self.counts.items():
            assert count == self.bench.east.inspect(self.bench.workflow, path).transition_count


TestStaleness = Staleness.TestCase
TestStaleness.settings = settings(max_examples=60, stateful_step_count=30)
