"""Clusters of Dask: a scheduler and two workers on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..engine.soaks import until


class Cluster:
    """The address of a scheduler, and the processes of its workers."""

    def __init__(self, address, scheduler, workers):
        self.address = address
        self.scheduler = scheduler
        self.workers = workers


@contextmanager
def running(folder: Path, environment: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Yield a scheduler and two workers, which run in a folder and end with the context."""
    file = folder / "scheduler.json"
    options = ("--scheduler-file", str(file), "--no-dashboard")

    def started(module, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *options, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        return process

    with ExitStack() as stack:
        scheduler = started("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        until(lambda: file.exists() and file.read_text().endswith("}"))
        worker = ("dask_worker", "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
        workers = [started(*worker), started(*worker)]
        yield Cluster(json.loads(file.read_text())["address"], scheduler, workers)
