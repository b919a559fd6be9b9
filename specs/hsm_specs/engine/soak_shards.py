"""The shards of a soak: handed out to a crew, noted in the journal as they are done, looked into in their order."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait

import msgspec
from msgspec.structs import replace

from hsm_specs.engine.inquiry import Inquiry
from hsm_specs.engine.journal import Journal, LookedInto, ShardDone
from hsm_specs.engine.random_phase import Shard, run_shard_elsewhere
from hsm_specs.engine.shard_result import ShardResult
from hsm_specs.engine.soak_statistics import Account
from hsm_specs.errors import Forwarded, ToolError, Trouble
from hsm_specs.parallel.cancellation import Stop
from hsm_specs.parallel.schedule import Schedule
from hsm_specs.parallel.worker_pool import Crew
from hsm_specs.results.events import Consumer, Ending, SoakEnding, WorkersLost

WAITING = 16
"""Shards for each worker that may wait, done, for one before them."""
_TICK = 0.2


class Shards:
    """Shards under way. What is kept of them does not grow with their number.

    ``shard`` is the pattern of all: they differ in their index only.
    """

    def __init__(
        self,
        shard: Shard,
        crew: Crew,
        journal: Journal,
        inquiry: Inquiry,
        account: Account,
        emit: Consumer,
        stop: Stop,
    ) -> None:
        self.lost = 0
        self._shard = shard
        self._crew = crew
        self._journal = journal
        self._inquiry = inquiry
        self._account = account
        self._emit = emit
        self._stop = stop
        self._due = shard.index
        self._ready: dict[int, ShardDone] = {}
        self._troubled: dict[int, ShardResult] = {}

    def noted(self) -> int:
        """How many shards the journal has."""
        return sum(isinstance(line, ShardDone) and line.index >= self._due for line in self._journal.lines())

    def resume(self) -> None:
        """Takes over what the journal has, as if it were done now, which it is not: it is no progress to tell."""
        for line in self._journal.lines():
            if isinstance(line, LookedInto):
                self._inquiry.known[line.shard, line.number] = line.finding
        for line in self._journal.lines():
            if isinstance(line, ShardDone) and line.index >= self._due and line.index not in self._ready:
                self._ready[line.index] = line
                self._settle(telling=False)

    def run(self, last: int | None, seconds: float | None) -> Ending:
        """Runs shards until there is no time, no further one, or an end is asked for; answers which."""
        schedule, pending = Schedule(self._due, last, seconds), dict[Future[bytes], int]()
        try:
            while not self._stop.asked:
                self._hand_out(schedule, pending)
                if not pending:
                    break
                for future in wait(pending, _TICK, FIRST_COMPLETED).done:
                    schedule.done()
                    result = self._arrived(pending.pop(future), future)
                    if result.trouble is not None:
                        self._troubled[result.index] = result
                        schedule.end_before(result.index)
                self._hand_out(schedule, pending)
                self._tell_losses()
                self._settle()
            self._wind_up(pending)
        except ToolError:
            self._wind_up(pending)
            raise
        except BaseException:
            self._crew.kill()
            raise
        return "interrupted" if self._stop.asked else schedule.ended

    def _hand_out(self, schedule: Schedule, pending: dict[Future[bytes], int]) -> None:
        """Gives the crew as much as it should have, unless what is done already waits too long for its turn."""
        workers = self._crew.workers()
        while not self._stop.asked and (not pending or len(self._ready) < WAITING * max(1, workers)):
            index = schedule.take(workers, self._ready)
            if index is None:
                return
            job = msgspec.json.encode(replace(self._shard, index=index))
            pending[self._crew.submit(run_shard_elsewhere, job)] = index

    def _wind_up(self, pending: Mapping[Future[bytes], int]) -> None:
        """Ends what is under way, and takes what is done all the same.

        If an end was asked for, that is also looked into where a shard before it is not done.
        """
        if self._stop.asked:
            self._emit(SoakEnding())
        for future in pending:
            future.cancel()
        if self._crew.stop():
            wait(pending)
        for future, index in pending.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._arrived(index, future)
        if self._stop.asked:
            for index in sorted(self._ready):
                self._due = index
                self._settle()

    def _arrived(self, index: int, future: Future[bytes]) -> ShardResult:
        """What a shard came to. If it is done, that is in the journal and waits for its turn."""
        try:
            result = msgspec.json.decode(future.result(), type=ShardResult)
        except Exception as error:
            return ShardResult(index, trouble=self._crew.explain(error).trouble())
        if result.trouble is None and result.operations >= self._shard.operations:
            new = tuple(step for step in result.steps if step not in self._account.steps)
            failures = tuple(map(self._inquiry.kept, result.failures))
            self._ready[index] = ShardDone(index, result.programs, result.operations, failures, new)
            self._journal.append(self._ready[index])
        return result

    def _settle(self, telling: bool = True) -> None:
        """Looks into the shards whose turn it is. Raises what went wrong in one of them."""
        while (shard := self._ready.pop(self._due, None)) is not None:
            self._due += 1
            self._account.add(shard)
            self._inquiry.look_into(shard.index, shard.failures)
            if telling:
                self._emit(self._account.told(self._inquiry.failing, len(self._inquiry.ledger.findings)))
        if (result := self._troubled.pop(self._due, None)) is not None and result.trouble is not None:
            error = Forwarded(_of_shard(self._due, result.trouble))
            self._account.add_amount(result.programs, result.operations)
            self._inquiry.keep(result.failures, error)
            raise error

    def _tell_losses(self) -> None:
        if self._crew.lost > self.lost:
            self.lost = self._crew.lost
            self._emit(WorkersLost(self.lost))


def _of_shard(index: int, trouble: Trouble) -> Trouble:
    return replace(trouble, message=f"Shard {index} (`--shards {index}-{index}` runs it alone): {trouble.message}")
