"""Investigation: failures become findings in the ledger, or are counted with findings that they look like."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from msgspec.structs import replace

from hsm_specs.engine.investigator import Investigator
from hsm_specs.engine.journal import Investigated, Journal
from hsm_specs.engine.ledger import Ledger
from hsm_specs.errors import TimedOut, ToolError
from hsm_specs.oracle.comparison import Difference
from hsm_specs.parallel.cancellation import Stopped
from hsm_specs.results.failures import Failure
from hsm_specs.results.findings import Finding


class Investigation:
    """Enters failures in the ledger, in the order in which they come: some are investigated, all are counted.

    ``property_fails`` runs the property of a requirement; a session that ran all of them has the broken ones in its
    ledger. ``on_finding`` gets each new finding. A ``journal`` remembers what a failure of a shard led to, so that a
    resumed session need not shrink it again.
    """

    def __init__(
        self,
        investigator: Investigator,
        ledger: Ledger,
        *,
        property_fails: Callable[[str], bool] | None = None,
        on_finding: Callable[[Finding], None] = lambda _: None,
        journal: Journal | None = None,
    ) -> None:
        self.investigator = investigator
        self.failing = 0
        self.known: dict[tuple[int, int], Finding] = {}
        """Findings that the journal has, by shard and number of the failure."""
        self._ledger = ledger
        self._broken = None if property_fails is None else _Broken(property_fails, investigator)
        self._on_finding = on_finding
        self._journal = journal

    def look_into(self, failures: Sequence[Failure], shard: int | None = None) -> None:
        """Make findings of failures, of a shard if they come from one. Raise what kept one from being shrunk."""
        for number, failure in enumerate(failures):
            self._look_into(failure, None if shard is None else (shard, number))
        trouble = self.investigator.trouble
        if trouble is not None and not isinstance(trouble, Stopped):
            raise trouble

    def keep(self, failures: Sequence[Failure], error: BaseException | None = None) -> None:
        """Make findings of what was found before an error; without shrinking if that could take long. Raise nothing."""
        if error is not None and (not isinstance(error, ToolError) or error.trouble().code == TimedOut.code):
            reason = error if isinstance(error, ToolError) else ToolError("the run had to end")
            self.investigator.trouble = self.investigator.trouble or reason
        for failure in failures:
            self._look_into(failure, None)

    def kept(self, failure: Failure) -> Failure:
        """Return a failure as it waits for its turn: without its program, if it will only be counted then.

        Nothing is removed from the ledger, so a failure that is not worth investigating now never will be.
        """
        return failure if self._ledger.worth_investigating(failure) else replace(failure, program=(), observed=())

    def _look_into(self, failure: Failure, place: tuple[int, int] | None) -> None:
        self.failing += failure.count
        if not failure.program or not self._ledger.worth_investigating(failure):
            self._ledger.add_uninvestigated(failure)
            return
        finding, difference = self._from_journal(failure, place) or self._investigated(failure, place)
        if self._ledger.add(failure, finding, difference):
            self._on_finding(finding)

    def _from_journal(self, failure: Failure, place: tuple[int, int] | None) -> tuple[Finding, Difference] | None:
        finding = None if place is None else self.known.pop(place, None)
        if finding is None:
            return None
        expectation = self.investigator.expectation
        expected = expectation.predict(finding.program, failure.amended)
        difference = expectation.difference(finding.program, expected, finding.observed)
        return None if difference is None else (replace(finding, expected=expected), difference)

    def _investigated(self, failure: Failure, place: tuple[int, int] | None) -> tuple[Finding, Difference]:
        finding, difference = self.investigator.investigate(
            failure, self._ledger.broken if self._broken is None else self._broken
        )
        if self._journal is not None and place is not None and self.investigator.trouble is None:
            self._journal.append(Investigated(*place, finding))
        return finding, difference


class _Broken(Container[str]):
    """The requirements whose property fails. Each is run when it is first asked about: few are."""

    def __init__(self, property_fails: Callable[[str], bool], investigator: Investigator) -> None:
        self._property_fails = property_fails
        self._investigator = investigator
        self._known: dict[object, bool] = {}

    def __contains__(self, requirement: object) -> bool:
        if requirement not in self._known and self._investigator.trouble is None:
            try:
                self._known[requirement] = self._property_fails(str(requirement))
            except ToolError as error:
                self._investigator.trouble = error
        return self._known.get(requirement, False)
