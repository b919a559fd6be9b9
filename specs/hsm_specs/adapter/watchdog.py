"""A watchdog: a small shell that kills the adapters of this process if this process is killed.

An adapter ends with its input, but one that is busy does not look at it. The shell holds the other end of a pipe, which
the system closes whatever ends this process. Linux's PR_SET_PDEATHSIG would do without, but is bound to the thread that
started the adapter, and has to be set between fork and exec, where Python with several threads may hang.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from contextlib import suppress
from threading import Lock

_SCRIPT = """
groups=' '
while read -r verb group; do
    case $verb in
    +) groups="$groups$group " ;;
    -)
        case $groups in
        *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;;
        esac
        ;;
    esac
done
for group in $groups; do
    kill -s KILL -- "-$group"
done
"""


class Watchdog:
    """Knows the process groups that must not outlive this process. It starts with the first of them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pipe = -1
        self._shell: subprocess.Popen[bytes] | None = None

    def watch(self, group: int) -> None:
        """Kill a process group as soon as this process ends."""
        self._write(b"+ %d\n" % group)

    def release(self, group: int) -> None:
        """Forget a process group. Its number may become another's once its leader is reaped."""
        self._write(b"- %d\n" % group)

    def close(self) -> None:
        """End the shell, and what it still watches."""
        with self._lock:
            if self._shell is not None:
                os.close(self._pipe)
                with suppress(subprocess.TimeoutExpired):
                    self._shell.wait(1)
                self._shell = None

    def _write(self, line: bytes) -> None:
        # Without a shell, adapters are only told of the end by their input.
        with self._lock, suppress(OSError):
            if self._shell is None:
                self._start()
            os.write(self._pipe, line)

    def _start(self) -> None:
        reading, self._pipe = os.pipe()
        try:
            # In a session of its own, without the marks of adapters and without the terminal: nothing else ends it.
            self._shell = subprocess.Popen(  # noqa: S603 (a script of ours)
                ["/bin/sh", "-c", _SCRIPT],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
                env={},
            )
        except OSError:
            os.close(self._pipe)
            raise
        finally:
            os.close(reading)


WATCHDOG = Watchdog()
atexit.register(WATCHDOG.close)
