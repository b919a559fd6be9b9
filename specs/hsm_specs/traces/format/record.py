"""A line of a trace: an operation with what was seen of it, the end of a trace, or the header of a recording.

    {"hsmspec":1,"implementation":"temporal-hsm","version":"v1.25.1","dialect":"v1.25","capabilities":["outputs"]}
    {"trace":"a","op":{"op":"new_registry"},"saw":{"ok":null}}
    {"trace":"a","end":true}
    {"trace":"b","end":true,"because":"a deletion, of which traces say nothing"}

Operations and observations are those of the adapter protocol, written in a vocabulary: that of the palette, or
that of an open world. Traces may be interleaved; without ``trace`` a line belongs to the trace of the empty name. The
header and the ends are optional. A header begins a recording, in which the names of earlier traces mean nothing, so
that files can be concatenated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from hsm_specs.adapter.answers import Malformed as MalformedAnswer
from hsm_specs.adapter.answers import check, shown, without_duplicates
from hsm_specs.language.messages import Capability, Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation, Outputs
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.oracle.world import HANDLERS
from hsm_specs.traces.format.remarks import Remark, remark

FORMAT: Final = 1
"""The version of the format that is read."""

UNSTATED: Final = ("", "unknown")
"""Versions that state none: recorders write the second where a program does not know its own."""


class Malformed(Exception):
    """A line is not understood. The text is what is wrong, without the place. ``trace`` is its trace, if known."""

    def __init__(self, what: str, trace: str | None = None) -> None:
        super().__init__(what)
        self.trace = trace


class Foreign(Malformed):
    """A header of another version of the format. The lines after it cannot be trusted to mean the same."""


class Header(Struct, frozen=True):
    """The first line of a recording: what was recorded. Members of the recorder's own are allowed.

    In an ``open`` world types, states, values, payloads and events are the recorder's own.
    """

    hsmspec: int
    world: Literal["palette", "open"] = "palette"
    implementation: str = ""
    version: str = ""
    language: str = ""
    dialect: Dialect = "v1.25"
    capabilities: tuple[Capability, ...] | None = None


class TraceLine(Struct, forbid_unknown_fields=True, gc=False):
    """Any other line.

    Either ``op`` and ``saw`` are there, or ``end``, which may have ``because``, or ``machine``. ``at`` and ``shown``
    are for people and are decoded when they are shown.
    """

    op: msgspec.Raw | UnsetType = UNSET
    saw: msgspec.Raw | UnsetType = UNSET
    at: msgspec.Raw | UnsetType = UNSET
    shown: msgspec.Raw | UnsetType = UNSET
    machine: msgspec.Raw | UnsetType = UNSET
    trace: str = ""
    end: bool = False
    because: str | UnsetType = UNSET


class RecordedOperation(Struct, gc=False):
    """An operation, the bytes of what was seen of it, and its own bytes. ``at`` and ``shown`` are for people."""

    trace: str
    op: AnyOperation
    saw: bytes
    written: bytes
    at: bytes = b""
    shown: bytes = b""


class End(Struct, frozen=True):
    """A trace is over. Another one may have its name afterwards.

    ``because`` says why more happened than was recorded, None if nothing did.
    """

    trace: str
    because: str | None = None


Record = RecordedOperation | End | Header | Remark
ERRORS: Final = (msgspec.MsgspecError, RecursionError, ValueError, OverflowError)
_LINE = msgspec.json.Decoder(TraceLine)
_HEADER = msgspec.json.Decoder(Header)
_OBSERVATION = msgspec.json.Decoder(Observation)
_LEAST: Final = len('{"trace":"","op":,"saw":}')
_LEAST_WITHOUT_TRACE: Final = len('{"op":,"saw":}')
_LEAST_WITH_AT: Final = len(',"at":')
_NAMES: Final = [str(operation.__struct_config__.tag) for operation in HANDLERS]  # type: ignore[attr-defined]  # structs


_TOO_LARGE: Final = "integer string conversion"
"""A part of Python's message about a number with thousands of digits."""
_BEGINNING: Final = re.compile(rb'\{"trace":"([^"\\]*)"[,}]').match
_LIKE_A_HEADER: Final = re.compile(rb'\s*\{\s*"hsmspec"\s*:').match


def decode(line: bytes, operation: Callable[[bytes], AnyOperation]) -> Record:
    """Return what a line says, with ``operation`` to decode the operation in it. Raise Malformed."""
    inside = ""
    try:
        found = _LINE.decode(line)
        if found.op is UNSET or found.saw is UNSET or found.end:
            return _other(line, found)
        written, seen, trace = bytes(found.op), bytes(found.saw), found.trace
        # A line of minimal length has no member twice. For a longer one, a slower check decides.
        least = _LEAST if trace else _LEAST_WITHOUT_TRACE
        if found.at is not UNSET:
            least += _LEAST_WITH_AT + len(bytes(found.at))
        if len(line) - len(written) - len(seen) - len(trace) != least:
            without_duplicates_in(line)
            if found.because is not UNSET:
                raise Malformed("only the end of a trace has `because`", found.trace)
            if found.machine is not UNSET:
                raise Malformed("an operation and a remark about a machine are lines of their own", found.trace)
        inside = "op"
        at = b"" if found.at is UNSET else bytes(found.at)
        return RecordedOperation(
            trace, operation(written), seen, written, at, b"" if found.shown is UNSET else bytes(found.shown)
        )
    except ERRORS as error:
        return _explained(line, error, inside)


def observation(saw: bytes, operation: AnyOperation) -> Observation:
    """Return what was seen of an operation. Raise Malformed."""
    try:
        without_duplicates_in(saw)
        seen = _OBSERVATION.decode(saw)
        check(seen, operation)
        seen = _inner_uncounted(seen)
    except MalformedAnswer as error:
        what = str(error).removeprefix("answered ")
        raise Malformed(f"what was seen of `{operation.__struct_config__.tag}` cannot be: {what}") from None
    except ERRORS as error:
        raise Malformed(f"what was seen is no observation: {_cause(error, 'saw')}") from None
    if type(operation) is Outputs and isinstance(seen.ok, list):
        for entry in seen.ok:
            if isinstance(entry, list) and len(entry) > 2 and not counted(entry):
                raise Malformed("the outputs of a node are its path, their tasks and, if anything, a count of each")
    return seen


def counted(entry: Any) -> bool:
    """Return whether the outputs of a node have counts: ``[path, tasks of each output, count of each output]``."""
    match entry:
        case [list(), list(tasks), list(counts)] if len(tasks) == len(counts):
            return all(count.__class__ is int for count in counts)
        case _:
            return False


def _inner_uncounted(seen: Observation) -> Observation:
    """Return an observation without counts of outputs inside of functions, where nothing says what they should be."""
    if not seen.inner:
        return seen
    return replace(seen, inner=tuple(_inner_uncounted(_uncounted(one)) for one in seen.inner))


def _uncounted(seen: Observation) -> Observation:
    if not isinstance(seen.ok, list) or not seen.ok or not all(counted(entry) for entry in seen.ok):
        return seen
    return replace(seen, ok=[entry[:2] for entry in seen.ok])


def _other(line: bytes, found: TraceLine) -> Record:
    """Return the end of a trace or a remark, if the line is one. Raise Malformed."""
    without_duplicates_in(line)
    if found.machine is not UNSET:
        if found.end or found.op is not UNSET or found.saw is not UNSET:
            raise Malformed("a remark about a machine has neither `op` nor `saw`, and ends no trace", found.trace)
        return remark(found.trace, bytes(found.machine), b"" if found.at is UNSET else bytes(found.at))
    if found.end and found.op is UNSET and found.saw is UNSET:
        return End(found.trace, None if found.because is UNSET else found.because)
    if found.end:
        raise Malformed("the end of a trace has neither `op` nor `saw`", found.trace)
    missing = "`op`" if found.op is UNSET else "`saw`"
    raise Malformed(f"{missing} is missing", found.trace)


def _explained(line: bytes, error: Exception, inside: str) -> Header:
    """Return the header that a line is. Raise Malformed with what is wrong in it, or ``inside`` a member of it."""
    try:
        members = json.loads(line.decode(), object_pairs_hook=_members)
    except (RecursionError, ValueError) as problem:
        what = _no_json(line, problem)
        if _LIKE_A_HEADER(line):
            raise Foreign(f"it is a header that is not understood: {what}") from None
        raise Malformed(what, named(line)) from None
    if not isinstance(members, dict):
        raise Malformed(f"it is no JSON object ({shown(line.strip())})")
    if "hsmspec" in members:
        return _header(line, members)
    trace = members.get("trace", "")
    name = members["op"].get("op") if isinstance(members.get("op"), dict) else None
    if isinstance(name, str) and name not in _NAMES:
        near = get_close_matches(name, _NAMES, 1)
        what = f"there is no operation {shown(_quoted(name))}" + (f"; is `{near[0]}` meant?" if near else "")
    else:
        what = _cause(error, inside)
    raise Malformed(what, trace if isinstance(trace, str) else None)


def named(line: bytes) -> str | None:
    """Return the trace that a line belongs to, as far as its beginning says, whatever the rest of it is."""
    found = _BEGINNING(line)
    return None if found is None else found[1].decode("utf-8", "surrogateescape")


def incomplete(line: bytes) -> bool:
    """Return whether a line is the beginning of some JSON, and no more of it."""
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        # msgspec reports a number that is cut off as one that is invalid where the line ends.
        return "truncated" in str(error) or str(error).endswith(f"invalid number (byte {len(line)})")
    except ERRORS:
        return False
    return False


def _no_json(line: bytes, problem: Exception) -> str:
    """Return what is wrong with a line that is not JSON."""
    match problem:
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeDecodeError():
            return "it is not UTF-8"
        case _ if "twice" in str(problem):
            return str(problem)
        case _ if _TOO_LARGE in str(problem):
            return "a number in it is too large"
        case _ if b"\0" in line:
            return f"it is no JSON object, and has NUL bytes ({shown(line.strip())})"
        case _:
            return f"it is no JSON object ({shown(line.strip())})"


def _header(line: bytes, members: dict[str, Any]) -> Header:
    version = members["hsmspec"]
    if version != FORMAT or isinstance(version, bool | float):
        raise Foreign(f"it is a recording of format {shown(_quoted(version))}, and this hsmspec reads format {FORMAT}")
    try:
        return _HEADER.decode(line)
    except ERRORS as error:
        raise Foreign(f"it is a header that is not understood: {_cause(error)}") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    without_duplicates(pairs)
    return dict(pairs)


def refuse_others(header: Header, known: Deviations) -> None:
    """Raise Foreign for a recording of another implementation than the known deviations are of.

    What a header does not state, or a recorder did not find out, is no mismatch.
    """
    version = known.version if header.version in UNSTATED else header.version
    found = known.mismatch(header.implementation or known.implementation, version)
    if found is not None:
        what, mine, theirs = found
        raise Foreign(
            f"the known deviations are those of {what} {mine}, and this is a recording of {shown(theirs.encode())}"
            " (give `--deviations` the file of the implementation that was recorded)"
        )


def without_duplicates_in(line: bytes) -> None:
    """Raise ValueError if an object in the JSON of the bytes has a member twice."""
    json.loads(line.decode(), object_pairs_hook=without_duplicates)


def _cause(error: Exception, inside: str = "") -> str:
    """Return what is wrong, in a few words, with its place in the line. ``inside`` is the member that was decoded."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OverflowError) or _TOO_LARGE in str(error):
        return "a number in it is too large"
    # For half a surrogate pair in a line of JSON, msgspec reports a truncated line or an incomplete escape.
    if isinstance(error, UnicodeError) or any(words in str(error) for words in ("surrogate", "truncated", "escape")):
        return "a text in it is not Unicode"
    what = str(error)
    if isinstance(error, msgspec.ValidationError):
        what, _, place = what.partition(" - at `$")
        place = f"{inside}{place.removesuffix('`')}".removeprefix(".")
        what += f", at `{place}`" if place else ""
    return shown(what.encode("utf-8", "replace"))


def _quoted(value: Any) -> bytes:
    return json.dumps(value).encode()
