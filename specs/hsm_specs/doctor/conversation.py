"""A conversation with an adapter line by line. No answer ends it, however wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

import msgspec

from hsm_specs.adapter.process import Process, describe_status
from hsm_specs.adapter.streams import Limits, Streams, Timeouts
from hsm_specs.language.messages import Hello, HelloRequest
from hsm_specs.language.operations import Program

_ENCODER = msgspec.json.Encoder()
GREETING_LINE = _ENCODER.encode(HelloRequest(0, Hello()))
_LAST_WORDS = 0.2


class Silence(Exception):
    """The adapter wrote no line. The message says why, as the end of a sentence about the adapter.

    ``late`` is true if the time ran out, ``ended`` if the adapter ended.
    """

    def __init__(self, why: str, late: bool = False, ended: bool = False) -> None:
        super().__init__(why)
        self.late = late
        self.ended = ended


class Conversation:
    """A process of the adapter that exchanges raw lines. A context manager that ends the process group."""

    def __init__(self, command: Sequence[str], timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self._process = Process(command)
        self._streams = Streams(self._process.stdin, self._process.stdout, self._process.stderr, Limits())

    def __enter__(self) -> Conversation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._streams.end_input()
        self._streams.close()
        self._process.kill()

    def greet(self) -> bytes:
        """Send the handshake and return the answer's line."""
        self.say(GREETING_LINE)
        return self.hear(self.timeouts.start)

    def say(self, line: bytes) -> None:
        """Write a line, without waiting."""
        self._streams.write(line + b"\n")

    def hear(self, seconds: float | None = None) -> bytes:
        """Return the next line, without its newline. Raise `Silence`."""
        seconds = self.timeouts.answer if seconds is None else seconds
        deadline = time.monotonic() + seconds
        while not self._streams.lines:
            if self._streams.overlong:
                raise Silence("writes a line without end")
            if self._streams.ended or self._process.has_ended():
                self._streams.drain(_LAST_WORDS)
                if not self._streams.lines:
                    raise self._ending()
            elif time.monotonic() >= deadline:
                raise Silence(f"gives no whole line within {seconds:g} s", late=True)
            else:
                self._streams.pump(deadline)
        return self._streams.take()

    def ask(self, line: bytes) -> bytes:
        """Write a line and return the next one. Raise `Silence`."""
        self.say(line)
        return self.hear()

    def run(self, seq: int, programs: Sequence[Program]) -> bytes:
        """Send programs and return the next line, whatever it is. Raise `Silence`."""
        return self.ask(request(seq, programs))

    def end(self) -> int:
        """Close the adapter's input and return its exit status. Raise `Silence`."""
        self._streams.end_input()
        deadline = time.monotonic() + self.timeouts.end
        while not self._process.has_ended() and time.monotonic() < deadline:
            self._streams.pump(deadline)
        if not self._process.has_ended():
            raise Silence(f"keeps running for more than {self.timeouts.end:g} s after the end of its input")
        self._streams.drain(_LAST_WORDS)
        if self._streams.lines or self._streams.partial:
            raise Silence("writes something unrequested")
        return self._process.kill()

    def noise(self) -> tuple[str, ...]:
        """Return the last lines of stderr so far."""
        self._streams.drain(0.05)
        return self._streams.stderr_lines()

    def _ending(self) -> Silence:
        if not self._process.has_ended() and not self._process.wait(_LAST_WORDS):
            return Silence("closes its output and keeps running")
        return Silence(describe_status(self._process.kill()), ended=True)


def request(seq: int, programs: Sequence[Program]) -> bytes:
    """Return the line of a request."""
    return b'{"seq":%d,"programs":%s}' % (seq, _ENCODER.encode(tuple(programs)))
