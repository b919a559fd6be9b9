"""Timers: none fires early, none fires twice, and none is forgotten.

The test keeps the deadlines that were asked for. All timers are concurrent, so that they stay valid.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hsm_model.framework import FRAMEWORK_SPECIFICATION, StoreError, TimerTask, When, instant, milliseconds
from hsm_model.node import Node

from .samples import CONCURRENT_TIMER, A, Bench, ScriptError, go, timer

STEPS = st.sampled_from([0.001, 0.1, 0.9, 1, 99.9, 100, 500])


class Timers(RuleBasedStateMachine):
    """Timers with deadlines that are less than a millisecond apart, and a clock that stops between them."""

    semantics = FRAMEWORK_SPECIFICATION

    @initialize()
    def start(self) -> None:
        self.bench = Bench(self.semantics)
        self.bench.on_timer = self.fire
        self.now = 0.0
        self.deadlines: list[float] = []
        self.fired: list[int] = []
        """The numbers of the timers whose firing is committed."""
        self.firing: list[int] = []
        """Those that have fired in the transaction under way."""
        self.fails = False
        self.delivered: list[TimerTask] = []

    def fire(self, node: Node, number: int) -> None:
        assert self.deadlines[number] <= self.now, "TIMER-DUE-1"
        if self.fails:
            raise ScriptError("boom")
        self.firing.append(number)
        go(node)

    def deliver(self, task: TimerTask) -> None:
        self.delivered.append(task)
        self.firing = []
        if self.bench.east.run_task(task).failure is None:
            self.fired += self.firing

    @rule(ahead=st.sampled_from([-50, 0, 0.001, 0.1, 0.9, 1, 1.1, 100, 100.9, 1000]))
    def ask_for_a_timer(self, ahead: float) -> None:
        deadline = milliseconds(instant(self.now + ahead))
        self.deadlines.append(deadline)
        self.bench.go(timer(deadline, len(self.deadlines) - 1, CONCURRENT_TIMER))

    @rule(step=STEPS)
    def advance(self, step: float) -> None:
        self.bench.east.advance(step)
        self.now = milliseconds(instant(self.now + step))

    @rule()
    def deliver_what_is_due(self) -> None:
        """TIMER-ONCE-1, TIMER-SCHEDULE-2: after this, no timer is due that has not fired."""
        for _ in range(3):
            for task in self.bench.east.timer_tasks():
                if milliseconds(task.due) <= self.now:
                    self.deliver(task)
        unfired = set(range(len(self.deadlines))) - set(self.fired)
        assert [] == [number for number in unfired if self.deadlines[number] <= self.now]

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        self.deliver(data.draw(st.sampled_from(self.delivered)))

    @precondition(lambda self: self.bench.east.timer_tasks())
    @rule(data=st.data())
    def deliver_at_any_time(self, data: st.DataObject) -> None:
        """TIMER-EARLY-1."""
        self.deliver(data.draw(st.sampled_from(self.bench.east.timer_tasks())))

    @precondition(lambda self: self.bench.east.timer_tasks())
    @rule(data=st.data())
    def deliver_with_an_executor_that_fails(self, data: st.DataObject) -> None:
        """TIMER-BATCH-1."""
        self.fails = True
        self.deliver(data.draw(st.sampled_from(self.bench.east.timer_tasks())))
        self.fails = False

    @precondition(lambda self: self.bench.east.timer_tasks())
    @rule(data=st.data(), error=st.sampled_from(StoreError))
    def deliver_with_a_store_that_fails(self, data: st.DataObject, error: StoreError) -> None:
        task = data.draw(st.sampled_from(self.bench.east.timer_tasks()))
        writes = self.bench.framework.writes
        self.bench.east.fail_store(When.AFTER, error)
        self.deliver(task)
        if self.bench.framework.writes > writes:
            self.fired += self.firing
        else:
            self.bench.framework.set_store("east", self.bench.east.store._replace(fault=None))

    @precondition(lambda self: self.bench.east.timer_tasks())
    @rule(data=st.data())
    def deliver_on_a_passive_cell(self, data: st.DataObject) -> None:
        """TIMER-STANDBY-1."""
        self.bench.framework.failover("west", 2)
        self.deliver(data.draw(st.sampled_from(self.bench.east.timer_tasks())))
        self.bench.framework.failover("east", 2)
        assert [] == self.firing

    @rule()
    def restart(self) -> None:
        self.bench.east.restart()

    @invariant()
    def none_fires_twice(self) -> None:
        """TIMER-ONCE-1."""
        assert len(set(self.fired)) == len(self.fired)

    @invariant()
    def the_first_timer_that_has_not_fired_has_a_task_in_the_queue(self) -> None:
        """TIMER-SCHEDULE-1, TIMER-SCHEDULE-2."""
        unfired = set(range(len(self.deadlines))) - set(self.fired)
        if unfired:
            first = min(self.deadlines[number] for number in unfired)
            assert first in [milliseconds(task.due) for task in self.bench.east.timer_tasks()]

    @invariant()
    def the_workflow_has_the_timers_that_have_not_fired(self) -> None:
        """TIMER-GROUP-1."""
        groups = self.bench.east.inspect(self.bench.workflow, A).timers
        unfired = sorted({self.deadlines[n] for n in set(range(len(self.deadlines))) - set(self.fired)})
        assert unfired == [deadline for deadline, _, _ in groups]


TestTimers = Timers.TestCase
TestTimers.settings = settings(max_examples=60, stateful_step_count=30)
