"""Transactions of the real history engine by processor time, to what they have to reach; the share of the suite."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from measure import Figure

from hsm_specs.language import operations as ops
from hsm_specs.language.messages import BatchRequest, Hello, HelloRequest

REAL = Path("build/engine-v1.25.1")
KNOWN = Path("adapters/temporal/framework/v1.25.1/deviations.toml")
GOALS = {"memory": 3_000, "sqlite": 500}
"""Transactions that a processor is to run in a second, by store."""
TRANSACTIONS = 5_000
LENGTH = 100


def figures() -> Iterator[Figure]:
    """Measure transitions that ask for an outbound task, each committed."""
    if not REAL.exists():
        print("  left out: there is no build/engine-v1.25.1 (make build/engine-v1.25.1)")
        return
    for store, goal in GOALS.items():
        took = min(_processor(store, LENGTH) - _processor(store, 1) for _ in range(3))
        rate = TRANSACTIONS / took
        yield Figure(f"transactions/s over {store} to the goal", rate / goal, f"{rate:,.0f} tx/s", f"{goal:,} tx/s")
    suite, engine = _shares()
    yield Figure(
        "processor time of the suite to all, default run over memory",
        suite / (suite + engine),
        f"{suite:.0f} s",
        f"{suite + engine:.0f} s",
    )


def _shares() -> tuple[float, float]:
    """Return the seconds of processor time that the suite and the engine take in a default run.

    A shell around each process of the engine notes what that took.
    """
    with TemporaryDirectory() as folder:
        noted = Path(folder, "times")
        engine = ["sh", "-c", f'"$0" "$@"; times >>{noted}', str(REAL.resolve()), "--store", "memory"]
        command = [sys.executable, "-m", "hsm_specs.cli", "run", "--deviations", str(KNOWN), "--", *engine]
        before = _children()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        total = _children() - before
        # The first line of two is about the shell alone.
        lines = noted.read_text("utf-8").splitlines()[1::2]
    taken = re.findall(r"([0-9]+)m([0-9.]+)s", " ".join(lines))
    engines = sum(60 * int(minutes) + float(seconds) for minutes, seconds in taken)
    return total - engines, engines


def _children() -> float:
    """Return the seconds of processor time of all processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _processor(store: str, length: int) -> float:
    """Return the seconds of processor time for programs with so many transactions."""
    transition = ops.MachineTransition(1, ops.Script((), ((2, 7, "dest"),)))
    program: ops.Program = (
        ops.NewRegistry(),
        ops.RegisterMachine(1),
        ops.RegisterTaskSerializer(2),
        ops.NewCell(0),
        ops.StartWorkflow(0, 0),
        ops.AccessWorkflow(0, 0, "write", 0, ops.Script((ops.AddChild(0, (1, "a"), (0, 5)),))),
        *(ops.AccessWorkflow(0, 0, "write", 1, ops.Script((transition,)), (((1, "a"),), 1, 0)) for _ in range(length)),
    )
    requests = [msgspec.json.encode(HelloRequest(0, Hello()))]
    requests += [msgspec.json.encode(BatchRequest(seq, (program,))) for seq in range(1, TRANSACTIONS // LENGTH + 1)]
    before = _children()
    subprocess.run(
        [str(REAL.resolve()), "--store", store],
        input=b"\n".join(requests) + b"\n",
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return _children() - before
