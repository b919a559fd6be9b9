"""Who runs the shards: this process itself, or others through an executor of `concurrent.futures`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

from hsm_specs.harness import WorkerLost

_stop: Event | None = None


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


@contextmanager
def executor(workers: int) -> Generator[Executor]:
    """An executor with so many processes; with one, this process. An error makes running shards end early."""
    if workers == 1:
        yield Inline()
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with ProcessPoolExecutor(workers, context, _begin_worker, (stop,)) as pool:
        try:
            yield pool
        except BrokenExecutor:
            raise WorkerLost("A worker process of hsmspec was ended from outside.") from None
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def stopping() -> bool:
    """Whether a shard that this process runs need not go on, since nobody waits for its result."""
    return _stop is not None and _stop.is_set()


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


def _begin_worker(stop: Event) -> None:
    """A worker leaves interrupts to the process that started it, and does not outlive it."""
    global _stop  # noqa: PLW0603 (a process has one, which the executor gives it at its start)
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
