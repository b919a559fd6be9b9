"""A soak of its own: shards without an end but the one that is asked for, with a journal; told as events.

What is found is a function of the seed, the size of a shard and the shards that are done: they are looked into in their
order, whoever runs them and whenever they are done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.deviations import NONE_KNOWN, Deviations
from hsm_specs.engine import problems
from hsm_specs.engine.account import Account
from hsm_specs.engine.collected import ShardResult
from hsm_specs.engine.crew import Crew
from hsm_specs.engine.expectation import Expectation
from hsm_specs.engine.inquiry import Inquiry
from hsm_specs.engine.investigation import Subject
from hsm_specs.engine.journal import FORMAT, Journal, LookedInto, ShardDone, Soaking, digest
from hsm_specs.engine.runner import CONFORMS, COULD_NOT_RUN, DOES_NOT_CONFORM
from hsm_specs.engine.schedule import Schedule
from hsm_specs.engine.soak import Shard, generator, run_shard_elsewhere
from hsm_specs.engine.stop import Stop
from hsm_specs.events import (
    Consumer,
    Ending,
    FindingCounted,
    Greeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    Soaked,
    SoakStarted,
    WorkersLost,
)
from hsm_specs.findings import save
from hsm_specs.harness import Forwarded, HarnessError, Trouble
from hsm_specs.messages import Greeting
from hsm_specs.primary import primary
from hsm_specs.verdicts import Judgement

SIZE = 50_000
"""Operations of a shard."""
_TICK = 0.2


class SoakOptions(Struct, frozen=True):
    """The soak's command and everything that it depends on.

    ``crew`` makes who runs the shards, from ``first`` to ``last`` or in so many ``seconds``. With ``resume`` it goes on
    where the ``journal`` ends. ``findings`` is the folder that findings are saved to, None for nowhere.
    """

    command: tuple[str, ...]
    crew: Callable[[], AbstractContextManager[Crew]]
    journal: Path
    seed: int = 0
    size: int = SIZE
    first: int = 0
    last: int | None = None
    seconds: float | None = None
    resume: bool = False
    timeouts: Timeouts = Timeouts()
    deviations: Deviations = NONE_KNOWN
    deviations_file: str = ""
    findings: Path | None = None


def soak(options: SoakOptions, emit: Consumer, stop: Stop | None = None) -> int:
    """Soaks and answers the exit code: 1 if something was found, 0 if nothing, 2 if no shard was done or one failed.

    Whatever goes wrong around the implementation is told as an event.
    """
    return _Soak(options, emit, stop or Stop()).run()


class _Soak:
    """A soak under way. What it keeps does not grow with the number of shards."""

    def __init__(self, options: SoakOptions, emit: Consumer, stop: Stop) -> None:
        self.options = options
        self.emit = emit
        self.stop = stop
        self.account = Account()
        self.ended: Ending = "shards"
        self.lost = 0
        self._due = options.first
        self._ready: dict[int, ShardDone] = {}
        self._troubled: dict[int, ShardResult] = {}

    def run(self) -> int:
        options = self.options
        self.emit(RunStarted(options.command, options.seed, _budget(options), 0, 0, (), options.deviations_file))
        with self.stop.listening():
            try:
                with Adapter.start(options.command, options.timeouts) as adapter:
                    greeting = adapter.greeting
                options.deviations.check_implementation(greeting)
            except HarnessError as error:
                return self._end(error.trouble(), None, ())
            self.emit(Greeted(greeting, options.deviations.amendments, tuple(sorted(options.deviations.features))))
            return self._journaled(greeting)

    def _journaled(self, greeting: Greeting) -> int:
        options, trouble = self.options, None
        try:
            journal = self._journal(greeting)
        except HarnessError as error:
            return self._end(error.trouble(), None, ())
        subject = Subject(options.command, greeting.name, greeting.version, options.seed)
        expectation = Expectation.of(options.deviations, greeting)
        start = partial(Adapter.start, options.command, options.timeouts)
        with (
            closing(journal),
            Inquiry(subject, expectation, start, self.stop, journal, options.findings, self.emit) as inquiry,
        ):
            self._inquiry = inquiry
            try:
                with options.crew() as crew:
                    self._resume(journal, crew)
                    self._shards(journal, crew)
            except HarnessError as error:
                trouble, self.ended = error.trouble(), "trouble"
            return self._end(trouble, inquiry, greeting.capabilities)

    # --- shards -----------------------------------------------------------------------------------------------------

    def _journal(self, greeting: Greeting) -> Journal:
        options = self.options
        soaking = Soaking(
            hsmspec_soak=FORMAT,
            command=options.command,
            seed=options.seed,
            size=options.size,
            first=options.first,
            generator=generator(),
            deviations=digest(options.deviations),
            implementation=greeting,
        )
        return (Journal.resume if options.resume else Journal.begin)(options.journal, soaking)

    def _resume(self, journal: Journal, crew: Crew) -> None:
        """Takes over what the journal has: first what came of failures, then the shards, as if they were done now."""
        options, resumed = self.options, 0
        if options.resume:
            for line in journal.lines():
                if isinstance(line, LookedInto):
                    self._inquiry.known[line.shard, line.number] = line.finding
            for line in journal.lines():
                if isinstance(line, ShardDone) and line.index >= self._due and line.index not in self._ready:
                    resumed += 1
                    self._ready[line.index] = line
                    self._settle()
        count = None if options.last is None else options.last - options.first + 1
        self.emit(SoakStarted(options.size, crew.where, count, options.seconds, str(options.journal), resumed))
        self.account.begin()

    def _shards(self, journal: Journal, crew: Crew) -> None:
        """Runs shards until there is no time, no further one, or an end is asked for."""
        options, pending = self.options, dict[Future[bytes], int]()
        schedule = Schedule(self._due, options.last, options.seconds)
        try:
            while not self.stop.asked:
                while (index := schedule.take(crew.workers(), self._ready)) is not None:
                    pending[crew.executor.submit(run_shard_elsewhere, self._job(index))] = index
                if not pending:
                    break
                for future in wait(pending, _TICK, FIRST_COMPLETED).done:
                    schedule.done()
                    result = self._arrived(pending.pop(future), future, crew, journal)
                    if result.trouble is not None:
                        self._troubled[result.index] = result
                        schedule.end_before(result.index)
                self._tell_losses(crew)
                self._settle()
            self.ended = "interrupted" if self.stop.asked else schedule.ended
            self._wind_up(pending, crew, journal)
        except HarnessError:
            self._wind_up(pending, crew, journal)
            raise
        except BaseException:
            crew.kill()
            raise

    def _wind_up(self, pending: Mapping[Future[bytes], int], crew: Crew, journal: Journal) -> None:
        """Ends what is under way, and takes what is done all the same.

        If an end was asked for, that is also looked into where a shard before it is not done.
        """
        for future in pending:
            future.cancel()
        if crew.stop():
            wait(pending)
        for future, index in pending.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._arrived(index, future, crew, journal)
        if self.stop.asked:
            for index in sorted(self._ready):
                self._due = index
                self._settle()

    def _job(self, index: int) -> bytes:
        options = self.options
        return msgspec.json.encode(
            Shard(
                options.command,
                options.timeouts,
                options.deviations,
                options.seed,
                index,
                options.size,
                steps=True,
                generator=generator(),
            )
        )

    def _arrived(self, index: int, future: Future[bytes], crew: Crew, journal: Journal) -> ShardResult:
        """What a shard came to. If it is done, that is in the journal and waits for its turn."""
        try:
            result = msgspec.json.decode(future.result(), type=ShardResult)
        except Exception as error:
            result = ShardResult(index, trouble=crew.explain(error).trouble())
        if result.trouble is None and result.operations >= self.options.size:
            new = tuple(step for step in result.steps if step not in self.account.steps)
            failures = tuple(map(self._inquiry.kept, result.failures))
            self._ready[index] = ShardDone(index, result.programs, result.operations, failures, new)
            journal.append(self._ready[index])
        return result

    def _settle(self) -> None:
        """Looks into the shards whose turn it is. Raises what went wrong in one of them."""
        while (shard := self._ready.pop(self._due, None)) is not None:
            self._due += 1
            self.account.add(shard)
            self._inquiry.look_into(shard.index, shard.failures)
            self.emit(self.account.told(self._inquiry.failing, len(self._inquiry.ledger.findings)))
        if (result := self._troubled.pop(self._due, None)) is not None and result.trouble is not None:
            error = Forwarded(_of_shard(self._due, result.trouble))
            self.account.add_amount(result.programs, result.operations)
            self._inquiry.keep(result.failures, error)
            raise error

    def _tell_losses(self, crew: Crew) -> None:
        if crew.lost > self.lost:
            self.lost = crew.lost
            self.emit(WorkersLost(self.lost))

    # --- the end ----------------------------------------------------------------------------------------------------

    def _end(self, trouble: Trouble | None, inquiry: Inquiry | None, offered: tuple[str, ...]) -> int:
        options, account = self.options, self.account
        found: tuple[str, ...] = ()
        name = ""
        if inquiry is not None:
            found = self._judge(inquiry, frozenset(offered))
            first = primary(inquiry.ledger.findings.values())
            name = "" if first is None else first.id
        partial = "" if trouble is None else "the adapter or something around it failed"
        if not partial and not account.shards:
            partial = "it ended before a shard was done"
        code = DOES_NOT_CONFORM if found else COULD_NOT_RUN if partial else CONFORMS
        self.emit(
            Soaked(
                ended="trouble" if trouble is not None else self.ended,
                size=options.size,
                done=tuple(account.rows),
                shards=account.shards,
                rate=account.rate,
                steps=len(account.steps),
                new_steps=account.new_steps,
                lost=self.lost,
                journal=str(options.journal),
            )
        )
        amount = account.programs, account.operations, account.seconds
        self.emit(RunEnded(code, *amount, found, partial, trouble, name))
        return code

    def _judge(self, inquiry: Inquiry, offered: frozenset[str]) -> tuple[str, ...]:
        """Tells how many programs each finding stands for and which requirements are broken; answers the problems."""
        ledger, judgements = inquiry.ledger, list[Judgement]()
        for finding in ledger.findings.values():
            if (count := ledger.counts[finding.id]) != finding.count:
                self.emit(FindingCounted(finding.id, count))
                if self.options.findings is not None:
                    save(replace(finding, count=count), self.options.findings)
        for judgement in ledger.judgements((), offered):
            judgements.append(judgement)
            self.emit(RequirementJudged(judgement))
        return (
            *problems.of_verdicts(judgements),
            *problems.of_programs(ledger),
            *problems.of_uninvestigated(ledger),
        )


def _budget(options: SoakOptions) -> str:
    """How much is to be run, in words."""
    if options.last is not None:
        return f"shards {options.first} to {options.last}"
    return "until it is interrupted" if options.seconds is None else f"{options.seconds:g} s"


def _of_shard(index: int, trouble: Trouble) -> Trouble:
    return replace(trouble, message=f"Shard {index} (`--shards {index}-{index}` runs it alone): {trouble.message}")
