"""Vocabularies: how a recording writes operations and observations.

The palette's is that of the adapter protocol. In an open world types, states, values, payloads and events are the
recorder's own and opaque; they become numbers of the palette before judging. What a recorder cannot see is filled in
as expected: what an apply function was called with, states in an exported tree that it did not read, and whatever is
null in what an executor was called with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Capability, Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation
from hsm_specs.traces.format import roles
from hsm_specs.traces.format.names import UNREAD, Names, Numbers
from hsm_specs.traces.format.partial import (
    MARK,
    OperationNumbers,
    PartialNumbers,
    Unknowns,
    filled,
    marked,
    unseen_parts,
)
from hsm_specs.traces.format.record import ERRORS, Header, observation, without_duplicates_in

_OPERATION: Final[msgspec.json.Decoder[AnyOperation]] = msgspec.json.Decoder(AnyOperation)
_OBSERVATION: Final = msgspec.json.Decoder(Observation)
_encode: Final = msgspec.json.Encoder().encode


class OperationCache:
    """Decodes operations, and remembers them by their bytes: most are written more than once."""

    MOST: Final = 2**15
    LONGEST: Final = 2**10

    def __init__(self, decode: Callable[[bytes], AnyOperation], unseen: Callable[[bytes], int] = lambda _: 0) -> None:
        """``unseen`` returns how many parts of an operation are unknown: then it is another one each time."""
        self._decode = decode
        self._unseen = unseen
        self.known: dict[bytes, AnyOperation] = {}

    def __call__(self, written: bytes) -> AnyOperation:
        """Return the operation that the bytes encode. Raise one of `ERRORS`."""
        operation = self.known.get(written)
        if operation is None:
            operation = self._decode(written)
            if len(self.known) >= self.MOST:
                self.known.clear()
            if len(written) <= self.LONGEST and not self._unseen(written):
                self.known[written] = operation
        return operation


class ObservationCache:
    """Remembers which bytes are well-formed observations."""

    MOST: Final = 2**15
    LONGEST: Final = 2**10

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def add(self, saw: bytes) -> None:
        """Remember the bytes of an observation."""
        if len(saw) <= self.LONGEST:
            if len(self._known) >= self.MOST:
                self._known.clear()
            self._known.add(saw)

    def has(self, saw: bytes) -> bool:
        """Return whether bytes are certainly an observation: seen before, or in their shortest form."""
        if saw in self._known:
            return True
        try:
            certain: bool = _encode(_OBSERVATION.decode(saw)) == saw
        except ERRORS:
            return False
        if certain:
            self.add(saw)
        return certain


class Vocabulary(Protocol):
    """A way of writing operations and observations."""

    @property
    def operation(self) -> OperationCache:
        """The decoder of operations."""

    @property
    def executions(self) -> bool:
        """Whether executions are those of tasks, as against those that a program makes up."""

    def observation(self, saw: bytes, operation: AnyOperation, expected: Observation) -> Observation:
        """Return what was seen of an operation. Raise Malformed."""

    def unseen(self, written: bytes) -> int:
        """Return how many parts of an observation or an operation were not seen."""

    def names(self, written: Iterable[bytes], saw: Sequence[bytes]) -> Names | None:
        """Return what the numbers in operations stand for, the last of which answered ``saw``; None if themselves."""


def vocabulary_of(header: Header) -> Vocabulary:
    """Return the vocabulary of a recording."""
    return OpenWorld(header.dialect, header.capabilities or ()) if header.world == "open" else Palette()


class Palette:
    """The vocabulary of the adapter protocol, in which numbers stand for themselves."""

    def __init__(self) -> None:
        self._operation = OperationCache(_palette_operation)

    @property
    def operation(self) -> OperationCache:
        """The decoder of operations."""
        return self._operation

    @property
    def executions(self) -> bool:
        """Whether executions are those of tasks: never."""
        return False

    def observation(self, saw: bytes, operation: AnyOperation, expected: Observation) -> Observation:
        """Return what was seen of an operation. Raise Malformed."""
        return observation(saw, operation)

    def unseen(self, written: bytes) -> int:
        """Return 0: all was seen."""
        return 0

    def names(self, written: Iterable[bytes], saw: Sequence[bytes]) -> None:
        """Return None."""


def _palette_operation(written: bytes) -> AnyOperation:
    operation = _OPERATION.decode(written)
    shortest = _encode(operation)
    # The shortest form has no duplicate member. Each member has a colon: where there are more colons than necessary,
    # the slower check decides.
    if written != shortest and (written.count(b":") != shortest.count(b":") or written.find(b"\\") >= 0):
        without_duplicates_in(written)
    return operation


class OpenWorld:
    """The vocabulary of one recording of an open world, whose recorder has ``capabilities``."""

    def __init__(self, dialect: Dialect, capabilities: Sequence[Capability] = ()) -> None:
        self._executions = "executors" in capabilities
        self._dialect: Dialect = dialect
        self._numbers = Numbers(dialect)
        self._unknowns = Unknowns()
        numbers = OperationNumbers(dialect, self._unknowns)
        self._operation = OperationCache(lambda written: _open_operation(written, numbers), unseen_parts)

    @property
    def operation(self) -> OperationCache:
        """The decoder of operations."""
        return self._operation

    @property
    def executions(self) -> bool:
        """Whether executions are those of tasks: if the recorder has the capability."""
        return self._executions

    def observation(self, saw: bytes, operation: AnyOperation, expected: Observation) -> Observation:
        """Return what was seen of an operation. Raise Malformed."""
        if MARK in saw:
            seen = observation(marked(saw, operation), operation)
            numbered = roles.observation(seen, operation, PartialNumbers(self._dialect), roles.functions(operation))
            if isinstance(operation, ops.Export):
                numbered = filled(numbered, operation, expected)
            return self._resolved(filled(completed(numbered, operation, expected), operation, expected), expected)
        seen = observation(saw, operation)
        if type(operation) in roles.SAME_ANSWER:
            return seen
        numbered = roles.observation(seen, operation, self._numbers, roles.functions(operation))
        return self._resolved(completed(numbered, operation, expected), expected)

    def _resolved(self, seen: Observation, expected: Observation) -> Observation:
        return self._unknowns.resolved(seen, expected) if self._unknowns else seen

    def unseen(self, written: bytes) -> int:
        """Return how many parts of an observation or an operation were not seen."""
        return unseen_parts(written)

    def names(self, written: Iterable[bytes], saw: Sequence[bytes]) -> Names:
        """Return what the numbers in operations stand for, the last of which answered ``saw``."""
        found: Names = {}
        numbers = PartialNumbers(self._dialect, found)
        found.update(self._unknowns.names)
        operations = [_open_operation(one, numbers) for one in written]
        for operation, answer in zip(operations[-len(saw) :], saw, strict=True):
            seen = marked(answer, operation) if MARK in answer else answer
            roles.observation(observation(seen, operation), operation, numbers, roles.functions(operation))
        return found


def _open_operation(written: bytes, numbers: Numbers) -> AnyOperation:
    without_duplicates_in(written)
    form = msgspec.json.decode(written)
    found: AnyOperation = msgspec.convert(
        roles.operation(form, numbers) if isinstance(form, dict) else form,
        AnyOperation,
    )
    return found


def completed(seen: Observation, operation: AnyOperation | None, expected: Observation) -> Observation:
    """Return an observation with what the recorder could not see filled in from what was expected."""
    inside: tuple[AnyOperation | None, ...] = roles.functions(operation)
    found, inner = seen.ok, seen.inner
    if isinstance(operation, ops.Export) and found is not UNSET and expected.ok is not UNSET:
        found = _states_read(found, expected.ok)
    if isinstance(operation, ops.Apply):
        called = not isinstance(expected.inner, UnsetType)
        own = expected.inner[:1] if not isinstance(expected.inner, UnsetType) else (Observation(ok=None),)
        rest = () if isinstance(inner, UnsetType) else inner
        inner = (*own, *rest) if called or rest else UNSET
        inside = (None, *inside)
    if isinstance(operation, ops.Execute) and inner and expected.inner:
        inner = (_call_seen(inner[0], expected.inner[0]), *inner[1:])
    if not isinstance(inner, UnsetType) and not isinstance(expected.inner, UnsetType):
        pairs = zip(inner, inside, expected.inner, strict=False)
        inner = (*(completed(*triple) for triple in pairs), *inner[min(len(inside), len(expected.inner)) :])
    return seen if found is seen.ok and inner is seen.inner else replace(seen, ok=found, inner=inner)


def _call_seen(seen: Observation, expected: Observation) -> Observation:
    """Fill in what was null in what an executor was called with."""
    if not isinstance(seen.ok, list) or not isinstance(expected.ok, list):
        return seen
    pairs = zip(seen.ok, expected.ok, strict=False)
    filled = [wanted if found is None else found for found, wanted in pairs]
    return replace(seen, ok=[*filled, *seen.ok[len(filled) :]])


def _states_read(seen: Any, expected: Any) -> Any:
    """Fill in unread states of an exported node where the values are as expected."""
    match seen, expected:
        case [count, data, list(below)], [_, str(wanted), list(children)]:
            others = {(type_id, machine_id): node for type_id, machine_id, node in children}
            filled = [_child_read(child, others) for child in below]
            return [count, _data_read(data, wanted), filled]
        case _:
            return seen


def _child_read(child: Any, others: dict[tuple[Any, Any], Any]) -> Any:
    match child:
        case [int(type_id), str(machine_id), node]:
            return [type_id, machine_id, _states_read(node, others.get((type_id, machine_id)))]
        case _:
            return child


def _data_read(data: Any, wanted: str) -> Any:
    if not isinstance(data, str) or not data.startswith(f"{UNREAD}:"):
        return data
    state, _, value = wanted.partition(":")
    return wanted if data[2:] == (state if value == "-2" else value) else data
