"""Soaks in the tests: worker pools, and waiting for what processes do."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from hsm_specs.parallel.worker_pool import Inline, WorkerPool
from hsm_specs.results.events import Event, FindingMade, RequirementJudged, RunEnded, Soaked

SIZE = 1_500
"""Operations of a shard."""
PATIENCE = 60
"""Seconds after which what a test waits for does not come any more."""


class Told(list[Event]):
    """The events of a soak, and its exit code."""

    code = -1

    def of(self, kind: type) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]

    def one(self, kind: type) -> Any:
        (event,) = self.of(kind)
        return event

    @property
    def found(self) -> bytes:
        """The parts that do not depend on time."""
        ended = self.one(RunEnded)
        return msgspec.json.encode(
            (
                [event.finding for event in self.of(FindingMade)],
                [event.judgement for event in self.of(RequirementJudged)],
                (ended.exit_code, ended.programs, ended.operations, ended.problems),
                (self.one(Soaked).done, self.one(Soaked).steps),
            )
        )


class Here(WorkerPool):
    """An executor in this process."""

    def __init__(self, executor: Executor, workers: int) -> None:
        super().__init__(executor, workers=workers)


@contextmanager
def inline() -> Iterator[WorkerPool]:
    """Yield one shard after another, each done as soon as it is handed out."""
    yield Here(Inline(), 1)


@contextmanager
def threads(workers: int) -> Iterator[WorkerPool]:
    """Yield several shards at once, done in any order."""
    with ThreadPoolExecutor(workers) as pool:
        yield Here(pool, workers)


def until(condition: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Wait for a condition, as long as a process runs."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended: {process.communicate()[0]}")
        if time.monotonic() > deadline:
            if process is not None:
                process.kill()
            raise AssertionError("what was waited for does not come")
        time.sleep(0.01)


def said_up_to(text: str, process: subprocess.Popen[str]) -> str:
    """Return the output of a process up to the first line that contains a text."""
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"it ended: {''.join(lines)}")


def runs(pid: int) -> bool:
    """Return whether a process runs, and does not only wait for being reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
