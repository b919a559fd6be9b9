"""Cooperative cancellation of long-running work: a signal requests it, and the work ends where nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from hsm_specs.adapter import Client
from hsm_specs.adapter.answers import Observations
from hsm_specs.errors import ToolError
from hsm_specs.language.messages import Greeting
from hsm_specs.language.operations import Program
from hsm_specs.signals import ending_signals


class Stopped(ToolError):
    """Cancellation was requested, so nothing more is run."""

    code = "stopped"

    def __init__(self) -> None:
        super().__init__("It was asked to end.")


class Cancellation:
    """Whether the end of some work was requested."""

    def __init__(self) -> None:
        self.requested = False
        self._waiting = False

    @contextmanager
    def waiting(self) -> Generator[None]:
        """Guard a wait that may never end: during it, a request for cancellation raises `Stopped`."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    @contextmanager
    def listening(self) -> Generator[None]:
        """Treat the signals that ask this process to end as a request; a second one raises `KeyboardInterrupt`."""
        with ending_signals(self._signaled):
            yield

    def _signaled(self) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        if self._waiting:
            raise Stopped


class CancellableClient:
    """A client that raises `Stopped` once cancellation was requested, also while an answer is awaited."""

    def __init__(self, start: Callable[[], Client], cancellation: Cancellation) -> None:
        self._cancellation = cancellation
        with cancellation.waiting():
            self._client = start()

    @property
    def greeting(self) -> Greeting:
        """The implementation's introduction."""
        return self._client.greeting

    def submit(self, programs: bytes) -> int:
        """Send a JSON array of programs. Return its sequence number."""
        self._check()
        return self._client.submit(programs)

    def receive(self) -> bytes:
        """Return the JSON array of observations of the oldest request in flight."""
        with self._cancellation.waiting():
            return self._client.receive()

    def decode(self, payload: bytes, programs: Sequence[Program]) -> Observations:
        """Decode what `receive` returned, as observations that fit the programs."""
        return self._client.decode(payload, programs)

    def run(self, programs: Sequence[Program]) -> Observations:
        """Send programs and return their observations."""
        self._check()
        with self._cancellation.waiting():
            return self._client.run(programs)

    def close(self) -> object:
        """End the implementation."""
        return self._client.close()

    def _check(self) -> None:
        if self._cancellation.requested:
            raise Stopped()
