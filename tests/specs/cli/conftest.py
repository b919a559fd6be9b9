"""The command line, called in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from hsm_specs.cli import hsmspec
from hsm_specs.cli.guard import guarded

IMPLEMENTATIONS = Path(__file__).parents[1] / "engine" / "implementations"
HOSTILE = Path(__file__).parents[1] / "adapter" / "hostile"


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Callable[..., Said]:
    """Runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        code = guarded(hsmspec, list(arguments))
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def amended() -> Callable[..., list[str]]:
    """The command of the model with amendments."""
    return lambda *names: [sys.executable, str(IMPLEMENTATIONS / "amended.py"), *names]


@pytest.fixture
def hostile() -> Callable[..., list[str]]:
    """The command of a program in the folder of hostile adapters."""
    return lambda name, *arguments: [sys.executable, "-S", str(HOSTILE / f"{name}.py"), *arguments]
