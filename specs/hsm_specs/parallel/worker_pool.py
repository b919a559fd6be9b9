"""Worker pools: an ordered map of shards over an executor.

A shard is a struct that travels as JSON, and the function that runs it takes and returns bytes, so that any executor of
`concurrent.futures` can carry it: this process, worker processes (`processes`) or a Dask cluster (`cluster`). Tours,
random programs, mutants and traces all go through `WorkerPool.map`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from hsm_specs.errors import ToolError, WorkerLost
from hsm_specs.parallel.cancellation import Cancellation, Stopped

AHEAD: Final = 2
"""Shards under way for each worker: the one it runs and the next one."""
WAITING: Final = 16
"""Results for each worker that may wait for the result of an earlier shard."""
_TICK: Final = 0.2
S = TypeVar("S", bound=Struct)
R = TypeVar("R")
ShardOutcome = bytes | ToolError
"""The result of a shard, or why there is none: `Stopped` if it was cancelled."""


class Inline(Executor):
    """An executor that makes each call at once, in this process."""

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
        """Return the future of a call that is already over."""
        future: Future[object] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class WorkerPool:
    """An executor, and what else `map` has to know about it. Subclasses know what can go wrong with theirs.

    ``where`` describes the workers in reports. ``remote`` workers may run on other machines.
    """

    remote = False

    def __init__(self, executor: Executor, where: str = "this process", workers: int = 1) -> None:
        self.executor = executor
        # `Inline` runs a shard when it gets it, and its result is due before the next one.
        self.ahead = 1 if isinstance(executor, Inline) else AHEAD
        self.where = where
        self._worker_count = workers

    def workers(self) -> int:
        """Return how many shards can run at the same time now."""
        return self._worker_count

    @property
    def lost(self) -> int:
        """The number of workers lost so far, as far as that is known here."""
        return 0

    def explain(self, error: Exception) -> ToolError:
        """Return what it means that a call raised an error. Raise the error if nothing is known about it."""
        if isinstance(error, ToolError):
            return error
        raise error

    def stop(self) -> bool:
        """Make running shards end early. Return whether they do, so that waiting for them is worthwhile."""
        return True

    def kill(self) -> None:
        """End the workers at once."""

    def map(
        self,
        function: Callable[[bytes], bytes],
        shards: Iterable[S | None],
        received: Callable[[S, ShardOutcome], R],
        *,
        cancellation: Cancellation | None = None,
        grace: float | None = None,
        on_lost: Callable[[int], None] = lambda _: None,
        on_stopping: Callable[[], None] = lambda: None,
    ) -> Generator[R]:
        """Run shards and yield what ``received`` makes of each outcome, in the order of the shards.

        ``shards`` is consumed lazily; None means "ask again later". ``received`` is called once for each shard, as soon
        as its outcome is known, in any order. The call of a lost worker is made again by the pool; once that is given
        up, its outcome is `WorkerLost`, and others go on. Any other outcome that is an error means that the pool
        failed: no further shard begins.

        When ``cancellation`` is requested, ``on_stopping`` is called, running shards are stopped, and all results that
        are there are yielded. Workers that still run after ``grace`` seconds, unless None, are killed. ``on_lost`` gets
        the total number of lost workers whenever it grows.

        Raise the error of a pool that failed as a whole, after everything that is done was yielded. Any error that
        nobody foresaw, interrupts included, kills the pool.
        """
        mapping = _Mapping(self, function, iter(shards), received, cancellation or Cancellation(), on_lost, on_stopping)
        return mapping.run(grace)


class _Mapping(Generic[S, R]):
    """One call of `WorkerPool.map`. What it keeps does not grow with the number of shards."""

    def __init__(
        self,
        pool: WorkerPool,
        function: Callable[[bytes], bytes],
        shards: Iterator[S | None],
        received: Callable[[S, ShardOutcome], R],
        cancellation: Cancellation,
        on_lost: Callable[[int], None],
        on_stopping: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._function = function
        self._shards = shards
        self._received = received
        self._cancellation = cancellation
        self._on_lost = on_lost
        self._on_stopping = on_stopping
        self._pending: dict[Future[bytes], tuple[int, S]] = {}
        self._ready: dict[int, R] = {}
        self._begun = self._due = self._lost = 0
        self._returned = self._exhausted = False
        self._failure: ToolError | None = None
        """The error that keeps the pool from taking any shard."""
        self._failed: ToolError | None = None
        """An error of a shard that will happen to others too."""

    def run(self, grace: float | None) -> Generator[R]:
        try:
            while not self._cancellation.requested and self._failure is None:
                self._begin_shards()
                if self._due not in self._ready:
                    if not self._pending and self._exhausted:
                        break
                    self._collect(_TICK)
                self._report_losses()
                while self._due in self._ready:
                    self._due += 1
                    yield self._ready.pop(self._due - 1)
                    self._collect(0)
                    self._begin_shards()
            yield from self._wind_up(grace)
        except GeneratorExit:
            self._cancel()
            raise
        except ToolError:
            self._cancel()
            if self._pool.stop():
                wait(self._pending)
            raise
        except BaseException:
            self._pool.kill()
            raise

    def _begin_shards(self) -> None:
        """Keep the workers busy, unless results already wait too long for an earlier shard."""
        try:
            workers = max(1, self._pool.workers())
            # Until a shard has returned, it is unknown how long one takes.
            limit = workers * (self._pool.ahead if self._returned else 1)
            while len(self._pending) < limit and (not self._pending or len(self._ready) < WAITING * workers):
                if self._exhausted or self._cancellation.requested or self._failure is not None:
                    return
                try:
                    shard = next(self._shards)
                except StopIteration:
                    self._exhausted = True
                    return
                if shard is None:
                    return
                self._begin(shard)
        except ToolError as error:
            self._failure = error

    def _begin(self, shard: S) -> None:
        number, self._begun = self._begun, self._begun + 1
        try:
            future = self._pool.executor.submit(self._function, msgspec.json.encode(shard))
        except Exception as error:
            self._failure = self._pool.explain(error)
            self._ready[number] = self._received(shard, self._failure)
        else:
            self._pending[future] = number, shard

    def _collect(self, seconds: float) -> None:
        """Receive what is done, waiting at most so long for something."""
        if not self._pending:
            time.sleep(seconds)
            return
        for future in wait(self._pending, seconds, FIRST_COMPLETED).done:
            number, shard = self._pending.pop(future)
            self._returned = True
            outcome = self._outcome(future)
            if isinstance(outcome, ToolError) and not isinstance(outcome, WorkerLost):
                self._failed, self._exhausted = self._failed or outcome, True
            self._ready[number] = self._received(shard, outcome)

    def _outcome(self, future: Future[bytes]) -> ShardOutcome:
        try:
            return future.result()
        except Exception as error:
            return self._pool.explain(error)

    def _report_losses(self) -> None:
        if self._pool.lost > self._lost:
            self._lost = self._pool.lost
            self._on_lost(self._lost)

    def _cancel(self) -> None:
        for future in self._pending:
            future.cancel()

    def _wind_up(self, grace: float | None) -> Generator[R]:
        """End what is under way, and yield what is done all the same."""
        if self._cancellation.requested:
            self._on_stopping()
        if self._pending:
            self._cancel()
            if self._pool.stop() and wait(self._pending, grace).not_done:
                self._pool.kill()
                wait(self._pending)
        for future, (number, shard) in self._pending.items():
            done = future.done() and not future.cancelled() and future.exception() is None
            outcome = future.result() if done else self._failure or Stopped()
            self._ready[number] = self._received(shard, outcome)
        self._pending.clear()
        for number in sorted(self._ready):
            yield self._ready.pop(number)
        if (failure := self._failure or self._failed) is not None:
            raise failure
