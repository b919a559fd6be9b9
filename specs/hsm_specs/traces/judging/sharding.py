"""Runs the shards of files on a worker pool, and yields what came of them, file by file in their order."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Final

from msgspec.structs import replace

from hsm_specs.errors import ToolError, WorkerLost
from hsm_specs.parallel.cancellation import Cancellation, Stopped
from hsm_specs.parallel.worker_pool import ShardOutcome, WorkerPool
from hsm_specs.traces.format.lines import STOPPED
from hsm_specs.traces.judging.shards import ShardJob, TraceShardResult, decoded, judge_shard, shards_of

FAILED: Final = "what was to judge it failed"
JudgedShard = TraceShardResult | ToolError | str
"""The result of a shard, or why it was not judged."""


class Sharding:
    """Files under way. ``on_lost`` gets the total number of lost workers; their work is judged again."""

    def __init__(self, pool: WorkerPool, cancellation: Cancellation, on_lost: Callable[[int], None]) -> None:
        self._pool = pool
        self._cancellation = cancellation
        self._on_lost = on_lost
        self._counts: list[int] = []
        """The number of shards of each file, as far as they have begun."""
        self._begun: deque[int] = deque()
        """The file of each shard whose result is due, by its number."""
        self._came: defaultdict[int, list[JudgedShard]] = defaultdict(list)
        self._failed: ToolError | None = None
        self._told = False

    def run(self, files: Sequence[str], pattern: ShardJob) -> Iterator[tuple[str, list[JudgedShard]]]:
        """Yield each file with what came of its shards, of which there are none if it can be read only here.

        A shard is the pattern but for the file and the index. Once cancellation was requested, or the pool failed as a
        whole, no further shard is judged; the results of those that were are yielded all the same.
        """
        shards = self._shards(files, pattern)
        results = self._pool.map(judge_shard, shards, _received, cancellation=self._cancellation, on_lost=self._on_lost)
        with closing(results):
            for number, name in enumerate(files):
                while not self._is_complete(number) and self._take_next(results):
                    pass
                why = [] if self._is_complete(number) else [self._why()]
                yield name, [*self._came.pop(number, []), *why]

    def _shards(self, files: Sequence[str], pattern: ShardJob) -> Iterator[ShardJob | None]:
        for number, file in enumerate(files):
            while not (workers := self._pool.workers()):
                yield None
            found = shards_of(replace(pattern, file=file), len(files), workers, remote=self._pool.remote)
            self._counts.append(len(found))
            for shard in found:
                self._begun.append(number)
                yield shard

    def _is_complete(self, number: int) -> bool:
        return number < len(self._counts) and len(self._came[number]) == self._counts[number]

    def _take_next(self, results: Iterator[TraceShardResult | ToolError]) -> bool:
        """Take the next result. Return whether there is one."""
        try:
            result = next(results, None)
        except ToolError as error:
            self._failed = self._failed or error
            return False
        if result is None:
            return False
        self._came[self._begun.popleft()].append(
            result if isinstance(result, TraceShardResult) else self._explained(result)
        )
        return True

    def _explained(self, error: ToolError) -> ToolError | str:
        """Return why nothing came of a shard. An error other than a lost worker concerns all that follow."""
        if isinstance(error, WorkerLost):
            return error
        if not isinstance(error, Stopped):
            self._failed = self._failed or error
        return self._why()

    def _why(self) -> ToolError | str:
        """Return why a shard is not judged. A failure is reported in full once."""
        if self._failed is None:
            return STOPPED
        if self._told:
            return FAILED
        self._told = True
        return self._failed


def _received(shard: ShardJob, outcome: ShardOutcome) -> TraceShardResult | ToolError:
    return outcome if isinstance(outcome, ToolError) else decoded(outcome)
