"""The functions that operations call, and where the observations made inside of them stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hsm_specs.language import operations as ops

_INNER: Final = {
    operation: specification.inner
    for operation, specification in ops.SPECIFICATIONS.items()
    if specification.inner is not None
}
_NOTES: Final = {operation: len(inner.notes) for operation, inner in _INNER.items()}


def calls(operation: ops.AnyOperation) -> bool:
    """Return whether an operation calls a function, so that it may have observations inside."""
    return type(operation) in _INNER


def calls_its_own(operation: ops.AnyOperation) -> bool:
    """Return whether an operation calls a function whose script is its own."""
    inner = _INNER.get(type(operation))
    return inner is not None and inner.script is None


def notes(operation: ops.AnyOperation) -> int:
    """Return how many observations a function makes of itself, before those of its script's operations."""
    return _NOTES.get(type(operation), 0)


def operation_at(program: Sequence[ops.AnyOperation], where: tuple[int, ...]) -> ops.AnyOperation | None:
    """Return the operation whose observation stands at a place, None for what a function notes itself."""
    operation: ops.AnyOperation | None = program[where[0]]
    for index in where[1:]:
        inside = () if operation is None else inner_operations(program[: where[0]], operation)
        operation = inside[index] if index < len(inside) else None
    return operation


def inner_operations(
    before: Sequence[ops.AnyOperation], operation: ops.AnyOperation
) -> tuple[ops.AnyOperation | None, ...]:
    """Return the operations whose observations an operation has inside, None for those of the function itself.

    ``before`` are the operations of the program that were run earlier.
    """
    inner = _INNER.get(type(operation))
    if inner is None:
        return ()
    script: ops.Script | None
    script = operation.script if inner.script is None else inner.script(before, operation)  # type: ignore[union-attr]  # those without find it
    return () if script is None else (*(None,) * len(inner.notes), *script.ops)
