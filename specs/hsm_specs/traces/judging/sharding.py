"""Has workers judge the shards of files, and returns what came of them file by file, in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec.structs import replace

from hsm_specs.errors import ToolError, WorkerLost
from hsm_specs.parallel.cancellation import Stop
from hsm_specs.parallel.worker_pool import Crew
from hsm_specs.traces.format.lines import STOPPED
from hsm_specs.traces.judging.shards import ShardJob, ShardResult, decoded, judge_shard, shards_of

AHEAD: Final = 2
"""Shards for each worker that are under way."""
WAITING: Final = 16
"""Shards for each worker that may wait, done, for a file before theirs."""
FAILED: Final = "what was to judge it failed"
_TICK: Final = 0.2
Outcome = ShardResult | ToolError | str
"""What came of a shard, or why it was not judged."""


@dataclass(slots=True)
class UnderWay:
    """The shards of a file, the first of which were submitted."""

    todo: deque[ShardJob]
    futures: list[Future[bytes]] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Return whether all shards are done."""
        return not self.todo and all(future.done() for future in self.futures)


class Sharding:
    """Files under way.

    ``on_lost`` receives how many workers were lost so far, as far as that is known here. Their shards are judged again.
    """

    def __init__(self, crew: Crew, stop: Stop, on_lost: Callable[[int], None]) -> None:
        self._crew = crew
        self._stop = stop
        self._on_lost = on_lost
        self._lost = 0
        self._failed: ToolError | None = None
        self._told = False
        self._files: deque[UnderWay] = deque()

    def run(self, files: Sequence[str], pattern: ShardJob) -> Iterator[tuple[str, list[Outcome]]]:
        """Yield each file with what came of its shards, of which there are none if it can be read only here.

        A shard is the pattern but for the file and the index. Once a stop is asked for, or the workers failed as a
        whole, no further shard is judged; those that were are yielded all the same.
        """
        further = iter(files)
        try:
            for name in files:
                self._await(further, len(files), pattern)
                if self._files:
                    yield name, list(self._came(self._files.popleft()))
                else:
                    yield name, [self._why()]
        except BaseException:
            self._crew.kill()
            raise

    def _await(self, further: Iterator[str], count: int, pattern: ShardJob) -> None:
        """Wait for the file that is due, and meanwhile keep the workers busy with others."""
        while self._failed is None and not self._stop.asked:
            try:
                self._hand_out(further, count, pattern)
            except ToolError as error:
                self._failed = error
                break
            if self._crew.lost > self._lost:
                self._lost = self._crew.lost
                self._on_lost(self._lost)
            if self._files and self._files[0].done:
                return
            pending = self._pending()
            if pending:
                wait(pending, _TICK, FIRST_COMPLETED)
            else:
                time.sleep(_TICK)
        self._wind_up()

    def _hand_out(self, further: Iterator[str], count: int, pattern: ShardJob) -> None:
        """Submit as many shards as should be under way, unless too many finished ones wait for their turn."""
        workers = self._crew.workers()
        pending = len(self._pending())
        while workers and pending < AHEAD * workers and not self._stop.asked:
            if not self._files or not self._files[-1].todo:
                if sum(len(file.futures) for file in self._files) >= WAITING * workers:
                    return
                file = next(further, None)
                if file is None:
                    return
                named = replace(pattern, file=file)
                self._files.append(UnderWay(deque(shards_of(named, count, workers, remote=self._crew.remote))))
            else:
                last = self._files[-1]
                # If submitting fails, the shard is still to be judged.
                last.futures.append(self._crew.submit(judge_shard, msgspec.json.encode(last.todo[0])))
                last.todo.popleft()
                pending += 1

    def _pending(self) -> list[Future[bytes]]:
        return [future for file in self._files for future in file.futures if not future.done()]

    def _wind_up(self) -> None:
        """End what is under way, where that is possible."""
        pending = self._pending()
        for future in pending:
            future.cancel()
        if self._crew.stop():
            wait(pending)

    def _came(self, file: UnderWay) -> Iterator[Outcome]:
        """Yield what came of the shards of a file."""
        for future in file.futures:
            over = self._failed is not None or self._stop.asked
            if over and (future.cancelled() or not future.done()):
                yield self._why()
                continue
            try:
                yield decoded(future.result())
            except Exception as error:
                yield self._explained(error)
        if file.todo:
            yield self._why()

    def _why(self) -> ToolError | str:
        """Return why a shard is not judged. A failure is explained in full once."""
        if self._failed is None:
            return STOPPED
        if self._told:
            return FAILED
        self._told = True
        return self._failed

    def _explained(self, error: Exception) -> ToolError:
        """Return why there is no result of a shard. Anything but a lost worker concerns all later shards too."""
        found = self._crew.explain(error)
        if not isinstance(found, WorkerLost):
            self._failed = self._failed or found
            self._told = True
        return found
