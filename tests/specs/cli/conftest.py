"""The command line, called in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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
