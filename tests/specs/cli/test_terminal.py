"""The command line on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest


def on_a_terminal(arguments, **environment):
    """Return the output of a command on a terminal of 80 columns, and its exit code."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "hsm_specs.cli", *arguments],
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm-256color", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        written = bytearray()
        # Reading from a terminal whose other side is closed is an error on Linux.
        with suppress(OSError):
            while piece := os.read(ours, 65536):
                written += piece
        os.close(ours)
    return written.decode(), process.returncode


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_run_is_shown_live_and_in_colours_unless_they_are_not_wanted(variables, coloured, tmp_path):
    arguments = ["run", "-k", "NODE-KEY-1", "--budget", "quick", "--findings", str(tmp_path)]
    text, code = on_a_terminal(arguments, **variables)
    assert code == 0, text
    assert "directed properties" in text
    assert "hsm-model 0.1.0 conforms." in text
    assert ("\x1b[32m" in text) is coloured


def test_a_soak_is_shown_live(tmp_path):
    files = ("--findings", str(tmp_path), "--journal", str(tmp_path / "soak.jsonl"))
    text, code = on_a_terminal(["soak", "--shards", "2", "--size", "1500", "--workers", "1", *files], COLUMNS="160")
    assert code == 0, text
    assert "beginning" in text
    assert "2 shards: " in text
    assert "hsm-model 0.1.0: no difference was found." in text
