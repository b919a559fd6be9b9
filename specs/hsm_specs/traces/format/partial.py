"""Partial observations: ``{}`` stands for what a recorder of an open world did not see, of an outcome or all of it.

It is taken to be as expected, which is what is possible there.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.traces.format.names import Numbers

MARK: Final = b"{}"
UNSEEN: Final = 9_876_543_210_987_654
"""The number of a name that was not seen, which no name has."""
_OUTCOME: Final = {"unseen": True}
"""The value of an outcome that was not seen."""


class PartialNumbers(Numbers):
    """The numbers of names in observations, some of which were not seen."""

    def type(self, name: Any, /) -> int:
        """Return the number of a type."""
        return UNSEEN if name == {} else super().type(name)

    def _number(self, name: Any, what: str, numbers: range) -> int:
        return UNSEEN if name == {} else super()._number(name, what, numbers)


def unseen_parts(saw: bytes) -> int:
    """Return how many parts of an observation were not seen."""
    return _empty(msgspec.json.decode(saw)) if MARK in saw else 0


def _empty(form: Any) -> int:
    if isinstance(form, dict):
        return sum(map(_empty, form.values())) if form else 1
    return sum(map(_empty, form)) if isinstance(form, list) else 0


def marked(saw: bytes, operation: ops.AnyOperation) -> bytes:
    """Return an observation in which outcomes that were not seen have a value that says so."""
    form = _marked(msgspec.json.decode(saw))
    if isinstance(operation, ops.Outputs) and isinstance(form.get("ok"), list):
        form["ok"] = [_without_counts(entry) for entry in form["ok"]]
    return msgspec.json.encode(form)


def _marked(form: Any) -> Any:
    if form == {}:
        return {"ok": _OUTCOME}
    if isinstance(form, dict) and isinstance(form.get("inner"), list):
        return {**form, "inner": [_marked(one) for one in form["inner"]]}
    return form


def _without_counts(entry: Any) -> Any:
    """Return the outputs of a node without their counts, if one of these was not seen."""
    return entry[:2] if isinstance(entry, list) and len(entry) == 3 and (entry[2] == {} or {} in entry[2]) else entry


def filled(seen: Observation, operation: ops.AnyOperation | None, expected: Observation) -> Observation:
    """Return an observation with what was not seen as it was expected."""
    if seen.ok == _OUTCOME:
        return expected
    ok, wanted = seen.ok, expected.ok
    if wanted is not UNSET and ok is not UNSET:
        if isinstance(operation, ops.Outputs) and isinstance(ok, list):
            wanted = _in_order(ok, wanted)
        ok = _filled(ok, wanted)
    inner = seen.inner
    if not isinstance(inner, UnsetType) and not isinstance(expected.inner, UnsetType):
        inside: tuple[ops.AnyOperation | None, ...] = ()
        script: ops.Script | None = getattr(operation, "script", None)
        if script is not None:
            inside = (*([None] * max(0, len(expected.inner) - len(script.ops))), *script.ops)
        padded = (*inside, *[None] * len(inner))
        pairs = zip(inner, padded, expected.inner, strict=False)
        inner = (*(filled(*triple) for triple in pairs), *inner[len(expected.inner) :])
    return replace(seen, ok=ok, inner=inner)


def _in_order(seen: list[Any], expected: Any) -> list[Any]:
    """Return the expected outputs in the order in which nodes were seen."""
    rest = list(expected)
    order: list[Any] = [UNSET] * len(seen)
    for index, entry in enumerate(seen):
        path = entry[0] if isinstance(entry, list) and entry else None
        found = next((one for one in rest if [list(key) for key in one[0]] == path), None)
        if found is not None:
            order[index] = found
            rest.remove(found)
    for index in [index for index, found in enumerate(order) if found is UNSET][: len(rest)]:
        order[index] = rest.pop(0)
    return order


def _filled(seen: Any, expected: Any) -> Any:
    if seen in ({}, UNSEEN):
        return expected
    if isinstance(seen, str) and isinstance(expected, str) and str(UNSEEN) in seen:
        parts, wanted = seen.split(":"), expected.split(":")
        if len(parts) != len(wanted):
            return seen
        return ":".join(b if a == str(UNSEEN) else a for a, b in zip(parts, wanted, strict=True))
    if isinstance(seen, list) and isinstance(expected, list | tuple) and len(seen) == len(expected):
        return [_filled(a, b) for a, b in zip(seen, expected, strict=True)]
    return seen
