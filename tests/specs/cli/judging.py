"""Judging in a process of its own, by workers that tests can wait for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..traces.test_judging import ADDED, YES, recorded

HELD = Path(__file__).parent / "held"
DIVIDED = "from hsm_specs.traces.judging import shards; shards.DIVIDED = 0; from hsm_specs.cli import main; main()"
"""Every file is large enough to be divided."""
TRACES = b"".join(
    line for number in range(20) for line in recorded(ADDED, f"trace {number}", YES if number % 5 == 0 else None)
)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of workers that wait with a file `held` of a folder until there is a file `go`."""
    paths = [str(HELD), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "HELD": str(folder), "PYTHONPATH": os.pathsep.join(paths)}


def opened(folder: Path) -> set[int]:
    """Return the processes that have begun with such a file."""
    return {int(path.stem) for path in folder.glob("*.opened")}


def begin(*arguments: str, folder: Path, **more: Any) -> subprocess.Popen[str]:
    """Begin to judge in a folder."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", DIVIDED, "judge", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        text=True,
        **more,
    )


def result(path: Path) -> dict[str, Any]:
    """Return the result of judging, as far as it does not depend on time."""
    found = json.loads(path.read_text())
    del found["seconds"]
    return found
