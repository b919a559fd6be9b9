"""Partial observation: ``{}`` stands for what a recorder of an open world did not see.

In an observation, an outcome or a part of it is taken to be as expected, which is what is possible there. In an
operation, a value or a payload is an unknown: the first observation that shows it says what it is, and it stays that.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from hsm_specs.language import operations as ops
from hsm_specs.language.messages import Dialect as DialectName
from hsm_specs.language.observations import Observation
from hsm_specs.traces.format.names import Numbers

MARK: Final = b"{}"
UNSEEN: Final = 9_007_199_254_740_990
"""The number of a name that was not seen, which no name has."""
_UNKNOWN: Final = range(9 * 10**15, 9_007_000_000_000_000)
"""The numbers of unknowns, each of which is that of one place in one operation."""
_EMPTY_SCRIPT: Final = b'"script":{}'
_OUTCOME: Final = {"unseen": True}
"""The value of an outcome that was not seen."""


class Unknowns:
    """The unknowns of a recording, and what they have turned out to be."""

    def __init__(self) -> None:
        self._issued = 0
        self._found: dict[int, int] = {}

    def __bool__(self) -> bool:
        return self._issued > 0

    def fresh(self) -> int:
        """Return a new unknown."""
        self._issued += 1
        return _UNKNOWN[self._issued - 1]

    @property
    def names(self) -> dict[str, str]:
        """Texts that are shown for unknowns, by their numbers."""
        # Numbers would depend on which traces of the file are judged here.
        return {str(_UNKNOWN[index]): "(not seen)" for index in range(self._issued)}

    def resolved(self, seen: Observation, expected: Observation) -> Observation:
        """Return an observation with the unknowns that were expected where they may be what was seen."""
        ok, inner = seen.ok, seen.inner
        if ok is not UNSET and expected.ok is not UNSET:
            ok = self._resolved(ok, expected.ok)
        if not isinstance(inner, UnsetType) and not isinstance(expected.inner, UnsetType):
            pairs = zip(inner, expected.inner, strict=False)
            inner = (*(self.resolved(*pair) for pair in pairs), *inner[len(expected.inner) :])
        return replace(seen, ok=ok, inner=inner)

    def _resolved(self, seen: Any, expected: Any) -> Any:
        if isinstance(seen, int) and isinstance(expected, int) and expected in _UNKNOWN:
            return expected if self._found.setdefault(expected, seen) == seen else seen
        if isinstance(seen, str) and isinstance(expected, str) and ":" in seen:
            state, _, value = expected.partition(":")
            if value.isdigit() and int(value) in _UNKNOWN and seen.startswith(f"{state}:"):
                shown = seen[len(state) + 1 :]
                if shown.isdigit() and self._found.setdefault(int(value), int(shown)) == int(shown):
                    return expected
            return seen
        if isinstance(seen, list) and isinstance(expected, list | tuple) and len(seen) == len(expected):
            return [self._resolved(a, b) for a, b in zip(seen, expected, strict=True)]
        return seen


class OperationNumbers(Numbers):
    """The numbers of names in operations, of which values and payloads may be unknown."""

    def __init__(self, dialect: DialectName, unknowns: Unknowns) -> None:
        super().__init__(dialect)
        self._unknowns = unknowns

    def value(self, name: Any, /) -> int:
        """Return the number of a value."""
        return self._unknowns.fresh() if name == {} else super().value(name)

    def payload(self, name: Any, /) -> int:
        """Return the number of a payload."""
        return self._unknowns.fresh() if name == {} else super().payload(name)


class PartialNumbers(Numbers):
    """The numbers of names in observations, some of which were not seen."""

    def type(self, name: Any, /) -> int:
        """Return the number of a type."""
        return UNSEEN if name == {} else super().type(name)

    def _number(self, name: Any, what: str, numbers: range) -> int:
        return UNSEEN if name == {} else super()._number(name, what, numbers)


def unseen_parts(written: bytes) -> int:
    """Return how many parts of an observation or an operation were not seen."""
    # Most that is empty in operations is a script, which may be.
    return _empty(msgspec.json.decode(written)) if MARK in written.replace(_EMPTY_SCRIPT, b"") else 0


def _empty(form: Any) -> int:
    if isinstance(form, dict):
        return sum(_empty(value) for name, value in form.items() if name != "script" or value) if form else 1
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
    """Return the outputs of a node without their counts, if not all of these, or one of the other two, was seen."""
    if not isinstance(entry, list) or len(entry) != 3:
        return entry
    return entry[:2] if {} in entry or (isinstance(entry[2], list) and {} in entry[2]) else entry


def filled(seen: Observation, operation: ops.AnyOperation | None, expected: Observation) -> Observation:
    """Return an observation with what was not seen as it was expected."""
    if seen.ok == _OUTCOME:
        return expected
    ok, wanted = seen.ok, expected.ok
    if wanted is not UNSET and ok is not UNSET:
        if isinstance(operation, ops.Outputs) and isinstance(ok, list):
            ok = [_outputs_filled(*pair) for pair in zip(ok, _in_order(ok, wanted), strict=True)]
        else:
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


def _outputs_filled(seen: Any, expected: Any) -> Any:
    """Return the outputs of a node, with counts only if they were seen."""
    if expected is UNSET or not isinstance(seen, list):
        return _filled(seen, expected)
    return [*_filled(seen[:2], list(expected[:2])), *seen[2:]]


def _filled(seen: Any, expected: Any) -> Any:
    if expected is UNSET:
        return seen
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
