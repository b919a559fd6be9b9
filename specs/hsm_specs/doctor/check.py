"""Checks: what was checked, what was seen, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

FORMAT: Final = 1
Status = Literal["ok", "warning", "fault"]
"""Correct, working but improvable, or preventing a run from succeeding."""
About = Literal["environment", "adapter"]


class Check(Struct, frozen=True):
    """A check and its outcome. ``remedy`` is one sentence, empty if there is nothing to fix."""

    name: str
    status: Status
    text: str
    remedy: str = ""
    about: About = "adapter"


def ok(name: str, text: str) -> Check:
    """Return a check of the adapter that found nothing wrong."""
    return Check(name, "ok", text)


def warning(name: str, text: str, remedy: str) -> Check:
    """Return a check of the adapter that found something to improve."""
    return Check(name, "warning", text, remedy)


def fault(name: str, text: str, remedy: str) -> Check:
    """Return a check of the adapter that found a fault."""
    return Check(name, "fault", text, remedy)


def exit_code(checks: Iterable[Check]) -> int:
    """Return 0 without faults, 1 if the adapter has one, 2 if only its environment has one."""
    about = {check.about for check in checks if check.status == "fault"}
    return 1 if "adapter" in about else 2 if about else 0
