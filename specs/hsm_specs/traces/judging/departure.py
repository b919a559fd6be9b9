"""Explains a departure: which requirement it breaks, and the least part of the trace that shows it.

What is kept of a trace is kept for this: its operations, as far as they are not too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.semantics import SPECIFICATION
from hsm_specs.attribution.candidates import candidate_requirements
from hsm_specs.attribution.tables import DEFAULT_REQUIREMENT
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import Difference, first_difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.oracle.world import predict
from hsm_specs.traces.format.names import Names, needed
from hsm_specs.traces.format.vocabulary import Vocabulary
from hsm_specs.traces.judging.result import Departure

REMEMBERED: Final = 100_000
"""How many operations of a trace are kept, to attribute a departure by them."""
REMEMBERED_BYTES: Final = 32 * 2**20
"""How long they may be together, as they were written."""
EXECUTOR: Final[type] = ops.RegisterExecutor
_NULL: Final = Observation(ok=None)


class History:
    """The operations of a trace, each with its bytes. ``program`` is None once they are too many.

    ``saw`` are the bytes of the last observation, ``seen`` is that observation.
    """

    __slots__ = ("_expectation", "_size", "_vocabulary", "executors", "program", "saw", "seen", "written")

    def __init__(self, expectation: Expectation, vocabulary: Vocabulary) -> None:
        self._expectation = expectation
        self._vocabulary = vocabulary
        self._size = 0
        self.program: list[ops.AnyOperation] | None = []
        self.written: list[bytes] = []
        self.executors: list[ops.AnyOperation] = []
        self.saw = b""
        self.seen = _NULL

    def add(self, operation: ops.AnyOperation, written: bytes, saw: bytes) -> None:
        """Keep an operation, or let go of all once they are too many."""
        self.saw = saw
        if self.program is not None:
            self.program.append(operation)
            self.written.append(written)
            self._size += len(written)
            if self._size > REMEMBERED_BYTES or len(self.program) > REMEMBERED:
                self.program, self.written = None, [written]
        else:
            self.written[0] = written
        if type(operation) is EXECUTOR:
            self.executors.append(operation)

    def difference(self, operation: ops.AnyOperation, expected: Observation, saw: bytes) -> Difference | None:
        """Return how the last operation's observation differs, None if it does not. Raises Malformed.

        Its place is the first of a program of its own.
        """
        self.seen = seen = self._vocabulary.observation(saw, operation, expected)
        before = self.executors if operation.__class__ is ops.Execute else []
        unseen = [_NULL] * len(before)
        found = first_difference((*before, operation), [*unseen, expected], [*unseen, seen], self._expectation.dialect)
        return None if found is None else replace(found, where=(0, *found.where[1:]))

    def departure(
        self, operation: ops.AnyOperation, difference: Difference, line: int, *, amended: bool, note: str = ""
    ) -> Departure:
        """Return the departure that a difference of the last operation is."""
        found: str | None = None
        if self.program is not None:
            placed = self.placed(difference)
            found = attributed(tuple(self.program), placed, self.seen, self._expectation, amended=amended)
        entry = load_catalogue()[found or DEFAULT_REQUIREMENT[type(difference.operation or operation)]]
        names = self.names()
        return Departure(
            line=line,
            requirement=entry.id,
            statement=entry.statement,
            documented=entry.classification != "characterization",
            operation=difference.operation,
            inside=difference.where[1:],
            expected=difference.expected,
            observed=difference.observed,
            amended=amended,
            note=note,
            names=None if names is None else needed(names, difference),
        )

    def placed(self, difference: Difference) -> Difference:
        """Return a difference of the last operation with its place in the trace."""
        return replace(difference, where=(len(self.program or ()) - 1, *difference.where[1:]))

    def names(self) -> Names | None:
        """Return what the numbers in the operations stand for, None if they stand for themselves."""
        return self._vocabulary.names(self.written, [self.saw])

    def clear(self) -> None:
        """Let go of everything."""
        self.program, self.written, self.executors = None, [], []


def too_long() -> str:
    """Return why there is no reproduction of a departure."""
    size = REMEMBERED_BYTES // 2**20
    return f"There is no reproduction: at most {REMEMBERED:,} operations of a trace are kept, of {size} MiB together."


def attributed(
    program: ops.Program, difference: Difference, seen: Observation, expectation: Expectation, *, amended: bool
) -> str | None:
    """Return the requirement that the last operation's difference breaks, None if the observation is too odd to tell.

    A trace cannot be shrunk, so known behavior is tried first.
    """
    found: Sequence[str] = ()
    # What was seen may have any form, for which attribution need not be prepared.
    with suppress(TypeError, ValueError, LookupError, AttributeError, RecursionError):
        found = candidate_requirements(program, difference, expectation.semantics(amended))
    if not amended:
        explaining = [requirement for name in _explaining(program, seen, expectation) for requirement in name]
        likely = [requirement for requirement in found if requirement in explaining] + explaining
        if likely:
            return likely[0]
    known = [requirement for requirement in found if requirement in expectation.deviations.requirements]
    return next(iter([*known, *found]), None)


def _explaining(program: ops.Program, seen: Observation, expectation: Expectation) -> Iterator[tuple[str, ...]]:
    """Yield the requirements changed by each amendment under which the last operation would answer what was seen."""
    for name in expectation.deviations.amendments or AMENDMENTS:
        expected = predict(program, amend(SPECIFICATION, [name]), dialect=expectation.dialect)
        if len(expected) == len(program):
            observed = (*expected[:-1], seen)
            if first_difference(program, expected, observed, expectation.dialect) is None:
                yield AMENDMENTS[name].changes
