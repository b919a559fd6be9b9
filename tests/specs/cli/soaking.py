"""Soaks in a process of their own, and adapters that tests can wait for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

IMPLEMENTATIONS = Path(__file__).parents[1] / "engine" / "implementations"
NEVER = 10**6


class Started(NamedTuple):
    """A start of an adapter: the process that started it, and its own."""

    parent: int
    pid: int


def waiting(folder: Path, before: int, *amendments: str) -> list[str]:
    """Return the command of an adapter that notes its starts in the folder, and from one on waits for a file `go`."""
    return [sys.executable, str(IMPLEMENTATIONS / "waits.py"), str(folder), str(before), *amendments]


def starts(folder: Path) -> list[Started]:
    """Return the starts so far, in their order."""
    files = sorted(folder.glob("*.started"), key=lambda path: int(path.stem))
    words = (path.read_text().split() for path in files)
    return [Started(int(word[0]), int(word[1])) for word in words if len(word) == 2]


def begin(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    """Begin a soak in a folder."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "hsm_specs.cli", "soak", "--seed", "3", "--size", "1500", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        text=True,
    )


def result(path: Path) -> dict[str, Any]:
    """Return the findings of a soak, as far as they do not depend on time and place."""
    found = json.loads(path.read_text())
    kept = {name: found[name] for name in ("exit_code", "programs", "operations", "problems", "requirements")}
    findings = [{**entry["finding"], "command": []} for entry in found["findings"]]
    return {**kept, "findings": findings, "done": found["soak"]["done"], "steps": found["soak"]["steps"]}
