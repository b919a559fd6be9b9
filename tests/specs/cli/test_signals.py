"""Signals: adapters end within a second, and what was found is reported."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ..engine.soaks import runs, until
from .soaking import starts, waiting

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SOON = 1.0 + 1.0
"""Seconds in which the adapters are gone, and those that a loaded machine may take besides."""
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="processes are looked up in /proc"),
    pytest.mark.xdist_group("soak processes"),
]


def begin(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "hsm_specs.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (this process has no thread)
    )


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("arguments", "before"),
    [
        (("run", "-k", "NODE-ADD", "--json", "result.json"), 0),
        (("run", "--budget", "quick", "--workers", "2", "--json", "result.json"), 1),
        (("soak", "--time", "1h", "--workers", "2", "--json", "result.json"), 1),
        (("soak", "--time", "1h", "--workers", "1", "--json", "result.json"), 0),
    ],
)
def test_an_adapter_that_does_not_answer_is_ended_and_the_reports_are_written(number, arguments, before, tmp_path):
    command = waiting(tmp_path, before)
    with begin(*arguments, "--timeout", "100", "--", *command, folder=tmp_path) as process:
        until(lambda: len(starts(tmp_path)) >= before + 1, process)
        time.sleep(0.2)
        process.send_signal(number)
        sent = time.monotonic()
        until(lambda: not any(runs(start.pid) for start in starts(tmp_path)))
        took = time.monotonic() - sent
        said = process.communicate()[0]
    assert "Traceback" not in said
    assert process.returncode == 2, said
    assert json.loads((tmp_path / "result.json").read_text())["partial"]
    assert took < SOON


def test_a_hangup_that_nohup_ignores_ends_nothing(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "hsm_specs.cli", "run", "-k", "NODE-ADD", "--", *waiting(tmp_path, 0)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509 (this process has no thread)
    ) as process:
        until(lambda: len(starts(tmp_path)) >= 1, process)
        process.send_signal(signal.SIGHUP)
        (tmp_path / "go").touch()
        process.communicate()
    assert process.returncode == 0


BUSY = """
import os, sys
from pathlib import Path
from hsm_specs.adapter.serve import observe, serve

def busy(program):
    Path(f"{os.getpid()}.busy").touch()
    while True:
        pass

serve(sys.stdin.buffer, sys.stdout.buffer, busy)
"""


@pytest.mark.parametrize(
    "arguments", [("run", "-k", "NODE-ADD"), ("soak", "--workers", "2", "--shards", "4"), ("doctor",)]
)
def test_an_adapter_that_is_busy_ends_when_its_parent_is_killed(arguments, tmp_path):
    with begin(*arguments, "--timeout", "100", "--", sys.executable, "-c", BUSY, folder=tmp_path) as process:
        until(lambda: list(tmp_path.glob("*.busy")), process)
        process.kill()
        process.communicate()
    adapters = [int(path.stem) for path in tmp_path.glob("*.busy")]
    until(lambda: not any(map(runs, adapters)))


def test_nothing_is_left_of_a_run_that_was_not_killed(tmp_path):
    with begin("run", "-k", "NODE-ADD", folder=tmp_path) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        seen = set()
        while process.poll() is None:
            with suppress(OSError):
                seen.update(map(int, children.read_text().split()))
        process.communicate()
    assert 2 <= len(seen), "the adapter and the watchdog"
    assert not any(map(runs, seen))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_interrupted_mutants_are_not_run_and_do_not_survive(workers, tmp_path):
    entry = {"requirement": "CLEAR-TREE-1", "sentence": "It clears nothing.", "command": waiting(tmp_path, 0)}
    (tmp_path / "mutants.json").write_text(json.dumps([{**entry, "name": name} for name in ("one", "two", "three")]))
    arguments = ("mutants", "mutants.json", "--workers", workers, "--timeout", "100", "--json", "result.json")
    with begin(*arguments, folder=tmp_path) as process:
        until(lambda: len(starts(tmp_path)) >= int(workers), process)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[0]
    assert process.returncode == 2, said
    assert said.count("NOT RUN") == said.count("it was interrupted") == 3
    assert "survive" not in said
    assert json.loads((tmp_path / "result.json").read_text())["survivors"] == []
    assert not any(runs(start.pid) for start in starts(tmp_path))


STRUCK = """
import os, signal, subprocess, sys, time
from pathlib import Path

class Struck(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if options.get("bufsize") == 0:
            while not list(Path().glob("*.started")):
                time.sleep(0.01)
            os.kill(os.getpid(), getattr(signal, NAME))

NAME = sys.argv.pop()
subprocess.Popen = Struck
from hsm_specs.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_an_adapter_starts_leaves_none(name, tmp_path):
    arguments = ["smoke", "--timeout", "100", "--", *waiting(tmp_path, 0)]
    done = subprocess.run(
        [sys.executable, "-c", STRUCK, *arguments, name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: [signal.signal(each, signal.SIG_DFL) for each in NUMBERS],
    )
    assert (2, "hsmspec: interrupted") == (done.returncode, done.stderr.strip())
    [start] = starts(tmp_path)
    assert not runs(start.pid)
