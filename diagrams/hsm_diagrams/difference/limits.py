"""The limits of transitions: how often one is possible that is on a cycle of states, and changes of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Taken(NamedTuple):
    """A transition as it was taken: the state that it left, its name or event, and the state that it led to."""

    source: str
    name: str
    target: str


class Limit(NamedTuple):
    """How often a transition is possible: ``times`` is None if no limit was found.

    ``refused`` says that its state is reached with data that does not let it be taken.
    """

    times: int | None
    refused: bool


def limit_of(found: Mapping[Taken, Limit], source: str, transition: str, target: str) -> Limit | None:
    """Return the limit of a transition of a picture, which is named by its event, or by that and its target."""
    for taken, limit in found.items():
        named = f"{taken.name} to {target}"
        if (taken.source, taken.target) == (source, target) and (
            transition in (taken.name, named) or transition.startswith(f"{named} from ")
        ):
            return limit
    return None


def limit_change(before: Limit | None, after: Limit | None) -> str:
    """Return a change of a limit in words, empty if there is none or neither side refuses the transition."""
    if before is None or after is None or before.times == after.times or not (before.refused or after.refused):
        return ""
    was = "without limit" if before.times is None else f"{before.times:,}"
    now = "is allowed without limit" if after.times is None else f"is allowed up to {_times(after.times)}"
    return f"{now} (was {was})"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
