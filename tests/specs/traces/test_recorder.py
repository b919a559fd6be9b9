"""The recorder: runs of real machines conform, wrong implementations do not, and the program notices nothing."""

from __future__ import annotations

import io
import json
import pickle
import re
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from hsm_model import collection, errors, node, transition
from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.machines import callbacks
from hsm_model.machines.attempts import NOW, minute_an_attempt
from hsm_model.machines.callbacks import CALLBACK_TYPE, Callback, CallbackState, MachineVariant, NexusVariant
from hsm_model.machines.nexus_operation import NEXUS_OPERATION
from hsm_model.machines.scheduler import SCHEDULER
from hsm_model.registry import MachineType, Registry
from hsm_model.semantics import SPECIFICATION
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.harness import InputError
from hsm_specs.traces import Judging, Options, recorder
from hsm_specs.traces.recorder import Package, Recording

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
    """What comes of judging a recording."""

    def __init__(self, content: bytes, folder: Path) -> None:
        path = folder / "recorded.jsonl"
        path.write_bytes(content)
        self.content = content
        self.traces: list[Any] = []
        self.problems: list[Any] = []
        self.result = Judging(Options([str(path)]), self.traces.append, self.problems.append).run()
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


@pytest.fixture
def record(tmp_path):
    """Records what a function does with a recorder, and judges it. What it raises is left alone."""

    def call(run, package=None, *, raises=None, **more) -> Judged:
        file = io.BytesIO()
        with Recording(file, package, implementation="mine", version="7") as recording:
            hsm = recording.trace("t")
            with pytest.raises(raises) if raises else nullcontext(), hsm:
                run(hsm, **more)
        assert hsm.trouble is None
        return Judged(file.getvalue(), tmp_path)

    return call


def tree(hsm, refuses=None):
    """A root that may have callbacks."""
    registry = hsm.new_registry()
    registry.register_machine(Definition(WORKFLOW))
    registry.register_machine(Definition(CALLBACK_TYPE, refuses))
    return hsm.new_root(registry, WORKFLOW.id, Workflow())


def applied(hsm, made, event):
    """A function that applies a transition object."""
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


def test_the_life_of_a_callback_conforms(record) -> None:
    judged = record(life_of_a_callback)
    assert "" == judged.requirement
    assert judged.traces[0].operations == len(judged.lines) - 1
    assert {"world": "open", "implementation": "mine", "version": "7"}.items() <= json.loads(
        judged.content.splitlines()[0]
    ).items()


def test_tasks_states_and_data_are_in_the_trace(record) -> None:
    lines = record(life_of_a_callback).lines
    [first, *_] = [line for line in lines if line.get("op", {}).get("op") == "collection_transition"]
    inside = first["op"]["script"]["ops"]
    assert ["read_machine", "apply", "read_machine"] == [operation["op"] for operation in inside]
    assert ["set_value", "read_machine"] == [operation["op"] for operation in inside[1]["script"]["ops"]]
    assert {"sources": ["Standby"], "destination": "Scheduled"} == inside[1]["transition"]
    [[task_type, _, destination]] = first["op"]["script"]["tasks"]
    assert (callbacks.INVOCATION.id, "https://caller.example") == (task_type, destination)
    assert {"trace": "t", "end": True} == lines[-1]


def test_every_transition_of_the_real_machines_conforms(record) -> None:
    def run(hsm) -> None:
        registry = hsm.new_registry()
        registry.register_machine(Definition(WORKFLOW))
        root = hsm.new_root(registry, WORKFLOW.id, Workflow())
        for number, description in enumerate((callbacks.CALLBACK, NEXUS_OPERATION, SCHEDULER), start=1):
            registry.register_machine(Definition(MachineType(number, description.name)))
            for case, make in description.cases.items():
                for name, trial in description.trials.items():
                    machine = make()
                    child = root.add_child(Key(number, f"{case} {name}"), machine)
                    for event in trial.events.values():
                        for state in description.all_states():

                            def function(data, state=state, trial=trial, event=event):
                                data.set_state(state)
                                made = hsm.transition(trial.transition)
                                return made.apply(data, event) if made.possible(data) else TransitionOutput()

                            with suppress(ValueError, errors.HsmError, AttributeError, TypeError):
                                hsm.machine_transition(child, type(machine), function)
        root.outputs()
        root.persisted()

    judged = record(run)
    assert "" == judged.requirement
    assert judged.traces[0].operations > 100


def wrong(name: str) -> Package:
    """The model with one rule amended."""
    semantics = amend(SPECIFICATION, [name])
    return Package(
        new_registry=lambda: Registry(semantics),
        new_transition=lambda *parts: transition.Transition(*parts, semantics),
    )


def fails_inside(hsm) -> None:
    """A failing function adds a child, applies a transition object in vain, and is looked at."""
    root = tree(hsm)
    child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
    other = root.add_child(Key(CALLBACK, "b"), Callback(variant=MachineVariant()))

    def function(data):
        hsm.machine_transition(other, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
        root.add_child(Key(CALLBACK, "c"), Callback(variant=None))
        made = hsm.new_transition((CallbackState.STANDBY,), CallbackState.FAILED, lambda data, event: 1 // 0)
        with suppress(ZeroDivisionError):
            made.apply(data, "event")
        raise LookupError

    with suppress(LookupError):
        hsm.machine_transition(child, Callback, function)
    other.transition_count()
    with suppress(errors.StateMachineNotFound):
        root.child([Key(CALLBACK, "c")])
    root.dirty()


def test_a_transition_that_fails_inside_conforms(record) -> None:
    assert "" == record(fails_inside).requirement


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("add-child-dirties", life_of_a_callback),
        ("failed-transition-keeps-nested-effects", fails_inside),
        ("failed-apply-keeps-destination", fails_inside),
    ],
)
def test_an_amended_model_deviates_from_what_it_amends(record, name, run) -> None:
    def tried(hsm) -> None:
        with suppress(AssertionError):
            run(hsm)

    assert record(tried, wrong(name)).requirement in AMENDMENTS[name].changes


@pytest.mark.parametrize(
    ("broken", "requirement"),
    [
        ({"transition_rolled_back": lambda before, now, path: now}, "MT-ROLLBACK-1"),
        ({"cleared_below": lambda state, path: state}, "CLEAR-TREE-2"),
        ({"refuse_existing": lambda parent, key: None}, "NODE-ADD-2"),
    ],
)
def test_a_wrong_rule_is_found_and_named(record, broken, requirement) -> None:
    def run(hsm) -> None:
        root = tree(hsm)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        with suppress(errors.StateMachineAlreadyExists):
            root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        with suppress(ZeroDivisionError):
            hsm.machine_transition(child, Callback, lambda data: 1 // 0)
        child.transition_count()
        hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
        root.outputs()
        root.clear_transaction_state()
        root.dirty()

    assert "" == record(run).requirement
    semantics = replace(SPECIFICATION, **broken)
    assert requirement == record(run, Package(new_registry=lambda: Registry(semantics))).requirement


class Wrapped:
    """A node with something else about it."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inside, name)


class CountsTwice(Wrapped):
    def transition_count(self) -> int:
        return 2 * self.inside.transition_count()


class Raises(Wrapped):
    def dirty(self) -> bool:
        raise OSError("the disk is full")


def opened(found: Any) -> Any:
    return found.inside if isinstance(found, Wrapped) else found


def of_nodes(kind: type[Wrapped]) -> Package:
    """The model with other roots."""
    return Package(
        new_root=lambda *arguments: kind(node.new_root(*arguments)),
        machine_data=lambda found, wanted: node.machine_data(opened(found), wanted),
        machine_transition=lambda found, wanted, function: node.machine_transition(opened(found), wanted, function),
        new_collection=lambda found, *more: collection.new_collection(opened(found), *more),
    )


def transitions_of_a_root(hsm) -> None:
    root = tree(hsm)
    hsm.machine_transition(root, Workflow, lambda data: TransitionOutput())
    root.dirty()
    root.transition_count()


def test_a_wrong_count_is_found(record) -> None:
    assert "" == record(transitions_of_a_root).requirement
    assert record(transitions_of_a_root, of_nodes(CountsTwice)).requirement in ("NODE-COUNT-1", "MT-COMMIT-2")


def test_what_the_package_raises_is_recorded_and_raised(record) -> None:
    judged = record(transitions_of_a_root, of_nodes(Raises), raises=OSError)
    assert "DIRTY" in judged.requirement
    assert {"panic": "OSError"} == judged.lines[-2]["saw"]


def test_a_function_that_is_not_called_or_called_twice_is_found(record) -> None:
    def lazy(found, wanted, function) -> None:
        node.machine_transition(found, wanted, lambda data: TransitionOutput())

    def eager(found, wanted, function) -> None:
        node.machine_transition(found, wanted, lambda data: function(data) and function(data))

    for run in (lazy, eager):
        judged = record(transitions_of_a_root, Package(machine_transition=run))
        assert ("deviates", "MT-RUN-1") == (judged.traces[0].verdict, judged.requirement)


def test_an_apply_that_sets_no_state_is_found(record) -> None:
    class Forgets(transition.Transition):
        def apply(self, machine, event):
            return self.apply_function(machine, event)

    judged = record(life_of_a_callback_once, Package(new_transition=Forgets))
    assert "TRANS-APPLY-1" == judged.requirement


def life_of_a_callback_once(hsm) -> None:
    root = tree(hsm)
    child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
    hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))


# --- errors of all sorts ---


def test_data_that_does_not_serialize_is_recorded_as_that(record) -> None:
    def run(hsm) -> None:
        root = tree(hsm, refuses=CallbackState.FAILED)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        with pytest.raises(ValueError, match="does not serialize"):
            root.add_child(Key(CALLBACK, "b"), Callback(variant=URL, callback_state=CallbackState.FAILED))
        with pytest.raises(ValueError, match="does not serialize"):
            hsm.machine_transition(
                child, Callback, lambda data: data.set_state(CallbackState.FAILED) or TransitionOutput()
            )
        hsm.machine_data(child, Callback)
        child.transition_count()

    judged = record(run)
    assert "" == judged.requirement
    assert 2 == judged.content.count(b'"error":"serialize_error"')


def test_errors_of_the_package_are_recorded_by_their_codes(record) -> None:
    def run(hsm) -> None:
        root = tree(hsm)
        root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        for attempt in (
            lambda: root.add_child(Key(CALLBACK, "a"), Callback(variant=URL)),
            lambda: root.add_child(Key(7, "a"), Callback(variant=URL)),
            lambda: root.child([Key(CALLBACK, "b")]),
            lambda: hsm.machine_data(root, Callback),
            lambda: root.registry.register_machine(Definition(WORKFLOW)),
            lambda: hsm.new_root(root.registry, 8, Workflow()),
            lambda: hsm.new_collection(root, CALLBACK, Workflow).data("a"),
        ):
            with pytest.raises(errors.HsmError):
                attempt()
        root.dirty()

    judged = record(run)
    assert "" == judged.requirement
    assert 7 == judged.content.count(b'"error":')


def test_a_panic_goes_through_and_is_recorded(record) -> None:
    def stop(data) -> None:
        raise KeyboardInterrupt

    def run(hsm) -> None:
        root = tree(hsm)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        try:
            hsm.machine_transition(root, Workflow, lambda data: hsm.machine_transition(child, Callback, stop))
        finally:
            child.transition_count()
            root.transition_count()

    judged = record(run, raises=KeyboardInterrupt)
    assert "" == judged.requirement
    assert b'"panic":"panic"' in judged.content


def test_a_panic_that_is_swallowed_ends_the_recording_and_nothing_else(tmp_path) -> None:
    def swallow(data):
        with suppress(KeyboardInterrupt):
            hsm.machine_transition(child, Callback, lambda data: (_ for _ in ()).throw(KeyboardInterrupt))
        return TransitionOutput()

    file = io.BytesIO()
    with Recording(file) as recording, recording.trace() as hsm:
        root = tree(hsm)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        with pytest.warns(RuntimeWarning, match="hsmspec records no more of trace ''"):
            hsm.machine_transition(root, Workflow, swallow)
        assert 1 == root.transition_count()
    assert isinstance(hsm.trouble, RuntimeError)
    judged = Judged(file.getvalue(), tmp_path)
    assert ("", 5) == (judged.requirement, judged.traces[0].operations)
    assert "the recorder failed: RuntimeError(" in judged.traces[0].unfinished.because
    assert 1 == judged.result.unfinished


def test_trouble_of_the_recorder_is_none_of_the_program(tmp_path) -> None:
    class Full(io.BytesIO):
        room = 6

        def write(self, data) -> int:
            self.room -= 1
            if self.room < 0:
                raise OSError("no space left")
            return super().write(data)

    file = Full()
    recording = Recording(file)
    with pytest.warns(RuntimeWarning, match="no space left"), recording.trace() as hsm:
        life_of_a_callback(hsm)
    assert "no space left" in str(hsm.trouble)
    assert 5 == Judged(file.getvalue(), tmp_path).result.operations


@pytest.mark.parametrize("place", ["no-folder/trace.jsonl", "."])
def test_a_file_that_cannot_be_opened_is_told_at_once(tmp_path, monkeypatch, place) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        InputError, match=rf"The recording cannot be written to {place} \(\w.*\). Name a file in a folder"
    ):
        Recording(place)


class Narrow(io.RawIOBase):
    """A file that takes a few bytes at a time, until it is full."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.content = b""
        self.room = room

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        taken = bytes(data[: min(7, self.room - len(self.content))])
        self.content += taken
        return len(taken)


def test_lines_are_written_whole_whatever_the_file_takes_at_a_time(tmp_path) -> None:
    file = Narrow()
    with Recording(file) as recording, recording.trace() as hsm:
        life_of_a_callback(hsm)
    assert hsm.trouble is None
    assert "" == Judged(file.content, tmp_path).requirement


def test_a_file_without_room_for_the_header_is_told_at_once() -> None:
    with pytest.raises(InputError, match="the file takes no more"):
        Recording(Narrow(0))


def test_nothing_is_written_behind_a_part_of_a_line() -> None:
    file = Narrow(600)
    with Recording(file) as recording:
        for name in ("one", "two"):
            with pytest.warns(RuntimeWarning, match="the file takes no more"), recording.trace(name) as hsm:
                life_of_a_callback(hsm)
            file.room = 1_000_000
    assert 600 == len(file.content)


def test_a_file_that_cannot_be_flushed_is_no_trouble_of_the_program() -> None:
    class Full(io.BytesIO):
        def flush(self) -> None:
            raise OSError("no space left")

    with pytest.warns(RuntimeWarning, match="has not recorded all.*no space left"), Recording(Full()):
        pass


# --- the rest of the vocabulary ---


def test_a_tree_that_is_loaded_conforms(record) -> None:
    def run(hsm) -> None:
        root = tree(hsm)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        child.add_child(Key(CALLBACK, "b"), Callback(variant=None))
        hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
        children = root.persisted().children
        again = hsm.new_root(root.registry, WORKFLOW.id, Workflow(), children)
        found = again.child([Key(CALLBACK, "a")])
        assert hsm.machine_data(found, Callback).state() is CallbackState.SCHEDULED
        assert (1, False) == (found.transition_count(), again.dirty())
        again.persisted()
        assert found.parent == again
        assert again.parent is None
        assert (Key(CALLBACK, "a"), Key(0, "")) == (found.key, again.key)
        assert [Key(CALLBACK, "a")] == list(found.path())
        assert CALLBACK == hsm.new_collection(found, CALLBACK, Callback).type
        assert "b" == hsm.new_collection(found, CALLBACK, Callback).node("b").key.id

    judged = record(run)
    assert "" == judged.requirement
    assert b'"op":"load"' in judged.content


def test_data_that_does_not_deserialize_is_loaded_as_that(record) -> None:
    def run(hsm) -> None:
        root = tree(hsm)
        root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        persisted = root.persisted().children
        broken = persisted.insert(Key(CALLBACK, "a"), persisted[Key(CALLBACK, "a")]._replace(data=b"nonsense"))
        again = hsm.new_root(root.registry, WORKFLOW.id, Workflow(), broken).child([Key(CALLBACK, "a")])
        with pytest.raises(pickle.UnpicklingError):
            hsm.machine_data(again, Callback)
        again.persisted()

    judged = record(run)
    assert "" == judged.requirement
    assert b'[null,"bm9uc2Vuc2U="]' in judged.content


def test_registries_conform(record) -> None:
    def run(hsm) -> None:
        registry = hsm.new_registry()
        definition, serializer = Definition(CALLBACK_TYPE), object()
        assert registry.machine(CALLBACK) is None
        registry.register_machine(definition)
        assert registry.machine(CALLBACK) is definition
        with pytest.raises(errors.DuplicateRegistration):
            registry.register_machine(Definition(CALLBACK_TYPE))
        assert registry.machine(CALLBACK) is definition
        registry.register_task_serializer(1, serializer)
        assert registry.task_serializer(1) is serializer
        assert registry.task_serializer(2) is None

    assert "" == record(run).requirement


def test_a_transition_of_the_same_node_inside_conforms(record) -> None:
    def run(hsm) -> None:
        root = tree(hsm)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))

        def function(data):
            hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
            return TransitionOutput()

        hsm.machine_transition(child, Callback, function)
        hsm.machine_data(child, Callback)
        assert 2 == child.transition_count()

    assert "" == record(run).requirement


def test_machines_in_no_tree_conform(record) -> None:
    def run(hsm) -> None:
        machine = Callback(variant=URL)
        made = hsm.transition(callbacks.TRANSITION_SCHEDULED)
        assert made.possible(machine)
        made.apply(machine, callbacks.EventScheduled())
        assert not made.possible(machine)
        machine.set_state(CallbackState.STANDBY)
        assert made.possible(machine)

    judged = record(run)
    assert "" == judged.requirement
    assert 1 == judged.content.count(b'"op":"state_machine"')


def test_traces_side_by_side_are_told_apart(tmp_path) -> None:
    path = tmp_path / "trace.jsonl"
    with Recording(path) as recording:
        for _ in range(2):
            one, other = recording.trace("one"), recording.trace("other")
            roots = [tree(one), tree(other)]
            for root in roots:
                root.dirty()
            for hsm in (one, other):
                hsm.session.end()
    judged = Judged(path.read_bytes(), tmp_path)
    assert [("one", 5), ("other", 5)] * 2 == [(trace.trace, trace.operations) for trace in judged.traces]


# --- the document ---

DOCUMENT = (Path(__file__).parents[3] / "TRACES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))
def test_the_traces_of_the_document_are_allowed(tmp_path, example) -> None:
    judged = Judged(example.encode(), tmp_path)
    assert {"conforms"} == judged.result.verdicts.keys()


[EXAMPLE] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_example_of_the_document_runs_as_it_stands(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLE, "TRACES.md", "exec"), {})  # noqa: S102  # the document's own example
    judged = Judged(Path("trace.jsonl").read_bytes(), tmp_path)
    assert ("", 5) == (judged.requirement, judged.traces[0].operations)


def test_the_package_has_the_example_of_the_document() -> None:
    assert indent(EXAMPLE, "    ") in (recorder.__doc__ or "")
