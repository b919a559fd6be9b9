"""Fixtures of the framework's tests."""

from __future__ import annotations

import pytest

from .samples import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()
