"""The signals that ask this process to end: SIGINT, SIGTERM and SIGHUP, handled in one way."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Terminated(KeyboardInterrupt):
    """The process was asked to end."""


@contextmanager
def ending_signals(handler: Callable[[], None]) -> Generator[None]:
    """Call a handler for each of the signals, in the main thread. What is ignored by `nohup` stays ignored.

    After a hangup the terminal is gone: output goes nowhere, so that files are still written.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _leave_terminal()
        handler()

    taken = [n for n in ENDING if n == signal.SIGINT or signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in taken}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def signals_held() -> Generator[None]:
    """Hold the signals until the block is over, so that they interrupt nothing in it; then they arrive.

    Python handles them in the main thread, so there is nothing to hold in another one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        arrived.append(number)

    held = [number for number in ENDING if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    before = {number: signal.signal(number, hold) for number in held}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
        for number in dict.fromkeys(arrived):
            signal.raise_signal(number)


def terminate() -> None:
    """Raise `Terminated`."""
    raise Terminated


def _leave_terminal() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            if stat.S_ISCHR(os.fstat(stream.fileno()).st_mode):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
