"""A soak: shards of random programs until an end is requested, with a journal.

What is found is a function of the seed, the size of a shard and the shards that are done: they are looked into in their
order, whoever runs them and whenever they are done.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.adapter import RecoveringAdapter
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.engine.budget import BUDGETS
from hsm_specs.engine.directed_phase import checkable, run_directed
from hsm_specs.engine.investigation import Investigation
from hsm_specs.engine.journal import FORMAT, Investigated, Journal, JournalHeader, ShardDone, digest
from hsm_specs.engine.random_phase import RandomShard, generator, run_random
from hsm_specs.engine.session import Session, SessionOptions
from hsm_specs.engine.shards import ShardResult
from hsm_specs.engine.soak_statistics import SoakStatistics
from hsm_specs.errors import Forwarded, ToolError, Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.cancellation import CancellableClient, Cancellation, Stopped
from hsm_specs.parallel.schedule import Schedule
from hsm_specs.parallel.worker_pool import ShardOutcome, WorkerPool
from hsm_specs.results.events import Consumer, Ending, RunStarted, Soaked, SoakEnding, SoakStarted, WorkersLost

SIZE = 50_000
"""Operations of a shard."""
GRACE = 0.5
"""Seconds that shards have to end once cancellation was requested. What they did by then is run again anyway."""

SCOPE = "quick"
"""The scope that walks are over."""


class SoakOptions(SessionOptions, frozen=True, kw_only=True):
    """The soak's command and everything it depends on.

    ``pool`` makes the workers that run the shards, from ``first`` to ``last`` or for so many ``seconds``. With
    ``resume`` the soak continues where the ``journal`` ends.
    """

    pool: Callable[[], AbstractContextManager[WorkerPool]]
    journal: Path
    size: int = SIZE
    first: int = 0
    last: int | None = None
    seconds: float | None = None
    resume: bool = False


class _Failed(Struct, frozen=True):
    """A shard that failed, and why."""

    result: ShardResult
    trouble: Trouble


def soak(options: SoakOptions, emit: Consumer, cancellation: Cancellation | None = None) -> int:
    """Soak and return the exit code: 1 if something was found, 0 if nothing, 2 if no shard was done or one failed.

    Emit whatever goes wrong around the implementation as an event.
    """
    return Soak(options, emit, cancellation or Cancellation()).run()


class Soak:
    """A soak under way. What it keeps does not grow with the number of shards."""

    def __init__(self, options: SoakOptions, emit: Consumer, cancellation: Cancellation) -> None:
        self.options = options
        self.emit = emit
        self.cancellation = cancellation
        self.session = Session(options, emit)
        self.statistics = SoakStatistics(self.session.ledger)
        self.ended: Ending = "trouble"
        self.lost = 0
        self._due = options.first
        self._of_properties: RecoveringAdapter | None = None
        self._resumed: dict[int, ShardDone] = {}
        """Shards of the journal after one that it does not have."""

    def run(self) -> int:
        """Soak and return the exit code."""
        options, trouble = self.options, None
        command, known = options.recorded_command, options.deviations_file
        self.emit(RunStarted(command, options.seed, _budget(options), 0, 0, (), known, "soak"))
        with self.cancellation.listening():
            try:
                self._soak()
            except Stopped:
                self.ended = "interrupted"
            except ToolError as error:
                trouble = error.trouble()
            return self._end(trouble)

    def _soak(self) -> None:
        options, session = self.options, self.session
        with self.cancellation.waiting(), session.start() as adapter:
            greeting = adapter.greeting
            expectation = session.greeted(adapter)
        with (
            options.pool() as pool,
            self._open_journal(greeting) as journal,
            ExitStack() as started,
            session.investigating(
                expectation,
                start=lambda: CancellableClient(partial(session.start, probing=True), self.cancellation),
                property_fails=partial(self._property_fails, expectation, started),
                journal=journal,
            ) as investigation,
        ):
            self._shards(pool, journal, investigation)

    def _shards(self, pool: WorkerPool, journal: Journal, investigation: Investigation) -> None:
        options = self.options
        count = None if options.last is None else options.last - options.first + 1
        resumed = self._done_in(journal) if options.resume else 0
        self.emit(SoakStarted(options.size, pool.where, count, options.seconds, str(options.journal), resumed))
        if options.resume:
            self._resume(journal, investigation)
        self.statistics.begin()
        self.ended = self._run_shards(pool, journal, investigation)

    def _open_journal(self, greeting: Greeting) -> Journal:
        options = self.options
        header = JournalHeader(
            hsmspec_soak=FORMAT,
            command=options.recorded_command,
            seed=options.seed,
            size=options.size,
            first=options.first,
            generator=generator(),
            deviations=digest(options.deviations),
            implementation=greeting,
            known=options.deviations,
            deviations_file=options.deviations_file,
            timeouts=options.timeouts,
        )
        return (Journal.resume if options.resume else Journal.begin)(options.journal, header)

    def _done_in(self, journal: Journal) -> int:
        return sum(isinstance(line, ShardDone) and line.index >= self._due for line in journal.lines())

    def _resume(self, journal: Journal, investigation: Investigation) -> None:
        """Take over what the journal has. It is not reported as progress."""
        for line in journal.lines():
            if isinstance(line, Investigated):
                investigation.known[line.shard, line.number] = line.finding
        for line in journal.lines():
            if isinstance(line, ShardDone) and line.index >= self._due and line.index not in self._resumed:
                self._resumed[line.index] = line
                while (shard := self._resumed.pop(self._due, None)) is not None:
                    self._take(shard, investigation, report=False)

    # --- shards -----------------------------------------------------------------------------------------------------

    def _run_shards(self, pool: WorkerPool, journal: Journal, investigation: Investigation) -> Ending:
        """Run shards until there is no time or no further one, or an end is requested. Return which."""
        options = self.options
        pattern = RandomShard(
            options.command,
            options.timeouts,
            self.session.deviations,
            options.seed,
            options.first,
            options.size,
            steps=True,
            generator=generator(),
            scope=SCOPE,
            greeting=self.session.greeting,
        )
        schedule = Schedule(self._due, options.last, options.seconds)
        shards = (
            None if index is None else replace(pattern, index=index)
            for index in schedule.indexes(pool.workers, frozenset(self._resumed))
        )

        def received(shard: RandomShard, outcome: ShardOutcome) -> ShardDone | _Failed | None:
            schedule.done()
            result = self._received(shard, outcome, journal, investigation)
            if isinstance(result, _Failed):
                schedule.end_before(shard.index)
            return result

        results = pool.map(
            run_random,
            shards,
            received,
            cancellation=self.cancellation,
            grace=GRACE,
            on_lost=self._on_lost,
            on_stopping=lambda: self.emit(SoakEnding()),
        )
        with closing(results):
            for result in results:
                match result:
                    case ShardDone():
                        self._take_resumed(investigation, result.index)
                        self._take(result, investigation)
                    case _Failed():
                        self._fail(result, investigation)
                    case None:
                        continue
                self._take_resumed(investigation, self._due)
        if not self.cancellation.requested:
            return schedule.ended
        self._take_resumed(investigation)
        return "interrupted"

    def _received(
        self, shard: RandomShard, outcome: ShardOutcome, journal: Journal, investigation: Investigation
    ) -> ShardDone | _Failed | None:
        """Return a shard that is done, after writing it to the journal, or that failed; None if it was cut short."""
        if isinstance(outcome, ToolError):
            result = ShardResult(shard.index, trouble=outcome.trouble())
        else:
            result = msgspec.json.decode(outcome, type=ShardResult)
        if result.trouble is not None:
            return None if self.cancellation.requested else _Failed(result, result.trouble)
        if result.operations + result.left_out < shard.operations:
            return None
        new = tuple(step for step in result.steps if step not in self.statistics.steps)
        failures = tuple(map(investigation.kept, result.failures))
        done = ShardDone(
            result.index, result.programs, result.operations, failures, new, result.walked, result.withheld
        )
        journal.append(done)
        return done

    def _take(self, shard: ShardDone, investigation: Investigation, *, report: bool = True) -> None:
        """Look into a shard whose turn it is."""
        self._due = shard.index + 1
        self.statistics.add(shard)
        investigation.look_into(shard.failures, shard.index)
        if report:
            self.emit(self.statistics.event(investigation.failing))

    def _take_resumed(self, investigation: Investigation, before: float = math.inf) -> None:
        """Look into shards of the journal whose turn has come, and into all of them before an index."""
        for index in sorted(self._resumed):
            if index < before or index == self._due:
                self._take(self._resumed.pop(index), investigation)

    def _fail(self, failed: _Failed, investigation: Investigation) -> None:
        result, trouble = failed.result, failed.trouble
        message = f"Shard {result.index} (`--shards {result.index}-{result.index}` runs it alone): {trouble.message}"
        error = Forwarded(replace(trouble, message=message))
        self.session.ledger.programs += result.programs
        self.session.ledger.operations += result.operations
        investigation.keep(result.failures, error)
        raise error

    def _on_lost(self, count: int) -> None:
        self.lost = count
        self.emit(WorkersLost(count))

    def _property_fails(self, expectation: Expectation, started: ExitStack, requirement: str) -> bool:
        """Return whether a requirement's own property fails, which a run knows before its random programs."""
        with self.cancellation.waiting():
            if self._of_properties is None:
                self._of_properties = started.enter_context(self.session.start())
            adapter = self._of_properties
            requirements = checkable([load_catalogue()[requirement]], adapter.greeting.capabilities)
            directed = run_directed(adapter, expectation, requirements, self.options.seed, BUDGETS["quick"])
            return any(judged.tally.deviating for judged in directed)

    # --- the end ----------------------------------------------------------------------------------------------------

    def _end(self, trouble: Trouble | None) -> int:
        statistics, seconds = self.statistics, self.statistics.seconds
        partial = "" if trouble is None else "the adapter or something around it failed"
        nothing = "it ended before a shard was done"
        if not partial and not statistics.shards:
            partial = nothing

        def soaked() -> Soaked:
            return Soaked(
                ended=self.ended,
                size=self.options.size,
                done=tuple(statistics.rows),
                shards=statistics.shards,
                rate=statistics.rate,
                steps=len(statistics.steps),
                new_steps=statistics.new_steps,
                switches=statistics.coverage.shares()[0],
                double_switches=statistics.coverage.shares()[1],
                lost=self.lost,
                journal=str(self.options.journal),
            )

        return self.session.end(partial, trouble, nothing_run=nothing, seconds=seconds, before_end=soaked)


def _budget(options: SoakOptions) -> str:
    """Return how much is to be run, in words."""
    if options.last is not None:
        return f"shards {options.first} to {options.last}"
    return "until it is interrupted" if options.seconds is None else f"{options.seconds:g} s"
