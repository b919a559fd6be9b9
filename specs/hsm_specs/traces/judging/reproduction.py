"""Reproductions: the least part of a trace in which the last line is still forbidden, and by the same requirement.

The implementation cannot be asked again. So operations are left out together with what was seen of them, and everything
that is left but the last operation has to be allowed. A reproduction is a program of the palette: names of an open
world become small numbers, which the note explains.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from hsm_model.persistence import Dialect, marshal
from hsm_model.state import NodeState
from hsm_specs.attribution import rules_behind
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect as DialectName
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import Difference
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.results.failures import signature
from hsm_specs.results.findings import FORMAT, Finding
from hsm_specs.shrinking.shrink import Kept, least
from hsm_specs.traces.format import roles
from hsm_specs.traces.format.names import UNREAD, Names, children_of, loaded
from hsm_specs.traces.format.vocabulary import completed
from hsm_specs.traces.judging.departure import attributed

MOST_OPERATIONS: Final = 40_000
"""The most operations that are run to shrink a reproduction."""
LONGEST_NAME: Final = 40


class Departing(NamedTuple):
    """A trace up to the line that is not allowed, what was seen of that, and the requirement that it breaks."""

    program: ops.Program
    seen: Observation
    difference: Difference
    requirement: str
    amended: bool


def _smallest(departing: Departing, expectation: Expectation) -> tuple[ops.Program, tuple[Observation, ...]]:
    """Return the operations that are kept, with what was seen of each."""
    program, amended = departing.program, departing.amended
    # What was seen of all lines but the last is what one semantics expects.
    seen = (*expectation.predict(program, amended)[: len(program) - 1], departing.seen)
    looks = signature(departing.difference)
    left = MOST_OPERATIONS

    def fails(kept: Kept) -> bool:
        nonlocal left
        if not kept or kept[-1] != len(program) - 1:
            return False
        left -= len(kept)
        part, answers = tuple(program[index] for index in kept), tuple(seen[index] for index in kept)
        expected = expectation.predict(part, amended)
        if left < 0 or len(expected) < len(part):
            return False
        difference = expectation.difference(part, expected, answers)
        if difference is None or difference.where[0] < len(part) - 1 or signature(difference) != looks:
            return False
        return attributed(part, difference, answers[-1], expectation, amended=amended) == departing.requirement

    kept = least(program, lambda candidates: [fails(candidate) for candidate in candidates])
    return tuple(program[index] for index in kept), tuple(seen[index] for index in kept)


def finding(
    departing: Departing, expectation: Expectation, names: Names | None, made: tuple[str, str], place: str
) -> Finding | None:
    """Return the reproduction as a finding, None if it shows nothing.

    ``made`` is the name and the version of the implementation.
    """
    program, observed = _smallest(departing, expectation)
    shrunk = len(program) < len(departing.program)
    legend: list[str] = []
    if names is not None:
        small = SmallNumbers(expectation.dialect)
        program, observed = small.renamed(program, observed, expectation, amended=departing.amended)
        legend = small.legend(names)
    expected = expectation.predict(program, departing.amended)
    difference = expectation.difference(program, expected, observed)
    if difference is None:
        return None
    entry = load_catalogue()[departing.requirement]
    rules = rules_behind(program, difference.where, expectation.semantics(departing.amended))
    stating = [rule.name for rule in rules if departing.requirement in rule.requirements]
    return Finding(
        format=FORMAT,
        requirement=entry.id,
        statement=entry.statement,
        documented=entry.classification != "characterization",
        program=program,
        where=difference.where,
        expected=expected,
        observed=observed,
        phase="trace",
        count=1,
        shrunk=shrunk,
        command=(),
        implementation=made[0],
        version=made[1],
        dialect=expectation.dialect,
        amendments=expectation.rules(departing.amended),
        seed=0,
        rule=next(iter([*stating, *(rule.name for rule in rules)]), ""),
        note=". ".join([place, *(["Here " + ", ".join(legend)] if legend else [])]) + ".",
    )


def _without_calls(seen: Observation, operation: ops.AnyOperation | None) -> Observation:
    """Return an observation without what apply functions were called with, as recorders of open worlds write it."""
    inner: tuple[Observation, ...] = seen.inner or ()
    if isinstance(operation, ops.Apply):
        inner = inner[1:]
    inside = roles.functions(operation)
    pairs = zip_longest(inner, inside[: len(inner)])
    found = tuple(_without_calls(one, op) for one, op in pairs)
    return replace(seen, inner=found or UNSET) if seen.inner else seen


class SmallNumbers:
    """Small numbers for the large ones of an open world, in the order in which they appear: roles."""

    def __init__(self, dialect: DialectName) -> None:
        self._dialect = Dialect(dialect)
        self._dialect_name: DialectName = dialect
        self._numbers: dict[str, dict[int, int]] = {sort: {} for sort in ("type", "state", "value", "payload", "event")}

    def renamed(
        self, program: ops.Program, observed: Sequence[Observation], expectation: Expectation, *, amended: bool
    ) -> tuple[ops.Program, tuple[Observation, ...]]:
        """Return the renamed program and its observations: for all operations but the last, the expected ones."""
        found = tuple(self._operation(operation) for operation in program)
        expected = expectation.predict(found, amended)
        return found, (*expected[:-1], self._seen(program[-1], observed[-1], expected[-1]))

    def _operation(self, operation: ops.AnyOperation) -> ops.AnyOperation:
        form = roles.operation(msgspec.json.decode(msgspec.json.encode(operation)), self)
        found: ops.AnyOperation = msgspec.convert(form, ops.AnyOperation)
        return found

    def _seen(self, operation: ops.AnyOperation, seen: Observation, expected: Observation) -> Observation:
        plain = msgspec.json.decode(msgspec.json.encode(_without_calls(seen, operation)), type=Observation)
        renamed = roles.observation(plain, operation, self, roles.functions(operation))
        return completed(renamed, operation, expected)

    def legend(self, names: Names) -> list[str]:
        """Return what the numbers stand for."""
        found: list[str] = []
        for sort, numbers in self._numbers.items():
            for large, small in numbers.items():
                text = msgspec.json.encode(names.get(str(large), f"#{large}")).decode()
                text = text if len(text) <= LONGEST_NAME else f'{text[: LONGEST_NAME - 4]}..."'
                found.append(f"{sort} {small} is {text}")
        return found

    def _number(self, sort: str, number: Any, first: int) -> Any:
        if number.__class__ is not int:
            return number
        numbers = self._numbers[sort]
        return numbers.setdefault(number, first + len(numbers))

    def type(self, number: Any, /) -> Any:
        """Return the type; 0, a root's, stays."""
        return number and self._number("type", number, 1)

    def state(self, number: Any, /) -> Any:
        """Return the small number of a state."""
        return self._number("state", number, 0)

    def value(self, number: Any, /) -> Any:
        """Return the small number of a value. Those that the palette treats specially stay."""
        return number if number in (-1, -2) else self._number("value", number, 1)

    def payload(self, number: Any, /) -> Any:
        """Return the small number of a payload."""
        return self._number("payload", number, 1)

    def event(self, number: Any, /) -> Any:
        """Return the small number of an event."""
        return self._number("event", number, 1)

    def data(self, pair: Any, /) -> Any:
        """Return the small numbers of a state and a value."""
        return [self.state(pair[0]), self.value(pair[1])] if isinstance(pair, list) and len(pair) == 2 else pair

    def persisted(self, data: Any, /) -> Any:
        """Return the data of a node in an exported tree."""
        if not isinstance(data, str) or data.count(":") != 1:
            return data
        state, value = data.split(":")
        if value == "-2":
            return f"{self.value(int(state))}:{value}"
        return f"{state if state == UNREAD else self.state(int(state))}:{self.value(int(value))}"

    def finished(self, form: roles.Form, /) -> roles.Form:
        """Replace the names in the bytes that `load` takes."""
        if form.get("op") != "load":
            return form
        root = NodeState(0, b"", children_of(roles.children(loaded(form["bytes"], self._dialect_name), self)))
        return {**form, "bytes": b64encode(marshal(root, self._dialect)).decode()}
