"""A property test of the real package in Go, with rapid: how fast it is next to hsmspec."""

from __future__ import annotations

import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

CHECKS, STEPS = 2_000, 50
"""The number of programs that a process runs, and about how many actions each has."""


@cache
def built() -> Path:
    """Return the path of the test's program, which is built first."""
    program = Path("build/temporal-rapid").resolve()
    build = ("scripts/temporal-go", "v1.25.1", "rapid", "test", "-c", "-o", str(program), ".")
    subprocess.run(build, check=True)
    return program


def rate_of(processes: int) -> float:
    """Return the actions/s of so many processes at once, each with a look at the whole tree after every action."""
    with ThreadPoolExecutor(processes) as pool:
        return sum(pool.map(lambda _: _rate(), range(processes)))


def _rate() -> float:
    size = (f"-rapid.checks={CHECKS}", f"-rapid.steps={STEPS}", "-rapid.nofailfile", "-test.count=1")
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([str(built()), *size], cwd=folder, capture_output=True, text=True, check=True)
    found = re.search(r"(\d+) actions in ([\d.]+) s", ran.stderr)
    if found is None:
        raise RuntimeError("the property test does not say how many actions it made")
    return int(found[1]) / float(found[2])
