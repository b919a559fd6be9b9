"""A conformance run: saved findings, directed properties, tours and random programs, and the verdict on each
requirement.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import msgspec
from msgspec import Struct

from hsm_specs.adapter import LossKind, RecoveringAdapter
from hsm_specs.catalogue.requirements import Requirement
from hsm_specs.engine.budget import BUDGETS, Budget
from hsm_specs.engine.directed_phase import checkable, run_directed
from hsm_specs.engine.investigation import Investigation
from hsm_specs.engine.random_phase import RandomShard, run_random
from hsm_specs.engine.replay_phase import replay, saved_in
from hsm_specs.engine.session import Session, SessionOptions
from hsm_specs.engine.shards import ShardResult
from hsm_specs.engine.tour_phase import TourShard, run_tour
from hsm_specs.errors import Forwarded, ToolError
from hsm_specs.explore.actions import is_tried
from hsm_specs.explore.scope import load_scopes, tree_parts
from hsm_specs.explore.walks import SwitchCoverage
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.processes import local
from hsm_specs.parallel.worker_pool import ShardOutcome, WorkerPool
from hsm_specs.results.events import Consumer, Phase, PhaseStarted, Progress, RunStarted, Toured
from hsm_specs.results.failures import Failure
from hsm_specs.results.findings import Finding


class RunOptions(SessionOptions, frozen=True, kw_only=True):
    """The run's command and everything it depends on.

    ``requirements`` are those to judge. With a ``selection`` only their directed properties run, without one tours and
    random programs follow. With ``replay`` the findings that are saved already are run again first.
    """

    requirements: tuple[Requirement, ...]
    budget: Budget = BUDGETS["default"]
    workers: int = 1
    selection: tuple[str, ...] = ()
    fail_fast: bool = False
    replay: bool = False


INTERRUPTED = "it was interrupted"
"""Why an interrupted run is partial."""


class Interrupted(BaseException):
    """The run was asked to stop."""


class _Enough(Exception):
    """The first finding is there, and no more was asked for."""


def run(options: RunOptions, emit: Consumer) -> int:
    """Run everything and return the exit code. Emit whatever goes wrong around the implementation as an event.

    Raise `NotWritten` if a consumer cannot write its report of a violation.
    """
    return _Run(options, emit).run()


class _Run:
    def __init__(self, options: RunOptions, emit: Consumer) -> None:
        self.options = options
        self.session = Session(options, emit, options.requirements)
        self.emit = emit
        self._withheld: tuple[LossKind, ...] = ()
        seconds = options.budget.seconds
        self._deadline = math.inf if seconds is None else self.session.started + seconds

    @property
    def _is_over(self) -> bool:
        """Whether the time of the budget is over."""
        return time.monotonic() >= self._deadline

    def run(self) -> int:
        options, partial, trouble = self.options, "", None
        self.emit(
            RunStarted(
                options.recorded_command,
                options.seed,
                options.budget.name,
                options.workers,
                sum(requirement.judged for requirement in options.requirements),
                options.selection,
                options.deviations_file,
            )
        )
        try:
            self._phases()
            if unreached := len(self.session.ledger.unreached):
                were = "requirement was" if unreached == 1 else "requirements were"
                partial = f"its time was over before {unreached} {were} exercised"
        except ToolError as error:
            trouble, partial = error.trouble(), "the adapter or something around it failed"
        except _Enough:
            partial = "it was to end with the first finding"
        except (KeyboardInterrupt, Interrupted):
            partial = INTERRUPTED
        nothing = "nothing was run: the implementation offers nothing of what was selected"
        return self.session.end(partial, trouble, nothing_run=nothing)

    def _phases(self) -> None:
        with self.session.start() as adapter:
            expectation = self.session.greeted(adapter)
            with self.session.investigating(expectation, on_finding=self._found) as investigation:
                still_failing: dict[str, Failure] = {}
                try:
                    self._replay(adapter, expectation, investigation, still_failing)
                    self._directed(adapter, expectation, investigation)
                    self._withheld = adapter.withheld
                    if not self._is_over:
                        adapter.finish()
                    if not self.options.selection and not self._is_over:
                        with local(self.options.workers, inline=True) as pool:
                            self._tours(pool, investigation, adapter.greeting)
                            self._random(pool, investigation)
                except BaseException as error:
                    investigation.keep(self._not_found_anew(still_failing), error)
                    raise
                investigation.look_into(self._not_found_anew(still_failing))

    def _found(self, finding: Finding) -> None:
        if self.options.fail_fast and (finding.documented or finding.outdated):
            raise _Enough

    def _not_found_anew(self, still_failing: dict[str, Failure]) -> list[Failure]:
        return [failure for name, failure in still_failing.items() if name not in self.session.ledger.findings]

    def _replay(
        self,
        adapter: RecoveringAdapter,
        expectation: Expectation,
        investigation: Investigation,
        still_failing: dict[str, Failure],
    ) -> None:
        """Run saved findings again. Add those that still fail, which the other phases may find too, by their IDs."""
        options = self.options
        if options.findings is None or not options.replay:
            return
        chosen = {requirement.id for requirement in options.requirements} if options.selection else set[str]()
        saved = saved_in(options.findings, adapter.greeting.name, chosen)
        if saved:
            self.emit(PhaseStarted("saved", len(saved)))
        for event, failure in replay(adapter, expectation, saved):
            self.emit(event)
            if failure is not None:
                still_failing[event.id] = failure
                if options.fail_fast:
                    investigation.look_into([failure])
            if self._is_over:
                break

    def _directed(self, adapter: RecoveringAdapter, expectation: Expectation, investigation: Investigation) -> None:
        options, ledger = self.options, self.session.ledger
        requirements = checkable(options.requirements, adapter.greeting.capabilities)
        self.emit(PhaseStarted("directed", len(requirements)))
        directed = run_directed(adapter, expectation, requirements, options.seed, options.budget, self._deadline)
        if self._is_over:
            directed = iter(())
        failures: list[Failure] = []
        try:
            for done, judged in enumerate(directed, start=1):
                ledger.programs += judged.programs
                ledger.operations += judged.operations
                ledger.withheld += judged.withheld
                ledger.tallies[judged.requirement.id] = judged.tally
                self.emit(Progress("directed", done, ledger.operations))
                failures += judged.failures
                documented = judged.requirement.classification == "documented"
                if options.fail_fast and ((documented and judged.tally.deviating) or judged.tally.passed):
                    break
        except BaseException as error:
            investigation.keep(failures, error)
            raise
        if self._is_over:
            ledger.unreached = {requirement.id for requirement in requirements} - set(ledger.tallies)
        investigation.look_into(failures)

    def _tours(self, pool: WorkerPool, investigation: Investigation, greeting: Greeting) -> None:
        options, scope = self.options, self.options.budget.scope
        scopes = load_scopes(scope)
        trees, offered = tree_parts(scopes), frozenset(greeting.capabilities)
        parts = [part for part, each in enumerate(scopes) if is_tried(each, offered)]
        deadline = self._shard_deadline
        shards = (
            TourShard(
                options.command,
                options.timeouts,
                self.session.deviations,
                scope,
                part,
                options.seed,
                options.budget.walks // len(trees) if part in trees else 0,
                deadline,
                withheld=self._withheld,
                greeting=greeting,
            )
            for part in parts
            if not self._is_over
        )
        pairs = tried = 0
        coverage = SwitchCoverage()
        try:
            for result in self._results("tours", len(parts), pool, run_tour, shards, investigation):
                pairs += result.pairs
                tried += result.tried
                if result.walked is not None:
                    coverage.add(result.walked)
        finally:
            # Pairs that there was no time for are not missing; the event says how many they are.
            self.session.untried = 0 if self._is_over else pairs - tried
            self.emit(Toured(scope, pairs, tried, *coverage.shares()))

    def _random(self, pool: WorkerPool, investigation: Investigation) -> None:
        budget = self.options.budget
        total = budget.shards if budget.seconds is None else None
        for _ in self._results("soak", total, pool, run_random, self._random_shards(), investigation):
            pass

    @property
    def _shard_deadline(self) -> float | None:
        return None if self.options.budget.seconds is None else self._deadline

    def _random_shards(self) -> Iterator[RandomShard]:
        options, budget = self.options, self.options.budget
        for index in range(budget.shards):
            if self._is_over:
                return
            yield RandomShard(
                options.command,
                options.timeouts,
                self.session.deviations,
                options.seed,
                index,
                budget.operations,
                self._shard_deadline,
                withheld=self._withheld,
                greeting=self.session.greeting,
            )

    def _results(
        self,
        phase: Phase,
        total: int | None,
        pool: WorkerPool,
        function: Callable[[bytes], bytes],
        shards: Iterable[Struct],
        investigation: Investigation,
    ) -> Iterator[ShardResult]:
        """Yield the results of shards in their order, once their failures were investigated."""
        self.emit(PhaseStarted(phase, total))
        ledger = self.session.ledger
        with closing(pool.map(function, shards, _decoded)) as results:
            for done, result in enumerate(results, start=1):
                if isinstance(result, ToolError):
                    raise result
                ledger.programs += result.programs
                ledger.operations += result.operations
                ledger.withheld += result.withheld
                self.emit(Progress(phase, done, ledger.operations))
                if result.trouble is not None:
                    trouble = Forwarded(result.trouble)
                    investigation.keep(result.failures, trouble)
                    raise trouble
                investigation.look_into(result.failures)
                yield result


def _decoded(shard: Struct, outcome: ShardOutcome) -> ShardResult | ToolError:
    return outcome if isinstance(outcome, ToolError) else msgspec.json.decode(outcome, type=ShardResult)
