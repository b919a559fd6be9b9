"""Limits of an adapter's time and output."""

from __future__ import annotations

from msgspec import Struct


class Timeouts(Struct, frozen=True):
    """Seconds that an adapter has for its start with the handshake, for an answer, and for an orderly end."""

    start: float = 10.0
    answer: float = 5.0
    end: float = 1.0

    @classmethod
    def of(cls, seconds: float | None) -> Timeouts:
        """Return the same number of seconds for the handshake and every answer, or the defaults."""
        return cls() if seconds is None else cls(start=seconds, answer=seconds, end=min(1.0, seconds))


class Limits(Struct, frozen=True):
    """Limits of an adapter's output.

    ``line`` is in bytes of a line of stdout, ``stderr`` in bytes of its end, of which the last ``stderr_lines`` are
    shown, each cut to ``stderr_width`` characters.
    """

    line: int = 8 * 2**20
    stderr: int = 8 * 2**10
    stderr_lines: int = 12
    stderr_width: int = 160
