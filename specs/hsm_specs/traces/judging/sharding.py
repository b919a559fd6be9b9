"""Hands the shares of files out to a crew, and what came of them back, file by file in their order."""

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
from hsm_specs.traces.judging.shards import Job, Part, decoded, judge_share, shares

AHEAD: Final = 2
"""Shares for each worker that are under way."""
WAITING: Final = 16
"""Shares for each worker that may wait, done, for a file before theirs."""
FAILED: Final = "what was to judge it failed"
_TICK: Final = 0.2
Came = Part | ToolError | str
"""What came of a share: if it is none, why it was not judged."""


@dataclass(slots=True)
class UnderWay:
    """The shares of a file, of which the first ones were handed out."""

    todo: deque[Job]
    futures: list[Future[bytes]] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether all shares are."""
        return not self.todo and all(future.done() for future in self.futures)


class Handing:
    """Files under way.

    ``on_lost`` is told how many workers were lost so far, as far as that is known here: what they had is judged again.
    """

    def __init__(self, crew: Crew, stop: Stop, on_lost: Callable[[int], None]) -> None:
        self._crew = crew
        self._stop = stop
        self._on_lost = on_lost
        self._lost = 0
        self._failed: ToolError | None = None
        self._told = False
        self._files: deque[UnderWay] = deque()

    def run(self, files: Sequence[str], pattern: Job) -> Iterator[tuple[str, list[Came]]]:
        """Each file with what came of its shares, of which there are none if it can be read only here.

        A share is the pattern but for the file and the index. Once an end was asked for, or the crew failed as a whole,
        no further share is judged; those that were are told all the same.
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

    def _await(self, further: Iterator[str], count: int, pattern: Job) -> None:
        """Waits for the file that is due, and meanwhile keeps the crew busy with others."""
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

    def _hand_out(self, further: Iterator[str], count: int, pattern: Job) -> None:
        """Gives the crew as much as it should have, unless what is done already waits too long for its turn."""
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
                self._files.append(UnderWay(deque(shares(named, count, workers, remote=self._crew.remote))))
            else:
                last = self._files[-1]
                # What nobody takes stays one that is to be judged.
                last.futures.append(self._crew.submit(judge_share, msgspec.json.encode(last.todo[0])))
                last.todo.popleft()
                pending += 1

    def _pending(self) -> list[Future[bytes]]:
        return [future for file in self._files for future in file.futures if not future.done()]

    def _wind_up(self) -> None:
        """Ends what is under way, where that is in our hands."""
        pending = self._pending()
        for future in pending:
            future.cancel()
        if self._crew.stop():
            wait(pending)

    def _came(self, file: UnderWay) -> Iterator[Came]:
        """What came of the shares of a file."""
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
        """Why a share is not judged. What failed is told in full once."""
        if self._failed is None:
            return STOPPED
        if self._told:
            return FAILED
        self._told = True
        return self._failed

    def _explained(self, error: Exception) -> ToolError:
        """Why there is nothing of a share. Other than a lost worker that concerns all shares that come."""
        found = self._crew.explain(error)
        if not isinstance(found, WorkerLost):
            self._failed = self._failed or found
            self._told = True
        return found
