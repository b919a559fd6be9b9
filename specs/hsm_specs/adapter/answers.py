"""Answers as bytes: taken apart without decoding where they are canonical, decoded strictly where they are not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from hsm_specs.language.functions import calls, calls_its_own, notes
from hsm_specs.language.messages import Greeting, HelloAnswer
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import AnyOperation, Script, tag
from hsm_specs.printable import printable

Observations = tuple[tuple[Observation, ...], ...]


class Malformed(Exception):
    """A line that is not the requested one; the text is the end of a sentence about the adapter."""


class WrongCount(Malformed):
    """An answer that has more or fewer observations than there are operations."""


class Unexpected(Malformed):
    """An answer with another sequence number than the one that is due."""


class Refused(Malformed):
    """A protocol error."""


class _Line(Struct, forbid_unknown_fields=True):
    seq: int | UnsetType = UNSET
    observations: msgspec.Raw | UnsetType = UNSET
    protocol_error: str | UnsetType = UNSET
    hello: msgspec.Raw | UnsetType = UNSET


_LINE = msgspec.json.Decoder(_Line)
_HELLO = msgspec.json.Decoder(HelloAnswer)
_OBSERVATIONS = msgspec.json.Decoder(tuple[tuple[Observation, ...], ...])
_ENCODER = msgspec.json.Encoder()
NOT_ONE = "answered an observation that is not exactly one of ok, error, panic and unbound"
NONE_OF_THEM = f"{NOT_ONE}: it has none; encoders drop members, as JSON.stringify does where the value is undefined"
_SHOWN = 120
_LONGEST = 500
CALLS = 8
"""Calls of a function that should be called once, above which the answer is treated as garbage."""

DEEPEST = 200
"""The deepest nesting of a value: far beyond any tree, and far below the limit of the interpreter's stack."""
NESTED = 300
"""The deepest nesting of functions, more than any program has."""
MOST = 2**19
"""The most lists and objects in an answer: one for each 16 bytes of the longest line, far more than observations have.

Each takes about 60 bytes of memory, and several times that while duplicates are looked for.
"""
_TOO_DEEP = f"answered an observation that is nested more than {DEEPEST} levels deep"
_TOO_MANY_CALLS = f"answered an observation of functions that are nested more than {NESTED} levels deep"


def prefix(seq: int) -> bytes:
    """Return how the canonical answer to a request begins."""
    return b'{"seq":%d,"observations":' % seq


def payload(line: bytes, seq: int) -> bytes:
    """Return the observations in an answer: the adapter's own bytes where it is canonical, else made canonical."""
    start = prefix(seq)
    if line.startswith(start) and line.endswith(b"}"):
        return line[len(start) : -1]
    parsed = _parse(line)
    if isinstance(parsed.protocol_error, str):
        raise Refused(f"answered that it does not understand (“{_excerpt(parsed.protocol_error)}”)")
    if parsed.seq != seq:
        number = "no sequence number" if parsed.seq is UNSET else f"sequence number {parsed.seq}"
        raise Unexpected(f"answered with {number} instead of {seq}")
    if isinstance(parsed.observations, UnsetType):
        raise Malformed(f"wrote a line without observations ({shown(line)})")
    try:
        return _ENCODER.encode(_decode(bytes(parsed.observations)))
    except RecursionError:
        raise Malformed(_TOO_DEEP) from None


def greeting(line: bytes) -> Greeting:
    """Return the introduction in the answer to the handshake."""
    parsed = _parse(line)
    if isinstance(parsed.protocol_error, str):
        raise Refused(f"answered that it does not understand (“{_excerpt(parsed.protocol_error)}”)")
    try:
        answer = _HELLO.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"introduced itself in a way that is not understood ({error})") from None
    if answer.seq != 0:
        raise Unexpected(f"answered with sequence number {answer.seq} instead of 0")
    return answer.hello


def decode_observations(data: bytes, programs: Sequence[Sequence[AnyOperation]]) -> Observations:
    """Return the observations of an answer's bytes, one for each operation of each program."""
    observations = _decode(data)
    if len(observations) != len(programs):
        raise WrongCount(f"answered {len(observations)} programs of {len(programs)}")
    for number, (program, answers) in enumerate(zip(programs, observations, strict=True), start=1):
        if len(answers) != len(program):
            raise WrongCount(
                f"answered {len(answers)} operations of {len(program)} (in the request's program {number})"
            )
        for place, (operation, observation) in enumerate(zip(program, answers, strict=True), start=1):
            try:
                check(observation, operation)
            except Malformed as problem:
                where = f"operation {place} of program {number}, `{tag(type(operation))}`"
                raise type(problem)(f"{problem} (to {where}: {_text(observation)})") from None
    return observations


def _text(observation: Observation) -> str:
    try:
        return shown(_ENCODER.encode(observation))
    except (RecursionError, msgspec.MsgspecError):
        return "too deep to be shown"


def shown(line: bytes) -> str:
    """Return the beginning of a line, fit to be printed."""
    return printable(line[:_SHOWN].decode("utf-8", "backslashreplace")) + ("..." if len(line) > _SHOWN else "")


def _excerpt(text: str) -> str:
    return printable(text[:_LONGEST]) + ("..." if len(text) > _LONGEST else "")


def _parse(line: bytes) -> _Line:
    _bound(line)
    try:
        parsed = _LINE.decode(line)
        json.loads(line, object_pairs_hook=without_duplicates)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise Malformed(f"wrote a line that is no answer ({shown(line)})") from None
    except ValueError as error:
        raise Malformed(f"wrote a line that is no answer: {error} ({shown(line)})") from None
    return parsed


def _bound(data: bytes) -> None:
    """Refuse more lists and objects than any answer has, before memory is spent on them."""
    if data.count(b"[") + data.count(b"{") > MOST:
        raise Malformed(f"wrote a line with more than {MOST} lists and objects ({shown(data)})")


def _decode(data: bytes) -> Observations:
    _bound(data)
    try:
        json.loads(data, object_pairs_hook=without_duplicates)
        return _OBSERVATIONS.decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise Malformed(f"wrote observations that are not understood ({error})") from None


def without_duplicates(pairs: list[tuple[str, Any]]) -> None:
    """Take the members of a JSON object. Raise ValueError if one is there twice."""
    if len(pairs) > 1 and len({name for name, _ in pairs}) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the member `{_excerpt(twice)}` twice")


def check(observation: Observation, operation: AnyOperation) -> None:
    """Raise `Malformed` for observations inside an operation that has no function, or for too many of them.

    A function that is called too often makes its observations each time; the comparison reports that.
    """
    _check_kind(observation)
    inner = observation.inner
    if isinstance(inner, UnsetType):
        return
    if not calls(operation):
        raise Malformed(f"answered observations inside of `{tag(type(operation))}`, which runs no function")
    if not calls_its_own(operation):
        return
    script: Script = operation.script  # type: ignore[union-attr]  # those that call a function of their own have one
    most = CALLS * (len(script.ops) + notes(operation))
    if len(inner) > most:
        raise WrongCount(f"answered {len(inner)} observations inside of a function that can make {most}")


def _check_kind(observation: Observation, levels: int = NESTED) -> None:
    kinds = (observation.ok, observation.error, observation.panic, observation.unbound)
    if sum(kind is not UNSET for kind in kinds) != 1 or observation.unbound is False:
        raise Malformed(NOT_ONE if any(kind is not UNSET for kind in kinds) else NONE_OF_THEM)
    if not levels:
        raise Malformed(_TOO_MANY_CALLS)
    if not _is_flat(observation.ok, DEEPEST):
        raise Malformed(_TOO_DEEP)
    for inside in () if isinstance(observation.inner, UnsetType) else observation.inner:
        _check_kind(inside, levels - 1)


def _is_flat(value: Any, levels: int) -> bool:
    """Return whether a value is nested at most so many levels deep."""
    if isinstance(value, list):
        return levels > 0 and all(_is_flat(item, levels - 1) for item in value)
    if isinstance(value, dict):
        return levels > 0 and all(_is_flat(item, levels - 1) for item in value.values())
    return True
