"""Worker processes on this machine, as an executor that replaces lost ones and as a worker pool."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from queue import SimpleQueue

from hsm_specs.adapter.process import WORKER_MARK, end_marked
from hsm_specs.errors import WorkerLost
from hsm_specs.parallel.worker_pool import Inline, WorkerPool

LOSSES = 3
"""Workers that a call may lose, one after another, before it is given up."""
_context = multiprocessing.get_context("spawn")
_stop: ctypes.c_byte | None = None


class Processes(Executor):
    """An executor of worker processes, each of which is a pool of its own.

    Therefore the call of a lost worker is known, and a new worker repeats it. A call that loses `LOSSES` workers
    ends with `WorkerLost`. With ``pin`` each worker keeps, with its adapter, to one of the processors that this process
    may use, where the system supports that.
    """

    def __init__(self, workers: int, *, pin: bool = False) -> None:
        self._stopped = _context.RawValue(ctypes.c_byte, 0)
        cores = sorted(os.sched_getaffinity(0)) if pin and hasattr(os, "sched_getaffinity") else []
        self._workers = [_Worker(self._stopped, cores[n % len(cores)] if cores else None) for n in range(workers)]
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(workers, "worker")

    @property
    def lost(self) -> int:
        """The number of workers lost so far."""
        return sum(worker.lost for worker in self._workers)

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
        """Make a worker call a function of a module with values that can be pickled."""
        return self._threads.submit(self._on_a_worker, lambda pool: pool.submit(fn, *args, **kwargs))

    def stop(self) -> None:
        """Make running shards end early, since nobody waits for their results any more."""
        self._stopped.value = 1

    def kill(self) -> None:
        """End the workers now, with their adapters."""
        self.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let workers end once what was submitted is done."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for worker in self._workers:
            worker.close(wait)

    def _on_a_worker(self, submit: Callable[[Executor], Future[object]]) -> object:
        worker = self._free.get()
        try:
            return worker.run(submit)
        finally:
            self._free.put(worker)


class _Worker:
    """A worker process, replaced when it is lost."""

    def __init__(self, stopped: ctypes.c_byte, core: int | None) -> None:
        self.lost = 0
        self._stopped = stopped
        self._core = core
        self._mark = ""
        self._pool: ProcessPoolExecutor | None = None

    def run(self, submit: Callable[[Executor], Future[object]]) -> object:
        for _ in range(LOSSES):
            try:
                return submit(self._process()).result()
            except BrokenExecutor:
                self.lost += 1
                self.close(wait=True)
                end_marked(self._mark, WORKER_MARK)
                if self._stopped.value:
                    break
        raise WorkerLost(f"Its worker process ended unexpectedly, {LOSSES} times in a row.")

    def close(self, wait: bool) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait)

    def _process(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._mark = uuid.uuid4().hex
            self._pool = ProcessPoolExecutor(1, _context, _begin_worker, (self._stopped, self._mark, self._core))
        return self._pool


class LocalPool(WorkerPool):
    """Worker processes on this machine."""

    def __init__(self, processes: Processes, workers: int) -> None:
        super().__init__(processes, f"{workers} worker{'s' * (workers > 1)}", workers)
        self._processes = processes

    @property
    def lost(self) -> int:
        """The number of processes lost so far."""
        return self._processes.lost

    def stop(self) -> bool:
        """Make the processes end their shards after the batch that they are running."""
        self._processes.stop()
        return True

    def kill(self) -> None:
        """End the processes and their adapters."""
        self._processes.kill()


@contextmanager
def local(workers: int, *, pin: bool = False, inline: bool = False) -> Generator[WorkerPool]:
    """Yield a pool of processes on this machine. An error makes running shards end early, an interrupt at once.

    With ``pin`` each process keeps to one processor, together with its adapter. With ``inline`` a single worker is this
    process itself.
    """
    if inline and workers == 1:
        yield WorkerPool(Inline())
        return
    with Processes(workers, pin=pin) as processes:
        try:
            yield LocalPool(processes, workers)
        except Exception:
            processes.stop()
            processes.shutdown(wait=True, cancel_futures=True)
            raise
        except BaseException:
            processes.kill()
            raise


def stopping() -> bool:
    """Return whether a shard that this process runs should end, since nobody waits for its result."""
    return _stop is not None and bool(_stop.value)


def _begin_worker(stopped: ctypes.c_byte, mark: str, core: int | None) -> None:
    """Leave interrupts to the process that started this worker, and outlive it neither here nor with an adapter."""
    global _stop  # noqa: PLW0603 (a process has one, from its executor)
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
