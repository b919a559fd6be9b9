"""Scoring: the suite is run against a mutant, and what it found is compared with what the mutant breaks.

The directed properties are run in full, so that every requirement that goes red is known. What comes after them in a
run is run only if nothing was found until then, or nothing but what the documentation is silent about where the mutant
breaks what is documented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_specs.adapter import Timeouts
from hsm_specs.catalogue.requirements import Requirement, load_catalogue
from hsm_specs.engine import Interrupted, RunOptions, run
from hsm_specs.engine.budget import Budget
from hsm_specs.engine.conformance import INTERRUPTED
from hsm_specs.engine.directed_phase import checkable
from hsm_specs.errors import ToolError
from hsm_specs.mutants.manifest import Mutant
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations, deviations_in
from hsm_specs.parallel.processes import local
from hsm_specs.parallel.worker_pool import ShardOutcome
from hsm_specs.results.events import (
    Event,
    FindingMade,
    Greeted,
    PhaseStarted,
    Progress,
    RequirementJudged,
    RunEnded,
)
from hsm_specs.results.findings import Finding
from hsm_specs.results.primary import primary, size
from hsm_specs.results.verdicts import Verdict

RED = frozenset((Verdict.DEVIATES, Verdict.DIFFERS, Verdict.OUTDATED))


class Score(Struct, frozen=True):
    """The suite's result for a mutant.

    ``killed_by`` is the requirement whose property found it first, or the phase of the run that did, empty for a
    survivor; ``after`` the number of operations until then. ``red`` are all requirements that went red, ``finding`` is
    the primary finding and ``beyond`` and ``length`` are its size. ``capabilities`` are what the mutant offers, and
    ``trouble`` says why its run could not be finished.
    """

    mutant: Mutant
    killed_by: str = ""
    after: int = 0
    red: tuple[str, ...] = ()
    finding: Finding | None = None
    beyond: int = 0
    length: int = 0
    operations: int = 0
    seconds: float = 0.0
    capabilities: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def killed(self) -> bool:
        """Whether the suite found the mutant out."""
        return self.finding is not None

    @property
    def not_run(self) -> bool:
        """Whether the run was interrupted, so that nothing can be said about the mutant."""
        return self.trouble == INTERRUPTED

    @property
    def named(self) -> str:
        """The requirement that the primary finding names."""
        return "" if self.finding is None else self.finding.requirement

    @property
    def attributed(self) -> bool:
        """Whether the primary finding names the requirement that the mutant breaks."""
        return self.named == self.mutant.requirement

    @property
    def explained(self) -> bool:
        """Whether the mutant shows that its requirement is checked: that is named, and went red."""
        return self.attributed and self.mutant.requirement in self.red


class MutantShard(Struct, frozen=True):
    """A mutant to score, and what it is run with."""

    mutant: Mutant
    budget: Budget
    seed: int
    timeouts: Timeouts


def scores(
    mutants: Sequence[Mutant], budget: Budget, seed: int = 0, workers: int = 2, timeouts: Timeouts | None = None
) -> Iterator[Score]:
    """Yield the scores of mutants, in order, from so many processes.

    Raise `ToolError` for a worker that is lost, and `KeyboardInterrupt` for an interrupt.
    """
    shards = [MutantShard(mutant, budget, seed, timeouts or Timeouts()) for mutant in mutants]
    with local(workers, inline=True) as pool, closing(pool.map(score_shard, shards, _received)) as results:
        yield from results


def _received(shard: MutantShard, outcome: ShardOutcome) -> Score:
    if isinstance(outcome, ToolError):
        raise outcome
    return msgspec.json.decode(outcome, type=Score)


def score_shard(encoded: bytes) -> bytes:
    """Score the mutant of an encoded shard. Return the encoded score."""
    shard = msgspec.json.decode(encoded, type=MutantShard)
    return msgspec.json.encode(score(shard.mutant, shard.budget, shard.seed, shard.timeouts))


def not_run(mutant: Mutant) -> Score:
    """Return the score of a mutant that an interrupt came before."""
    return Score(mutant, trouble=INTERRUPTED)


def score(mutant: Mutant, budget: Budget, seed: int = 0, timeouts: Timeouts | None = None) -> Score:
    """Run the suite against a mutant until it is found out. Raise `KeyboardInterrupt` if the run was interrupted."""
    options = RunOptions(
        command=mutant.command,
        requirements=judged_requirements(),
        seed=seed,
        budget=budget,
        timeouts=timeouts or Timeouts(),
        deviations=deviations_of(mutant),
        remember=True,
    )
    breaks = load_catalogue()[mutant.requirement]
    observer = Observer(options.requirements, documented=breaks.classification == "documented")
    run(options, observer)
    if observer.interrupted:
        # The run treated the interrupt as its own end; here it ends the scoring of all mutants.
        raise KeyboardInterrupt
    return observer.score(mutant)


def deviations_of(mutant: Mutant) -> Deviations:
    """Return the known deviations of the implementation that a mutant is made from."""
    return deviations_in(Path(mutant.deviations)) if mutant.deviations else NONE_KNOWN


def judged_requirements() -> tuple[Requirement, ...]:
    """Return the requirements that a run judges: documented ones and characterizations."""
    return tuple(r for r in load_catalogue().values() if r.judged)


class Observer:
    """Consumes the events of a run, and ends it once everything needed is known.

    With ``documented`` only a finding about what is documented is enough.
    """

    def __init__(self, requirements: Sequence[Requirement], *, documented: bool = False) -> None:
        self.findings: list[Finding] = []
        self.red: list[str] = []
        self.capabilities: tuple[str, ...] = ()
        self.ended: RunEnded | None = None
        self._requirements = requirements
        self._documented = documented
        self._directed: list[int] | None = None
        self._enough = False
        self._operations = 0

    def __call__(self, event: Event) -> None:
        """Consume an event. Raise `Interrupted` once everything is known."""
        match event:
            case Greeted(greeting):
                self.capabilities = greeting.capabilities
            case PhaseStarted(phase):
                if self._directed is not None and self._found():
                    self._enough = True
                    raise Interrupted
                if phase == "directed":
                    self._directed = []
            case Progress(phase, _, operations):
                if phase == "directed" and self._directed is not None:
                    self._directed.append(operations)
                if not self.findings:
                    self._operations = operations
            case FindingMade(finding):
                self.findings.append(finding)
            case RequirementJudged(judgement):
                if judgement.verdict in RED:
                    self.red.append(judgement.requirement)
            case RunEnded():
                self.ended = event
            case _:
                pass

    @property
    def interrupted(self) -> bool:
        """Whether something else than this observer interrupted the run."""
        return self.ended is not None and self.ended.partial == INTERRUPTED and not self._enough

    def _found(self) -> bool:
        return any(finding.documented or not self._documented for finding in self.findings)

    def score(self, mutant: Mutant) -> Score:
        """Return the score that the events amount to."""
        finding, ended = primary(self.findings), self.ended
        if ended is None:
            raise ValueError("the run has not ended")
        score = Score(
            mutant=mutant,
            red=tuple(self.red),
            operations=ended.operations,
            seconds=round(ended.seconds, 3),
            capabilities=self.capabilities,
            trouble="" if ended.trouble is None else ended.trouble.message,
        )
        if finding is None:
            return score
        killed_by, after = self._killed()
        beyond, length = size(finding)
        return msgspec.structs.replace(
            score, killed_by=killed_by, after=after, finding=finding, beyond=beyond, length=length
        )

    def _killed(self) -> tuple[str, int]:
        """Return what found the mutant out first, and after how many operations."""
        first = self.findings[0]
        if first.phase == "directed":
            selected = checkable(self._requirements, self.capabilities)
            for requirement, operations in zip(selected, self._directed or (), strict=False):
                if requirement.id in self.red:
                    return requirement.id, operations
        return first.phase, self._operations
