"""The judge: where an implementation's observations differ from what the model predicts."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct

from hsm_model.persistence import Dialect, MalformedPersistence, unmarshal
from hsm_specs.language import messages
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world.tree import MAX_DEPTH, structure


class Difference(Struct, frozen=True):
    """The first operation that answered otherwise than predicted.

    ``where`` is its index in the program, then, for an operation inside a function, its index in each ``inner``.
    ``operation`` is None where the observation is one of the function itself and of no operation.
    """

    where: tuple[int, ...]
    operation: ops.AnyOperation | None
    expected: Observation
    observed: Observation


def first_difference(
    program: ops.Program,
    expected: Sequence[Observation],
    observed: Sequence[Observation],
    dialect: messages.Dialect = "v1.25",
) -> Difference | None:
    """The first difference, or None. Operations that nothing is predicted of (unspecified) are not judged.

    Order is compared only where it is specified; the texts of panics and messages are not compared.
    """
    for index, (operation, wanted, got) in enumerate(zip(program, expected, observed, strict=False)):
        difference = _difference(program, operation, wanted, got, (index,), dialect)
        if difference is not None:
            return difference
    return None


def _difference(
    program: ops.Program,
    operation: ops.AnyOperation | None,
    expected: Observation,
    observed: Observation,
    where: tuple[int, ...],
    dialect: messages.Dialect,
) -> Difference | None:
    wanted_inner, got_inner = expected.inner or (), observed.inner or ()
    inside = () if operation is None else inner_operations(program[: where[0]], operation)
    for index, (wanted, got) in enumerate(zip(wanted_inner, got_inner, strict=False)):
        inner = inside[index] if index < len(inside) else None
        difference = _difference(program, inner, wanted, got, (*where, index), dialect)
        if difference is not None:
            return difference
    if len(wanted_inner) != len(got_inner) or not same_outcome(operation, expected, observed, dialect):
        return Difference(where, operation, expected, observed)
    return None


def same_outcome(
    operation: ops.AnyOperation | None,
    expected: Observation,
    observed: Observation,
    dialect: messages.Dialect = "v1.25",
) -> bool:
    """Whether two observations of an operation say the same, apart from what they have inside."""
    if expected.error is not UNSET or expected.unbound is not UNSET:
        return (expected.error, expected.unbound) == (observed.error, observed.unbound)
    if expected.panic is not UNSET:
        return observed.panic is not UNSET
    if observed.ok is UNSET:
        return False
    return bool(comparable(operation, expected.ok, dialect) == comparable(operation, observed.ok, dialect))


def comparable(operation: ops.AnyOperation | None, value: Any, dialect: messages.Dialect) -> Any:
    """The observable part of an operation's value: sets ordered, bytes read, tuples and lists alike."""
    value = _plain(value)
    try:
        match operation:
            case ops.Outputs() | ops.CollectionList():
                return sorted(value)
            case ops.Export():
                return _ordered(value)
            case ops.Marshal():
                return _plain(structure(unmarshal(b64decode(value, validate=True), Dialect(dialect), MAX_DEPTH)))
            case _:
                return value
    except (TypeError, ValueError, LookupError, AttributeError, Base64Error, MalformedPersistence):
        return value


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    # Python holds 1, 1.0 and true for equal; JSON does not.
    return (type(value).__name__, value) if isinstance(value, bool | float) else value


def _ordered(node: Any) -> Any:
    count, data, children = node
    return [count, data, sorted([type_id, machine_id, _ordered(child)] for type_id, machine_id, child in children)]


def inner_operations(before: ops.Program, operation: ops.AnyOperation) -> tuple[ops.AnyOperation | None, ...]:
    """The operations whose observations an operation has inside, None for those of the function itself.

    ``before`` are the operations of the program that were run earlier.
    """
    match operation:
        case ops.MachineTransition() | ops.CollectionTransition():
            return operation.script.ops
        case ops.Apply():
            return (None, *operation.script.ops)
        case ops.Execute():
            executor = executor_of(before, operation)
            return () if executor is None else (None, None, *executor.script.ops)
        case _:
            return ()


def executor_of(before: ops.Program, execution: ops.Execute) -> ops.RegisterExecutor | None:
    """The executor that an execution finds: the first of the task's type in the registry that the handle names."""
    found: ops.RegisterExecutor | None = None
    for operation in before:
        match operation:
            case ops.NewRegistry() if operation.registry == execution.registry:
                found = None
            case ops.RegisterExecutor() if found is None and operation.registry == execution.registry:
                found = operation if operation.type == execution.task[0] else None
            case _:
                pass
    return found
