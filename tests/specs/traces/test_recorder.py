"""The recorder: what a program does with the model and the real machines is recorded and conforms."""

from __future__ import annotations

import io
import json
import pickle
from contextlib import suppress

import pytest

from hsm_model import errors
from hsm_model.machines import callbacks
from hsm_model.machines.callbacks import CALLBACK_TYPE, Callback, CallbackState
from hsm_model.machines.nexus_operation import NEXUS_OPERATION
from hsm_model.machines.scheduler import SCHEDULER
from hsm_model.registry import MachineType
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.traces.recorder import Recording

from .recorded import (
    CALLBACK,
    URL,
    WORKFLOW,
    Definition,
    Judged,
    Workflow,
    applied,
    life_of_a_callback,
    tree,
)


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
    assert (callbacks.INVOCATION.name, "https://caller.example") == (task_type, destination)
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


def test_data_that_does_not_serialize_is_recorded_as_that(record) -> None:
    def run(hsm) -> None:
        root = tree(hsm, refuses=CallbackState.FAILED)
        child = root.add_child(Key(CALLBACK, "a"), Callback(variant=URL))
        with pytest.raises(ValueError, match="does not serialize"):
            root.add_child(Key(CALLBACK, "b"), Callback(variant=URL, current=CallbackState.FAILED))
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
