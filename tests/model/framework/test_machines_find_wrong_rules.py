"""The state machines of these tests find wrong rules of the kind that they are about."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from hsm_model.errors import HsmError
from hsm_model.framework.errors import FrameworkError, Panic

from .broken import broken
from .test_atomic_commit_machine import AtomicCommit
from .test_staleness_machine import Staleness
from .test_timers_machine import Timers

FOUND = [
    *((AtomicCommit, rule) for rule in ("written", "refuse_passive", "transaction_ended", "refuse_lost_ownership")),
    *((Staleness, rule) for rule in ("refuse_other_version", "refuse_other_count", "refuse_older_generation")),
    *((Staleness, rule) for rule in ("fate", "task_ref")),
    *((Timers, rule) for rule in ("expired", "timer_task_fate", "timer_added", "waits_on_standby", "written")),
]


@pytest.mark.parametrize(("machine", "rule"), FOUND, ids=lambda value: getattr(value, "__name__", value))
def test_a_wrong_rule_is_found(machine: type[RuleBasedStateMachine], rule: str) -> None:
    wrong = type("Wrong", (machine,), {"semantics": broken(rule)})
    quick = settings(
        max_examples=1000, stateful_step_count=25, phases=[Phase.generate], derandomize=True, database=None
    )
    with pytest.raises((AssertionError, FrameworkError, HsmError, Panic)):
        run_state_machine_as_test(wrong, settings=quick)  # type: ignore[no-untyped-call]  # Hypothesis has it so
