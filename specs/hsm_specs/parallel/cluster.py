"""A Dask cluster as a worker pool."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from hsm_specs.errors import ToolError, WorkerLost
from hsm_specs.optional_dependencies import load
from hsm_specs.parallel.worker_pool import WorkerPool

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
"""Those of the client, which log tracebacks about a lost scheduler again and again; here one sentence reports it."""


class Cluster(WorkerPool):
    """The workers of a Dask cluster, which come and go."""

    remote = True

    def __init__(self, client: Any, address: str) -> None:
        # A shard that ran before is run again: the implementation may have changed since.
        super().__init__(client.get_executor(pure=False), f"the cluster at {address}", 0)
        self._client = client
        self._address = address
        self._asked = self._seen = time.monotonic()

    def workers(self) -> int:
        """Return how many threads the workers have together. Raise `ToolError` if there were none for `ALONE` s."""
        now = time.monotonic()
        if not self._worker_count or now - self._asked > _REFRESH:
            self._asked = now
            try:
                self._worker_count = sum(self._client.nthreads().values())
            except OSError:
                pass
            except Exception as error:
                # The client has given up and closed its connections. What it raises then depends on how far it is.
                raise self.explain(error) from None
            if self._worker_count:
                self._seen = now
        if now - self._seen > ALONE:
            raise ToolError(
                f"The cluster at {self._address} has had no worker for {ALONE} s.",
                remedy=f"`dask worker {self._address}` starts one.",
            )
        return self._worker_count

    def explain(self, error: Exception) -> ToolError:
        """Return what the cluster said, in a sentence."""
        if isinstance(error, ToolError):
            return error
        if type(error).__name__ == "KilledWorker":
            return WorkerLost(f"Each of the workers of the cluster at {self._address} that ran it was lost.", remedy="")
        text = " ".join(str(error).split())
        return ToolError(
            f"The cluster at {self._address} did not run it ({type(error).__name__}{f': {text[:300]}' * bool(text)}).",
            remedy="Install the same hsmspec on its scheduler and workers, and keep them running.",
        )

    def stop(self) -> bool:
        """Return False: a worker finishes the shard it has begun, and nobody waits for it."""
        return False


async def _reach(distributed: Any, address: str) -> None:
    """Raise whatever keeps this machine from talking to a scheduler."""
    options = distributed.Security().get_connection_args("client")
    comm = await distributed.comm.connect(address, timeout=CONNECTING, **options)
    comm.abort()


@contextmanager
def cluster(address: str) -> Generator[WorkerPool]:
    """Connect to an existing Dask cluster, by the address of its scheduler. Raise `ToolError` if nothing responds."""
    distributed = load("distributed")
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        # A client whose scheduler cannot be reached keeps trying while it is discarded, and logs errors.
        # The caller may have its own event loop, so this one runs in its own thread.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(_reach(distributed, address))).result()
        client = distributed.Client(address, timeout=CONNECTING, set_as_default=False)
    except Exception as error:  # also MemoryError: the first bytes of another protocol are taken for a length
        text = " ".join(str(error).split()) or "something else answers there"
        raise ToolError(
            f"No scheduler answers at {address} ({text[:200]}).",
            remedy="`dask scheduler` prints its address when it starts, `tcp://host:port`.",
        ) from None
    try:
        yield Cluster(client, address)
    finally:
        with suppress(Exception):
            client.close(timeout=2)
