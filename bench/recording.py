"""Recording Go tests with hsmtrace: what a call costs more than the real one, of 5 µs"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from measure import Figure

HSMTRACE = Path(__file__).parents[1] / "adapters" / "temporal" / "hsmtrace"
BUDGET = 5_000
"""Nanoseconds."""
CALLS = {"MachineTransitionWithApply": 2}
"""The number of recorded calls that an operation of the benchmark makes, where that is not one."""
MEASURED = re.compile(r"BenchmarkOverhead/(\w+)/(\w+)\S*\s.*?([\d.]+) cpu-ns/op")


def figures() -> Iterator[Figure]:
    """Yield a figure for each kind of call, by the time of the processor."""
    if shutil.which("go") is None:
        print("  left out: Go is not installed")
        return
    command = ["go", "test", "-run", "^$", "-bench", "Overhead", "-benchtime", "20000x", "."]
    output = subprocess.run(command, cwd=HSMTRACE, stdout=subprocess.PIPE, text=True, check=True).stdout
    measured = {(name, how): float(took) for name, how, took in MEASURED.findall(output)}
    for (name, how), recorded in measured.items():
        if how == "recorded":
            more = (recorded - measured[name, "real"]) / CALLS.get(name, 1)
            yield Figure(f"a recorded {name}, for each call", more / BUDGET, f"{more / 1000:.1f} µs more", "5 µs")
