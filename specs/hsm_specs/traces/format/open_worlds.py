"""The vocabulary of open worlds: types, states, values, payloads and events are a recorder's own, and opaque.

It is turned into the palette's before judging. What a recorder cannot see is put in as it was to be expected: what an
apply function was called with, states in an exported tree that it did not read, and of what an executor was called with
all that it has null for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation
from hsm_specs.traces.format import roles
from hsm_specs.traces.format.opaque import UNREAD, Names, Numbers
from hsm_specs.traces.format.record import observation, without_duplicates_in
from hsm_specs.traces.format.vocabulary import Known


class Open:
    """The vocabulary of one recording of an open world."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect
        self._numbers = Numbers(dialect)
        self._operation = Known(lambda written: understood(written, self._numbers))

    @property
    def operation(self) -> Known:
        """Understands bytes that say an operation."""
        return self._operation

    def observation(self, saw: bytes, operation: AnyOperation, expected: Observation) -> Observation:
        """What was seen of an operation. Raises Malformed."""
        seen = observation(saw, operation)
        if type(operation) in roles.SAME_ANSWER:
            return seen
        return completed(
            roles.observation(seen, operation, self._numbers, roles.functions(operation)), operation, expected
        )

    def names(self, written: Iterable[bytes], saw: Sequence[bytes]) -> Names:
        """What the numbers in operations, the last of which were answered as in ``saw``, stand for."""
        found: Names = {}
        numbers = Numbers(self._dialect, found)
        operations = [understood(one, numbers) for one in written]
        for operation, seen in zip(operations[-len(saw) :], saw, strict=True):
            roles.observation(observation(seen, operation), operation, numbers, roles.functions(operation))
        return found


def understood(written: bytes, numbers: Numbers) -> AnyOperation:
    """The operation that bytes say. Raises one of `hsm_specs.traces.format.record.ERRORS`."""
    without_duplicates_in(written)
    form = msgspec.json.decode(written)
    found: AnyOperation = msgspec.convert(
        roles.operation(form, numbers) if isinstance(form, dict) else form,
        AnyOperation,
    )
    return found


def completed(seen: Observation, operation: AnyOperation | None, expected: Observation) -> Observation:
    """What was seen, with what the recorder could not see."""
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
    """What an executor was called with, with what was not looked at."""
    if not isinstance(seen.ok, list) or not isinstance(expected.ok, list):
        return seen
    pairs = zip(seen.ok, expected.ok, strict=False)
    filled = [wanted if found is None else found for found, wanted in pairs]
    return replace(seen, ok=[*filled, *seen.ok[len(filled) :]])


def _states_read(seen: Any, expected: Any) -> Any:
    """A node of an exported tree with the states that were not read, where the values are as expected."""
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
