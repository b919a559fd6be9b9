"""What the tests of the framework share."""

from __future__ import annotations

import pytest

from .samples import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()
