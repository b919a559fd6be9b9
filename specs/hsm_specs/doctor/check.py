"""A check: one thing that was looked at, what was seen, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

FORMAT: Final = 1
Status = Literal["ok", "warning", "fault"]
"""Whether it is as it should be, works but could be better, or keeps a run from succeeding."""
About = Literal["environment", "adapter"]


class Check(Struct, frozen=True):
    """What was looked at, in words. ``mend`` is one sentence, empty where nothing is to be mended."""

    name: str
    status: Status
    text: str
    mend: str = ""
    about: About = "adapter"


def ok(name: str, text: str) -> Check:
    """Something about the adapter that is as it should be."""
    return Check(name, "ok", text)


def warning(name: str, text: str, mend: str) -> Check:
    """Something about the adapter that works and could be better."""
    return Check(name, "warning", text, mend)


def fault(name: str, text: str, mend: str) -> Check:
    """Something about the adapter that keeps a run from succeeding."""
    return Check(name, "fault", text, mend)


def exit_code(checks: Iterable[Check]) -> int:
    """0 without faults, 1 if the adapter is at fault, 2 if only what surrounds it is."""
    about = {check.about for check in checks if check.status == "fault"}
    return 1 if "adapter" in about else 2 if about else 0
