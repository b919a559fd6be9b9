"""A trace while it is recorded: handles, functions under way, and what the judge takes the program's data for."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from hsm_specs.traces.recorder import names
from hsm_specs.traces.recorder.places import Places

T = TypeVar("T")
LineMembers = dict[str, Any]
Position = dict[str, Any]
Write = Callable[[LineMembers], None]
Show = Callable[[Any], str]
OK: LineMembers = {"ok": None}
NOWHERE: Final[Position] = {}
"""The place of a call that the program does not make."""
PANIC = "panic"
"""The text of the panic of a function, as against one of the package."""
TRANSITIONS: Final = ("machine_transition", "collection_transition", "apply")
UNDER_WAY: Final = "a call was under way when the recording ended"
OVERLAPPING: Final = "two threads used a tree at the same time, which the package does not allow"


class Machine:
    """Data that operations name. ``state`` and ``value`` are what the judge takes it to hold.

    ``unsure`` says that the judge does not know that any more until both are set.
    """

    def __init__(self, handle: int, data: Any, definition: Any, value: str | None) -> None:
        self.handle = handle
        self.data = data
        self.definition = definition
        self.state: Any = names.state(data)
        self.value = value
        self.unsure = False


class Function:
    """A function under way: what happened in it so far, the node that it is a transition of, and how it ended."""

    def __init__(self, machine: Machine | None = None, place: Any = None) -> None:
        self.machine = machine
        self.place = place
        self.operations: list[LineMembers] = []
        self.inner: list[LineMembers] = []
        self.positions: list[Position | None] = []
        self.error: BaseException | None = None
        self.tasks: list[Any] = []
        self.task_types: dict[Any, Any] = {}
        """The names of the types of the tasks, by ID."""
        self.calls = 0
        self.swallowed = ""
        """The operation of a transition in the function that failed, empty if none did."""

    def script(self, *, succeeded: bool) -> LineMembers:
        """Return the script that does what the function did. If it was not called but should have been, it looks at
        data.
        """
        operations = self.operations
        if not self.calls and succeeded:
            operations = [{"op": "read_machine", "machine": 0 if self.machine is None else self.machine.handle}]
        found: LineMembers = {"ops": operations} if operations else {}
        if self.error is not None:
            found["fail"] = names.USER if isinstance(self.error, Exception) else "panic"
        elif self.tasks:
            found["tasks"] = self.tasks
        return found

    def position(self, at: Position | None) -> Position | None:
        """Return the place of the call whose function it is, with those of the calls in it."""
        return at if not at or not any(self.positions) else {**at, "inner": self.positions}


class _OfThread(threading.local):
    """The calls that are under way in a thread."""

    def __init__(self) -> None:
        self.functions: list[tuple[RecordingSession, Function]] = []
        """The functions under way, of all traces."""
        self.codec_error: tuple[BaseException, str] | None = None
        """The last error of a definition, and its code."""
        self.silent = 0
        """How many checks of the recorder's own run functions of the program."""


THREAD: Final = _OfThread()


@contextmanager
def silently() -> Generator[None]:
    """Record nothing of what the thread does."""
    THREAD.silent += 1
    try:
        yield
    finally:
        THREAD.silent -= 1


def ends_test(error: BaseException | None) -> bool:
    """Return whether an exception is how pytest ends a test that failed or is skipped."""
    if isinstance(error, Exception | None):
        return False
    # The classes themselves say that they are built in.
    return any(of.__module__.startswith("_pytest.") for of in type(error).__mro__)


class RecordingSession:
    """The state that the parts of one recorder share. ``write`` is None for a recorder that records nothing.

    Where recording itself fails it stops, with a warning and a line that says so, and all goes on. Threads may use
    different trees at once.
    """

    def __init__(self, trace: str, write: Write | None, places: Places | None = None, show: Show | None = None) -> None:
        self.trouble: Exception | None = None
        self.over = write is None
        self.lines = 0
        """How many lines the trace has, ends not counted."""
        self.name = trace
        self._write = write
        self._places = places or Places()
        self._show = show
        self._shown: set[str] = set()
        self._to_show: dict[str, str] = {}
        self.types = names.TypeNames()
        self._lock = threading.RLock()
        self._stacks: dict[int, list[Function]] = {}
        self._pending = 0
        self._busy: dict[int, tuple[int, int]] = {}
        self._handles: dict[str, dict[int, tuple[int, Any]]] = {"registry": {}, "node": {}}
        self._machines: dict[int, Machine] = {}
        self._next_machine = 0
        self._traces = 0

    def attempt(self, note: Callable[[], T]) -> T | None:
        """Do something for the recording alone. Return None if that fails, has failed before, or the trace is over."""
        if self.over or self.trouble is not None or THREAD.silent:
            return None
        try:
            return note()
        except Exception as error:
            self.trouble = error
            self.give_up(f"the recorder failed: {error!r}")
            return None

    def give_up(self, reason: str) -> None:
        """End the trace before its time. Its end and a warning say why."""
        with self._lock:
            if self.over:
                return
            with suppress(Exception):
                self._put({"end": True, "because": reason})
            self.over = True
        with suppress(RuntimeWarning):
            warnings.warn(f"hsmspec records no more of trace {self.name!r}: {reason}", RuntimeWarning, stacklevel=3)

    def end(self) -> None:
        """End the trace."""
        with self._lock:
            if self._pending:
                self.give_up(UNDER_WAY)
            self.attempt(lambda: self._put({"end": True}))
            self.over = True

    def _put(self, line: LineMembers, trace: str | None = None) -> None:
        """Write a line, unless the trace is over."""
        with self._lock:
            if self.over or self._write is None:
                return
            if self._to_show and "op" in line:
                line = {**line, "shown": self._to_show}
                self._to_show = {}
            self.lines += "end" not in line
            self._write({"trace": self.name if trace is None else trace, **line})

    def another(self) -> str:
        """Return the name of another trace of the recorder's."""
        with self._lock:
            self._traces += 1
            return f"{self.name}#{self._traces}"

    def put_in(self, trace: str, lines: list[LineMembers]) -> None:
        """Write lines of another trace, whole."""
        with self._lock:
            for line in lines:
                self._put(line, trace)

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return self._pending > 0

    # --- calls -------------------------------------------------------------------------------------------------------

    def here(self) -> Position | None:
        """Return where the program makes the call."""
        return None if self.over or THREAD.silent else self._places.here()

    @contextmanager
    def using(self, root: int | None) -> Generator[None]:
        """Say that a call is under way, on the tree of a root."""
        own = threading.get_ident()
        with self._lock:
            self._pending += 1
            user, times = self._busy.get(root, (own, 0)) if root is not None else (own, 0)
            if user != own:
                root = None
            elif root is not None:
                self._busy[root] = (own, times + 1)
        if user != own:
            self.attempt(lambda: self.give_up(OVERLAPPING))
        try:
            yield
        finally:
            with self._lock:
                self._pending -= 1
                if root is not None:
                    user, times = self._busy[root]
                    if times > 1:
                        self._busy[root] = (user, times - 1)
                    else:
                        del self._busy[root]

    def call(
        self,
        operation: Callable[[], LineMembers],
        run: Callable[[], T],
        answer: Callable[[T], Any] = lambda _: None,
        bound: Callable[[T], LineMembers] = lambda _: {},
        *,
        tree: int | None = None,
        at: Position | None = None,
    ) -> T:
        """Run a call and record it. The operation is described before the call, its answer and bindings after it."""
        if self.over or THREAD.silent:
            return run()
        at = self.here() if at is None else at
        with self.using(tree):
            self.attempt(self.catch_up)
            described = self.attempt(operation)
            try:
                found = run()
            except BaseException as error:
                raised = error
                self.attempt(lambda: self.note(described or {}, self.failure(raised), at))
                raise
            self.attempt(lambda: self.note({**(described or {}), **bound(found)}, {"ok": answer(found)}, at))
            return found

    def note(self, operation: LineMembers, saw: LineMembers, at: Position | None = None) -> None:
        """Add an operation to the running function, or to the trace."""
        functions = self.functions
        if functions:
            function = functions[-1]
            function.inner.append(saw)
            # A second call of the function is observed, but is no part of what the function should do.
            if function.calls == 1:
                function.operations.append(operation)
                function.positions.append(at or None)
            if operation.get("op") in TRANSITIONS and saw.get("error") in (names.USER, "serialize_error"):
                function.swallowed = operation["op"]
        else:
            self._put({"op": operation, "saw": saw, **({"at": at} if at else {})})

    def remark(self, rule: str, machine_type: Any, what: str, at: Position | None) -> None:
        """Write a line about a machine."""
        machine = {"rule": rule, "type": str(machine_type), "what": what}
        self._put({"machine": machine, **({"at": at} if at else {})})

    def failure(self, error: BaseException, function: Function | None = None) -> LineMembers:
        """Return the record of an error: the function's own, one of the codec, a documented one, or a panic."""
        if function is not None and error is function.error:
            return {"error": names.USER} if isinstance(error, Exception) else {"panic": PANIC}
        if THREAD.codec_error is not None and error is THREAD.codec_error[0]:
            return {"error": THREAD.codec_error[1]}
        if ends_test(error):
            self.give_up("the test ended in a call, as pytest.fail and pytest.skip have it do")
        code = names.documented(error)
        return {"error": code} if code else {"panic": type(error).__name__}

    # --- functions ---------------------------------------------------------------------------------------------------

    @property
    def functions(self) -> list[Function]:
        """The functions that are under way in this thread, the innermost last."""
        return self._stacks.setdefault(threading.get_ident(), [])

    def enter(self, function: Function) -> None:
        """Begin a function. Record the data that it was given."""
        function.calls += 1
        self.functions.append(function)
        THREAD.functions.append((self, function))
        if function.machine is not None:
            self.look(function.machine)

    def leave(self, function: Function, error: BaseException | None, tasks: list[Any]) -> None:
        """End a function."""
        self.catch_up()
        if ends_test(error):
            self.give_up("the test ended in a transition, as pytest.fail and pytest.skip have it do")
        if self._panicked(function) and isinstance(error, Exception | None):
            raise RuntimeError("a function went on after a panic, which no script can say")
        function.error, function.tasks = error, tasks

    def left(self, function: Function) -> None:
        """Take a function from those that are under way, whatever was recorded of it."""
        if function in self.functions:
            self.functions.remove(function)
            THREAD.functions.remove((self, function))
        if not self.functions:
            self._stacks.pop(threading.get_ident(), None)

    def _panicked(self, function: Function) -> bool:
        return any(saw.get("panic") == PANIC for saw in function.inner)

    def overtaken(self, place: Any) -> None:
        """Note the end of a transition of a node: the data of one around it is then no longer known."""
        for function in self.functions:
            if function.place == place and function.machine is not None:
                function.machine.unsure = True

    # --- machines ----------------------------------------------------------------------------------------------------

    def value(self, data: Any, definition: Any) -> str | None:
        """Return what is recorded of data besides its state, and show it."""
        found = names.value(data, definition)
        if found:
            self.shows(found, data)
        return found

    def task(self, task: Any) -> list[Any]:
        """Return what is recorded of a task, and show it."""
        found = self.types.task(task)
        if found[1]:
            self.shows(found[1], task)
        return found

    def tasks(self, output: Any) -> list[Any]:
        """Return what is recorded of the tasks of an output."""
        return [self.task(task) for task in output.tasks]

    def task_types(self, output: Any) -> dict[Any, Any]:
        """Return the names of the types of an output's tasks, by ID."""
        types = [task.type() for task in output.tasks]
        return {names.type_id(found): self.types.task_type(found) for found in types}

    def shows(self, text: str, thing: Any) -> None:
        """Have the next line say what to show for a text, once in the trace."""
        if self._show is None:
            return
        with self._lock:
            if text in self._shown:
                return
            self._shown.add(text)
        with suppress(Exception), silently():
            if shown := str(self._show(thing)):
                with self._lock:
                    self._to_show[text] = shown

    def fresh(self, data: Any, definition: Any) -> Machine:
        """Return a machine for the data of a transition that is about to be recorded."""
        value = self.value(data, definition)
        with self._lock:
            machine = Machine(self._next_machine, data, definition, value)
            self._next_machine += 1
            self._machines[id(data)] = machine
        return machine

    def forget(self, machine: Machine) -> None:
        """Forget the data of a transition: it belongs to a transition around it, or to none."""
        self._machines.pop(id(machine.data), None)
        for function in self.functions:
            if function.machine is not None and function.machine.data is machine.data:
                self._machines[id(machine.data)] = function.machine

    def machine(self, data: Any) -> Machine:
        """Return the machine of some data: that of a running transition, or one in no tree."""
        machine = self._machines.get(id(data))
        if machine is None:
            machine = self.fresh(data, None)
            form = {"op": "state_machine", "machine": machine.handle, "data": [machine.state, machine.value]}
            self.note(form, OK)
        self.set(machine)
        return machine

    def catch_up(self) -> None:
        """Record the changes that the innermost function has made to its data."""
        if self.functions and (machine := self.functions[-1].machine) is not None:
            self.set(machine)

    def set(self, machine: Machine) -> None:
        """Record the changes that the program itself has made to data."""
        state, value = names.state(machine.data), self.value(machine.data, machine.definition)
        if state != machine.state or machine.unsure:
            self.note({"op": "set_state", "machine": machine.handle, "state": state}, OK)
        if value != machine.value or machine.unsure:
            self.note({"op": "set_value", "machine": machine.handle, "value": value}, OK)
        machine.state, machine.value, machine.unsure = state, value, False

    def look(self, machine: Machine) -> None:
        """Record the state that the package left in data. The value, which may hold the state, is taken as it is."""
        value = self.value(machine.data, machine.definition)
        if value != machine.value:
            self.note({"op": "set_value", "machine": machine.handle, "value": value}, OK)
        machine.state, machine.value = names.state(machine.data), value
        self.note({"op": "read_machine", "machine": machine.handle}, {"ok": [machine.state, machine.value]})

    # --- handles -----------------------------------------------------------------------------------------------------

    def next_handle(self, sort: str) -> int:
        """Return a handle that nothing has."""
        return len(self._handles[sort])

    def known(self, sort: str, thing: Any) -> bool:
        """Return whether a registry or a node has a handle."""
        return id(thing) in self._handles[sort]

    def handle(self, sort: str, thing: Any) -> int:
        """Return the handle of a registry or a node, the same for the same object."""
        with self._lock:
            handles = self._handles[sort]
            handle, _ = handles.setdefault(id(thing), (len(handles), thing))
            return handle
