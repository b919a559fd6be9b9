"""The three pipes of an adapter, read and written together without ever blocking on one of them.

A request that is larger than a pipe is written piece by piece while answers and stderr are read, so neither side can
wait for the other for ever. Nothing is copied twice and nothing is decoded here.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import time
from collections import deque
from contextlib import suppress
from typing import IO

from msgspec import Struct

_CHUNK = 2**18
_PIPE_SIZE = 2**20
_TICK = 0.1
_DRAINED_LINES = 1000


class Timeouts(Struct, frozen=True):
    """Seconds that an adapter has for its start with the handshake, for an answer, and for an orderly end."""

    start: float = 10.0
    answer: float = 5.0
    end: float = 1.0

    @classmethod
    def of(cls, seconds: float | None) -> Timeouts:
        """Return the same number of seconds for the handshake and every answer, or the defaults."""
        return cls() if seconds is None else cls(start=seconds, answer=seconds, end=min(1.0, seconds))


class Limits(Struct, frozen=True):
    """Limits of an adapter's output.

    ``line`` is in bytes of a line of stdout, ``stderr`` in bytes of its end, of which the last ``stderr_lines`` are
    shown, each cut to ``stderr_width`` characters.
    """

    line: int = 8 * 2**20
    stderr: int = 8 * 2**10
    stderr_lines: int = 12
    stderr_width: int = 160


class Streams:
    """Lines to write, lines that were read, and the end of stderr."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes], limits: Limits) -> None:
        self.limits = limits
        self.ended = False
        self.refused = False
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._selector = selectors.DefaultSelector()
        self._writing = False
        self._to_write: deque[memoryview] = deque()
        self._lines: deque[bytes] = deque()
        self._partial = bytearray()
        self._tail = b""
        for stream in (stdin, stdout, stderr):
            os.set_blocking(stream.fileno(), False)
            _widen(stream)
        self._selector.register(stdout, selectors.EVENT_READ, self._read_stdout)
        self._selector.register(stderr, selectors.EVENT_READ, self._read_stderr)

    # --- writing ----------------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Write what fits now, and keep the rest until the pipe has room."""
        if self.refused or self._stdin.closed:
            self.refused = True
            return
        self._to_write.append(memoryview(data))
        if not self._writing:
            self._write()

    @property
    def unwritten(self) -> bool:
        """Whether something is still waiting for room in the pipe."""
        return bool(self._to_write)

    def end_input(self) -> None:
        """Close the adapter's stdin."""
        self._watch_stdin(False)
        self._to_write.clear()
        with suppress(OSError):
            self._stdin.close()

    # --- reading ----------------------------------------------------------------------------------------------------

    @property
    def lines(self) -> int:
        """The number of whole lines that were read and not yet taken."""
        return len(self._lines)

    @property
    def overlong(self) -> bool:
        """Whether the line that is being read is longer than an answer can be."""
        return len(self._partial) > self.limits.line

    @property
    def partial(self) -> bytes:
        """The bytes read so far of a line whose end has not arrived."""
        return bytes(self._partial)

    def take(self) -> bytes:
        """Return the oldest complete line, without its newline."""
        return self._lines.popleft()

    def stderr_lines(self) -> tuple[str, ...]:
        """Return the last lines of stderr, made printable."""
        text = self._tail.decode("utf-8", "replace")
        printable = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
        width = self.limits.stderr_width
        lines = printable.splitlines()[-self.limits.stderr_lines :]
        return tuple(line if len(line) <= width else line[:width] + "..." for line in lines)

    def pump(self, deadline: float) -> None:
        """Read and write once a pipe is ready, waiting no longer than a tick, and not beyond the deadline."""
        left = max(0.0, min(deadline - time.monotonic(), _TICK))
        for key, _ in self._selector.select(left):
            key.data()

    def drain(self, seconds: float) -> None:
        """Read until both outputs have ended or the time is over."""
        deadline = time.monotonic() + seconds
        while self._selector.get_map() and time.monotonic() < deadline:
            if self.overlong or self.lines > _DRAINED_LINES:
                break
            self.pump(deadline)

    def close(self) -> None:
        """Stop watching the pipes. Their owner closes them."""
        self._selector.close()

    # --- the moves --------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        try:
            while self._to_write:
                head = self._to_write[0]
                written = os.write(self._stdin.fileno(), head)
                if written == len(head):
                    self._to_write.popleft()
                else:
                    self._to_write[0] = head[written:]
        except BlockingIOError:
            self._watch_stdin(True)
            return
        except OSError:
            self.refused = True
            self._to_write.clear()
        self._watch_stdin(False)

    def _watch_stdin(self, wanted: bool) -> None:
        if wanted and not self._writing:
            self._selector.register(self._stdin, selectors.EVENT_WRITE, self._write)
        elif self._writing and not wanted:
            self._selector.unregister(self._stdin)
        self._writing = wanted

    def _read_stdout(self) -> None:
        chunk = _read(self._stdout)
        if chunk is None:
            return
        if not chunk:
            self._selector.unregister(self._stdout)
            self.ended = True
            return
        first, newline, rest = chunk.partition(b"\n")
        self._partial += first
        if newline:
            self._lines.append(bytes(self._partial))
            *whole, partial = rest.split(b"\n")
            self._lines.extend(whole)
            self._partial = bytearray(partial)

    def _read_stderr(self) -> None:
        chunk = _read(self._stderr)
        if chunk is None:
            return
        if not chunk:
            self._selector.unregister(self._stderr)
            return
        self._tail = (self._tail + chunk)[-self.limits.stderr :]


def _read(stream: IO[bytes]) -> bytes | None:
    try:
        return os.read(stream.fileno(), _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _widen(stream: IO[bytes]) -> None:
    """Enlarge a pipe where the system supports it, for fewer switches between the processes."""
    request: int | None = getattr(fcntl, "F_SETPIPE_SZ", None)
    if request is not None:
        with suppress(OSError):
            fcntl.fcntl(stream.fileno(), request, _PIPE_SIZE)
