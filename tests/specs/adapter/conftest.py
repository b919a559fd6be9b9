"""Adapters to test the client with."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HOSTILE = Path(__file__).parent / "hostile"
Command = Callable[..., list[str]]


@pytest.fixture
def hostile() -> Command:
    """Return the command of a program in the folder of hostile adapters."""

    def command(name: str, *arguments: str) -> list[str]:
        return [sys.executable, "-S", str(HOSTILE / f"{name}.py"), *arguments]

    return command


@pytest.fixture
def no_process_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test if a process that descends from it is still there afterwards."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv("HSMSPEC_TEST", mark)
    yield
    deadline = time.monotonic() + 1
    while (left := _with_mark(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


def _with_mark(mark: str) -> list[int]:
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            marked = mark.encode() in environment.read_bytes()
        except OSError:
            continue
        if marked and int(environment.parent.name) != os.getpid():
            found.append(int(environment.parent.name))
    return found
