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


LOADING = """
import os, signal, sys


class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
        return None


sys.meta_path.insert(0, Interrupting())
from hsm_specs.cli import main

sys.argv = ["hsmspec", "run", "--help"]
main()
"""


@pytest.mark.parametrize(
    "name", ["click", "hsm_specs.cli.error_handling", "hsm_specs.cli.run_command", "rich.progress", "junitparser"]
)
def test_an_interrupt_while_modules_load_shows_no_traceback(name, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LOADING.format(name=name)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (2, "hsmspec: interrupted\n", "") == (done.returncode, done.stderr.lstrip("\n"), done.stdout)
