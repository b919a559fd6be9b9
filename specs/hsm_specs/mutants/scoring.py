"""Scoring: the suite is run against a mutant, and what it found is compared with what the mutant breaks.

The directed properties are run in full, so that every requirement that goes red is known. What comes after them in a
run is run only if nothing was found until then, or nothing but what the documentation is silent about where the mutant
breaks what is documented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_model.amendments import AMENDMENTS
from hsm_specs.adapter import Timeouts
from hsm_specs.catalogue.requirements import Requirement, load_catalogue
from hsm_specs.engine import Interrupted, Options, run
from hsm_specs.engine.budget import Budget
from hsm_specs.mutants.manifest import Mutant
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations, load_deviations
from hsm_specs.oracle.world import FEATURES, HANDLERS
from hsm_specs.parallel.processes import executor, in_order
from hsm_specs.properties import PROPERTIES
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
    """What the suite made of a mutant.

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


class Job(Struct, frozen=True):
    """What a process needs to score one mutant."""

    mutant: Mutant
    budget: Budget
    seed: int
    timeouts: Timeouts


def scores(
    mutants: Sequence[Mutant], budget: Budget, seed: int = 0, workers: int = 2, timeouts: Timeouts | None = None
) -> Iterator[Score]:
    """The scores of mutants, in order, from so many processes."""
    jobs = [msgspec.json.encode(Job(mutant, budget, seed, timeouts or Timeouts())) for mutant in mutants]
    with executor(workers) as processes:
        for result in in_order(processes, run_job, jobs, 2 * workers if workers > 1 else 0):
            yield msgspec.json.decode(result, type=Score)


def run_job(job: bytes) -> bytes:
    """Scores the mutant of an encoded job. Answers the encoded score."""
    decoded = msgspec.json.decode(job, type=Job)
    return msgspec.json.encode(score(decoded.mutant, decoded.budget, decoded.seed, decoded.timeouts))


def score(mutant: Mutant, budget: Budget, seed: int = 0, timeouts: Timeouts | None = None) -> Score:
    """Runs the suite against a mutant until it is found out."""
    options = Options(
        command=mutant.command,
        requirements=judged_requirements(),
        seed=seed,
        budget=budget,
        timeouts=timeouts or Timeouts(),
        deviations=deviations_of(mutant),
    )
    breaks = load_catalogue()[mutant.requirement]
    observer = Observer(options.requirements, documented=breaks.classification == "documented")
    run(options, observer)
    return observer.score(mutant)


def deviations_of(mutant: Mutant) -> Deviations:
    """What is known to be wrong with the implementation that a mutant is made of."""
    if not mutant.deviations:
        return NONE_KNOWN
    operations = [str(operation.__struct_config__.tag) for operation in HANDLERS]  # type: ignore[attr-defined]
    return load_deviations(Path(mutant.deviations), load_catalogue(), AMENDMENTS, FEATURES, operations)


def judged_requirements() -> tuple[Requirement, ...]:
    """The requirements that a run judges: all but the unspecified ones."""
    return tuple(r for r in load_catalogue().values() if r.classification != "unspecified")


class Observer:
    """Consumes the events of a run, and ends it where it need not go on.

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
        self._operations = 0

    def __call__(self, event: Event) -> None:
        """Consumes an event. Raises `Interrupted` once everything is known."""
        match event:
            case Greeted(greeting):
                self.capabilities = greeting.capabilities
            case PhaseStarted(phase):
                if self._directed is not None and self._found():
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

    def _found(self) -> bool:
        return any(finding.documented or not self._documented for finding in self.findings)

    def score(self, mutant: Mutant) -> Score:
        """The score that the events amount to."""
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
        """What found the mutant out first, and after how many operations."""
        first = self.findings[0]
        if first.phase == "directed":
            directed = [r for r in self._requirements if r.id in PROPERTIES]
            offered = [r.id for r in directed if set(r.capabilities) <= set(self.capabilities)]
            for requirement, operations in zip(offered, self._directed or (), strict=False):
                if requirement in self.red:
                    return requirement, operations
        return first.phase, self._operations
