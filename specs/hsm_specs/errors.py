"""Errors of the tool: something around an implementation went wrong, so that nothing can be said about it.

They are a family apart from the errors that the documentation specifies: a specified error is an observation and is
judged, an error of the tool ends the run as one that could not be finished. The message says in one sentence which
command failed, how and where, and in a second one how to fix it.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from msgspec import Struct


class Trouble(Struct, frozen=True):
    """An error of the tool as a value: its code, its message, and the last lines that the adapter wrote to stderr."""

    code: str
    message: str
    stderr: tuple[str, ...] = ()


class ToolError(Exception):
    """Something around the implementation went wrong. ``remedy`` says how to fix it, and is empty if that is unknown.

    A subclass has a stable ``code`` and may have a default remedy.
    """

    code: ClassVar[str] = "harness"
    remedy: str = ""

    def __init__(self, what: str, *, remedy: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        if remedy is not None:
            self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()

    def trouble(self) -> Trouble:
        """Return the error as a value."""
        return Trouble(self.code, str(self))


class InputError(ToolError):
    """A file or an option cannot be used."""

    code = "input"


class NotWritten(ToolError):
    """Something could not be written at the end, when a violation was already known: ``exit_code`` says so."""

    def __init__(self, error: ToolError, exit_code: int) -> None:
        super().__init__(error.what, remedy=error.remedy)
        self.code_of_cause = error.trouble().code
        self.exit_code = exit_code

    def trouble(self) -> Trouble:
        """Return the error as a value."""
        return Trouble(self.code_of_cause, str(self))


@contextmanager
def keeping_verdict(exit_code: int) -> Generator[None]:
    """Raise a `ToolError` of the block as `NotWritten` if the exit code is 1: what was found stays found."""
    try:
        yield
    except ToolError as error:
        if exit_code != 1 or isinstance(error, NotWritten):
            raise
        raise NotWritten(error, exit_code) from None


class WorkerLost(ToolError):
    """A worker process ended before its shard was done."""

    code = "worker-lost"
    remedy = "If memory was short, use fewer `--workers`."


class OtherImplementation(ToolError):
    """An adapter of a session is another implementation, or another version of it, than the first one."""

    code = "other-implementation"
    remedy = "The same implementation belongs on all machines, and stays while it is judged."


class Forwarded(ToolError):
    """An error that happened in another process."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self._trouble = trouble

    def trouble(self) -> Trouble:
        """Return the error as a value."""
        return self._trouble


class AdapterError(ToolError):
    """An adapter violated the protocol.

    ``command`` is what was started, ``place`` where in the conversation it happened, and ``stderr`` has the last
    lines that the adapter wrote there.
    """

    code = "adapter"

    def __init__(
        self,
        what: str,
        *,
        command: Sequence[str],
        place: str,
        stderr: Sequence[str] = (),
        remedy: str | None = None,
    ) -> None:
        self.what_happened = what
        sentence = f"The adapter `{shlex.join(command)}` {what} {place}".rstrip()
        super().__init__(f"{sentence}.", remedy=remedy)
        self.command = tuple(command)
        self.place = place
        self.stderr = tuple(stderr)

    def trouble(self) -> Trouble:
        """Return the error as a value."""
        return Trouble(self.code, str(self), self.stderr)


class CannotStart(AdapterError):
    """The operating system cannot start the command."""

    code = "cannot-start"
    remedy = "Check that the command after `--` names a program that exists, is built, and may be executed."


class TimedOut(AdapterError):
    """The adapter did not answer within the time limit."""

    code = "timed-out"
    remedy = (
        "An adapter answers every line with one line and flushes its output after each;"
        " if it is only slow, raise the limit with `--timeout`."
    )


class Ended(AdapterError):
    """The adapter's process ended, by itself or by a signal, while an answer was due."""

    code = "ended"
    remedy = "An adapter reports a panic as an observation, and ends only at the end of its input."


class ClosedStream(AdapterError):
    """The adapter closed its input or output without ending."""

    code = "closed-stream"
    remedy = "An adapter keeps its stdin and stdout open until the end of its input."


class HalfLine(AdapterError):
    """The adapter's output ended in the middle of a line."""

    code = "half-line"
    remedy = "An answer is one whole line, ended by a newline and written at once."


class LineTooLong(AdapterError):
    """A line of the adapter's output is longer than any answer to a request can be."""

    code = "line-too-long"
    remedy = "An answer has one observation for each operation, and nothing else goes to stdout."


class Garbage(AdapterError):
    """A line of the adapter's output is not an answer of the protocol."""

    code = "garbage"
    remedy = "Only answers may go to stdout, one JSON object per line as PROTOCOL.md says; logs go to stderr."


class WrongSequence(AdapterError):
    """An answer has another sequence number than the request that is due, or no request is due."""

    code = "wrong-sequence"
    remedy = "Each request is answered once, in the order of the requests, with the `seq` of the request."


class WrongShape(AdapterError):
    """An answer has another number of observations than its request has operations."""

    code = "wrong-shape"
    remedy = "An answer has a list for each program with an observation for each operation, unbound ones included."


class ProtocolErrorAnswered(AdapterError):
    """The adapter answered that it does not understand a request."""

    code = "protocol-error"
    remedy = "Compare the adapter's operations with PROTOCOL.md; `hsmspec smoke` tries them one by one."


class BadHandshake(AdapterError):
    """The first answer is no valid handshake."""

    code = "bad-handshake"
    remedy = "The first line is answered with `hello`: protocol, name, version, language and capabilities."


class WrongProtocol(AdapterError):
    """The adapter speaks another version of the protocol."""

    code = "wrong-protocol"
    remedy = "Use an adapter and an hsmspec with the same protocol version."
