"""Fixtures and hooks that all tests share."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from hsm_specs.cli.commands import hsmspec
from hsm_specs.cli.error_handling import guarded
from hsm_specs.stateful.profiles import register_profiles

register_profiles()

MAY_BE_MISSING = ("no documentation: ", "the system has no dot")
"""Reasons to skip a test in CI too: the documentation's text is not ours to hand on, and Graphviz is a choice."""


SLOW = (
    "adapters/test_recorded.py",
    "adapters/test_rust.py",
    "adapters/test_typescript.py",
    "ci/",
    "diagrams/browser/",
    "specs/adapter/test_hostile",
    "specs/cli/test_interrupt.py",
    "specs/cli/test_judge_cluster.py",
    "specs/cli/test_judge_processes.py",
    "specs/cli/test_no_room.py",
    "specs/cli/test_outputs.py",
    "specs/cli/test_pins.py",
    "specs/cli/test_signals.py",
    "specs/cli/test_soak_cluster.py",
    "specs/cli/test_soak_command.py",
    "specs/cli/test_soak_processes.py",
    "specs/doctor/",
    "specs/engine/test_lost_programs.py",
    "specs/engine/test_soak",
    "specs/engine/test_time.py",
    "specs/pytest_plugin/",
    "specs/test_stateful_direct.py",
)
"""Tests that start soaks, a cluster, a browser, a compiler, the real package or adapters that hang, that wait for time
to pass, or that run the state machines of the stateful tests in full; not in `make test-fast`.
"""


def pytest_configure() -> None:
    """Let processes that tests start end by signals, also where nohup or a job in the background ignores them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark slow tests by their files."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Keep the collector away from the tests themselves: a million objects, which stay, to look through each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a skipped test as failed in CI, where everything that tests need has to be there."""
    return judged(report=(yield), environment=os.environ)


def judged(report: pytest.TestReport, environment: Mapping[str, str]) -> pytest.TestReport:
    """Return the report, which is a failure if the test was skipped in CI because something is missing."""
    if environment.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = said.removeprefix("Skipped: ")
        if not reason.startswith(MAY_BE_MISSING):
            report.outcome, report.longrepr = "failed", f"{report.nodeid} is to run in CI, and was skipped: {reason}"
    return report


class Said(NamedTuple):
    """The output of a command, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Callable[..., Said]:
    """Return a function that runs the command line in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        code = guarded(hsmspec, list(arguments))
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def no_room() -> Callable[[int], AbstractContextManager[None]]:
    """Return a context in which files can have so many bytes, as if the disk were full then."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.fixture
def mutant_command() -> Callable[[str], tuple[str, ...]]:
    """The command of a mutant of the bundled implementation in Python."""
    folder = Path(__file__).parents[1] / "adapters" / "python"
    return lambda name: ("env", f"PYTHONPATH={folder}", sys.executable, "-m", "plain_mutants", name)
