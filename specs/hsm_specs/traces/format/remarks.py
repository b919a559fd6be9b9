"""Members that recorders write for people: places in the program, readable values, and remarks about machines.

The specification judges none of it. What is not written as TRACES.md says is left out, except remarks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

CHANGED_OUTSIDE: Final = "changed-outside"
ROUND_TRIP: Final = "round-trip"
EXCUSES: Final[Mapping[str, str]] = {
    CHANGED_OUTSIDE: "data was changed outside of a transition",
    ROUND_TRIP: "data is not the same when it is serialized and deserialized",
}
"""The rules whose breach may make a difference in data that follows, and why."""
STATEMENTS: Final[Mapping[str, str]] = {
    "regenerated-tasks": "RegenerateTasks returns the tasks that transitions to the state put out.",
    "task-serializers": "Each type of task that is put out has a serializer.",
    "task-executors": "Each type of task that is put out has an executor.",
    ROUND_TRIP: "Data is the same after it was serialized and deserialized.",
    "cleared-outputs": "A transaction begins without outputs of the one before.",
    "swallowed-failure": "A function does not succeed after a transition in it failed.",
    CHANGED_OUTSIDE: "Data is changed in transitions only.",
    "machine-states": "Machines are in states of the given machine only.",
    "machine-edges": "Transitions lead only where the given machine's lead.",
    "machine-terminal": "Terminal states of the given machine are not left.",
    "machine-tasks": "Transitions emit the tasks that the given machine's emit, and no others.",
    "machine-timers": "Timers of the given machine that are emitted are executed, if executions are recorded.",
}
"""The rules of hsmtrace, and those of a machine that traces are compared with, by their IDs."""
OTHER_RULE: Final = "A rule of the recorder."


class Position(Struct, frozen=True, gc=False):
    """A place in the program that was recorded, when it was there, and in which process.

    ``line`` counts from 1. What is not known is empty, or 0 for the line; ``time`` is a text of the recorder's own.
    """

    file: str = ""
    line: int = 0
    time: str = ""
    process: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.file else ""
        return ", ".join(filter(None, (where, self.process, self.time)))


class CallPosition(Position, frozen=True):
    """Where and when a call was made, and each call in its function."""

    inner: tuple[CallPosition | None, ...] = ()

    def of(self, inside: Sequence[int]) -> Position:
        """Return the place of the call that indexes in ``inner`` lead to, or of the nearest one around it."""
        found, time, process = self, self.time, self.process
        for index in inside:
            call = found.inner[index] if index < len(found.inner) else None
            if call is None:
                break
            found, time, process = call, call.time or time, call.process or process
        return Position(found.file, found.line, time, process)


class Remark(Struct, frozen=True, kw_only=True):
    """The recorder noticed something about the program's own machines, which is not for the specification to judge.

    ``file`` and ``line`` say where it is written, ``at`` is the place in the program, null if it is not known.
    """

    file: str = ""
    line: int = 0
    trace: str
    rule: str
    type: str
    what: str
    at: Position | None


class MachineRule(Struct, frozen=True, kw_only=True):
    """A rule about machines that was broken, as ``remarks`` say."""

    rule: str
    classification: Literal["machine"] = "machine"
    statement: str
    remarks: int


class _Machine(Struct, frozen=True):
    rule: str
    type: str = ""
    what: str = ""


_CALL: Final = msgspec.json.Decoder(CallPosition)
_MACHINE: Final = msgspec.json.Decoder(_Machine)
_SHOWN: Final = msgspec.json.Decoder(dict[str, str])
_ERRORS: Final = (msgspec.MsgspecError, RecursionError, ValueError)


def position(at: bytes, inside: Sequence[int] = ()) -> Position | None:
    """Return the place of the call that indexes lead to, None if ``at`` has no place."""
    try:
        found = _CALL.decode(at).of(inside)
    except _ERRORS:
        return None
    whole = bool(found.file) is bool(found.line)
    return found if whole and str(found) else None


def remark(trace: str, machine: bytes, at: bytes) -> Remark:
    """Return a remark of a trace. Raises one of `record.ERRORS`."""
    found = _MACHINE.decode(machine)
    return Remark(trace=trace, rule=found.rule, type=found.type, what=found.what, at=position(at))


def shown_values(shown: bytes) -> dict[str, str]:
    """Return what to show for values, nothing if it is not understood."""
    try:
        return _SHOWN.decode(shown)
    except _ERRORS:
        return {}


class PositionCache:
    """Remembers which bytes are well-formed places: a program has few, which are written often."""

    MOST: Final = 2**15
    LONGEST: Final = 2**12

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def has(self, at: bytes) -> bool:
        """Return whether bytes are a place."""
        if at in self._known:
            return True
        if len(at) > self.LONGEST or position(at) is None:
            return False
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known.add(at)
        return True


class ShownValues:
    """Readable forms of values: those of a trace, and those of the whole recording for lines that it did not decode.

    A value that two traces show differently is shown as it was recorded, except in those traces.
    """

    MOST: Final = 100_000

    def __init__(self) -> None:
        self._common: dict[str, str | None] = {}

    def add(self, values: Mapping[str, str]) -> None:
        """Add what a line says."""
        if len(self._common) >= self.MOST:
            self._common.clear()
        for value, text in values.items():
            if self._common.setdefault(value, text) != text:
                self._common[value] = None

    def of(self, names: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, str]:
        """Return what to show for those of the names that are values; ``own`` is what the trace itself says."""
        found: dict[str, str] = {}
        for name in names.values():
            text = own.get(name, self._common.get(name)) if isinstance(name, str) else None
            if text is not None:
                found[name] = text
        return found
