"""The wish that something long should end: asked for by a signal, and looked at where nothing is lost by ending."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType

from hsm_specs.adapter import Client
from hsm_specs.adapter.answers import Observations
from hsm_specs.errors import ToolError
from hsm_specs.language.messages import Greeting
from hsm_specs.language.operations import Program

ASKED = "It was asked to end."


class Stopped(ToolError):
    """An end was asked for, so nothing more is run."""

    code = "stopped"


class Stop:
    """Whether an end was asked for."""

    def __init__(self) -> None:
        self.asked = False
        self._waiting = False

    @contextmanager
    def waiting(self) -> Generator[None]:
        """Waits for what may never come: meanwhile the wish does not only stand, it raises `Stopped`."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    @contextmanager
    def listening(self) -> Generator[None]:
        """Takes SIGINT and SIGTERM for the wish; a second one is a `KeyboardInterrupt`."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._signalled) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        if self._waiting:
            raise Stopped(ASKED)


class Stoppable:
    """A client that is asked nothing more once an end was asked for: that is a harness error."""

    def __init__(self, start: Callable[[], Client], stop: Stop) -> None:
        self._client = start()
        self._stop = stop

    @property
    def greeting(self) -> Greeting:
        """How the implementation introduced itself."""
        return self._client.greeting

    def submit(self, programs: bytes) -> int:
        """Takes a JSON array of programs. Answers its sequence number."""
        self._check()
        return self._client.submit(programs)

    def receive(self) -> bytes:
        """The JSON array of observations of the oldest request in flight."""
        return self._client.receive()

    def decode(self, payload: bytes, programs: Sequence[Program]) -> Observations:
        """What `receive` answered, as observations that fit the programs."""
        return self._client.decode(payload, programs)

    def run(self, programs: Sequence[Program]) -> Observations:
        """Submits programs and answers their observations."""
        self._check()
        return self._client.run(programs)

    def close(self) -> object:
        """Ends the implementation."""
        return self._client.close()

    def _check(self) -> None:
        if self._stop.asked:
            raise Stopped(ASKED)
