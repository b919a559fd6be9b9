"""An implementation in this process, behind a function that takes request lines and returns answer lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

import msgspec

from hsm_specs.adapter import answers
from hsm_specs.adapter.answers import Observations
from hsm_specs.errors import ToolError
from hsm_specs.language.messages import PROTOCOL_VERSION, Greeting, Hello, HelloRequest
from hsm_specs.language.operations import Program

Answer = Callable[[bytes], bytes]
"""Returns the answer line to a request line; a newline at the end of either is allowed."""
_ENCODER = msgspec.json.Encoder()


class Client(Protocol):
    """The receiver of programs: an adapter behind pipes, or an implementation in this process."""

    @property
    def greeting(self) -> Greeting:
        """The implementation's introduction."""

    def submit(self, programs: bytes) -> int:
        """Send a JSON array of programs. Return its sequence number."""

    def receive(self) -> bytes:
        """Return the JSON array of observations of the oldest request in flight."""

    def decode(self, payload: bytes, programs: Sequence[Program]) -> Observations:
        """Decode what `receive` returned, as observations that fit the programs."""

    def run(self, programs: Sequence[Program]) -> Observations:
        """Send programs and return their observations."""

    def close(self) -> object:
        """End the implementation. May be called again."""


class Failed(ToolError):
    """An implementation in this process raised an exception of its adapter, or returned something that is no answer."""

    code = "in-process"
    remedy = "An adapter reports what its implementation raises as an observation."


class InProcess:
    """The client of a function. An exception or an invalid answer is a `ToolError`. There are no time-outs."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._seq = 0
        self._in_flight: deque[tuple[int, bytes]] = deque()
        try:
            self._greeting = answers.greeting(self._ask(_ENCODER.encode(HelloRequest(0, Hello()))))
        except answers.Malformed as problem:
            self._malformed(problem)
        if self._greeting.protocol != PROTOCOL_VERSION:
            raise Failed(f"The implementation speaks version {self._greeting.protocol} of the protocol.", remedy="")

    @property
    def greeting(self) -> Greeting:
        """The implementation's introduction."""
        return self._greeting

    def submit(self, programs: bytes) -> int:
        """Keep a request until `receive` is called. Return its sequence number."""
        self._seq += 1
        self._in_flight.append((self._seq, b'{"seq":%d,"programs":%s}' % (self._seq, programs)))
        return self._seq

    def receive(self) -> bytes:
        """Return the function's answer to the oldest request."""
        seq, request = self._in_flight.popleft()
        try:
            return answers.payload(self._ask(request), seq)
        except answers.Malformed as problem:
            self._malformed(problem)

    def decode(self, payload: bytes, programs: Sequence[Program]) -> Observations:
        """Decode what `receive` returned, as observations that fit the programs."""
        try:
            return answers.decode_observations(payload, programs)
        except answers.Malformed as problem:
            self._malformed(problem)

    def run(self, programs: Sequence[Program]) -> Observations:
        """Send programs and return their observations. Nothing else may be in flight."""
        self.submit(_ENCODER.encode(programs))
        return self.decode(self.receive(), programs)

    def close(self) -> None:
        """Discard what is in flight."""
        self._in_flight.clear()

    def _ask(self, line: bytes) -> bytes:
        try:
            answer = self._answer(line)
        except Exception as error:
            raise Failed(f"The implementation raised {type(error).__name__}: {error}.") from error
        if not isinstance(answer, bytes):  # pyright: ignore[reportUnnecessaryIsInstance] (it is someone else's function)
            raise Failed(f"The implementation answered {type(answer).__name__} in place of bytes.")
        return answer.removesuffix(b"\n")

    def _malformed(self, problem: answers.Malformed) -> NoReturn:
        raise Failed(f"The implementation {problem}.") from None
