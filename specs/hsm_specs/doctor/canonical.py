"""Whether an answer has the canonical form, and in what not."""

from __future__ import annotations

import json

_AROUND = 24


def deviation(expected: bytes, answer: bytes) -> str:
    """What keeps a right answer from being the expected bytes, in a few words with the place; empty if nothing does."""
    if answer == expected:
        return ""
    place = next((i for i, (a, b) in enumerate(zip(expected, answer, strict=False)) if a != b), len(expected))
    start = max(0, place - _AROUND // 2)
    there = answer[start : start + _AROUND].decode("utf-8", "replace")
    return f"{_cause(expected, answer)} (byte {place}: `{there}`)"


def _cause(expected: bytes, answer: bytes) -> str:
    wanted, found = json.loads(expected), json.loads(answer)
    if _compact(found) == _compact(wanted):
        if json.dumps(found, separators=(",", ":")).encode() == answer:
            return "characters beyond ASCII are escaped"
        return "there are spaces, or escapes that JSON does not demand"
    if found == wanted:
        return "members are in another order"
    return "what has no order is not sorted, or there are texts that are never compared"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
