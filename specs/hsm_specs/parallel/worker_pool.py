"""Who runs the shards of a soak, or judges shares of traces: an executor, and what else has to be known of it."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from hsm_specs.errors import ToolError, WorkerLost
from hsm_specs.optional_dependencies import load
from hsm_specs.parallel.processes import Processes

CONNECTING = 10
"""Seconds in which a scheduler must answer."""
ALONE = 60
"""Seconds for which a cluster may be without a worker."""
_REFRESH = 1.0
_LOGGERS = (
    "distributed",
    "distributed.client",
    "distributed.comm",
    "distributed.core",
    "tornado.application",
    "asyncio",
)
"""Those of the client, which go on about a scheduler that is gone, with tracebacks: here it is said once."""


class Crew(ABC):
    """An executor and what has to be known of it by those that give it work.

    ``remote`` says that its workers may run on other machines.
    """

    remote = False

    def __init__(self, executor: Executor, where: str) -> None:
        self.executor = executor
        self.where = where

    @abstractmethod
    def workers(self) -> int:
        """How many shards can be run at the same time now."""

    @property
    def lost(self) -> int:
        """How many workers were lost so far, as far as that is known here."""
        return 0

    def submit(self, run: Callable[[bytes], bytes], job: bytes) -> Future[bytes]:
        """Hands a job out. Raises a harness error if nobody takes it."""
        try:
            return self.executor.submit(run, job)
        except Exception as error:
            raise self.explain(error) from None

    @abstractmethod
    def explain(self, error: Exception) -> ToolError:
        """What it means that a shard ended with an error. Raises one that nobody foresaw."""

    @abstractmethod
    def stop(self) -> bool:
        """Has running shards end early. Answers whether that is so, and their end worth waiting for."""

    @abstractmethod
    def kill(self) -> None:
        """Ends everything that was begun here, at once."""


class Local(Crew):
    """Processes on this machine."""

    def __init__(self, processes: Processes, workers: int) -> None:
        super().__init__(processes, f"{workers} worker{'s' * (workers > 1)}")
        self._processes = processes
        self._workers = workers

    def workers(self) -> int:
        """How many processes there are."""
        return self._workers

    @property
    def lost(self) -> int:
        """How many processes were lost."""
        return self._processes.lost

    def explain(self, error: Exception) -> ToolError:
        """Only lost workers are foreseen."""
        if isinstance(error, ToolError):
            return error
        raise error

    def stop(self) -> bool:
        """The processes end their shards with the batch that they are at."""
        self._processes.stop()
        return True

    def kill(self) -> None:
        """Ends the processes and their adapters."""
        self._processes.kill()


class Cluster(Crew):
    """The workers of a cluster of Dask, which come and go."""

    remote = True

    def __init__(self, client: Any, address: str) -> None:
        # A shard that was run before is run again: the implementation may be another one by now.
        super().__init__(client.get_executor(pure=False), f"the cluster at {address}")
        self._client = client
        self._address = address
        self._workers = 0
        self._asked = self._seen = time.monotonic()

    def workers(self) -> int:
        """How many threads the workers have together. Raises a harness error where there are none for long."""
        now = time.monotonic()
        if not self._workers or now - self._asked > _REFRESH:
            self._asked = now
            try:
                self._workers = sum(self._client.nthreads().values())
            except OSError:
                pass
            except RuntimeError as error:
                # The client has given up, and closed its connections.
                raise self.explain(error) from None
            if self._workers:
                self._seen = now
        if now - self._seen > ALONE:
            raise ToolError(
                f"The cluster at {self._address} has had no worker for {ALONE} s.",
                mend=f"`dask worker {self._address}` starts one.",
            )
        return self._workers

    def explain(self, error: Exception) -> ToolError:
        """What the cluster said, in a sentence."""
        if isinstance(error, ToolError):
            return error
        if type(error).__name__ == "KilledWorker":
            return WorkerLost(f"Each of the workers of the cluster at {self._address} that ran it was lost.", mend="")
        text = " ".join(str(error).split())
        return ToolError(
            f"The cluster at {self._address} did not run it ({type(error).__name__}{f': {text[:300]}' * bool(text)}).",
            mend="The same hsmspec belongs where its scheduler and its workers run, and all of them go on running.",
        )

    def stop(self) -> bool:
        """What a worker has begun it ends by itself, and nobody waits for it."""
        return False

    def kill(self) -> None:
        """Nothing here is ours to end."""


@contextmanager
def local(workers: int, *, pin: bool = False) -> Generator[Crew]:
    """So many processes on this machine; with ``pin`` each keeps to a processor, with its adapter."""
    with Processes(workers, pin=pin) as processes:
        yield Local(processes, workers)


async def _reach(distributed: Any, address: str) -> None:
    """Raises whatever it is that keeps this machine from talking to a scheduler."""
    options = distributed.Security().get_connection_args("client")
    comm = await distributed.comm.connect(address, timeout=CONNECTING, **options)
    comm.abort()


@contextmanager
def cluster(address: str) -> Generator[Crew]:
    """An existing cluster of Dask, by the address of its scheduler."""
    distributed = load("distributed", "A cluster needs dask.distributed, which is not installed.", "dask")
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        # A client whose scheduler cannot be reached goes on trying while it is thrown away, and complains of that.
        # Who runs this may have a loop of events of their own: ours has a thread of its own.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(_reach(distributed, address))).result()
        client = distributed.Client(address, timeout=CONNECTING, set_as_default=False)
    except (ImportError, OSError, RuntimeError, TypeError, ValueError) as error:
        text = " ".join(str(error).split())
        raise ToolError(
            f"No scheduler answers at {address} ({text[:200]}).",
            mend="`dask scheduler` says its address when it starts, `tcp://host:port`.",
        ) from None
    try:
        yield Cluster(client, address)
    finally:
        with suppress(Exception):
            client.close(timeout=2)
