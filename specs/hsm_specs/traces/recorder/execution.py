"""Recorded executions of tasks: the executors of a registry, and the environment that they are given.

An execution is a trace of its own, with a root that is made up: which executor was called, with which task and
reference, and how it ended. What the executor did to a recorded tree is in the trace of that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from hsm_specs.traces.recorder import names
from hsm_specs.traces.recorder.node import RecordedNode, root_of
from hsm_specs.traces.recorder.registry import RecordedRegistry
from hsm_specs.traces.recorder.session import OK, LineMembers, Position, ends_test

if TYPE_CHECKING:
    from hsm_specs.traces.recorder.recorder import Recorder

_MADE_UP = "root"
_READ, _WRITE = 0, 1


class RecordedEnvironment:
    """An environment whose accessors are given recorded nodes, where the tree is recorded."""

    def __init__(self, recorder: Recorder, unrecorded: Any, at: Position | None = None) -> None:
        self.unrecorded = unrecorded
        self._recorder = recorder
        self._at = at

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unrecorded, name)

    def access(self, ref: Any, access_type: Any, accessor: Callable[[Any], Any]) -> Any:
        """Access a machine by the environment's own function. An access for writing is a transaction."""
        at = self._at or self._recorder.session.here()
        accessed = partial(self._accessed, access_type=access_type, accessor=accessor, at=at)
        return self.unrecorded.access(ref, access_type, accessed)

    def _accessed(self, node: Any, access_type: Any, accessor: Callable[[Any], Any], at: Position | None) -> Any:
        found = self._recorder.recorded(node)
        writes = getattr(access_type, "value", access_type) in (_WRITE, "write")
        if not isinstance(found, RecordedNode) or not writes:
            return accessor(found)
        root = root_of(found)
        root.recorder.checks.transaction(root, at)
        result = accessor(found)
        root.recorder.checks.committed(root)
        return result


class ExecutorCall:
    """A call of an executor: its arguments, and how it ended."""

    def __init__(self, tag: int, ref: Any, task: Any) -> None:
        self.tag = tag
        self.ref = ref
        self.task = task
        self.error: BaseException | None = None


class Execution(RecordedEnvironment):
    """An execution of a task under way: the environment that its executor is given."""

    def __init__(self, recorder: Recorder, unrecorded: Any, at: Position | None) -> None:
        super().__init__(recorder, unrecorded, at)
        self.calls: list[ExecutorCall] = []


class RecordedExecutor:
    """An executor as the package under test is given it."""

    def __init__(self, executor: Callable[[Any, Any, Any], Any], tag: int) -> None:
        self.executor = executor
        self.tag = tag

    def __call__(self, env: Any, ref: Any, task: Any) -> Any:
        """Run the program's own executor."""
        if not isinstance(env, Execution):
            return self.executor(env, ref, task)
        call = ExecutorCall(self.tag, ref, task)
        env.calls.append(call)
        try:
            return self.executor(env, ref, task)
        except BaseException as error:
            call.error = error
            raise


def register_executor(recorder: Recorder, registry: RecordedRegistry, type_id: Any, executor: Any) -> None:
    """Register an executor by the package's own function and record the call."""
    recorded = RecordedExecutor(executor, registry.tag(executor))
    registry.session.call(
        lambda: registry.form("register_executor", type_id, recorded.tag),
        lambda: recorder.package.register_executor(registry.unrecorded, type_id, recorded),
    )
    registry.executors.setdefault(type_id, recorded.tag)


def execute(recorder: Recorder, registry: RecordedRegistry, env: Any, ref: Any, task: Any) -> None:
    """Execute a task by the package's own function and record that."""
    session = recorder.session
    if session.over:
        recorder.package.execute(registry.unrecorded, env, ref, task)
        return
    at = session.here()
    execution = Execution(recorder, env, at)
    error: BaseException | None = None
    try:
        with session.using(None):
            recorder.package.execute(registry.unrecorded, execution, ref, task)
    except BaseException as raised:
        error = raised
        raise
    finally:
        session.attempt(lambda: _write(recorder, registry, execution, ref, task, error))


def _write(
    recorder: Recorder,
    registry: RecordedRegistry,
    execution: Execution,
    ref: Any,
    task: Any,
    error: BaseException | None,
) -> None:
    session, called = recorder.session, execution.calls
    task_type = names.type_id(task.type())
    tag = called[0].tag if called else registry.executors.get(task_type)
    trace = session.another()
    because = ""
    if ends_test(error):
        because = "the test ended in an execution, as pytest.fail and pytest.skip have it do"
    elif not called and tag is None and registry.finds_executor(task_type):
        because = (
            f"a task of the type {task_type} was executed by an executor that was registered without the recorder, "
            "which is not seen to be called"
        )
    if because:
        session.put_in(trace, [{"end": True, "because": because}])
        return
    operations: list[LineMembers] = [
        {"op": "new_registry"},
        {"op": "register_machine", "type": _MADE_UP},
        {"op": "new_root", "type": _MADE_UP, "data": ["", ""], "bind": 0},
    ]
    if tag is not None:
        registered = {"op": "register_executor", "type": session.types.task_type(task.type()), "tag": tag}
        operations.append({**registered, **(_script(called[0].error) if called else {})})
    lines: list[LineMembers] = [{"op": operation, "saw": OK} for operation in operations]
    saw: LineMembers = {"ok": None}
    if error is not None:
        own = called and error is called[-1].error
        if own:
            saw = {"error": names.USER} if isinstance(error, Exception) else {"panic": "panic"}
        else:
            saw = session.failure(error)
    if called:
        saw["inner"] = [
            {"ok": [call.tag, None, session.task(call.task), session.types.called_with(call.ref)]} for call in called
        ]
    operation = {"op": "execute", "task": session.task(task), "ref": session.types.reference(ref), "node": 0}
    lines.append({"op": operation, "saw": saw, **({} if execution._at is None else {"at": execution._at})})
    session.put_in(trace, [*lines, {"end": True}])


def _script(error: BaseException | None) -> LineMembers:
    """Return the script that ends as an executor did."""
    if error is None:
        return {}
    return {"script": {"fail": names.USER if isinstance(error, Exception) else "panic"}}
