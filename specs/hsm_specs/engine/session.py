"""A run: handshake, directed properties, soak, verdicts; told as events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import msgspec

from hsm_specs.adapter import Adapter
from hsm_specs.engine import problems
from hsm_specs.engine.directed_phase import run_directed
from hsm_specs.engine.investigation import Investigator, Subject
from hsm_specs.engine.ledger import Ledger
from hsm_specs.engine.options import Options
from hsm_specs.engine.random_phase import Shard, run_shard
from hsm_specs.engine.replay_phase import replay, saved_in
from hsm_specs.engine.shard_result import ShardResult
from hsm_specs.engine.tour_phase import TourShard, run_tour
from hsm_specs.errors import Forwarded, TimedOut, ToolError, Trouble
from hsm_specs.explore.scope import load_scopes
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import executor, in_order
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.events import (
    Consumer,
    Event,
    FindingCounted,
    FindingMade,
    Greeted,
    Phase,
    PhaseStarted,
    Progress,
    RequirementJudged,
    RunEnded,
    RunStarted,
    Toured,
)
from hsm_specs.results.failures import Failure
from hsm_specs.results.findings import save
from hsm_specs.results.primary import primary
from hsm_specs.results.verdicts import Judgement, Verdict

CONFORMS, DOES_NOT_CONFORM, COULD_NOT_RUN = 0, 1, 2


class Interrupted(BaseException):
    """The run was asked to stop."""


class _Enough(Exception):
    """The first finding is there, and no more was asked for."""


def run(options: Options, emit: Consumer) -> int:
    """Runs everything and answers the exit code. Whatever goes wrong around the implementation is told as an event."""
    return _Run(options, emit).run()


class _Run:
    def __init__(self, options: Options, emit: Consumer) -> None:
        self.options = options
        self.ledger = Ledger(options.deviations)
        self.greeting: Greeting | None = None
        self.untried = 0
        self._emit_to = emit
        self._started = time.monotonic()

    def emit(self, event: Event) -> None:
        self._emit_to(event)

    def run(self) -> int:
        options, partial, trouble = self.options, "", None
        self.emit(
            RunStarted(
                options.command,
                options.seed,
                options.budget.name,
                options.workers,
                len(options.requirements),
                options.selection,
                options.deviations_file,
            )
        )
        try:
            self._phases()
        except ToolError as error:
            trouble, partial = error.trouble(), "the adapter or something around it failed"
        except _Enough:
            partial = "it was to end with the first finding"
        except (KeyboardInterrupt, Interrupted):
            partial = "it was interrupted"
        return self._end(partial, trouble)

    # --- phases -----------------------------------------------------------------------------------------------------

    def _phases(self) -> None:
        options = self.options
        with Adapter.start(options.command, options.timeouts) as adapter:
            self.greeting = greeting = adapter.greeting
            options.deviations.check_implementation(greeting)
            expectation = Expectation.of(options.deviations, greeting)
            without = tuple(sorted(options.deviations.features))
            self.emit(Greeted(greeting, options.deviations.amendments, without))
            subject = Subject(options.command, greeting.name, greeting.version, options.seed)
            start = partial(Adapter.start, options.command, options.timeouts)
            with Investigator(subject, expectation, start) as investigator:
                failing = self._saved(adapter, expectation, investigator)
                try:
                    self._directed(adapter, expectation, investigator)
                    adapter.finish()
                    if not options.selection:
                        with executor(options.workers) as self._pool:
                            self._tours(investigator)
                            self._soak(investigator)
                except BaseException as error:
                    self._keep(self._not_found_anew(failing), investigator, error)
                    raise
                self._look_into(self._not_found_anew(failing), investigator)
                if investigator.trouble is not None:
                    raise investigator.trouble

    def _saved(self, adapter: Adapter, expectation: Expectation, investigator: Investigator) -> dict[str, Failure]:
        """Runs saved findings again. Answers those still failing, by their IDs, which the other phases may find too."""
        options, failing = self.options, dict[str, Failure]()
        if options.findings is None or not options.replay:
            return failing
        chosen = {requirement.id for requirement in options.requirements} if options.selection else set[str]()
        saved = saved_in(options.findings, adapter.greeting.name, chosen)
        if saved:
            self.emit(PhaseStarted("saved", len(saved)))
        try:
            for event, failure in replay(adapter, expectation, saved):
                self.emit(event)
                if failure is not None:
                    failing[event.id] = failure
                    if options.fail_fast:
                        self._look_into([failure], investigator)
        except BaseException as error:
            self._keep(self._not_found_anew(failing), investigator, error)
            raise
        return failing

    def _not_found_anew(self, failing: dict[str, Failure]) -> list[Failure]:
        return [failure for name, failure in failing.items() if name not in self.ledger.findings]

    def _directed(self, adapter: Adapter, expectation: Expectation, investigator: Investigator) -> None:
        offered = frozenset(adapter.greeting.capabilities)
        requirements = [
            requirement
            for requirement in self.options.requirements
            if requirement.id in PROPERTIES and offered.issuperset(requirement.capabilities)
        ]
        self.emit(PhaseStarted("directed", len(requirements)))
        directed = run_directed(adapter, expectation, requirements, self.options.seed, self.options.budget)
        failures: list[Failure] = []
        try:
            for done, judged in enumerate(directed, start=1):
                self.ledger.programs += judged.programs
                self.ledger.operations += judged.operations
                self.ledger.tallies[judged.requirement.id] = judged.tally
                self.emit(Progress("directed", done, self.ledger.operations))
                failures += judged.failures
                documented = judged.requirement.classification == "documented"
                if self.options.fail_fast and ((documented and judged.tally.deviating) or judged.tally.passed):
                    break
        except BaseException as error:
            self._keep(failures, investigator, error)
            raise
        self._look_into(failures, investigator)
        if investigator.trouble is not None:
            raise investigator.trouble

    def _tours(self, investigator: Investigator) -> None:
        options = self.options
        scope = options.budget.scope
        parts = range(len(load_scopes(scope)))
        jobs = (
            msgspec.json.encode(TourShard(options.command, options.timeouts, options.deviations, scope, part))
            for part in parts
        )
        pairs = tried = 0
        try:
            for result in self._sharded("tours", len(parts), run_tour, jobs, investigator):
                pairs += result.pairs
                tried += result.tried
        finally:
            self.untried = pairs - tried
            self.emit(Toured(scope, pairs, tried))

    def _soak(self, investigator: Investigator) -> None:
        budget = self.options.budget
        total = budget.shards if budget.seconds is None else None
        for _ in self._sharded("soak", total, run_shard, self._shards(), investigator):
            pass

    def _sharded(
        self,
        phase: Phase,
        total: int | None,
        work: Callable[[bytes], bytes],
        jobs: Iterable[bytes],
        investigator: Investigator,
    ) -> Iterator[ShardResult]:
        """The results of shards in their order, once what they found was looked into."""
        self.emit(PhaseStarted(phase, total))
        ahead = self.options.workers if self.options.workers > 1 else 0
        for done, encoded in enumerate(in_order(self._pool, work, jobs, ahead), start=1):
            result = msgspec.json.decode(encoded, type=ShardResult)
            self.ledger.programs += result.programs
            self.ledger.operations += result.operations
            self.emit(Progress(phase, done, self.ledger.operations))
            if result.trouble is not None:
                trouble = Forwarded(result.trouble)
                self._keep(result.failures, investigator, trouble)
                raise trouble
            self._look_into(result.failures, investigator)
            if investigator.trouble is not None:
                raise investigator.trouble
            yield result

    def _shards(self) -> Iterator[bytes]:
        options, budget = self.options, self.options.budget
        for index in range(budget.shards):
            left = None
            if budget.seconds is not None:
                left = budget.seconds - (time.monotonic() - self._started)
                if left <= 0 and index:
                    return
            shard = Shard(
                options.command,
                options.timeouts,
                options.deviations,
                options.seed,
                index,
                budget.operations,
                left,
            )
            yield msgspec.json.encode(shard)

    def _keep(self, failures: Sequence[Failure], investigator: Investigator, error: BaseException) -> None:
        """Makes findings of what was found before the run had to end; without shrinking, if that could take long."""
        if not isinstance(error, ToolError) or error.trouble().code == TimedOut.code:
            investigator.trouble = investigator.trouble or ToolError("the run had to end")
        self._look_into(failures, investigator)

    def _look_into(self, failures: Sequence[Failure], investigator: Investigator) -> None:
        broken = {requirement for requirement, tally in self.ledger.tallies.items() if tally.deviating}
        for failure in failures:
            if not self.ledger.worth_investigating(failure):
                self.ledger.add_uninvestigated(failure)
                continue
            finding, difference = investigator.investigate(failure, broken)
            if self.ledger.add(failure, finding, difference):
                folder = self.options.findings
                self.emit(FindingMade(finding, "" if folder is None else str(save(finding, folder))))
                if self.options.fail_fast and (finding.documented or finding.outdated):
                    raise _Enough

    # --- the end ----------------------------------------------------------------------------------------------------

    def _end(self, partial: str, trouble: Trouble | None) -> int:
        ledger = self.ledger
        for finding in ledger.findings.values():
            if ledger.counts[finding.id] != finding.count:
                counted = msgspec.structs.replace(finding, count=ledger.counts[finding.id])
                self.emit(FindingCounted(finding.id, counted.count))
                if self.options.findings is not None:
                    save(counted, self.options.findings)
        offered = frozenset[str]() if self.greeting is None else frozenset[str](self.greeting.capabilities)
        judgements: list[Judgement] = []
        if self.greeting is not None:
            for judgement in ledger.judgements(self.options.requirements, offered):
                judgements.append(judgement)
                self.emit(RequirementJudged(judgement))
        found = tuple(self._problems(judgements, bool(partial)))
        code = CONFORMS if ledger.programs and not partial else COULD_NOT_RUN
        if found:
            code = DOES_NOT_CONFORM
        if not partial and not ledger.programs:
            partial = "nothing was run: the implementation offers nothing of what was selected"
        seconds = time.monotonic() - self._started
        first = primary(ledger.findings.values())
        name = "" if first is None else first.id
        self.emit(RunEnded(code, ledger.programs, ledger.operations, seconds, found, partial, trouble, name))
        return code

    def _problems(self, judgements: list[Judgement], partial: bool) -> Iterator[str]:
        """Why the implementation does not conform, a sentence for each kind of reason."""
        yield from problems.of_verdicts(judgements)
        absent = {judgement.requirement for judgement in judgements if judgement.verdict is Verdict.NOT_OFFERED}
        if unseen := sorted(absent & self.options.deviations.requirements):
            yield f"Known deviations of what is not offered: {', '.join(unseen)}."
        yield from problems.of_programs(self.ledger)
        if self.untried and not partial and not self.ledger.findings:
            yield f"The tours left out {self.untried} pairs of a state and an action that they had promised."
        yield from problems.of_uninvestigated(self.ledger)
        if (missing := problems.failing(judgements, Verdict.NOT_EXERCISED)) and not partial:
            yield f"{problems.number(missing)} not exercised, so nothing can be said about: {', '.join(missing)}."
