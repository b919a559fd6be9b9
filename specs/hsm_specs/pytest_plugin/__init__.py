"""The pytest plugin: a test for each requirement, of an implementation behind an adapter or in this process.

``--hsmspec-adapter`` or the ini option ``hsmspec_adapter`` names the adapter's command. A fixture
``hsmspec_implementation`` in a ``conftest.py`` returns an implementation in this process. Without either, only this
module is imported and nothing is collected.

The fixture ``hsm_recorder`` records a test for ``hsmspec judge``.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hsm_specs.traces.recorder import Recorder

FIXTURE = "hsmspec_implementation"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line and of ini files."""
    group = parser.getgroup("hsmspec", "conformance of an implementation of hsm")
    group.addoption("--hsmspec-adapter", metavar="COMMAND", help="The adapter to judge, in quotes with its arguments.")
    group.addoption("--hsmspec-deviations", metavar="FILE", help="Known deviations (TOML): strict expected failures.")
    group.addoption("--hsmspec-seed", metavar="N", type=int, default=0, help="The seed of the cases.  [default: 0]")
    group.addoption("--hsmspec-cases", metavar="N", type=int, default=40, help="Cases per requirement.  [default: 40]")
    group.addoption(
        "--hsmspec-timeout",
        metavar="SECONDS",
        type=float,
        help="Time limit for an answer and for the adapter's start.",
    )
    parser.addini("hsmspec_adapter", "The adapter to judge, with its arguments, relative to the ini file.")
    parser.addini("hsmspec_deviations", "Known deviations (TOML), relative to the ini file.")


def pytest_configure(config: pytest.Config) -> None:
    """Register the suite if an adapter is named."""
    if config.getoption("hsmspec_adapter") is not None or config.getini("hsmspec_adapter"):
        suite = import_module("hsm_specs.pytest_plugin.suite")
        config.pluginmanager.register(suite.AdapterSuite(config), "hsmspec-adapter")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Add the suite to the folder whose ``conftest.py`` has the fixture, unless an adapter is named."""
    report = yield
    if isinstance(collector, pytest.Directory) and report.passed and _has_fixture(collector):
        report.result.append(import_module("hsm_specs.pytest_plugin.suite").of_fixture(collector))
    return report


@pytest.fixture
def hsm_recording() -> Mapping[str, Any]:
    """Return the options of `Recording` that tests are recorded with; a ``conftest.py`` may have its own fixture."""
    return {}


@pytest.fixture
def hsm_recorder(request: pytest.FixtureRequest, hsm_recording: Mapping[str, Any]) -> Generator[Recorder]:
    """Return the recorder of the test, which records if the environment variable ``HSMTRACE`` names a folder."""
    traces = import_module("hsm_specs.traces.recorder.of_test")
    with traces.recorder_of_test(request.node.nodeid, request.config.rootpath, hsm_recording) as hsm:
        yield hsm


def _has_fixture(folder: pytest.Directory) -> bool:
    plugins = folder.config.pluginmanager
    if plugins.has_plugin("hsmspec-adapter"):
        return False
    conftest = folder.path / "conftest.py"
    return any(
        hasattr(plugin, FIXTURE) and Path(getattr(plugin, "__file__", None) or "") == conftest
        for plugin in plugins.get_plugins()
    )
