"""The investigator: a failing program is run again by itself, shrunk, and becomes a finding."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from types import TracebackType

from msgspec import Struct

from hsm_specs.adapter import Client
from hsm_specs.adapter.recovering import OutOfRestarts
from hsm_specs.attribution import attribute, rules_behind
from hsm_specs.catalogue.requirements import Requirement, load_catalogue
from hsm_specs.errors import ToolError
from hsm_specs.language.observations import Observation, is_loss
from hsm_specs.language.operations import SPECIFICATIONS, Program
from hsm_specs.oracle.comparison import Difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.parallel.cancellation import Stopped
from hsm_specs.results.failures import Failure, Signature, hint, signature
from hsm_specs.results.findings import FORMAT, Finding
from hsm_specs.shrinking.shrink import measure, shrink

CANDIDATES = 5_000
"""Smaller programs tried for one finding at most."""
OPERATIONS = 300_000
"""Operations in those programs at most: a large program has many candidates of nearly its own size."""
AT_ONCE = 5_000
"""Operations that are sent in one request, unless a single program has more."""
AGAIN = 10
"""How often the program of a finding is run again, to see whether it always fails."""
LEFT_BEHIND = "an earlier program in the same process must have left something behind"
UNSTEADY = f"Run again {AGAIN} times by itself, the program passes: {LEFT_BEHIND}, or it fails rarely."
DEPENDS = (
    f"Run again {AGAIN} times in one process, it fails {{}} times, and in {AGAIN} new processes {{}} times:"
    f" {LEFT_BEHIND}."
)
FLAKY = f"It is flaky: run again {AGAIN} times, each time in a new process, it fails {{}} times."
CUT_SHORT = "It was not shrunk to the end: the adapter failed meanwhile."
EXHAUSTED = "It was not shrunk to the end: the implementation would have to be started too often."
STOPPED = "It was not shrunk to the end: the run was asked to stop."


class Subject(Struct, frozen=True):
    """The implementation under investigation, with an empty command if it is in this process, and the seed."""

    command: tuple[str, ...]
    implementation: str
    version: str
    seed: int


class Investigator:
    """Shrinks failures with its own adapter, which starts with the first of them.

    A `ToolError` while shrinking does not lose the finding: it is kept in ``trouble``.
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

    def investigate(self, failure: Failure, broken: Container[str]) -> tuple[Finding, Difference]:
        """Return the finding that a failure leads to, and its difference.

        ``broken`` are the requirements whose own evidence failed, one of which may be the cause of this failure.
        """
        attempt = Attempt(failure, self.expectation, broken)
        note, shrunk = _cut_short(self.trouble), False
        if self.trouble is None:
            note = failure.note
            try:
                if attempt.fails(failure.program, self._run([failure.program])[0]):
                    smallest = shrink(failure.program, lambda candidates: self._still_fail(attempt, candidates))
                    shrunk = attempt.settle(smallest, self._run([smallest])[0])
                note = self._unsteadiness(attempt) or (note if shrunk else UNSTEADY)
                if attempt.exhausted:
                    shrunk, note = False, EXHAUSTED
            except ToolError as error:
                self.trouble, note = error, note if shrunk else _cut_short(error)
        name = attempt.attributed()
        lost = is_loss(attempt.difference.observed) and load_catalogue()[name].classification != "characterization"
        if failure.requirement and not lost and not self._may_cause(name, failure.requirement, broken):
            name = failure.requirement
        return self._finding(failure, attempt, load_catalogue()[name], shrunk, note), attempt.difference

    def _may_cause(self, name: str, shown: str, broken: Container[str]) -> bool:
        """Return whether a requirement may be the broken one where the evidence of another failed.

        Its own evidence must have failed too, and both must have the same classification.
        """
        catalogue = load_catalogue()
        return name in broken and catalogue[name].classification == catalogue[shown].classification

    def _still_fail(self, attempt: Attempt, candidates: Sequence[Program]) -> list[bool]:
        if is_loss(attempt.difference.observed):
            attempt.tried += len(candidates)
            return [self._still_lost(attempt, candidate) for candidate in candidates]
        found: list[bool] = []
        for some in _in_requests(candidates):
            attempt.tried += len(some)
            attempt.operations += sum(map(len, some))
            if attempt.tried > CANDIDATES or attempt.operations > OPERATIONS or attempt.exhausted:
                break
            found += [attempt.fails(*pair) for pair in zip(some, self._run(some), strict=True)]
        return found + [False] * (len(candidates) - len(found))

    def _still_lost(self, attempt: Attempt, candidate: Program) -> bool:
        """Return whether a program is lost in the same way; of none, once that took too many restarts."""
        if attempt.exhausted:
            return False
        try:
            return attempt.fails(candidate, self._run([candidate])[0])
        except OutOfRestarts:
            attempt.exhausted = True
            if self._adapter is not None:
                self._adapter.close()
                self._adapter = None
            return False

    def _unsteadiness(self, attempt: Attempt) -> str:
        """Return how a program that does not always fail fails, empty if it always or never does.

        Losing a program costs a process or a time-out each time, and was seen twice before it became a failure.
        """
        if is_loss(attempt.difference.observed):
            return ""
        failing = sum(attempt.count_failing(self._run(some)) for some in _in_requests([attempt.program] * AGAIN))
        if failing in (0, AGAIN):
            return ""
        # Programs of one process may leave something to each other, which is another fault than being flaky.
        in_new = 0
        for _ in range(AGAIN):
            adapter = self._start()
            try:
                in_new += attempt.count_failing(adapter.run([attempt.program]))
            finally:
                adapter.close()
        return DEPENDS.format(failing, in_new) if in_new in (0, AGAIN) else FLAKY.format(in_new)

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
            amendments=self.expectation.rules(failure.amended),
            seed=self.subject.seed,
            rule=attempt.rule(requirement.id),
            outdated=failure.outdated,
            note=" ".join(filter(None, (hint(attempt.difference), note))),
        )


def _cut_short(error: ToolError | None) -> str:
    """Return why a finding is not a minimum."""
    return STOPPED if isinstance(error, Stopped) else CUT_SHORT


def _in_requests(programs: Sequence[Program]) -> Iterator[list[Program]]:
    """Yield programs in lists of so few operations that no answer takes long."""
    some: list[Program] = []
    for program in programs:
        if some and sum(map(len, some)) + len(program) > AT_ONCE:
            yield some
            some = []
        some.append(program)
    if some:
        yield some


class Attempt:
    """The smallest program so far that fails like the failure: the same operation, and the same kinds of answers.

    If the whole program is attributed to the requirement of its property, the smaller ones must be too.
    """

    def __init__(self, failure: Failure, expectation: Expectation, broken: Container[str]) -> None:
        self.tried = self.operations = 0
        self.exhausted = False
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
        """Return the requirement that the smallest program breaks."""
        return self._attribute(self.program, self.difference)

    def rule(self, requirement: str) -> str:
        """Return the rule behind the expectation: the nearest one that states the requirement, else the nearest."""
        rules = rules_behind(self.program, self.difference.where, self._expectation.semantics(self._amended))
        stating = [rule.name for rule in rules if requirement in rule.requirements]
        return next(iter([*stating, *(rule.name for rule in rules)]), "")

    def fails(self, program: Program, observed: tuple[Observation, ...]) -> bool:
        """Return whether a program fails in the same way. Keep it if it is the smallest so far."""
        difference = self._failing(program, observed)
        if difference is None:
            return False
        if measure(program) < measure(self.program):
            self.program, self.observed, self.difference = program, observed, difference
        return True

    def settle(self, program: Program, observed: tuple[Observation, ...]) -> bool:
        """Keep a program of any size, if it fails in the same way. Return whether it does."""
        difference = self._failing(program, observed)
        if difference is not None:
            self.program, self.observed, self.difference = program, observed, difference
        return difference is not None

    def count_failing(self, answers: Sequence[tuple[Observation, ...]]) -> int:
        """Return how often the smallest program so far fails, in any way, if these are its answers."""
        return sum(self._difference(self.program, observed) is not None for observed in answers)

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
        if is_loss(difference.observed) and difference.operation is not None:
            return SPECIFICATIONS[type(difference.operation)].about
        return attribute(program, difference, self._expectation.semantics(self._amended), self._broken)
