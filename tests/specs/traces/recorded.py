"""The recordings of the tests of the recorder: a tree of callbacks, and the result of judging it."""

from __future__ import annotations

import io
import json
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hsm_model import errors
from hsm_model.machines import callbacks
from hsm_model.machines.attempts import NOW, minute_an_attempt
from hsm_model.machines.callbacks import CALLBACK_TYPE, Callback, CallbackState, NexusVariant
from hsm_model.registry import MachineType
from hsm_model.state import Key
from hsm_specs.traces import Judging, JudgingOptions

WORKFLOW = MachineType(100, "workflow")
CALLBACK = CALLBACK_TYPE.id
URL = NexusVariant("https://caller.example/path")


class Definition:
    """A type whose data is pickled: equal data as equal bytes, whatever of it is one object."""

    def __init__(self, machine_type: MachineType, refuses: Any = None) -> None:
        self._type = machine_type
        self.refuses = refuses

    def type(self) -> MachineType:
        return self._type

    def serialize(self, data: Any) -> bytes:
        if self.refuses is not None and data.state() == self.refuses:
            raise ValueError("this state does not serialize")
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer)
        pickler.fast = True
        pickler.dump(data)
        return buffer.getvalue()

    def deserialize(self, data: bytes) -> Any:
        return pickle.loads(data)  # noqa: S301  # made by the test itself


class Workflow:
    """A root without a state."""


class Judged:
    """The result of judging a recording."""

    def __init__(self, content: bytes, folder: Path) -> None:
        path = folder / "recorded.jsonl"
        path.write_bytes(content)
        self.content = content
        self.traces: list[Any] = []
        self.problems: list[Any] = []
        self.result = Judging(JudgingOptions([str(path)]), self.traces.append, self.problems.append).run()
        assert [] == self.problems, self.problems[0].message

    @property
    def requirement(self) -> str:
        """The requirement that the one trace departs from, empty if it does not."""
        [trace] = self.traces
        assert trace.silence is None
        return trace.departure.requirement if trace.departure else ""

    @property
    def lines(self) -> list[Any]:
        """The lines of the recording but the header."""
        return [json.loads(line) for line in self.content.splitlines()[1:]]


def tree(hsm, refuses=None):
    """Return a root that may have callbacks."""
    registry = hsm.new_registry()
    registry.register_machine(Definition(WORKFLOW))
    registry.register_machine(Definition(CALLBACK_TYPE, refuses))
    return hsm.new_root(registry, WORKFLOW.id, Workflow())


def applied(hsm, made, event):
    """Return a function that applies a transition object."""
    return lambda data: hsm.transition(made).apply(data, event)


def life_of_a_callback(hsm) -> None:
    """Schedules, fails, backs off, retries, fails in a function, and succeeds."""
    root = tree(hsm)
    found = hsm.new_collection(root, CALLBACK, Callback)
    child = found.add("a", Callback(variant=URL))
    assert child.dirty() is False

    def go(made, event) -> None:
        found.transition("a", applied(hsm, made, event))

    go(callbacks.TRANSITION_SCHEDULED, callbacks.EventScheduled())
    assert found.data("a").state() is CallbackState.SCHEDULED
    with pytest.raises(errors.InvalidTransition):
        go(callbacks.TRANSITION_SCHEDULED, callbacks.EventScheduled())
    assert 1 == child.transition_count()
    go(callbacks.TRANSITION_ATTEMPT_FAILED, callbacks.EventAttemptFailed(NOW, "no", minute_an_attempt))
    assert found.data("a").next_attempt == NOW + timedelta(minutes=1)
    assert [Key(CALLBACK, "a")] == list(root.outputs()[0].path)
    root.clear_transaction_state()
    go(callbacks.TRANSITION_RESCHEDULED, callbacks.EventRescheduled())
    with pytest.raises(ZeroDivisionError):
        hsm.machine_transition(child, Callback, lambda data: data.set_state(CallbackState.FAILED) or 1 // 0)
    assert hsm.machine_data(child, Callback).state() is CallbackState.SCHEDULED
    go(callbacks.TRANSITION_SUCCEEDED, callbacks.EventSucceeded(NOW))
    assert (4, True) == (child.transition_count(), root.dirty())
    assert [child] == found.list()
    root.persisted()


def life_of_a_callback_once(hsm) -> None:
    root = tree(hsm)
    child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
    hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))


# --- errors of all sorts ---
