"""A command in its own process group, and the end of the whole group.

The command is an argument list and never passes through a shell. It becomes the leader of a new session, so a signal
from the terminal does not reach it and everything that it starts can be ended with it. On Linux a mark in the
environment also finds a descendant that has left the group. If this process is killed, the watchdog ends the group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from hsm_specs.adapter.watchdog import WATCHDOG
from hsm_specs.signals import signals_held

MARK = "HSMSPEC_ADAPTER"
"""The environment variable that marks the processes of an adapter."""
WORKER_MARK = "HSMSPEC_WORKER"
"""The environment variable that marks the adapters of a worker."""
PATIENCE = 0.3
"""Seconds between the request to terminate and the kill."""
_TICK = 0.005
_REAP = 2.0


class Process:
    """A started command with its three pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        self.mark = uuid.uuid4().hex
        try:
            # Interrupted in here, Popen would leave a process that nobody knows.
            with signals_held():
                self._start(list(command))
        except KeyboardInterrupt:
            if hasattr(self, "stderr"):
                self.kill()
            raise

    def _start(self, command: list[str]) -> None:
        # The command is the user's own, and an argument list.
        self._popen = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env={**os.environ, MARK: self.mark},
        )
        self.pid = self._popen.pid
        WATCHDOG.watch(self.pid)
        self.stdin = _pipe(self._popen.stdin)
        self.stdout = _pipe(self._popen.stdout)
        self.stderr = _pipe(self._popen.stderr)

    def has_ended(self) -> bool:
        """Return whether the leader has ended. It is not reaped, so that its number cannot become another process's."""
        if self._popen.returncode is not None:
            return True
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def wait(self, seconds: float) -> bool:
        """Wait for the leader's end, at most so many seconds. Return whether it ended."""
        deadline = time.monotonic() + seconds
        while not self.has_ended():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_TICK)
        return True

    def kill(self) -> int:
        """End the whole group, reap the leader and return its exit status, negative if a signal ended it."""
        if not self.has_ended():
            self._signal(signal.SIGTERM)
            self.wait(PATIENCE)
        self._signal(signal.SIGKILL)
        end_marked(self.mark)
        WATCHDOG.release(self.pid)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(_REAP)
        for pipe in (self.stdin, self.stdout, self.stderr):
            with suppress(OSError):
                pipe.close()
        return self._popen.returncode if self._popen.returncode is not None else -signal.SIGKILL

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def end_marked(mark: str, variable: str = MARK) -> None:
    """Kill the processes whose environment carries the mark."""
    for pid in marked(mark, variable):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def marked(mark: str, variable: str = MARK) -> list[int]:
    """Return the processes whose environment carries the mark; none where there is no /proc to look in."""
    entry = f"{variable}={mark}".encode()
    found: list[int] = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if entry in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found


def describe_status(status: int) -> str:
    """Return an exit status in words."""
    if status >= 0:
        return f"exited with status {status}"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("every stream of an adapter is a pipe")
    return stream
