"""Counts work: instructions of the interpreter, IDs touched and memory, none of which depends on the machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, FunctionType
from typing import Any


class CountedID(str):
    """An ID that counts how often it is hashed or compared, be it by code that is not Python's."""

    __slots__ = ()
    touched = 0

    def __hash__(self) -> int:
        CountedID.touched += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        CountedID.touched += 1
        return super().__eq__(other)

    def __lt__(self, other: str) -> bool:
        CountedID.touched += 1
        return super().__lt__(other)


OF_COUNTED_IDS = {method.__code__ for method in vars(CountedID).values() if isinstance(method, FunctionType)}


class Work:
    """The work done: instructions of the interpreter, IDs touched, and bytes allocated at once."""

    instructions = 0
    touched = 0
    memory = 0


@contextmanager
def counted() -> Iterator[Work]:
    """Count what is done inside."""
    work, outer = Work(), sys.gettrace()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code in OF_COUNTED_IDS:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            work.instructions += 1
        return trace

    CountedID.touched = 0
    sys.settrace(trace)
    try:
        yield work
    finally:
        sys.settrace(outer)
        work.touched = CountedID.touched
