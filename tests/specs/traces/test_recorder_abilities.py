"""The recorder writes more than calls: places, readable values, counts, executions; and whose tree is whose."""

from __future__ import annotations

import inspect
import io
import itertools
import json
from contextlib import nullcontext, suppress
from typing import Any, NamedTuple

import pytest
from google.protobuf.duration_pb2 import Duration

from hsm_model import errors, executor, node
from hsm_model.executor import AccessType, Ref, StateMachineRef, WorkflowKey
from hsm_model.machines import callbacks
from hsm_model.machines.callbacks import Callback
from hsm_model.node import PathAndOutputs
from hsm_model.state import Key
from hsm_model.tasks import TransitionOutput
from hsm_specs.traces.recorder import Package, Recording, as_json, as_proto_text

from .recorded import CALLBACK, URL, Judged, Workflow, applied, tree

ORDER = Key(CALLBACK, "a")


def lines_of(file: io.BytesIO) -> list[Any]:
    return [json.loads(line) for line in file.getvalue().splitlines()[1:]]


def of(lines, operation: str) -> list[Any]:
    return [line for line in lines if line.get("op", {}).get("op") == operation]


# --- places ---


def test_each_call_has_its_place_in_the_program(record) -> None:
    here = inspect.currentframe()
    first = 0

    def run(hsm) -> None:
        nonlocal first
        root = tree(hsm)
        first = inspect.currentframe().f_lineno + 1
        child = root.add_child(ORDER, Callback(variant=URL))

        def function(data):
            root.dirty()
            data.attempt = 1
            return hsm.transition(callbacks.TRANSITION_SCHEDULED).apply(data, None)

        hsm.machine_transition(child, Callback, function)

    assert here is not None
    lines = record(run).lines
    file = "tests/specs/traces/test_recorder_abilities.py"
    assert {"file": file, "line": first} == of(lines, "add_child")[0]["at"]
    [transition] = of(lines, "machine_transition")
    operations = [operation["op"] for operation in transition["op"]["script"]["ops"]]
    places = [place and place["line"] - first for place in transition["at"]["inner"]]
    assert ["read_machine", "dirty", "set_value", "apply", "read_machine"] == operations
    assert [None, 3, None, 5, None] == places
    assert 7 == transition["at"]["line"] - first
    assert transition["at"]["line"] == of(lines, "transition_count")[0]["at"]["line"]


def test_no_place_is_an_absolute_path(tmp_path, monkeypatch) -> None:
    file = io.BytesIO()
    with Recording(file, root=tmp_path) as recording, recording.trace() as hsm:
        tree(hsm)
    assert {"tests/specs/traces/recorded.py"} == {line["at"]["file"] for line in lines_of(file) if "at" in line}


def test_a_departure_is_shown_at_its_place_with_readable_values(tmp_path) -> None:
    def forgetful(found, wanted, function) -> None:
        node.machine_transition(found, wanted, lambda data: function(Callback(variant=URL, attempt=data.attempt)))

    file = io.BytesIO()
    with Recording(file, Package(machine_transition=forgetful), show=as_json) as recording, recording.trace() as hsm:
        child = tree(hsm).add_child(ORDER, Callback(variant=URL))
        hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
        hsm.machine_data(child, Callback)
    [trace] = Judged(file.getvalue(), tmp_path).traces
    assert trace.departure.at.file == "tests/specs/traces/test_recorder_abilities.py"
    assert any('"url":"https://caller.example/path"' in text for text in trace.departure.values.values())


def test_a_call_has_the_process_and_the_time_that_are_asked_for(tmp_path) -> None:
    times = map(str, itertools.count(1))
    package = Package(machine_transition=lambda found, wanted, function: None)
    file = io.BytesIO()
    with (
        Recording(file, package, process="history-1", clock=lambda: next(times)) as recording,
        recording.trace() as hsm,
    ):
        hsm.machine_transition(tree(hsm), Workflow, lambda data: TransitionOutput())
    [trace] = Judged(file.getvalue(), tmp_path).traces
    assert ("history-1", "5") == (trace.departure.at.process, trace.departure.at.time)
    assert str(trace.departure.at).endswith(", history-1, 5")


# --- readable values ---


def test_what_is_shown_of_data_and_tasks_is_in_the_trace_once() -> None:
    file = io.BytesIO()
    with Recording(file, show=as_json) as recording, recording.trace() as hsm:
        child = tree(hsm).add_child(ORDER, Callback(variant=URL))
        hsm.machine_transition(child, Callback, applied(hsm, callbacks.TRANSITION_SCHEDULED, None))
        child.outputs()
    shown = [line["shown"] for line in lines_of(file) if "shown" in line]
    texts = [text for values in shown for text in values]
    assert len(texts) == len(set(texts))
    states = [json.loads(text)["current"] for values in shown for text in values.values() if '"current"' in text]
    assert ["Standby", "Scheduled"] == states


def test_a_decoder_that_fails_shows_nothing(tmp_path) -> None:
    file = io.BytesIO()
    with Recording(file, show=lambda _: 1 // 0) as recording, recording.trace() as hsm:
        tree(hsm).dirty()
    assert hsm.trouble is None
    assert b'"shown"' not in file.getvalue()
    assert "" == Judged(file.getvalue(), tmp_path).requirement


def test_messages_are_shown_as_json_and_as_text() -> None:
    assert '"5s"' == as_json(Duration(seconds=5))
    assert "seconds: 5" == as_proto_text(Duration(seconds=5)).strip()
    assert "" == as_proto_text(Callback(variant=URL))


# --- counts of outputs ---


class Counted(NamedTuple):
    """An output that says which transition it is of."""

    tasks: Any
    transition_count: int


class CountingNode:
    """A node whose outputs have counts, all wrong by the same."""

    def __init__(self, inside: Any, wrong: int) -> None:
        self.inside = inside
        self.wrong = wrong

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inside, name)

    def outputs(self) -> Any:
        return [
            PathAndOutputs(path, tuple(Counted(one.tasks, count + self.wrong) for count, one in enumerate(found, 1)))
            for path, found in self.inside.outputs()
        ]


@pytest.mark.parametrize(("wrong", "requirement"), [(0, ""), (-1, "NODE-COUNT-1"), (1, "NODE-COUNT-1")])
def test_counts_of_outputs_are_recorded_and_judged(record, wrong, requirement) -> None:
    def opened(found: Any) -> Any:
        return found.inside if isinstance(found, CountingNode) else found

    package = Package(
        new_root=lambda *arguments: CountingNode(node.new_root(*arguments), wrong),
        machine_transition=lambda found, wanted, function: node.machine_transition(opened(found), wanted, function),
    )

    def run(hsm) -> None:
        root = tree(hsm)
        for _ in range(2):
            hsm.machine_transition(root, Workflow, lambda data: TransitionOutput())
        root.outputs()

    judged = record(run, package)
    assert [1 + wrong, 2 + wrong] == of(judged.lines, "outputs")[0]["saw"]["ok"][0][2]
    assert requirement == judged.requirement


def test_a_count_that_the_package_has_wrong_is_found_without_being_asked_for(record) -> None:
    def twice(found, wanted, function) -> None:
        node.machine_transition(found, wanted, function)
        node.machine_transition(found, wanted, lambda data: TransitionOutput())

    def run(hsm) -> None:
        hsm.machine_transition(tree(hsm), Workflow, lambda data: TransitionOutput())

    assert record(run, Package(machine_transition=twice)).requirement in ("MT-COMMIT-2", "NODE-COUNT-1")


# --- executors ---


class World:
    """Access to one tree."""

    def __init__(self, root: Any) -> None:
        self.root = root

    def access(self, ref: Any, access_type: AccessType, accessor: Any) -> None:
        accessor(self.root.child(ref.state_machine_path()))


def executed(
    executors: dict[int, Any], *, raises: type[BaseException] | None = None, package: Package | None = None, raw=False
) -> list[Any]:
    """Execute an invocation at a callback, and return the lines."""
    file = io.BytesIO()
    with Recording(file, package) as recording, recording.trace("t") as hsm:
        root = tree(hsm)
        registry = root.registry
        root.add_child(ORDER, Callback(variant=URL))
        for number, function in executors.items():
            if raw:
                executor.register_executor(registry.unrecorded, number, function)
            else:
                hsm.register_executor(registry, number, function)
        ref = Ref(WorkflowKey("n", "w", "r"), StateMachineRef((ORDER,), 4, 0, 5))
        task = callbacks.outbound(callbacks.INVOCATION, "https://caller.example")
        with pytest.raises(raises) if raises else nullcontext():
            hsm.execute(registry, World(root.unrecorded), ref, task)
    assert hsm.trouble is None
    return lines_of(file)


def requirements(lines: list[Any], folder: Any) -> list[str]:
    content = b"".join(
        json.dumps(line).encode() + b"\n"
        for line in [{"hsmspec": 1, "world": "open", "capabilities": ["executors", "transitions"]}, *lines]
    )
    return [trace.departure.requirement for trace in Judged(content, folder).traces if trace.departure is not None]


def test_an_execution_is_a_trace_of_its_own(tmp_path) -> None:
    lines = executed({callbacks.INVOCATION.id: lambda env, ref, task: None})
    assert [] == requirements(lines, tmp_path)
    own = [line for line in lines if line["trace"] == "t#1"]
    assert ["new_registry", "register_machine", "new_root", "register_executor", "execute"] == [
        line["op"]["op"] for line in own[:-1]
    ]
    [called] = own[4]["saw"]["inner"]
    task = own[4]["op"]["task"]
    assert ["callbacks.Invocation", "https://caller.example"] == [task[0], task[2]]
    where = [["callbacks.Callback", "a"]]
    assert {"path": where, "workflow": ["n", "w", "r"], "version": 4, "count": 5} == own[4]["op"]["ref"]
    assert [own[3]["op"]["tag"], None, task, [["n", "w", "r"], where, 4, 5]] == called["ok"]
    assert "test_recorder_abilities.py" in own[4]["at"]["file"]


def test_an_execution_that_fails_has_the_error_of_its_executor(tmp_path) -> None:
    def fails(env, ref, task) -> None:
        raise LookupError

    lines = executed({callbacks.INVOCATION.id: fails}, raises=LookupError)
    assert [] == requirements(lines, tmp_path)
    assert "user_1" == of(lines, "execute")[0]["saw"]["error"]


def test_an_execution_without_an_executor_is_recorded(tmp_path) -> None:
    lines = executed({}, raises=errors.NotRegistered)
    assert [] == requirements(lines, tmp_path)
    assert {"error": "not_registered"} == of(lines, "execute")[0]["saw"]


def test_an_executor_that_the_recorder_has_not_registered_is_named_as_not_seen() -> None:
    lines = executed({callbacks.INVOCATION.id: lambda env, ref, task: None}, raw=True)
    [end] = [line for line in lines if line["trace"] == "t#1"]
    assert "registered without the recorder, which is not seen to be called" in end["because"]


def test_what_an_executor_does_to_the_tree_is_in_the_trace_of_the_tree(tmp_path) -> None:
    def schedule(env, ref, task) -> None:
        def accessor(found: Any) -> None:
            found.recorder.machine_transition(
                found, Callback, applied(found.recorder, callbacks.TRANSITION_SCHEDULED, None)
            )

        env.access(ref, AccessType.WRITE, accessor)

    lines = executed({callbacks.INVOCATION.id: schedule})
    assert [] == requirements(lines, tmp_path)
    assert ["t"] == [line["trace"] for line in of(lines, "machine_transition")]


@pytest.mark.parametrize(
    ("package", "requirement"),
    [
        (Package(execute=lambda registry, env, ref, task: None), "EXEC-RUN-1"),
        (
            Package(
                execute=lambda registry, env, ref, task: executor.execute(registry, env, ref._replace(
                    state_machine_ref=StateMachineRef(())), task)
            ),
            "EXEC-ARGS-1",
        ),
        (
            Package(execute=lambda registry, env, ref, task: suppressed(executor.execute, registry, env, ref, task)),
            "EXEC-RUN-3",
        ),
    ],
)  # fmt: skip
def test_a_package_that_executes_wrongly_is_found(tmp_path, package, requirement) -> None:
    def fails(env, ref, task) -> None:
        if requirement == "EXEC-RUN-3":
            raise LookupError

    lines = executed({callbacks.INVOCATION.id: fails}, package=package)
    assert [requirement] == requirements(lines, tmp_path)


def suppressed(run: Any, *arguments: Any) -> None:
    with suppress(LookupError):
        run(*arguments)


def test_registering_an_executor_twice_is_recorded(record) -> None:
    def run(hsm) -> None:
        registry = hsm.new_registry()
        hsm.register_executor(registry, 1, lambda env, ref, task: None)
        with pytest.raises(errors.DuplicateRegistration):
            hsm.register_executor(registry, 1, lambda env, ref, task: None)

    judged = record(run)
    assert "" == judged.requirement
    assert ["register_executor"] * 2 == [line["op"]["op"] for line in judged.lines[1:-1]]


def test_accesses_outside_of_executors_are_transactions_as_well() -> None:
    file = io.BytesIO()
    with Recording(file) as recording, recording.trace("t") as hsm:
        root = tree(hsm)
        root.add_child(ORDER, Callback(variant=URL))
        ref = Ref(WorkflowKey("n", "w", "r"), StateMachineRef((ORDER,)))
        env = hsm.environment(World(root.unrecorded))
        for made in (callbacks.TRANSITION_SCHEDULED, callbacks.TRANSITION_SUCCEEDED):
            function = applied(hsm, made, callbacks.EventSucceeded(callbacks.NOW))
            env.access(ref, AccessType.WRITE, lambda found, f=function: hsm.machine_transition(found, Callback, f))
    assert ["cleared-outputs"] == [line["machine"]["rule"] for line in lines_of(file) if "machine" in line]


# --- whose is whose ---


def test_a_registry_may_be_shared_by_recorders(tmp_path) -> None:
    file = io.BytesIO()
    with Recording(file) as recording:
        with recording.trace("one") as one:
            registry = tree(one).registry
        with recording.trace("two") as two:
            root = two.new_root(registry, 100, Workflow())
            two.machine_transition(
                root.add_child(ORDER, Callback(variant=URL)),
                Callback,
                applied(two, callbacks.TRANSITION_SCHEDULED, None),
            )
    judged = Judged(file.getvalue(), tmp_path)
    assert [("one", None), ("two", None)] == [(trace.trace, trace.departure) for trace in judged.traces]
    registered = [line["trace"] for line in of(judged.lines, "register_machine")]
    assert ["one", "one", "two", "two"] == registered


def test_a_call_on_a_tree_of_another_recorder_is_in_the_trace_of_the_tree(tmp_path) -> None:
    file = io.BytesIO()
    with Recording(file) as recording, recording.trace("one") as one, recording.trace("two") as two:
        child = tree(one).add_child(ORDER, Callback(variant=URL))
        tree(two)
        two.machine_transition(child, Callback, applied(two, callbacks.TRANSITION_SCHEDULED, None))
        two.machine_data(child, Callback)
    judged = Judged(file.getvalue(), tmp_path)
    assert [None, None] == [trace.departure for trace in judged.traces]
    assert {"one"} == {line["trace"] for line in of(judged.lines, "machine_transition")}


def test_calls_that_no_recorder_can_place_are_refused() -> None:
    with Recording(io.BytesIO()) as recording, recording.trace() as hsm:
        raw = tree(hsm)
        with pytest.raises(TypeError, match="the registry must be one that a recorder's new_registry returned"):
            hsm.new_root(raw.registry.unrecorded, 100, Workflow())
        for attempt in (hsm.machine_data, hsm.new_collection):
            with pytest.raises(TypeError, match="the node must be of a tree that a recorder's new_root returned"):
                attempt(raw.unrecorded, *((Workflow,) if attempt == hsm.machine_data else (CALLBACK, Callback)))


def test_a_tree_that_is_used_after_its_trace_ended_is_no_longer_recorded(tmp_path) -> None:
    file = io.BytesIO()
    with Recording(file) as recording:
        with recording.trace() as hsm:
            root = tree(hsm)
        before = file.getvalue()
        hsm.machine_transition(root, Workflow, lambda data: TransitionOutput())
        assert 1 == root.transition_count()
    assert before == file.getvalue()
    assert "" == Judged(file.getvalue(), tmp_path).requirement


def test_a_test_that_ends_in_a_transition_is_no_panic(tmp_path) -> None:
    file = io.BytesIO()
    with Recording(file) as recording, recording.trace("t") as hsm:
        root = tree(hsm)
        with pytest.raises(pytest.fail.Exception), pytest.warns(RuntimeWarning, match="the test ended in a transition"):
            hsm.machine_transition(root, Workflow, lambda data: pytest.fail("on purpose"))
    judged = Judged(file.getvalue(), tmp_path)
    assert "the test ended in a transition" in judged.traces[0].unfinished.because
    assert b'"panic":' not in file.getvalue()
    assert "" == judged.requirement
