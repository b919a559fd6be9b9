"""A trace while it is recorded: handles, functions under way, and what the judge takes the program's data for."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from hsm_specs.traces.recorder import names

T = TypeVar("T")
LineMembers = dict[str, Any]
OK: LineMembers = {"ok": None}
PANIC = "panic"
"""The text of the panic of a function, as against one of the package."""


class Machine:
    """Data that operations name. ``state`` and ``value`` are what the judge takes it to hold.

    ``unsure`` says that the judge does not know that any more until both are set.
    """

    def __init__(self, handle: int, data: Any, definition: Any) -> None:
        self.handle = handle
        self.data = data
        self.definition = definition
        self.state: Any = names.state(data)
        self.value = names.value(data, definition)
        self.unsure = False


class Function:
    """A function under way: what happened in it so far, the node that it is a transition of, and how it ended."""

    def __init__(self, machine: Machine | None = None, place: Any = None) -> None:
        self.machine = machine
        self.place = place
        self.operations: list[LineMembers] = []
        self.inner: list[LineMembers] = []
        self.error: BaseException | None = None
        self.tasks: list[Any] = []
        self.calls = 0

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


class RecordingSession:
    """The state that the parts of one recorder share.

    Where recording itself fails it stops, with a warning and a line that says so, and all goes on.
    """

    def __init__(self, trace: str, write: Callable[[LineMembers], None]) -> None:
        self.trouble: Exception | None = None
        self._trace = trace
        self._write = write
        self._functions: list[Function] = []
        self._handles: dict[str, dict[int, tuple[int, Any]]] = {"registry": {}, "node": {}}
        self._machines: dict[int, Machine] = {}
        self._next_machine = 0
        self.codec_error: tuple[BaseException, str] | None = None

    def attempt(self, note: Callable[[], T]) -> T | None:
        """Do something for the recording alone. Return None if that fails, or has failed before."""
        if self.trouble is not None:
            return None
        try:
            return note()
        except Exception as error:
            self.trouble = error
            with suppress(Exception):
                self._write({"trace": self._trace, "end": True, "because": f"the recorder failed: {error!r}"})
            warnings.warn(f"hsmspec records no more of trace {self._trace!r}: {error!r}", RuntimeWarning, stacklevel=2)
            return None

    def end(self) -> None:
        """End the trace."""
        self.attempt(lambda: self._write({"trace": self._trace, "end": True}))

    def call(
        self,
        operation: Callable[[], LineMembers],
        run: Callable[[], T],
        answer: Callable[[T], Any] = lambda _: None,
        bound: Callable[[T], LineMembers] = lambda _: {},
    ) -> T:
        """Run a call and record it. The operation is described before the call, its answer and bindings after it."""
        self.attempt(self.catch_up)
        described = self.attempt(operation)
        try:
            found = run()
        except BaseException as error:
            raised = error
            self.attempt(lambda: self.note(described or {}, self.failure(raised)))
            raise
        self.attempt(lambda: self.note({**(described or {}), **bound(found)}, {"ok": answer(found)}))
        return found

    def note(self, operation: LineMembers, saw: LineMembers) -> None:
        """Add an operation to the running function, or to the trace."""
        if self._functions:
            function = self._functions[-1]
            function.inner.append(saw)
            # A second call of the function is observed, but is no part of what the function should do.
            if function.calls == 1:
                function.operations.append(operation)
        else:
            self._write({"trace": self._trace, "op": operation, "saw": saw})

    def failure(self, error: BaseException, function: Function | None = None) -> LineMembers:
        """Return the record of an error: the function's own, one of the codec, a documented one, or a panic."""
        if function is not None and error is function.error:
            return {"error": names.USER} if isinstance(error, Exception) else {"panic": PANIC}
        if self.codec_error is not None and error is self.codec_error[0]:
            return {"error": self.codec_error[1]}
        code = names.documented(error)
        return {"error": code} if code else {"panic": type(error).__name__}

    # --- functions ---------------------------------------------------------------------------------------------------

    def enter(self, function: Function) -> None:
        """Begin a function. Record the data that it was given."""
        function.calls += 1
        self._functions.append(function)
        if function.machine is not None:
            self.look(function.machine)

    def leave(self, function: Function, error: BaseException | None, tasks: list[Any]) -> None:
        """End a function."""
        self.catch_up()
        if self._panicked(function) and isinstance(error, Exception | None):
            raise RuntimeError("a function went on after a panic, which no script can say")
        function.error, function.tasks = error, tasks
        self._functions.remove(function)

    def _panicked(self, function: Function) -> bool:
        return any(saw.get("panic") == PANIC for saw in function.inner)

    def overtaken(self, place: Any) -> None:
        """Note the end of a transition of a node: the data of one around it is then no longer known."""
        for function in self._functions:
            if function.place == place and function.machine is not None:
                function.machine.unsure = True

    # --- machines ----------------------------------------------------------------------------------------------------

    def fresh(self, data: Any, definition: Any) -> Machine:
        """Return a machine for the data of a transition that is about to be recorded."""
        machine = Machine(self._next_machine, data, definition)
        self._next_machine += 1
        self._machines[id(data)] = machine
        return machine

    def forget(self, machine: Machine) -> None:
        """Forget the data of a transition: it belongs to a transition around it, or to none."""
        self._machines.pop(id(machine.data), None)
        for function in self._functions:
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
        if self._functions and self._functions[-1].machine is not None:
            self.set(self._functions[-1].machine)

    def set(self, machine: Machine) -> None:
        """Record the changes that the program itself has made to data."""
        state, value = names.state(machine.data), names.value(machine.data, machine.definition)
        if state != machine.state or machine.unsure:
            self.note({"op": "set_state", "machine": machine.handle, "state": state}, OK)
        if value != machine.value or machine.unsure:
            self.note({"op": "set_value", "machine": machine.handle, "value": value}, OK)
        machine.state, machine.value, machine.unsure = state, value, False

    def look(self, machine: Machine) -> None:
        """Record the state that the package left in data. The value, which may hold the state, is taken as it is."""
        value = names.value(machine.data, machine.definition)
        if value != machine.value:
            self.note({"op": "set_value", "machine": machine.handle, "value": value}, OK)
        machine.state, machine.value = names.state(machine.data), value
        self.note({"op": "read_machine", "machine": machine.handle}, {"ok": [machine.state, machine.value]})

    # --- handles -----------------------------------------------------------------------------------------------------

    def next_handle(self, sort: str) -> int:
        """Return a handle that nothing has."""
        return len(self._handles[sort])

    def handle(self, sort: str, thing: Any) -> int:
        """Return the handle of a registry or a node, the same for the same object."""
        handles = self._handles[sort]
        handle, _ = handles.setdefault(id(thing), (len(handles), thing))
        return handle
