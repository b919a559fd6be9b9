"""A run that is asked to stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_it_found_and_ends_soon(number, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "hsm_specs.cli", "run", "--budget", "60", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        text=True,
        # A shell's background jobs ignore it, and so would what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (this process has no thread)
    ) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "random soak" in line:
                break
        time.sleep(1)
        started = time.monotonic()
        process.send_signal(number)
        text = "".join(lines) + process.stdout.read()
    assert time.monotonic() - started < 10
    assert process.returncode == 2
    assert "The run is partial: it was interrupted" in text
    assert "Traceback" not in text
