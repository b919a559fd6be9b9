"""What all tests have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import settings

from hsm_specs.cli import hsmspec
from hsm_specs.cli.guard import guarded

# The first example imports and builds things, so it takes longer than the others.
settings.register_profile("tests", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("tests")


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Callable[..., Said]:
    """Runs the command line in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        code = guarded(hsmspec, list(arguments))
        return Said(code, *capsys.readouterr())

    return call
