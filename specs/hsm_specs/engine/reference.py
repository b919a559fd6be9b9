"""A reference next to the implementation: it runs the program of each finding too, which shows who differs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import TracebackType

from hsm_specs.adapter import Adapter, SameImplementation, Timeouts
from hsm_specs.errors import ToolError
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.observations import Observation, at
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.results.events import Consumer, Event, FindingLocated, FindingMade, Greeted, ReferenceGreeted, Side
from hsm_specs.results.findings import Finding

PATIENCE = 3
"""Failures of the reference after which it is not asked any more."""


class Against:
    """Passes events on, and adds to each finding the reference's answers to its program.

    The reference is started when the implementation has introduced itself; if it cannot be, the run ends with that
    `ToolError`. Later ones only leave findings that are not compared.
    """

    def __init__(self, command: Sequence[str], timeouts: Timeouts, consume: Consumer) -> None:
        self._command = command
        self._start = SameImplementation(partial(Adapter.start, command, timeouts))
        self._consume = consume
        self._adapter: Adapter | None = None
        self._troubles = 0

    def __enter__(self) -> Against:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._adapter is not None:
            self._adapter.close()

    def __call__(self, event: Event) -> None:
        """Consume an event."""
        self._consume(event)
        match event:
            case Greeted():
                self._adapter = self._start()
                self._consume(ReferenceGreeted(tuple(self._command), self._adapter.greeting))
            case FindingMade(finding):
                self._consume(self._located(finding))
            case _:
                pass

    def _located(self, finding: Finding) -> FindingLocated:
        if self._troubles >= PATIENCE:
            return FindingLocated(finding.id, Side.UNKNOWN, note="the reference has failed too often")
        try:
            if self._adapter is None:
                self._adapter = self._start()
            return _asked(self._adapter, finding)
        except ToolError as error:
            self._troubles += 1
            self._adapter = None
            return FindingLocated(finding.id, Side.UNKNOWN, note=error.what)


def _asked(reference: Adapter, finding: Finding) -> FindingLocated:
    program, greeting = finding.program[: finding.where[0] + 1], reference.greeting
    needed = capabilities_of(program)
    if missing := needed - frozenset(greeting.capabilities):
        return FindingLocated(finding.id, Side.UNKNOWN, note=f"the reference does not offer {', '.join(missing)}")
    if "wire" in needed and greeting.dialect != finding.dialect:
        return FindingLocated(finding.id, Side.UNKNOWN, note="the reference has another wire dialect")
    (answers,) = reference.run([program])
    return FindingLocated(finding.id, side(finding, answers), at(answers, finding.where))


def side(finding: Finding, answers: Sequence[Observation]) -> Side:
    """Return who stands alone, by all that was answered up to the operation that differs."""
    end, dialect = finding.where[0] + 1, finding.dialect or "v1.25"
    program = finding.program[:end]
    if first_difference(program, finding.expected[:end], answers, dialect) is None:
        return Side.IMPLEMENTATION
    if first_difference(program, finding.observed[:end], answers, dialect) is None:
        return Side.SHARED
    return Side.ALL_DIFFER
