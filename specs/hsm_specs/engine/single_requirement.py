"""Single requirements, judged in any order by the cases of their own property. The pytest plugin uses this."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from hsm_specs.adapter import Client, SameImplementation
from hsm_specs.catalogue.requirements import Requirement
from hsm_specs.engine.budget import BUDGETS
from hsm_specs.engine.directed_phase import checkable, run_directed
from hsm_specs.engine.investigation import Investigation
from hsm_specs.engine.investigator import Investigator, Subject
from hsm_specs.engine.ledger import Ledger
from hsm_specs.engine.readings import with_readings
from hsm_specs.errors import ToolError
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.results.failures import Failure
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement

PATIENCE = 8
"""Failures of an adapter, also while a finding is shrunk, after which it is not started again."""


class Examined(NamedTuple):
    """The verdict on a requirement and the findings behind it."""

    judgement: Judgement
    findings: tuple[Finding, ...]


class Examiner:
    """Judges requirements. Starts the implementation when it is first needed, and again after a failure.

    After a `ToolError` in the handshake, or `PATIENCE` of them later, each call raises that error and starts nothing.
    """

    def __init__(
        self,
        start: Callable[[], Client],
        command: tuple[str, ...] = (),
        deviations: Deviations = NONE_KNOWN,
        seed: int = 0,
        cases: int = 40,
    ) -> None:
        self._start = SameImplementation(start)
        self._command = command
        self._deviations = deviations
        self._seed = seed
        self._budget = replace(BUDGETS["quick"], cases=cases)
        self._client: Client | None = None
        self._troubles = 0
        self._hopeless: ToolError | None = None

    def examine(self, requirement: Requirement) -> Examined:
        """Return the verdict on a requirement. Raise the `ToolError` of the implementation's client."""
        client = self._started()
        try:
            return self._examine(client, requirement)
        except ToolError as error:
            self.close()
            self._note(error)
            raise

    def close(self) -> None:
        """End the implementation, if it was started."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _started(self) -> Client:
        if self._hopeless is not None:
            raise self._hopeless
        if self._client is None:
            try:
                self._client = self._start()
                self._deviations.check_implementation(self._client.greeting)
                self._deviations = with_readings(self._client, self._deviations, self._seed)
            except ToolError as error:
                self._hopeless = error
                self.close()
                raise
        return self._client

    def _note(self, error: ToolError) -> None:
        self._troubles += 1
        if self._troubles >= PATIENCE:
            self._hopeless = error

    def _examine(self, client: Client, requirement: Requirement) -> Examined:
        greeting = client.greeting
        expectation = Expectation.of(self._deviations, greeting)
        ledger = Ledger(self._deviations)
        ledger.readings = frozenset(self._deviations.readings)
        failures: list[Failure] = []
        selected = checkable([requirement], greeting.capabilities)
        for judged in run_directed(client, expectation, selected, self._seed, self._budget):
            ledger.tallies[requirement.id] = judged.tally
            failures += judged.failures
        subject = Subject(self._command, greeting.name, greeting.version, self._seed)
        with Investigator(subject, expectation, self._start) as investigator:
            investigation = Investigation(investigator, ledger)
            investigation.keep(failures)
        if investigator.trouble is not None:
            self._note(investigator.trouble)
        judgements = ledger.judgements((requirement,), frozenset(greeting.capabilities))
        (judgement,) = (j for j in judgements if j.requirement == requirement.id)
        return Examined(judgement, tuple(ledger.findings.values()))
