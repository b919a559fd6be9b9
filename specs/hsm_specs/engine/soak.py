"""A soak of its own: shards without an end but the one that is asked for, with a journal; told as events.

What is found is a function of the seed, the size of a shard and the shards that are done: they are looked into in their
order, whoever runs them and whenever they are done.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.adapter import Adapter, Timeouts
from hsm_specs.engine import problems
from hsm_specs.engine.inquiry import Inquiry
from hsm_specs.engine.investigation import Subject
from hsm_specs.engine.journal import FORMAT, Journal, Soaking, digest
from hsm_specs.engine.ledger import Ledger
from hsm_specs.engine.random_phase import Shard, generator
from hsm_specs.engine.session import CONFORMS, COULD_NOT_RUN, DOES_NOT_CONFORM
from hsm_specs.engine.soak_shards import Shards
from hsm_specs.engine.soak_statistics import Account
from hsm_specs.errors import ToolError, Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.cancellation import Stop
from hsm_specs.parallel.worker_pool import Crew
from hsm_specs.results.events import (
    Consumer,
    Ending,
    FindingCounted,
    Greeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    Soaked,
    SoakStarted,
)
from hsm_specs.results.findings import save
from hsm_specs.results.primary import primary
from hsm_specs.results.verdicts import Judgement

SIZE = 50_000
"""Operations of a shard."""


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
    def __init__(self, options: SoakOptions, emit: Consumer, stop: Stop) -> None:
        self.options = options
        self.emit = emit
        self.stop = stop
        self.account = Account()
        self.ended: Ending = "trouble"
        self.greeting: Greeting | None = None
        self.inquiry: Inquiry | None = None
        self.lost = 0

    def run(self) -> int:
        options, trouble = self.options, None
        self.emit(RunStarted(options.command, options.seed, _budget(options), 0, 0, (), options.deviations_file))
        with self.stop.listening():
            try:
                self._soak()
            except ToolError as error:
                trouble = error.trouble()
            return self._end(trouble)

    def _soak(self) -> None:
        options = self.options
        with Adapter.start(options.command, options.timeouts) as adapter:
            self.greeting = greeting = adapter.greeting
        options.deviations.check_implementation(greeting)
        self.emit(Greeted(greeting, options.deviations.amendments, tuple(sorted(options.deviations.features))))
        subject = Subject(options.command, greeting.name, greeting.version, options.seed)
        expectation = Expectation.of(options.deviations, greeting)
        start = partial(Adapter.start, options.command, options.timeouts)
        with (
            options.crew() as crew,
            self._journal(greeting) as journal,
            Inquiry(subject, expectation, start, self.stop, journal, options.findings, self.emit) as self.inquiry,
        ):
            shards = Shards(self._first(), crew, journal, self.inquiry, self.account, self.emit, self.stop)
            try:
                self._shards(shards, crew)
            finally:
                self.lost = shards.lost

    def _shards(self, shards: Shards, crew: Crew) -> None:
        options = self.options
        count = None if options.last is None else options.last - options.first + 1
        resumed = shards.noted() if options.resume else 0
        self.emit(SoakStarted(options.size, crew.where, count, options.seconds, str(options.journal), resumed))
        if options.resume:
            shards.resume()
        self.account.begin()
        self.ended = shards.run(options.last, options.seconds)

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
            known=options.deviations,
            deviations_file=options.deviations_file,
            timeouts=options.timeouts,
        )
        return (Journal.resume if options.resume else Journal.begin)(options.journal, soaking)

    def _first(self) -> Shard:
        options = self.options
        return Shard(
            options.command,
            options.timeouts,
            options.deviations,
            options.seed,
            options.first,
            options.size,
            steps=True,
            generator=generator(),
        )

    # --- the end ----------------------------------------------------------------------------------------------------

    def _end(self, trouble: Trouble | None) -> int:
        account = self.account
        found: tuple[str, ...] = ()
        name = ""
        if self.inquiry is not None:
            found = self._judge(self.inquiry.ledger)
            first = primary(self.inquiry.ledger.findings.values())
            name = "" if first is None else first.id
        partial = "" if trouble is None else "the adapter or something around it failed"
        if not partial and not account.shards:
            partial = "it ended before a shard was done"
        code = DOES_NOT_CONFORM if found else COULD_NOT_RUN if partial else CONFORMS
        self.emit(
            Soaked(
                ended=self.ended,
                size=self.options.size,
                done=tuple(account.rows),
                shards=account.shards,
                rate=account.rate,
                steps=len(account.steps),
                new_steps=account.new_steps,
                lost=self.lost,
                journal=str(self.options.journal),
            )
        )
        amount = account.programs, account.operations, account.seconds
        self.emit(RunEnded(code, *amount, found, partial, trouble, name))
        return code

    def _judge(self, ledger: Ledger) -> tuple[str, ...]:
        """Tells how many programs each finding stands for and which requirements are broken; answers the problems."""
        judgements: list[Judgement] = []
        for finding in ledger.findings.values():
            if (count := ledger.counts[finding.id]) != finding.count:
                self.emit(FindingCounted(finding.id, count))
                if self.options.findings is not None:
                    save(replace(finding, count=count), self.options.findings)
        offered = frozenset[str]() if self.greeting is None else frozenset[str](self.greeting.capabilities)
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
