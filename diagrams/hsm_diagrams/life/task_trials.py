"""The trials of a task's life, in words that stand on arrows."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """A kind of tasks."""

    OUTBOUND = "outbound task"
    TIMER = "timer"


class Ending(Enum):
    """The end of the access whose transition asks for the task."""

    COMMITTED = "the access is committed"
    FUNCTION = "the transition function fails"
    ACCESSOR = "the accessor fails"
    REFUSED = "the store refuses the write"
    LOST = "the write is lost"
    UNKNOWN = "only the answer is lost"
    SUPERSEDED = "superseded in the same access"


class Outcome(Enum):
    """The outcome of a delivery. All but the last three are done by the executor."""

    SUCCEEDS = "the executor succeeds"
    FAILS = "the executor fails"
    FAILS_LATER = "the executor commits, then returns an error"
    PANICS = "the executor panics"
    FINDS_NOTHING = "the executor returns NotFound"
    REFUSED = "its write is refused"
    PASSIVE = "passive cell"
    UNKNOWN = "no executor"


class Move(Enum):
    """Other things that happen."""

    TIME = "its time comes"
    TRANSITION = "another transition"
    RESTART = "the cell restarts"
    REFRESH = "refresh"
    FAILED_REFRESH = "refresh that the store refuses"


Trial = Ending | Outcome | Move
