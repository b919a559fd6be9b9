"""Investigation: a failing program is run again by itself, shrunk, and made a finding."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from types import TracebackType

from msgspec import Struct

from hsm_specs.adapter import Client
from hsm_specs.attribution import attribute, rules_behind
from hsm_specs.catalogue.requirements import Requirement, load_catalogue
from hsm_specs.errors import ToolError
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.comparison import Difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.cancellation import Stopped
from hsm_specs.results.failures import Failure, Signature, signature
from hsm_specs.results.findings import FORMAT, Finding
from hsm_specs.shrinking.shrink import measure, shrink

CANDIDATES = 5_000
"""How many smaller programs are tried for one finding at most."""
UNSTEADY = "Run again by itself the program is answered as it should be: something is left of what ran before it."
CUT_SHORT = "It could not be made smaller: the adapter failed meanwhile."
STOPPED = "It was not made smaller: an end was asked for meanwhile."


class Subject(Struct, frozen=True):
    """What is investigated: a command (none in this process), who it says it is, and the seed of the run."""

    command: tuple[str, ...]
    implementation: str
    version: str
    seed: int


class Investigator:
    """Shrinks failures with an adapter of its own, which it has started for the first of them.

    A harness error while shrinking does not lose the finding: it is kept in ``trouble``.
    """

    def __init__(self, subject: Subject, expectation: Expectation, start: Callable[[], Client]) -> None:
        self.subject = subject
        self.expectation = expectation
        self.trouble: ToolError | None = None
        self._start = start
        self._adapter: Client | None = None

    def __enter__(self) -> Investigator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._adapter is not None:
            self._adapter.close()

    def investigate(self, failure: Failure, broken: Collection[str]) -> tuple[Finding, Difference]:
        """The finding that a failure amounts to, and its difference.

        ``broken`` are the requirements whose own evidence has failed, one of which may be the cause of this failure.
        """
        attempt = Attempt(failure, self.expectation, broken)
        note, shrunk = _cut_short(self.trouble), False
        if self.trouble is None:
            note = failure.note
            try:
                if attempt.fails(failure.program, self._run([failure.program])[0]):
                    smallest = shrink(failure.program, lambda candidates: self._still_fail(attempt, candidates))
                    shrunk = attempt.settle(smallest, self._run([smallest])[0])
                if not shrunk:
                    note = UNSTEADY
            except ToolError as error:
                self.trouble, note = error, _cut_short(error)
        name = attempt.attributed()
        if failure.requirement and not self._may_cause(name, failure.requirement, broken):
            name = failure.requirement
        return self._finding(failure, attempt, load_catalogue()[name], shrunk, note), attempt.difference

    def _may_cause(self, name: str, shown: str, broken: Collection[str]) -> bool:
        """Whether a requirement may be the one broken where the evidence of another failed.

        Its own evidence must have failed too, and what the documentation is silent about is never taken for a violation
        of what it says, nor the other way round.
        """
        catalogue = load_catalogue()
        return name in broken and catalogue[name].classification == catalogue[shown].classification

    def _still_fail(self, attempt: Attempt, candidates: Sequence[Program]) -> list[bool]:
        attempt.tried += len(candidates)
        if attempt.tried > CANDIDATES:
            return [False] * len(candidates)
        return [attempt.fails(*pair) for pair in zip(candidates, self._run(candidates), strict=True)]

    def _run(self, programs: Sequence[Program]) -> tuple[tuple[Observation, ...], ...]:
        if self._adapter is None:
            self._adapter = self._start()
        return self._adapter.run(programs)

    def _finding(
        self, failure: Failure, attempt: Attempt, requirement: Requirement, shrunk: bool, note: str
    ) -> Finding:
        return Finding(
            format=FORMAT,
            requirement=requirement.id,
            statement=requirement.statement,
            documented=requirement.classification != "characterization",
            program=attempt.program,
            where=attempt.difference.where,
            expected=self.expectation.predict(attempt.program, failure.amended),
            observed=attempt.observed,
            phase=failure.phase,
            count=failure.count,
            shrunk=shrunk,
            command=self.subject.command,
            implementation=self.subject.implementation,
            version=self.subject.version,
            dialect=self.expectation.dialect,
            amendments=self.expectation.deviations.amendments if failure.amended else (),
            seed=self.subject.seed,
            rule=attempt.rule(requirement.id),
            outdated=failure.outdated,
            note=note,
        )


def _cut_short(error: ToolError | None) -> str:
    """Why a finding is not a minimum."""
    return STOPPED if isinstance(error, Stopped) else CUT_SHORT


class Attempt:
    """The smallest program so far that fails like the failure does: the same kinds of answers to the same operation.

    If the whole program already tells which requirement its property is about, the smaller ones must tell the same.
    """

    def __init__(self, failure: Failure, expectation: Expectation, broken: Collection[str]) -> None:
        self.tried = 0
        self._broken = broken
        self.program, self.observed = failure.program, failure.observed
        self._expectation, self._amended = expectation, failure.amended
        difference = self._difference(failure.program, failure.observed)
        if difference is None:
            raise ValueError("a failure differs from what it is held to")
        self.difference = difference
        self._signature: Signature = signature(difference)
        self._requirement = failure.requirement if failure.requirement == self.attributed() else ""
        self._outdated = failure.outdated

    def attributed(self) -> str:
        """The requirement that the smallest program breaks."""
        return self._attribute(self.program, self.difference)

    def rule(self, requirement: str) -> str:
        """The model's rule behind the expectation: the nearest that states the requirement, or the nearest of all."""
        rules = rules_behind(self.program, self.difference.where, self._expectation.semantics(self._amended))
        stating = [rule.name for rule in rules if requirement in rule.requirements]
        return next(iter([*stating, *(rule.name for rule in rules)]), "")

    def fails(self, program: Program, observed: tuple[Observation, ...]) -> bool:
        """Whether a program fails in the same way. The smallest one that does is kept."""
        difference = self._failing(program, observed)
        if difference is None:
            return False
        if measure(program) < measure(self.program):
            self.program, self.observed, self.difference = program, observed, difference
        return True

    def settle(self, program: Program, observed: tuple[Observation, ...]) -> bool:
        """Keeps a program whatever its size, if it fails in the same way."""
        difference = self._failing(program, observed)
        if difference is not None:
            self.program, self.observed, self.difference = program, observed, difference
        return difference is not None

    def _failing(self, program: Program, observed: tuple[Observation, ...]) -> Difference | None:
        difference = self._difference(program, observed)
        if difference is None or signature(difference) != self._signature:
            return None
        if self._requirement and self._attribute(program, difference) != self._requirement:
            return None
        if self._outdated and self._expectation.difference(program, self._expectation.predict(program), observed):
            return None
        return difference

    def _difference(self, program: Program, observed: tuple[Observation, ...]) -> Difference | None:
        expected = self._expectation.predict(program, self._amended)
        return self._expectation.difference(program, expected, observed)

    def _attribute(self, program: Program, difference: Difference) -> str:
        return attribute(program, difference, self._expectation.semantics(self._amended), self._broken)
