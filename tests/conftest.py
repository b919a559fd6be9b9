"""What all tests have in common."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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


@pytest.fixture
def no_room() -> Callable[[int], AbstractContextManager[None]]:
    """Makes a context in which files can have so many bytes, and then the disk is as good as full."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
