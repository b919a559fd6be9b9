"""Explains a departure: which requirement it breaks, and the least part of the trace that shows it.

What is kept of a trace is kept for this: its operations, as far as they are not too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from hsm_model.amendments import AMENDMENTS
from hsm_model.framework.amendments import ALL_AMENDMENTS, amend_world
from hsm_model.state import Key, NodeState, find
from hsm_specs.attribution.candidates import candidate_requirements
from hsm_specs.attribution.tables import DEFAULT_REQUIREMENT
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.language.shapes import Data
from hsm_specs.oracle.comparison import Difference, first_difference, same_outcome
from hsm_specs.oracle.expectation import Expectation
from hsm_specs.oracle.world import World, predict
from hsm_specs.traces.format.names import Names, needed
from hsm_specs.traces.format.record import counted
from hsm_specs.traces.format.remarks import position
from hsm_specs.traces.format.vocabulary import Vocabulary
from hsm_specs.traces.judging.executions import Misexecution
from hsm_specs.traces.judging.result import Departure

MISCOUNTED: Final = "NODE-COUNT-1"
"""The requirement that a wrong count of outputs breaks."""
COMMITTED: Final = "MT-COMMIT-1"
"""About a machine's data, as against the machine."""
REMEMBERED: Final = 100_000
"""The number of operations of a trace that are kept, to attribute a departure by them."""
REMEMBERED_BYTES: Final = 32 * 2**20
"""The most bytes that they may have together, as they were written."""
EXECUTOR: Final[type] = ops.RegisterExecutor
_NULL: Final = Observation(ok=None)


class History:
    """The operations of a trace, each with its bytes. ``program`` is None once they are too many.

    ``lost`` says why there is then no reproduction.

    ``saw`` are the bytes of the last observation, ``seen`` is that observation, and ``at`` are the bytes of its place.
    """

    __slots__ = ("_expectation", "_size", "_vocabulary", "at", "executors", "lost", "program", "saw", "seen", "written")

    def __init__(self, expectation: Expectation, vocabulary: Vocabulary) -> None:
        self._expectation = expectation
        self._vocabulary = vocabulary
        self._size = 0
        self.lost = too_long()
        self.program: list[ops.AnyOperation] | None = []
        self.written: list[bytes] = []
        self.executors: list[ops.AnyOperation] = []
        self.saw = b""
        self.at = b""
        self.seen = _NULL

    def add(self, operation: ops.AnyOperation, written: bytes, saw: bytes) -> None:
        """Keep an operation, or drop all once they are too many."""
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

    def lose(self, why: str) -> None:
        """Drop all operations but the last, since programs cannot say what happened."""
        self.program, self.written, self.lost = None, self.written[-1:], why

    def difference(
        self, operation: ops.AnyOperation, expected: Observation, saw: bytes, world: World
    ) -> Difference | None:
        """Return how the last operation's observation differs, None if it does not. Raise Malformed.

        Its place is the first of a program of its own. ``world`` is the one that expected otherwise.
        """
        seen = self._vocabulary.observation(saw, operation, expected)
        if isinstance(operation, ops.Outputs):
            expected, seen = _wrong_counts(operation, expected, seen, world)
        self.seen = seen
        before = self.executors if operation.__class__ is ops.Execute else []
        unseen = [_NULL] * len(before)
        found = first_difference((*before, operation), [*unseen, expected], [*unseen, seen], self._expectation.dialect)
        return None if found is None else replace(found, where=(0, *found.where[1:]))

    def departure(
        self, operation: ops.AnyOperation, difference: Difference, line: int, *, amended: bool, note: str = ""
    ) -> Departure:
        """Return the departure that a difference of the last operation is."""
        found: str | None = None
        if miscounted(difference, self._expectation.dialect):
            found = MISCOUNTED
        elif self.program is not None:
            placed = self.placed(difference)
            found = attributed(tuple(self.program), placed, self.seen, self._expectation, amended=amended)
        requirement = found or DEFAULT_REQUIREMENT[type(difference.operation or operation)]
        documented = load_catalogue()[requirement].classification != "characterization"
        return self._departure(requirement, difference, line, documented=documented, amended=amended, note=note)

    def misexecution(self, operation: ops.AnyOperation, wrong: Misexecution, line: int) -> Departure:
        """Return the departure that an execution is which should not have been."""
        difference = Difference((0,), operation, Observation(ok=wrong.expected), Observation(ok=wrong.observed))
        return self._departure(wrong.requirement, difference, line, documented=wrong.documented)

    def _departure(
        self,
        requirement: str,
        difference: Difference,
        line: int,
        *,
        documented: bool,
        amended: bool = False,
        note: str = "",
    ) -> Departure:
        entry = load_catalogue()[requirement]
        names = self.names()
        return Departure(
            line=line,
            requirement=entry.id,
            statement=entry.statement,
            documented=documented,
            operation=difference.operation,
            inside=difference.where[1:],
            expected=difference.expected,
            observed=difference.observed,
            amended=amended,
            note=note,
            names=None if names is None else needed(names, difference),
            at=position(self.at, difference.where[1:]) if self.at else None,
        )

    def placed(self, difference: Difference) -> Difference:
        """Return a difference of the last operation with its place in the trace."""
        return replace(difference, where=(len(self.program or ()) - 1, *difference.where[1:]))

    def names(self) -> Names | None:
        """Return what the numbers in the operations stand for, None if they stand for themselves."""
        return self._vocabulary.names(self.written, [self.saw])

    def clear(self) -> None:
        """Drop everything."""
        self.program, self.written, self.executors = None, [], []


def miscounted(difference: Difference, dialect: Dialect) -> bool:
    """Return whether only counts of outputs differ."""
    if not isinstance(difference.operation, ops.Outputs):
        return False
    expected, observed = (_uncounted(seen) for seen in (difference.expected, difference.observed))
    return same_outcome(difference.operation, expected, observed, dialect)


def _uncounted(seen: Observation) -> Observation:
    if not isinstance(seen.ok, list):
        return seen
    return replace(seen, ok=[entry[:2] if isinstance(entry, list | tuple) else entry for entry in seen.ok])


def _wrong_counts(
    operation: ops.Outputs, expected: Observation, seen: Observation, world: World
) -> tuple[Observation, Observation]:
    """Return what was expected and seen without the counts of outputs that are right, and with what is wrong.

    Each output has the count that its node had when it succeeded. That of an outer transition of the same node may be
    the one of the inner one.
    """
    node = world.nodes.get(operation.node)
    if node is None or not isinstance(seen.ok, list) or expected.ok is UNSET:
        return expected, seen
    wanted, got = [list(entry) for entry in expected.ok], list(seen.ok)
    for index, entry in enumerate(got):
        if counted(entry):
            path, _, counts = entry
            right = _right_counts(path, len(counts), node.tree.state.root)
            if _may_be(counts, right):
                got[index] = entry[:2]
            else:
                for other in wanted:
                    if [list(key) for key in other[0]] == path and len(other) == 2:
                        other.append(right)
    return replace(expected, ok=wanted), replace(seen, ok=got)


def _right_counts(path: list[Any], outputs: int, root: NodeState) -> list[int]:
    """Return the counts that the outputs of a node have where no transition of the node was inside of another."""
    found: NodeState | None = None
    with suppress(TypeError, ValueError):
        found = find(root, tuple([Key(*key) for key in path]))
    last = 0 if found is None else found.transition_count
    return list(range(last - outputs + 1, last + 1))


def _may_be(counts: list[int], right: list[int]) -> bool:
    """Return whether counts are the right ones, or higher where a transition had another one inside."""
    if counts[-1:] != right[-1:] or counts != sorted(counts):
        return False
    return all(low <= count for low, count in zip(right, counts, strict=True))


def of_data(difference: Difference) -> bool:
    """Return whether a machine's data differs, read from a node or in a function."""
    specification = ops.SPECIFICATIONS.get(type(difference.operation))  # type: ignore[arg-type]  # None is in no table
    read = specification is not None and specification.value == Data
    return read and UNSET not in (difference.expected.ok, difference.observed.ok)


def unbound_unseen(difference: Difference) -> bool:
    """Return whether a handle is bound to nothing, and the implementation was seen to use it all the same.

    Inside of a function a machine may be one of another call: the implementation called the function twice.
    """
    inside = len(difference.where) > 1 and not hasattr(difference.operation, "node")
    return not inside and difference.expected.unbound is True and difference.observed.unbound is not True


def unbound_handle(operation: ops.AnyOperation, worlds: Iterable[World | None]) -> str:
    """Return the handle of an operation that is bound to nothing."""
    for world in worlds:
        if world is None:
            continue
        for member, bound in (
            ("registry", world.registries),
            ("node", world.nodes),
            ("other", world.nodes),
            ("machine", world.machines),
        ):
            handle = getattr(operation, member, None)
            if handle is not None and handle not in bound:
                return f"{'node' if member == 'other' else member} {handle}"
    return "a handle that it uses"


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
    found: tuple[str, ...] = ()
    # The observation may have any form, for which attribution need not be prepared.
    with suppress(TypeError, ValueError, LookupError, AttributeError, RecursionError):
        found = candidate_requirements(program, difference, expectation.semantics(amended))
        if _vanished(difference):
            # A trace is full of transitions that have nothing to do with it.
            found = tuple(requirement for requirement in found if requirement != COMMITTED)
    if not amended:
        explaining = [requirement for name in _explaining(program, seen, expectation) for requirement in name]
        likely = [requirement for requirement in found if requirement in explaining] + explaining
        if likely:
            return likely[0]
    known = [requirement for requirement in found if requirement in expectation.deviations.requirements]
    return next(iter([*known, *found]), None)


def _vanished(difference: Difference) -> bool:
    """Return whether a node is missing that should be there."""
    if difference.expected.ok is UNSET:
        return False
    if isinstance(difference.operation, ops.Export) and difference.observed.ok is not UNSET:
        return bool(_keys(difference.expected.ok) - _keys(difference.observed.ok))
    return difference.observed.error == "state_machine_not_found"


def _keys(node: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    """Return the paths of the nodes of an exported tree."""
    found = {path}
    for type_id, machine_id, below in node[2]:
        found |= _keys(below, (*path, type_id, machine_id))
    return found


def _explaining(program: ops.Program, seen: Observation, expectation: Expectation) -> Iterator[tuple[str, ...]]:
    """Yield the requirements changed by each amendment under which the last operation would return what was seen."""
    for name in expectation.deviations.amendments or AMENDMENTS:
        expected = predict(program, amend_world(expectation.specification, [name]), dialect=expectation.dialect)
        if len(expected) == len(program):
            observed = (*expected[:-1], seen)
            if first_difference(program, expected, observed, expectation.dialect) is None:
                yield ALL_AMENDMENTS[name].changes
