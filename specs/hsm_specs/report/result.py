"""The result of a run or a soak as one value, collected from its events."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.report import sentences
from hsm_specs.report.checks import summary_of_checks
from hsm_specs.report.rendering import counted
from hsm_specs.report.reporter import CheckingEnded, JudgingEnded, ReportEvent
from hsm_specs.report.summary import Found, Summary
from hsm_specs.report.traces import summary_of_traces
from hsm_specs.results.events import (
    RECENT,
    Ending,
    FindingCounted,
    FindingLocated,
    FindingMade,
    FindingReplayed,
    Greeted,
    ReferenceGreeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    Side,
    Soaked,
    SummaryKind,
    Toured,
)
from hsm_specs.results.verdicts import Judgement, Verdict

FORMAT: Final = 1
JOURNAL: Final = ".hsmspec/soak.jsonl"
"""The default journal of a soak."""
_ENDED: Final[dict[Ending, str]] = {
    "time": "its time was over",
    "shards": "its shards were done",
    "interrupted": "it was interrupted",
    "trouble": "something went wrong",
}


class Result(Struct, frozen=True):
    """A run or a soak and its outcome.

    ``exit_code`` is 0 if the implementation conforms, 1 if it does not, 2 if that is undecided. ``partial`` says why a
    run ended early and is empty for a complete one. ``implementation`` is null without a handshake. The tours covered
    ``tried`` of the ``pairs`` of a state and an action in the ``scope``. ``replayed`` are saved findings that were run
    again; those still failing are among the ``findings`` too, unless a known deviation explains them. With a
    ``reference``, ``sides`` counts the findings on each side. ``soak`` is null for a run; the ``requirements`` of a
    soak are only those that it found broken. ``primary`` is the ID of the finding to look at first, empty without one.
    ``switches`` and ``double_switches`` are the n-switch coverage of the walks, from 0 to 1: the estimated shares of
    the pairs, and of the triples, of consecutive actions in the ``scope``.
    """

    format: int
    exit_code: int
    partial: str
    problems: tuple[str, ...]
    trouble: Trouble | None
    command: tuple[str, ...]
    seed: int
    budget: str
    selection: tuple[str, ...]
    deviations: str
    implementation: Greeting | None
    amendments: tuple[str, ...]
    without: tuple[str, ...]
    readings: tuple[str, ...]
    programs: int
    operations: int
    seconds: float
    scope: str
    pairs: int
    tried: int
    requirements: tuple[Judgement, ...]
    findings: tuple[Found, ...]
    replayed: tuple[FindingReplayed, ...]
    reference: ReferenceGreeted | None
    sides: dict[Side, int]
    soak: Soaked | None = None
    primary: str = ""
    switches: float = 0.0
    double_switches: float = 0.0

    def summary(self) -> Summary:
        """Return the outcome in the form that all reporters share."""
        return Summary(
            kind="run" if self.soak is None else "soak",
            exit_code=self.exit_code,
            sentences=tuple(_sentences(self)),
            amount=(_amount(self),) if self.soak is None else tuple(_soak_amount(self, self.soak)),
            partial=self.partial,
            problems=self.problems,
            trouble=self.trouble,
            implementation=self.implementation,
            seed=self.seed,
            budget=self.budget,
            programs=self.programs,
            operations=self.operations,
            seconds=self.seconds,
            requirements=self.requirements,
            findings=self.findings,
            replayed=self.replayed,
            sides=self.sides,
            primary=self.primary,
            facts=tuple(_facts(self)),
        )


class ResultCollector(ABC):
    """A reporter that collects the events of a run and hands over the result at the end."""

    def __init__(self) -> None:
        self._started = RunStarted((), 0, "", 1, 0)
        self._greeted: Greeted | None = None
        self._toured = Toured("", 0, 0)
        self._judgements: list[Judgement] = []
        self._findings: dict[str, Found] = {}
        self._reference: ReferenceGreeted | None = None
        self._replayed: list[FindingReplayed] = []
        self._soaked: Soaked | None = None

    @abstractmethod
    def finish(self, result: Result) -> None:
        """Report the result."""

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        match event:
            case RunStarted():
                self._started = event
            case Greeted():
                self._greeted = event
            case FindingReplayed():
                self._replayed.append(event)
            case Toured():
                self._toured = event
            case FindingMade(finding, path):
                self._findings[finding.id] = Found(finding.id, path, finding)
            case ReferenceGreeted():
                self._reference = event
            case FindingLocated(name):
                self._findings[name] = msgspec.structs.replace(self._findings[name], located=event)
            case FindingCounted(name, count):
                found = self._findings[name]
                finding = msgspec.structs.replace(found.finding, count=count)
                self._findings[name] = msgspec.structs.replace(found, finding=finding)
            case RequirementJudged(judgement):
                self._judgements.append(judgement)
            case Soaked():
                self._soaked = event
            case RunEnded():
                self.finish(self._result(event))
            case _:
                pass

    def _result(self, ended: RunEnded) -> Result:
        started, greeted = self._started, self._greeted
        return Result(
            format=FORMAT,
            exit_code=ended.exit_code,
            partial=ended.partial,
            problems=ended.problems,
            trouble=ended.trouble,
            command=started.command,
            seed=started.seed,
            budget=started.budget,
            selection=started.selection,
            deviations=started.deviations,
            implementation=None if greeted is None else greeted.greeting,
            amendments=() if greeted is None else greeted.amendments,
            without=() if greeted is None else greeted.without,
            readings=() if greeted is None else greeted.readings,
            programs=ended.programs,
            operations=ended.operations,
            seconds=round(ended.seconds, 3),
            scope=self._toured.scope,
            pairs=self._toured.pairs,
            tried=self._toured.tried,
            requirements=tuple(self._judgements),
            findings=tuple(self._findings.values()),
            replayed=tuple(self._replayed),
            reference=self._reference,
            primary=ended.primary,
            sides=dict(Counter(found.located.side for found in self._findings.values() if found.located is not None)),
            soak=self._soaked,
            switches=self._toured.switches,
            double_switches=self._toured.double_switches,
        )


class SummaryReporter(ResultCollector):
    """A reporter that reports the summary of a run, a soak or judged traces at the end."""

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        if isinstance(event, JudgingEnded):
            self.report(summary_of_traces(event.result, event.without))
        elif isinstance(event, CheckingEnded):
            self.report(summary_of_checks(event.result))
        else:
            super().__call__(event)

    def finish(self, result: Result) -> None:
        """Report the result."""
        self.report(result.summary())

    @abstractmethod
    def report(self, summary: Summary) -> None:
        """Report the summary."""


def _sentences(result: Result) -> Iterator[str]:
    yield _verdict(result)
    yield from result.problems
    if result.primary and len({finding for judgement in result.requirements for finding in judgement.findings}) > 1:
        yield f"Look at {result.primary} first: other findings may have the same cause."
    if result.soak is not None:
        more = _continuing(result.soak.journal) if result.soak.shards else ""
        yield f"The soak ended because {_ENDED[result.soak.ended]}{more}."
    elif result.partial:
        missing = sum(j.verdict in {Verdict.NOT_EXERCISED, Verdict.NOT_OFFERED} for j in result.requirements)
        reached = f"; {counted(missing, 'requirement')} not reached" if missing else ""
        yield f"The run is partial: {result.partial}{reached}."
    if result.trouble is not None:
        yield result.trouble.message


def _verdict(result: Result) -> str:
    name, soak = sentences.name(result.implementation), result.soak
    known = sum(judgement.verdict in (Verdict.KNOWN, Verdict.DIFFERS_KNOWN) for judgement in result.requirements)
    match result.exit_code:
        case 0 if soak is not None:
            return f"{name}: no {'non-conformance' if result.requirements else 'difference'} was found."
        case 0 if known:
            return f"{name} conforms; its {known} known deviations show as stated."
        case 0:
            return f"{name} conforms."
        case 1:
            return f"{name} does not conform."
        case _:
            what = "run" if soak is None else "soak"
            return f"The {what} could not be finished, so nothing can be said about conformance."


def _continuing(journal: str) -> str:
    if journal == JOURNAL:
        return f"; `--resume` continues it from {journal}"
    return f"; `--resume --journal {shlex.quote(journal)}` continues it"


def _amount(result: Result) -> str:
    rate = result.operations / result.seconds if result.seconds else 0.0
    amount = f"{result.operations:,} operations in {result.programs:,} programs"
    return f"{amount}, {result.seconds:.1f} s ({rate:,.0f}/s)"


def _soak_amount(result: Result, soak: Soaked) -> Iterator[str]:
    if not soak.shards:
        yield "no shard was done"
        return
    yield (
        f"{sentences.ranges(soak.done)}: {result.operations:,} operations in {result.programs:,} programs, "
        f"{result.seconds:.1f} s ({soak.rate:,.0f}/s)"
    )
    grown = f"{soak.new_steps:,} of them new in the last {RECENT} shards"
    yield f"{soak.steps:,} steps from an operation to the next, {grown}"
    yield sentences.switches(soak.switches, soak.double_switches)


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    """Yield how the run was made, as pairs of a name and a value."""
    greeting = result.implementation
    kind: SummaryKind = "run" if result.soak is None else "soak"
    yield "Command", shlex.join(result.command)
    yield "Seed", str(result.seed)
    yield "Budget", result.budget
    if result.selection:
        yield "Only", ", ".join(result.selection)
    if greeting is not None:
        yield "Language", greeting.language
        yield "Capabilities", ", ".join(greeting.capabilities) or "none beyond the core"
        for heading, value in sentences.expectations(kind, result.amendments, result.without, result.readings):
            yield heading[:1].upper() + heading[1:], value
    if result.deviations:
        yield "Known deviations", result.deviations
    if result.reference is not None:
        yield "Reference", f"{sentences.name(result.reference.greeting)}: {shlex.join(result.reference.command)}"
    if result.scope:
        heading, _, value = sentences.coverage(Toured(result.scope, result.pairs, result.tried)).partition(": ")
        yield heading[:1].upper() + heading[1:], value
        yield "Walks", sentences.switches(result.switches, result.double_switches).removeprefix("walks: ")
    yield "Amount", _amount(result)
