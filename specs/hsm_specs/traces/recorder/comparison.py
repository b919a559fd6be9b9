"""Whether two objects hold the same data, for the purposes of a machine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from inspect import getmro
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

DEEPEST: Final = 50
_BEHAVIOUR: Final = (FunctionType, BuiltinFunctionType, MethodType, ModuleType, type)


def same(one: Any, other: Any, depth: int = 0) -> bool:
    """Return whether two objects are equal, or of one class with the same content.

    A list and a tuple of the same members are the same, and so are two NaN. Functions, locks and other objects without
    content, results that an object caches, and what is deeper than `DEEPEST` are not compared.
    """
    if one is other or depth > DEEPEST or _equal(one, other):
        return True
    if isinstance(one, float) and isinstance(other, float):
        return math.isnan(one) and math.isnan(other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key], depth + 1) for key in one)
    if isinstance(one, str | bytes | Set) or isinstance(other, str | bytes | Set):
        return False
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one) == len(other) and all(same(a, b, depth + 1) for a, b in zip(one, other, strict=True))
    if isinstance(one, _BEHAVIOUR) and isinstance(other, _BEHAVIOUR):
        return True
    if type(one) is not type(other):
        return False
    mine, theirs = content(one), content(other)
    if mine is None or theirs is None:
        # Without content, two objects differ only if their class can say so.
        return not any("__eq__" in of.__dict__ for of in getmro(type(one))[:-1])
    return mine.keys() == theirs.keys() and all(same(mine[name], theirs[name], depth + 1) for name in mine)


def content(thing: Any) -> dict[str, Any] | None:
    """Return the attributes of an object without those that it caches, None for one that has none."""
    slots = [name for of in type(thing).__mro__ for name in _names(of.__dict__.get("__slots__", ()))]
    own = getattr(thing, "__dict__", None)
    if own is None and not slots:
        return None
    found = dict(own or {})
    found |= {name: getattr(thing, name) for name in slots if hasattr(thing, name)}
    return {name: value for name, value in found.items() if not _cached(thing, name)}


def _cached(thing: Any, name: str) -> bool:
    return name in ("__dict__", "__weakref__") or isinstance(getattr(type(thing), name, None), cached_property)


def _names(slots: Any) -> Sequence[str]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:
        return False
