"""Soaks in the tests: crews, adapters that can be waited for, and what came of a soak."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hsm_specs.engine.crew import Crew
from hsm_specs.engine.workers import Inline
from hsm_specs.harness import HarnessError

IMPLEMENTATIONS = Path(__file__).parent / "implementations"
PATIENCE = 60
"""Seconds after which what a test waits for does not come any more."""


class Here(Crew):
    """An executor in this process."""

    def __init__(self, executor: Executor, workers: int) -> None:
        super().__init__(executor, "this process")
        self._workers = workers
        self.killed = False

    def workers(self) -> int:
        return self._workers

    def explain(self, error: Exception) -> HarnessError:
        if isinstance(error, HarnessError):
            return error
        raise error

    def stop(self) -> bool:
        return True

    def kill(self) -> None:
        self.killed = True


@contextmanager
def inline() -> Iterator[Crew]:
    """One shard after another, each done as soon as it is handed out."""
    yield Here(Inline(), 1)


@contextmanager
def threads(workers: int) -> Iterator[Crew]:
    """Several shards at once, done in any order."""
    with ThreadPoolExecutor(workers) as pool:
        yield Here(pool, workers)


class Started(NamedTuple):
    """A start of an adapter that waits: its process and the one that started it."""

    parent: int
    pid: int


def waiting(folder: Path, before: int, *amendments: str) -> list[str]:
    """The command of an adapter that, from a start on, waits for a file `go` in the folder."""
    return [sys.executable, str(IMPLEMENTATIONS / "waits.py"), str(folder), str(before), *amendments]


def starts(folder: Path) -> list[Started]:
    """Who has started adapters that wait, in the order of the starts."""
    files = sorted(folder.glob("*.started"), key=lambda path: int(path.stem))
    words = (path.read_text().split() for path in files)
    return [Started(int(word[0]), int(word[1])) for word in words if len(word) == 2]


def until(condition: Callable[[], object]) -> None:
    """Waits for a condition."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("what was waited for does not come")
        time.sleep(0.01)


def runs(pid: int) -> bool:
    """Whether a process runs, and does not only wait for being reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
