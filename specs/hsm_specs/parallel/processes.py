"""Who runs the shards: this process itself, or others through an executor of `concurrent.futures`."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from queue import SimpleQueue

from hsm_specs.adapter.process import WORKER_MARK, end_marked
from hsm_specs.errors import WorkerLost

LOSSES = 3
"""Workers that the same call may lose, one after another, before it is given up."""
_context = multiprocessing.get_context("spawn")
_stop: ctypes.c_byte | None = None


class Inline(Executor):
    """Runs what it is given at once, in this process."""

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
        """The future of a call that is over already."""
        future: Future[object] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(Executor):
    """Runs what it is given in worker processes, each of which is a pool of its own.

    So the call of a worker that is gone is known, and is made again by a new one. A call whose workers are gone
    `LOSSES` times ends with `WorkerLost`. With ``pin`` each worker keeps, with its adapter, to one of the processors
    that this process may use, where the system can do that.
    """

    def __init__(self, workers: int, *, pin: bool = False) -> None:
        self._stopped = _context.RawValue(ctypes.c_byte, 0)
        cores = sorted(os.sched_getaffinity(0)) if pin and hasattr(os, "sched_getaffinity") else []
        self._lanes = [_Lane(self._stopped, cores[n % len(cores)] if cores else None) for n in range(workers)]
        self._free: SimpleQueue[_Lane] = SimpleQueue()
        for lane in self._lanes:
            self._free.put(lane)
        self._threads = ThreadPoolExecutor(workers, "worker")

    @property
    def lost(self) -> int:
        """How many workers were lost so far."""
        return sum(lane.lost for lane in self._lanes)

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
        """Has a worker call a function of a module with values that can be pickled."""
        return self._threads.submit(self._on_a_lane, lambda pool: pool.submit(fn, *args, **kwargs))

    def stop(self) -> None:
        """Makes running shards end early, as nobody waits for their results any more."""
        self._stopped.value = 1

    def kill(self) -> None:
        """Ends the workers now, with their adapters."""
        self.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Lets workers end once what was submitted is done."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for lane in self._lanes:
            lane.close(wait)

    def _on_a_lane(self, submit: Callable[[Executor], Future[object]]) -> object:
        lane = self._free.get()
        try:
            return lane.run(submit)
        finally:
            self._free.put(lane)


class _Lane:
    """A place for one worker at a time."""

    def __init__(self, stopped: ctypes.c_byte, core: int | None) -> None:
        self.lost = 0
        self._stopped = stopped
        self._core = core
        self._mark = ""
        self._pool: ProcessPoolExecutor | None = None

    def run(self, submit: Callable[[Executor], Future[object]]) -> object:
        for _ in range(LOSSES):
            try:
                return submit(self._worker()).result()
            except BrokenExecutor:
                self.lost += 1
                self.close(wait=True)
                end_marked(self._mark, WORKER_MARK)
                if self._stopped.value:
                    break
        raise WorkerLost(f"Its worker process ended before its time, {LOSSES} times in a row.")

    def close(self, wait: bool) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait)

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._mark = uuid.uuid4().hex
            self._pool = ProcessPoolExecutor(1, _context, _begin_worker, (self._stopped, self._mark, self._core))
        return self._pool


@contextmanager
def executor(workers: int, *, pin: bool = False) -> Generator[Executor]:
    """An executor with so many processes; with one, this process. An error makes running shards end early."""
    if workers == 1:
        yield Inline()
        return
    with Processes(workers, pin=pin) as pool:
        try:
            yield pool
        except BaseException:
            pool.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def stopping() -> bool:
    """Whether a shard that this process runs need not go on, since nobody waits for its result."""
    return _stop is not None and bool(_stop.value)


def in_order(executor: Executor, run: Callable[[bytes], bytes], jobs: Iterable[bytes], ahead: int) -> Iterator[bytes]:
    """The results in the order of the jobs, with so many jobs handed out ahead of the result that is due."""
    waiting: deque[Future[bytes]] = deque()
    try:
        for job in jobs:
            waiting.append(executor.submit(run, job))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _begin_worker(stopped: ctypes.c_byte, mark: str, core: int | None) -> None:
    """A worker leaves interrupts to the process that started it, and neither it nor its adapter outlives that."""
    global _stop  # noqa: PLW0603 (a process has one, which the executor gives it at its start)
    _stop = stopped
    os.environ[WORKER_MARK] = mark
    if core is not None:
        os.sched_setaffinity(0, {core})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent, mark), daemon=True).start()


def _end_with(parent: BaseProcess, mark: str) -> None:
    parent.join()
    end_marked(mark, WORKER_MARK)
    os._exit(1)
