"""An adapter: a running implementation that programs are sent to and observations come back from."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import NoReturn

import msgspec

from hsm_specs import errors
from hsm_specs.adapter import answers
from hsm_specs.adapter.answers import Observations
from hsm_specs.adapter.process import Process, describe_status
from hsm_specs.adapter.streams import Limits, Streams, Timeouts
from hsm_specs.language.messages import PROTOCOL_VERSION, Greeting, Hello, HelloRequest
from hsm_specs.language.operations import Program

_ENCODER = msgspec.json.Encoder()
_LAST_WORDS = 0.2
"""Seconds that a failing adapter has to write to stderr and to exit."""


class Adapter:
    """A command that speaks the adapter protocol, with any number of requests in flight.

    Created by :meth:`start`, which does the handshake; a context manager, which ends the process group. Every
    failure raises an `AdapterError` within the time-outs, after the process group has ended.
    """

    def __init__(self, command: Sequence[str], timeouts: Timeouts, limits: Limits) -> None:
        self.command = tuple(command)
        self.timeouts = timeouts
        self.status: int | None = None
        self._seq = 0
        self._in_flight: deque[int] = deque()
        self._place = "in the handshake"
        if not command or not command[0]:
            self._refuse("has no program to start")
        try:
            self._process = Process(command)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._refuse(f"could not be started ({reason})")
        self._streams = Streams(self._process.stdin, self._process.stdout, self._process.stderr, limits)
        try:
            self.greeting = self._shake_hands()
        except BaseException:
            self.close()
            raise

    @classmethod
    def start(cls, command: Sequence[str], timeouts: Timeouts | None = None, limits: Limits | None = None) -> Adapter:
        """Start the command and do the handshake. Raise `AdapterError` if that fails."""
        return cls(command, timeouts or Timeouts(), limits or Limits())

    def __enter__(self) -> Adapter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def in_flight(self) -> int:
        """The number of requests that wait for their answers."""
        return len(self._in_flight)

    # --- the conversation -------------------------------------------------------------------------------------------

    def submit(self, programs: bytes) -> int:
        """Send a request with a JSON array of programs, without waiting. Return its sequence number."""
        self._seq += 1
        self._in_flight.append(self._seq)
        self._streams.write(b'{"seq":%d,"programs":%s}\n' % (self._seq, programs))
        return self._seq

    def receive(self) -> bytes:
        """Wait for the answer to the oldest request in flight.

        Return the JSON array of observations as it came, undecoded, if it came in an answer of canonical form: equal
        bytes are equal observations. It is checked for its shape only by :func:`decode_observations`.
        """
        seq = self._in_flight[0]
        self._place = f"while the answer to request {seq} was awaited"
        line = self._line(self.timeouts.answer)
        try:
            payload = answers.payload(line, seq)
        except answers.Malformed as problem:
            self._malformed(problem)
        self._in_flight.popleft()
        if self._streams.lines > len(self._in_flight):
            self._place = f"after the answer to request {seq}"
            self._fail(errors.WrongSequence, "wrote a line that nothing had asked for")
        return payload

    def decode(self, payload: bytes, programs: Sequence[Program]) -> Observations:
        """Decode what :meth:`receive` returned, as observations that fit the programs."""
        try:
            return answers.decode_observations(payload, programs)
        except answers.Malformed as problem:
            self._malformed(problem)

    def run(self, programs: Sequence[Program]) -> Observations:
        """Send programs and return their observations. Nothing else may be in flight."""
        self.submit(_ENCODER.encode(programs))
        return self.decode(self.receive(), programs)

    # --- the end ----------------------------------------------------------------------------------------------------

    def finish(self) -> int:
        """Close the adapter's input, wait for its end, and return its exit status. Further output is an error."""
        self._place = "after the end of its input"
        self._streams.end_input()
        deadline = time.monotonic() + self.timeouts.end
        while not (self._streams.ended or self._streams.lines or self._process.has_ended()):
            if time.monotonic() >= deadline:
                break
            self._streams.pump(deadline)
        self._streams.drain(min(_LAST_WORDS, max(0.0, deadline - time.monotonic())))
        if self._streams.lines or self._streams.partial:
            self._fail(errors.WrongSequence, "wrote something that nothing had asked for")
        self._process.wait(max(0.0, deadline - time.monotonic()))
        return self.close()

    def close(self) -> int:
        """End the whole process group now and return the exit status. May be called again."""
        if self.status is None:
            self._streams.end_input()
            self._streams.close()
            self.status = self._process.kill()
        return self.status

    # --- inside -----------------------------------------------------------------------------------------------------

    def _shake_hands(self) -> Greeting:
        self._streams.write(_ENCODER.encode(HelloRequest(0, Hello())) + b"\n")
        line = self._line(self.timeouts.start)
        try:
            greeting = answers.greeting(line)
        except answers.Refused as problem:
            self._fail(errors.ProtocolErrorAnswered, str(problem))
        except answers.Malformed as problem:
            self._fail(errors.BadHandshake, str(problem))
        if greeting.protocol != PROTOCOL_VERSION:
            self._fail(
                errors.WrongProtocol,
                f"speaks version {greeting.protocol} of the protocol, and hsmspec version {PROTOCOL_VERSION},",
            )
        if "wire" in greeting.capabilities and greeting.dialect is None:
            self._fail(errors.BadHandshake, "claims the capability `wire` without naming its dialect")
        return greeting

    def _line(self, seconds: float) -> bytes:
        """Return the next line of output. Raise `AdapterError` if there is none in time."""
        streams = self._streams
        deadline = time.monotonic() + seconds
        while not streams.lines:
            if streams.overlong:
                self._fail(errors.LineTooLong, f"wrote a line of more than {streams.limits.line} bytes")
            if streams.ended or self._process.has_ended():
                self._ended()
            elif time.monotonic() >= deadline:
                self._late(seconds)
            else:
                streams.pump(deadline)
        return streams.take()

    def _ended(self) -> None:
        """Read what is left. Return only if that has a complete line; raise `AdapterError` otherwise."""
        streams = self._streams
        self._process.wait(_LAST_WORDS)
        alive = not self._process.has_ended()
        streams.drain(_LAST_WORDS)
        if streams.lines:
            return
        if alive:
            self._fail(errors.ClosedStream, "closed its output but went on running")
        status = describe_status(self._end())
        if streams.partial:
            half = answers.shown(streams.partial)
            self._fail(errors.HalfLine, f"{status} in the middle of an answer ({half})")
        self._fail(errors.Ended, status)

    def _late(self, seconds: float) -> NoReturn:
        if self._streams.refused:
            self._fail(errors.ClosedStream, "closed its input but went on running")
        half = f", only half a line ({answers.shown(self._streams.partial)})" if self._streams.partial else ""
        unread = " and did not even read the whole request" if self._streams.unwritten else ""
        self._fail(errors.TimedOut, f"gave no answer within {seconds:g} s{half}{unread}")

    def _malformed(self, problem: answers.Malformed) -> NoReturn:
        match problem:
            case answers.Refused():
                kind: type[errors.AdapterError] = errors.ProtocolErrorAnswered
            case answers.Unexpected():
                kind = errors.WrongSequence
            case answers.WrongCount():
                kind = errors.WrongShape
            case _:
                kind = errors.Garbage
        self._fail(kind, str(problem))

    def _end(self) -> int:
        """End the process group after reading its last output."""
        if self.status is None:
            self._streams.drain(_LAST_WORDS if self._process.has_ended() else 0.05)
        return self.close()

    def _fail(self, kind: type[errors.AdapterError], what: str) -> NoReturn:
        with suppress(OSError):
            self._end()
        raise kind(what, command=self.command, place=self._place, stderr=self._streams.stderr_lines())

    def _refuse(self, what: str) -> NoReturn:
        raise errors.CannotStart(what, command=self.command, place="")
