"""The watchdog forgets what is released and kills what is not."""

from __future__ import annotations

import signal
import subprocess
import sys

from hsm_specs.adapter.watchdog import Watchdog

NOBODY = 2**31 - 1
"""A process group that there is not."""


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def test_a_group_that_is_not_watched_is_released_as_often_as_one_likes():
    watchdog = Watchdog()
    with sleeper() as process:
        watchdog.watch(process.pid)
        for _ in range(100):
            watchdog.release(NOBODY)
        watchdog.close()
        assert process.wait(5) == -signal.SIGKILL


def test_a_group_that_is_released_is_left_alone():
    watchdog = Watchdog()
    with sleeper() as process, sleeper() as other:
        watchdog.watch(other.pid)
        watchdog.watch(process.pid)
        watchdog.release(process.pid)
        watchdog.close()
        assert other.wait(5) == -signal.SIGKILL
        assert process.poll() is None
        process.kill()
