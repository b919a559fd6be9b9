"""The harness errors: what goes wrong around an implementation, as against what an implementation answers.

They are a family apart from the errors that the documentation specifies: a specified error is an observation and is
judged, a harness error ends the run as one that could not be finished. Each says in one sentence which command did what
and where, and in a second one what may mend it.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct


class Trouble(Struct, frozen=True):
    """A harness error as a value: its code, its sentences, and the last lines that the adapter wrote to stderr."""

    code: str
    message: str
    stderr: tuple[str, ...] = ()


class ToolError(Exception):
    """Something around the implementation went wrong, so that nothing can be said about the implementation."""

    code: ClassVar[str] = "harness"
    mend: ClassVar[str] = ""

    def __init__(self, what: str, *, mend: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.advice = self.mend if mend is None else mend

    def __str__(self) -> str:
        return f"{self.what} {self.advice}".strip()

    def trouble(self) -> Trouble:
        """The error as a value."""
        return Trouble(self.code, str(self))


class InputError(ToolError):
    """A file or an option that the user gave cannot be used."""

    code = "input"


class WorkerLost(ToolError):
    """A process that ran a part of the soak is gone."""

    code = "worker-lost"
    mend = "If memory was short, use fewer `--workers`."


class Forwarded(ToolError):
    """A harness error that happened in another process."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self._trouble = trouble

    def trouble(self) -> Trouble:
        """The error as a value."""
        return self._trouble


class AdapterError(ToolError):
    """An adapter did not keep to the protocol.

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
        mend: str | None = None,
    ) -> None:
        sentence = f"The adapter `{shlex.join(command)}` {what} {place}".rstrip()
        super().__init__(f"{sentence}.", mend=mend)
        self.command = tuple(command)
        self.place = place
        self.stderr = tuple(stderr)

    def trouble(self) -> Trouble:
        """The error as a value."""
        return Trouble(self.code, str(self), self.stderr)


class CannotStart(AdapterError):
    """The operating system refused to start the command."""

    code = "cannot-start"
    mend = "Check that the command after `--` names a program that exists, is built, and may be executed."


class TimedOut(AdapterError):
    """The adapter was asked something and gave no whole answer in the time that it has for one."""

    code = "timed-out"
    mend = (
        "An adapter answers every line with one line and flushes its output after each;"
        " if it is merely slow, give it more time with `--timeout`."
    )


class Ended(AdapterError):
    """The adapter's process ended, by itself or by a signal, while an answer was due."""

    code = "ended"
    mend = "An adapter answers a panic as an observation, and ends only at the end of its input."


class ClosedStream(AdapterError):
    """The adapter closed its input or output while it went on running."""

    code = "closed-stream"
    mend = "An adapter keeps its stdin and stdout open until the end of its input."


class HalfLine(AdapterError):
    """The adapter's output ended in the middle of a line."""

    code = "half-line"
    mend = "An answer is one whole line, ended by a newline and written at once."


class LineTooLong(AdapterError):
    """A line of the adapter's output grew beyond all answers that a request can have."""

    code = "line-too-long"
    mend = "An answer holds one observation for each operation, and nothing else goes to stdout."


class Garbage(AdapterError):
    """A line of the adapter's output is not an answer of the protocol."""

    code = "garbage"
    mend = "Only answers may go to stdout, one JSON object a line as PROTOCOL.md says; logs go to stderr."


class WrongSequence(AdapterError):
    """An answer carries another sequence number than the request that is due, or no request is due at all."""

    code = "wrong-sequence"
    mend = "Each request is answered once, in the order of the requests, with the request's own `seq`."


class WrongShape(AdapterError):
    """An answer has another number of observations than its request has operations."""

    code = "wrong-shape"
    mend = "An answer has a list for each program and in it an observation for each operation, unbound ones included."


class ProtocolErrorAnswered(AdapterError):
    """The adapter said that it does not understand a request."""

    code = "protocol-error"
    mend = "Compare the adapter's operations with PROTOCOL.md; `hsmspec smoke` leads through them."


class BadHandshake(AdapterError):
    """The first answer does not introduce an implementation."""

    code = "bad-handshake"
    mend = "The first line is answered with `hello`: protocol, name, version, language and capabilities."


class WrongProtocol(AdapterError):
    """The adapter speaks another version of the protocol."""

    code = "wrong-protocol"
    mend = "Use an adapter and an hsmspec of the same protocol version."
