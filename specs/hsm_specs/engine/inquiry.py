"""The inquiry into a soak's failures, in the order of its shards: what is worth it is investigated, all is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from msgspec.structs import replace

from hsm_specs.adapter import Adapter
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.engine.budget import BUDGETS
from hsm_specs.engine.directed_phase import run_directed
from hsm_specs.engine.investigation import Investigator, Subject
from hsm_specs.engine.journal import Journal, LookedInto
from hsm_specs.engine.ledger import Ledger
from hsm_specs.errors import TimedOut, ToolError
from hsm_specs.oracle.comparison import Difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.cancellation import Stop, Stoppable
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.events import Consumer, FindingMade
from hsm_specs.results.failures import Failure
from hsm_specs.results.findings import Finding, save


class Inquiry:
    """Makes findings of failures. ``known`` are those that a journal has, by shard and number of the failure."""

    def __init__(
        self,
        subject: Subject,
        expectation: Expectation,
        start: Callable[[], Adapter],
        stop: Stop,
        journal: Journal,
        folder: Path | None,
        emit: Consumer,
    ) -> None:
        self.ledger = Ledger(expectation.deviations)
        self.failing = 0
        self.known: dict[tuple[int, int], Finding] = {}
        self._subject = subject
        self._expectation = expectation
        self._start = start
        self._stop = stop
        self._journal = journal
        self._folder = folder
        self._emit = emit
        self._broken: set[str] | None = None
        self._investigator = Investigator(subject, expectation, partial(Stoppable, start, stop))

    def __enter__(self) -> Inquiry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._investigator.__exit__(kind, error, traceback)

    def kept(self, failure: Failure) -> Failure:
        """A failure as it is kept until its turn: without its program, if it will only be counted then.

        What is not worth it now is not worth it then either, for nothing is forgotten meanwhile.
        """
        return failure if self.ledger.worth_investigating(failure) else replace(failure, program=(), observed=())

    def look_into(self, shard: int, failures: Sequence[Failure]) -> None:
        """Makes findings of a shard's failures. Raises a harness error that kept one from being shrunk."""
        for number, failure in enumerate(failures):
            self._look_into(failure, (shard, number))
        self._raise()

    def keep(self, failures: Sequence[Failure], error: ToolError) -> None:
        """Makes findings of what was found before an error; without shrinking, if that could take long."""
        if error.trouble().code == TimedOut.code:
            self._investigator.trouble = self._investigator.trouble or error
        for failure in failures:
            self._look_into(failure, None)

    def _look_into(self, failure: Failure, place: tuple[int, int] | None) -> None:
        self.failing += failure.count
        if not failure.program or not self.ledger.worth_investigating(failure):
            self.ledger.add_uninvestigated(failure)
            return
        finding, difference = self._from_journal(failure, place) or self._investigated(failure, place)
        if self.ledger.add(failure, finding, difference):
            self._emit(FindingMade(finding, "" if self._folder is None else str(save(finding, self._folder))))

    def _from_journal(self, failure: Failure, place: tuple[int, int] | None) -> tuple[Finding, Difference] | None:
        finding = None if place is None else self.known.pop(place, None)
        if finding is None:
            return None
        expected = self._expectation.predict(finding.program, failure.amended)
        difference = self._expectation.difference(finding.program, expected, finding.observed)
        return None if difference is None else (replace(finding, expected=expected), difference)

    def _investigated(self, failure: Failure, place: tuple[int, int] | None) -> tuple[Finding, Difference]:
        finding, difference = self._investigator.investigate(failure, self._broken_requirements())
        if place is not None and self._investigator.trouble is None:
            self._journal.append(LookedInto(*place, finding))
        return finding, difference

    def _broken_requirements(self) -> set[str]:
        """The requirements whose own property fails, which a run knows before its soak; found out when first needed."""
        if self._broken is None:
            self._broken = set()
            if self._investigator.trouble is None:
                try:
                    self._broken = self._run_properties()
                except ToolError as error:
                    self._investigator.trouble = error
        return self._broken

    def _run_properties(self) -> set[str]:
        with self._start() as adapter:
            offered = frozenset(adapter.greeting.capabilities)
            requirements = [
                requirement
                for requirement in load_catalogue().values()
                if requirement.id in PROPERTIES and offered.issuperset(requirement.capabilities)
            ]
            quick = BUDGETS["quick"]
            directed = run_directed(adapter, self._expectation, requirements, self._subject.seed, quick)
            return {judged.requirement.id for judged in directed if judged.tally.deviating}

    def _raise(self) -> None:
        if self._investigator.trouble is not None and not self._stop.asked:
            raise self._investigator.trouble
