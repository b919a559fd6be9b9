"""Suggestions for misspelt names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches


def similar(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence on an unknown name: the names that it may be meant for, if any are similar."""
    near = get_close_matches(name, list(names), cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else "."


def is_typo(one: str, other: str) -> bool:
    """Return whether two names differ only by a slip.

    Slips are case and punctuation, two neighboring letters in the wrong order, and a letter that is doubled or not.
    """
    first, second = _letters(one), _letters(other)
    return (
        one != other
        and bool(first)
        and (first == second or _singles(first) == _singles(second) or _swapped(first, second))
    )


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _singles(name: str) -> str:
    return re.sub(r"([^\W\d])\1", r"\1", name)


def _swapped(one: str, other: str) -> bool:
    differing = [index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    if len(one) != len(other) or len(differing) != 2:
        return False
    first, second = differing
    return second == first + 1 and (one[first], one[second]) == (other[second], other[first])
