"""The command line, called in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hsm_specs.adapter import Adapter

from ..engine import embedded
from ..engine.soaks import inline

IMPLEMENTATIONS = Path(__file__).parents[1] / "engine" / "implementations"
HOSTILE = Path(__file__).parents[1] / "adapter" / "hostile"


@pytest.fixture
def amended() -> Callable[..., list[str]]:
    """Return the command of the model with amendments."""
    return lambda *names: [sys.executable, str(IMPLEMENTATIONS / "amended.py"), *names]


@pytest.fixture
def hostile() -> Callable[..., list[str]]:
    """Return the command of a program in the folder of hostile adapters."""
    return lambda name, *arguments: [sys.executable, "-S", str(HOSTILE / f"{name}.py"), *arguments]


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the shards of soaks in this process, and the implementations of which nothing but the answers matters."""
    monkeypatch.setattr("hsm_specs.cli.soak_command.local", lambda *_, **__: inline())
    monkeypatch.setattr(Adapter, "start", embedded.start)
