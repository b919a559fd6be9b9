"""Write transactions of the real history engine by processor time, to what they have to reach."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
from measure import Figure

from hsm_specs.language import operations as ops
from hsm_specs.language.messages import BatchRequest, Hello, HelloRequest

REAL = Path("build/engine-v1.25.1")
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
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [str(REAL.resolve()), "--store", store],
        input=b"\n".join(requests) + b"\n",
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
