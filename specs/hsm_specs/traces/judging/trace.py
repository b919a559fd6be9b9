"""One trace while it is judged: the worlds that still explain it, and what was found about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from hsm_model.semantics import SPECIFICATION
from hsm_specs.attribution.tables import DEFAULT_REQUIREMENT
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.language.values import quoted
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.traces.format.opaque import Names, needed
from hsm_specs.traces.format.record import Malformed
from hsm_specs.traces.format.vocabulary import Vocabulary
from hsm_specs.traces.judging.attribution import cause
from hsm_specs.traces.judging.prefix_cache import Prefix
from hsm_specs.traces.judging.reproduction import Departing, finding
from hsm_specs.traces.judging.result import Departure, Reproduction, Silence, TraceJudgement, TraceVerdict

REMEMBERED: Final = 100_000
"""How many operations of a trace are kept, to tell by them which requirement a difference breaks."""
REMEMBERED_BYTES: Final = 32 * 2**20
"""How long they may be together, as they were written."""
KNOWN: Final = "A known deviation without an amendment: nothing can be expected of the trace from here on."
_NULL: Final = Observation(ok=None)
_EXECUTOR: Final[type] = ops.RegisterExecutor
_encode: Final = msgspec.json.Encoder().encode


def too_long() -> str:
    """That there is no reproduction of a departure, and why."""
    size = REMEMBERED_BYTES // 2**20
    return f"There is no reproduction: at most {REMEMBERED:,} operations of a trace are kept, of {size} MiB together."


class CannotRun(Exception):
    """The model cannot run an operation, though it is well-formed."""


class Trace:
    """A trace that has begun.

    It is held to the specification and, if there are known deviations with amendments, to the amended semantics: one
    that differs from what was seen is given up, and the trace is not allowed once none is left.
    """

    __slots__ = (
        "_amends",
        "_departing",
        "_excluded",
        "_executors",
        "_expectation",
        "_last",
        "_operation",
        "_program",
        "_saw",
        "_seen",
        "_silent",
        "_size",
        "_words",
        "_written",
        "amended",
        "departure",
        "doubt",
        "file",
        "known",
        "line",
        "name",
        "operations",
        "over",
        "prefix",
        "silence",
        "specified",
    )

    def __init__(self, file: str, name: str, line: int, expectation: Expectation, words: Vocabulary) -> None:
        self.file = file
        self.name = name
        self.line = line
        self.operations = 0
        self.over = False
        self.doubt = 0
        self.prefix: Prefix | None = None
        """The known beginning that the trace is, None if it is none, or not to be known."""
        self.known: Departure | None = None
        self.departure: Departure | None = None
        self.silence: Silence | None = None
        self.specified: World | None = World(SPECIFICATION, dialect=expectation.dialect)
        self.amended: World | None = None
        self._amends = expectation.amends
        if self._amends:
            self.amended = World(expectation.amended, expectation.deviations.features, expectation.dialect)
        self._departing: tuple[Difference, bool] | None = None
        self._excluded = False
        self._expectation = expectation
        self._words = words
        self._operation: ops.AnyOperation = ops.NewRegistry()
        self._saw = self._last = b""
        self._seen = _NULL
        self._silent: Unspecified | None = None
        self._program: list[ops.AnyOperation] | None = []
        self._written: list[bytes] = []
        self._size = 0
        self._executors: list[ops.AnyOperation] = []

    def step(self, operation: ops.AnyOperation, saw: bytes, written: bytes, line: int) -> Observation | None:
        """Judges an operation of which ``saw`` was seen. Answers what it had to answer if it did, else None.

        ``written`` are the operation's own bytes. Where it cannot be said what it had to answer, that is None, too.
        Raises Malformed for an observation that is none, after which the trace can go on, and CannotRun.
        """
        self._operation, self._saw, self._last = operation, saw, written
        program = self._program
        if program is not None:
            program.append(operation)
            self._written.append(written)
            self._size += len(written)
            if self._size > REMEMBERED_BYTES or len(program) > REMEMBERED:
                self._program, self._written = None, []
        if type(operation) is _EXECUTOR:
            self._executors.append(operation)
        world = self.specified
        try:
            if self.amended is not None or world is None:
                return self._by_both(operation, saw, line)
            expected = world.observe(operation)
        except Unspecified as end:
            self._silent = end
            self._ends(line)
            return None
        except Malformed:
            raise
        except Exception as error:
            self.over = True
            name = operation.__struct_config__.tag
            raise CannotRun(f"the model cannot run `{name}` with these values ({type(error).__name__})") from error
        if _encode(expected) != saw:
            self._seen = self._words.observation(saw, operation, expected)
            difference = self._difference(operation, expected, self._seen)
            if difference is not None:
                self._departs([(difference, False)], line)
                return None
        self.operations += 1
        return expected

    def catch_up(self, lines: Sequence[tuple[ops.AnyOperation, bytes]]) -> None:
        """Has the model do what a trace did that is allowed."""
        self.operations = len(lines)
        for operation, written in lines:
            for world in (self.specified, self.amended):
                if world is not None:
                    world.observe(operation)
            if type(operation) is _EXECUTOR:
                self._executors.append(operation)
            self._size += len(written)
        self._program = [operation for operation, _ in lines]
        self._written = [written for _, written in lines]

    @property
    def plain(self) -> bool:
        """Whether all is allowed so far by all that the trace is held to."""
        return self.specified is not None and (self.amended is not None) is self._amends

    def _by_both(self, operation: ops.AnyOperation, saw: bytes, line: int) -> Observation | None:
        """Judges an operation by the specification and by the amended semantics, as far as each has held so far."""
        predictions: list[tuple[Observation, bool]] = []
        if self.amended is not None:
            try:
                predictions.append((self.amended.observe(operation), True))
            except Excluded:
                self._excluded = True
                expected = self._go_on()
                if expected is not None:
                    predictions.append((expected, True))
            except Unspecified as end:
                self.amended, self._silent = None, end
        if self.specified is not None:
            try:
                predictions.append((self.specified.observe(operation), False))
            except Unspecified as end:
                self.specified, self._silent = None, end
        agreed: Observation | None = None
        differs: list[tuple[Difference, bool]] = []
        for expected, amended in predictions:
            difference: Difference | None = None
            if _encode(expected) != saw:
                self._seen = self._words.observation(saw, operation, expected)
                difference = self._difference(operation, expected, self._seen)
            if difference is None:
                agreed = expected
            else:
                differs.append((difference, amended))
        if agreed is not None:
            self.operations += 1
            self._give_up(differs, line)
        elif self._excluded and self.specified is None and not self._stated(differs):
            self._ends(line)
        elif differs and (self.specified is not None or self.known is not None or self._silent is None):
            self._departs(differs, line)
        else:
            # What the specification does not say is no violation, whatever the amended semantics would say.
            self._ends(line)
        return agreed

    def _go_on(self) -> Observation | None:
        """Puts the amended semantics into the state that it would be in without known deviations in a feature.

        It is one more explanation of what comes, beside the specification, and can forbid nothing. Answers what it says
        of the last operation; None, and is given up, where there is nothing that it could add.
        """
        self.amended = None
        if self.specified is None or self._program is None:
            return None
        world, expected = World(self._expectation.amended, dialect=self._expectation.dialect), None
        try:
            for operation in self._program:
                expected = world.observe(operation)
        except Unspecified:
            return None
        self.amended = world
        return expected

    def _stated(self, differs: list[tuple[Difference, bool]]) -> bool:
        """Whether a known deviation states what was seen."""
        return any(self._expectation.deviations.states(found, excluded=self._excluded) for found, _ in differs)

    def _ends(self, line: int) -> None:
        """Ends the trace, of which nothing more can be said."""
        self.over = True
        if self._silent is None:
            self.silence = Silence(line, "", "it uses a feature in which known deviations show")
        else:
            requirement, _, reason = str(self._silent).partition(": ")
            self.silence = Silence(line, requirement, reason)

    def _give_up(self, differs: list[tuple[Difference, bool]], line: int) -> None:
        """Leaves the semantics that did not say what was seen. Leaving the specification is a known deviation."""
        for difference, amended in differs:
            if amended:
                self.amended = None
            else:
                self.known = self._departure(difference, line, amended=False)
                self.specified = None

    def _departs(self, differs: list[tuple[Difference, bool]], line: int) -> None:
        """Ends the trace: what was seen is what neither semantics says. It may still be a known deviation."""
        self.over = True
        self.operations += 1
        for difference, amended in differs:
            if self._expectation.deviations.states(difference, excluded=self._excluded):
                self.known = self.known or self._departure(difference, line, amended=amended, note=KNOWN)
                return
        difference, amended = self._departing = differs[-1]
        self.departure = self._departure(difference, line, amended=amended)
        if self._program is None:
            note = f"{self.departure.note} {too_long()}".lstrip()
            self.departure = replace(self.departure, note=note)

    def _difference(self, operation: ops.AnyOperation, expected: Observation, seen: Observation) -> Difference | None:
        """How an operation's answers differ. Its place is the first of a program of its own."""
        before = self._executors if operation.__class__ is ops.Execute else []
        unseen = [_NULL] * len(before)
        found = first_difference((*before, operation), [*unseen, expected], [*unseen, seen], self._expectation.dialect)
        return None if found is None else replace(found, where=(0, *found.where[1:]))

    def _departure(self, difference: Difference, line: int, *, amended: bool, note: str = "") -> Departure:
        requirement = self._requirement(difference, amended=amended)
        if self.doubt and not note:
            note = f"Line {self.doubt} could not be understood, which this may be a consequence of."
        entry = load_catalogue()[requirement]
        return Departure(
            line=line,
            requirement=requirement,
            statement=entry.statement,
            documented=entry.classification != "characterization",
            operation=difference.operation,
            inside=difference.where[1:],
            expected=difference.expected,
            observed=difference.observed,
            amended=amended,
            note=note,
            names=self._names(difference),
        )

    def _requirement(self, difference: Difference, *, amended: bool) -> str:
        """The requirement that a difference of the last operation breaks."""
        found: str | None = None
        if self._program is not None:
            placed = self._placed(difference)
            found = cause(tuple(self._program), placed, self._seen, self._expectation, amended=amended)
        return found or DEFAULT_REQUIREMENT[type(difference.operation or self._operation)]

    def _placed(self, difference: Difference) -> Difference:
        """A difference of the last operation, with its place in the trace."""
        return replace(difference, where=(len(self._program or ()) - 1, *difference.where[1:]))

    def reproduction(self, made: tuple[str, str]) -> Reproduction | None:
        """The least part of the trace that departs like all of it, None if not all of it was kept.

        ``made`` is the name and the version of the implementation.
        """
        if self._program is None or self._departing is None or self.departure is None:
            return None
        difference, amended = self._departing
        departing = Departing(
            tuple(self._program), self._seen, self._placed(difference), self.departure.requirement, amended
        )
        place = f"{self.file}, line {self.departure.line}" + (f", trace {quoted(self.name)}" if self.name else "")
        names = self._words.names(self._written, [self._saw])
        found = finding(departing, self._expectation, names, made, place)
        return None if found is None else Reproduction(self.file, self.name, self.departure.line, found)

    def _names(self, difference: Difference) -> Names | None:
        """What the numbers that are shown stand for."""
        names = self._words.names(self._written or [self._last], [self._saw])
        return None if names is None else needed(names, difference)

    def release(self) -> None:
        """Lets go of what only judging needs, once the trace is over."""
        for world in (self.specified, self.amended):
            if world is not None:
                world.close()
        self.specified = self.amended = self._program = None
        self._executors, self._written = [], []

    def judgement(self) -> TraceJudgement:
        """What came of the trace."""
        return TraceJudgement(
            file=self.file,
            trace=self.name,
            line=self.line,
            operations=self.operations,
            verdict=self._verdict(),
            departure=self.departure,
            known=self.known,
            silence=self.silence,
            doubt=self.doubt,
        )

    def _verdict(self) -> TraceVerdict:
        if self.departure is not None:
            return "deviates" if self.departure.documented else "differs"
        if self.known is not None:
            return "deviates (known)"
        return "conforms" if self.operations else "not judged"
