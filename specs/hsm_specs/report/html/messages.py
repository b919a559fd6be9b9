"""Persisted trees in the bytes of programs and answers, as structure that people can read."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from hsm_model.persistence import Dialect, unmarshal
from hsm_specs.language import operations as ops
from hsm_specs.language import values
from hsm_specs.language.messages import Dialect as DialectName
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world.tree import MAX_DEPTH, structure


def decoded(message: object, dialect: DialectName) -> list[Any] | None:
    """Return the tree in a base64 message, as ``export`` returns one; None if it is not a tree of this dialect."""
    if not isinstance(message, str):
        return None
    try:
        return structure(unmarshal(b64decode(message, validate=True), Dialect(dialect), MAX_DEPTH))
    except ValueError:  # MalformedPersistence, bytes that are no text and base64 that is none are ValueErrors.
        return None


def readable(text: str, operation: ops.AnyOperation, dialect: DialectName) -> str:
    """Return the text of an operation with the children in its bytes written out."""
    if not isinstance(operation, ops.Load):
        return text
    tree = decoded(operation.bytes, dialect)
    if tree is None:
        return text
    children = ", ".join(
        f"{values.key((type_id, machine_id))}: {values.said(child, _EXPORT)}" for type_id, machine_id, child in tree[2]
    )
    return text.replace(f"children in {values.quoted(operation.bytes)}", f"children {{{children}}}")


def answered(
    operation: ops.AnyOperation, observations: tuple[Observation | None, ...], dialect: DialectName
) -> tuple[ops.AnyOperation, tuple[Observation | None, ...]]:
    """Return an operation and what it returned, bytes of a tree as the tree.

    Bytes stay if they are all that differs, or if some of them are not a tree.
    """
    if not isinstance(operation, ops.Marshal):
        return operation, observations
    trees = [None if each is None else decoded(each.ok, dialect) for each in observations]
    sent = [isinstance(each.ok, str) for each in observations if each is not None]
    if not any(sent) or any(tree is None for tree, each in zip(trees, observations, strict=True) if _is_value(each)):
        return operation, observations
    if len(trees) > 1 and trees[0] == trees[1]:
        return operation, observations
    shown = tuple(
        each if tree is None or each is None else Observation(ok=tree)
        for tree, each in zip(trees, observations, strict=True)
    )
    return ops.Export(operation.node), shown


def _is_value(observation: Observation | None) -> bool:
    return observation is not None and isinstance(observation.ok, str)


_EXPORT = ops.Export(0)
"""The operation whose value is a tree."""
