"""A session: what `run` and `soak` share, which is the ledger, the investigation of failures, and the ending."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.adapter import Adapter, Client, RecoveringAdapter, SameImplementation, Timeouts
from hsm_specs.catalogue.requirements import Requirement
from hsm_specs.engine.investigation import Investigation
from hsm_specs.engine.investigator import Investigator, Subject
from hsm_specs.engine.journal import Journal
from hsm_specs.engine.ledger import Ledger
from hsm_specs.engine.readings import with_readings
from hsm_specs.errors import ToolError, Trouble, keeping_verdict
from hsm_specs.language.messages import Greeting
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.results.events import Consumer, Event, FindingCounted, FindingMade, Greeted, RequirementJudged, RunEnded
from hsm_specs.results.findings import Finding, save
from hsm_specs.results.primary import primary
from hsm_specs.results.redaction import redacted
from hsm_specs.results.verdicts import Judgement, Verdict

CONFORMS, DOES_NOT_CONFORM, COULD_NOT_RUN = 0, 1, 2


class SessionOptions(Struct, frozen=True, kw_only=True):
    """The options of every session. ``findings`` is the folder that findings are saved to, None for nowhere.

    With ``strict`` an implementation that differs where the documentation is silent fails.
    With ``redact`` the arguments of the command are neither reported nor saved. With ``remember`` cases and predictions
    are kept for further sessions of this process, of which many with one seed then take half the time.
    """

    command: tuple[str, ...]
    seed: int = 0
    timeouts: Timeouts = Timeouts()
    deviations: Deviations = NONE_KNOWN
    deviations_file: str = ""
    findings: Path | None = None
    strict: bool = False
    redact: bool = False
    remember: bool = False

    @property
    def recorded_command(self) -> tuple[str, ...]:
        """The command as it is reported and saved."""
        return redacted(self.command) if self.redact else self.command


class Session:
    """A session under way. ``requirements`` are those to judge by their own evidence; a soak has none.

    ``untried`` counts the pairs that tours left out.
    """

    def __init__(self, options: SessionOptions, emit: Consumer, requirements: tuple[Requirement, ...] = ()) -> None:
        self.ledger = Ledger(options.deviations, strict=options.strict)
        self.greeting: Greeting | None = None
        self.untried = 0
        self.emit = emit
        self.started = time.monotonic()
        self.deviations = options.deviations
        """The known deviations, from the handshake on with the readings that the implementation follows."""
        self._options = options
        self._start = SameImplementation(partial(Adapter.start, options.command, options.timeouts))
        self._requirements = requirements

    def start(self, *, probing: bool = False) -> RecoveringAdapter:
        """Start the implementation, for all programs or for those of one failure.

        Raise `ToolError` if that fails, or if it introduces itself otherwise than before.
        """
        return RecoveringAdapter(self._start, probing=probing)

    def greeted(self, adapter: Client) -> Expectation:
        """Accept the implementation's introduction and find out which readings it follows.

        Return what is expected of it.
        """
        self.greeting = greeting = adapter.greeting
        self.deviations.check_implementation(greeting)
        self.deviations = deviations = with_readings(adapter, self.deviations)
        self.ledger.readings = frozenset(deviations.readings)
        excluded = tuple(sorted(deviations.features))
        self.emit(Greeted(greeting, deviations.amendments, excluded, deviations.readings))
        return Expectation.of(deviations, greeting, remember=self._options.remember)

    @contextmanager
    def investigating(
        self,
        expectation: Expectation,
        *,
        start: Callable[[], Client] | None = None,
        property_fails: Callable[[str], bool] | None = None,
        on_finding: Callable[[Finding], None] = lambda _: None,
        journal: Journal | None = None,
    ) -> Generator[Investigation]:
        """Yield the investigation of failures. New findings are saved and emitted, then given to ``on_finding``."""

        def found(finding: Finding) -> None:
            self.emit(FindingMade(finding, self._save(finding)))
            on_finding(finding)

        options, greeting = self._options, self.greeting
        if greeting is None:
            raise ValueError("the implementation has not introduced itself")
        subject = Subject(options.recorded_command, greeting.name, greeting.version, options.seed)
        with Investigator(subject, expectation, start or partial(self.start, probing=True)) as investigator:
            yield Investigation(
                investigator, self.ledger, property_fails=property_fails, on_finding=found, journal=journal
            )

    def _save(self, finding: Finding) -> str:
        folder = self._options.findings
        return "" if folder is None else str(save(finding, folder))

    # --- the end ----------------------------------------------------------------------------------------------------

    def end(
        self,
        partial: str,
        trouble: Trouble | None,
        *,
        nothing_run: str,
        seconds: float | None = None,
        before_end: Callable[[], Event] | None = None,
    ) -> int:
        """Judge the requirements, emit the last events, and return the exit code.

        ``partial`` says why the session ended early, ``trouble`` is the error if it was one. If no program was run,
        ``nothing_run`` says so. ``before_end`` makes an event that comes before `RunEnded`. Raise `NotWritten` if a
        consumer cannot write its report of a violation.
        """
        ledger = self.ledger
        unsaved = self._count_findings()
        if trouble is None and unsaved is not None:
            trouble, partial = unsaved.trouble(), partial or "not all that was found could be saved"
        judgements = list(self._judgements())
        for judgement in judgements:
            self.emit(RequirementJudged(judgement))
        problems = tuple(self._problems(judgements, bool(partial)))
        if not partial and not ledger.programs:
            partial = nothing_run
        code = DOES_NOT_CONFORM if problems else COULD_NOT_RUN if partial else CONFORMS
        if before_end is not None:
            self.emit(before_end())
        seconds = time.monotonic() - self.started if seconds is None else seconds
        first = primary(ledger.findings.values())
        name = "" if first is None else first.id
        with keeping_verdict(code):
            self.emit(RunEnded(code, ledger.programs, ledger.operations, seconds, problems, partial, trouble, name))
        return code

    def _count_findings(self) -> ToolError | None:
        """Emit, and save, for how many failing programs each finding stands, now that all are known.

        Return why one could not be saved, if one could not.
        """
        unsaved = None
        for finding in self.ledger.findings.values():
            count = self.ledger.counts[finding.id]
            if count != finding.count:
                self.emit(FindingCounted(finding.id, count))
                try:
                    self._save(replace(finding, count=count))
                except ToolError as error:
                    unsaved = unsaved or error
        return unsaved

    def _judgements(self) -> Iterator[Judgement]:
        if self.greeting is not None:
            yield from self.ledger.judgements(self._requirements, frozenset(self.greeting.capabilities))

    def _problems(self, judgements: Sequence[Judgement], partial: bool) -> Iterator[str]:
        """Yield why the implementation does not conform, a sentence for each kind of reason."""
        ledger = self.ledger
        if deviating := failing(judgements, Verdict.DEVIATES):
            yield f"{number(deviating)} violated: {', '.join(deviating)}."
        if changed := failing(judgements, Verdict.CHANGED):
            yield f"Changed where the documentation is silent, against what is pinned: {', '.join(changed)}."
        if differing := failing(judgements, Verdict.DIFFERS):
            yield f"Different where the documentation is silent, which --strict forbids: {', '.join(differing)}."
        yield from self._other_readings()
        if outdated := failing(judgements, Verdict.OUTDATED):
            yield f"Known deviations that do not show as stated: {', '.join(outdated)}."
        if self._requirements:
            absent = {judgement.requirement for judgement in judgements if judgement.verdict is Verdict.NOT_OFFERED}
            if unseen := sorted(absent & self._options.deviations.requirements):
                yield f"Known deviations that need capabilities which are not offered: {', '.join(unseen)}."
        if count := sum(ledger.counts[id] for id, finding in ledger.findings.items() if finding.outdated):
            yield f"A known deviation does not show as stated in {count} program{'s' * (count > 1)}."
        if self.untried and not partial and not ledger.findings:
            yield f"The tours left out {self.untried} of the planned pairs of a state and an action."
        if ledger.uninvestigated:
            yield f"{ledger.uninvestigated} more failing programs were not shrunk."
        undocumented = [found for found in ledger.findings.values() if found.lost and not found.documented]
        if undocumented:
            yield f"The implementation ends, or gives no answer: {', '.join(found.id for found in undocumented)}."
        if ledger.withheld:
            yield (
                f"{ledger.withheld} program{'s were' if ledger.withheld > 1 else ' was'} not run:"
                " the implementation ends, or gives no answer, at an operation like one in them."
            )
        if self._requirements and not partial and (missing := failing(judgements, Verdict.NOT_EXERCISED)):
            yield f"{number(missing)} not exercised, so nothing can be said about: {', '.join(missing)}."

    def _other_readings(self) -> Iterator[str]:
        """Yield that the implementation follows other readings than its file says, if it does."""
        stated, followed = self._options.deviations, self.deviations.readings
        if (stated.pinned is not None or stated.readings) and self.greeting is not None and stated.readings != followed:
            names = [", ".join(readings) or "those of the specification" for readings in (followed, stated.readings)]
            yield f"The readings that it follows have changed: {names[0]} instead of {names[1]}."


def failing(judgements: Sequence[Judgement], verdict: Verdict) -> list[str]:
    """Return the requirements that fail with a verdict."""
    return [judgement.requirement for judgement in judgements if judgement.fails and judgement.verdict is verdict]


def number(requirements: list[str]) -> str:
    """Return how many there are, as the beginning of a sentence."""
    count = len(requirements)
    return "1 documented requirement is" if count == 1 else f"{count} documented requirements are"
